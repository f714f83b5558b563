//! Services and jobs as they are deployed: finding what runs, and looking at it.
//!
//! Everything begins with the resources of the workload's stack, whose name is known. Tags are asked only for a stack that
//! has another name, since what the tagging service knows lags behind.

mod everywhere;
mod find;
mod logs;
pub mod show;
pub mod status;
mod tasks;

pub use everywhere::{InEnvironment, deployed, everywhere};
pub use find::{Deployed, EcsService, Platform, find, find_in};
pub use logs::{LogEvent, LogGroup, Page, Range};
pub use tasks::{Container, Image, Of, Task, revision, tasks};
