#![doc = include_str!("../README.md")]

mod application;
mod core;
mod error;
mod http;
mod inspect;
mod protocol;
mod server;
mod services;

pub use crate::application::{Application, Environment};
pub use crate::core::calls::{Call, Calls};
pub use crate::core::faults::{Effect, Fault, ResourceAction, ResourceFault};
pub use crate::core::options::{Handshake, Options, Pace, RegistryNames};
pub use crate::core::state::State;
pub use crate::core::time::Clock;
pub use crate::error::{AwsError, Error};
pub use crate::inspect::{Region, ServiceView, StackView};
pub use crate::server::LocalAws;
pub use crate::services::cloudformation::Validation;
pub use crate::services::codebuild::{BuildJob, BuildScript, Builder, Built, NOT_RUN};
pub use crate::services::ecs::{Engine, TaskScript};
