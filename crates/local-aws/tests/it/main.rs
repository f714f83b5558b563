//! The local AWS as a client sees it: over sockets, with requests written by hand.

#![expect(clippy::unwrap_used, reason = "a failed test panics")]

mod application;
mod builds;
mod client;
mod containers;
mod deployed;
mod dns;
mod environments;
mod faults;
mod functions;
mod guard;
mod jobs;
mod logs;
mod pipelines;
mod previews;
#[path = "../../../../tests/reference.rs"]
mod reference;
mod registry;
mod roles;
mod rollouts;
mod s3;
mod services;
mod stack_sets;
mod stacks;
mod state_dir;
mod tasks;
mod templates;
mod traffic;
