//! Sources, archives and the table of stacks, each checked with a tool other than the one that made it.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod archive;
mod javascript;
mod sources;
mod stacks;
mod tools;
