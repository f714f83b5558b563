#![doc = include_str!("../README.md")]

pub mod application;
pub mod connection;
mod error;
pub mod facts;
pub mod pipeline;
pub mod regional;
mod session;
pub mod stack;

pub use error::Error;
pub use session::{Endpoint, Session, SessionOptions};
