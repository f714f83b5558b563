//! Copilot applications and pipelines on AWS.

mod error;
mod session;
pub mod application;
pub mod connection;
pub mod pipeline;
pub mod regional;
pub mod stack;

pub use error::Error;
pub use session::{Endpoint, Session, SessionOptions};
