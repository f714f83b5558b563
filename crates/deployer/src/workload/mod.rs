//! Services and jobs as they are deployed: finding what runs, and looking at it.
//!
//! Everything begins with the resources of the workload's stack, whose name is known. Tags are asked only for a stack that
//! has another name, since what the tagging service knows lags behind.

mod everywhere;
mod find;

pub use everywhere::{InEnvironment, deployed, everywhere};
pub use find::{Deployed, EcsService, Platform, find, find_in};
