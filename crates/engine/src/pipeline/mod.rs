//! The pipelines of a workspace: reading, rendering, deploying and deleting them.

mod apply;
pub mod deployed;
mod observe;
mod plan;
pub(crate) mod pushed;
mod read;
mod render;
pub mod stages;
mod windows;

pub use apply::{Applied, Outcome, Settings, apply};
pub use observe::{Observed, check_region, gather, observe};
pub(crate) use observe::{of as observed_of, wanted};
pub use plan::{Blocker, Plan, Wishes};
pub use pushed::NotPushed;
pub use read::{Known, LoadedPipeline, Unregistered, find, load, parse};
pub(crate) use read::{surroundings, unregistered, workloads};
pub(crate) use render::check_limits;
pub use render::{Rendered, rendered};
pub use windows::{windows_images, windows_of};
