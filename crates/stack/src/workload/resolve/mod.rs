//! From a manifest and facts to what templates are rendered from.

mod container;
mod count;
mod http;
mod job;
mod logging;
mod network;
mod nlb;
mod ports;
mod problems;
mod storage;
mod subscribe;
mod task;

pub use problems::Problems;
pub(super) use subscribe::subscriptions;
pub use task::ecs;
