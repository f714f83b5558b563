#![doc = include_str!("../README.md")]

pub mod application;
pub mod connection;
mod ec2;
pub mod environment;
mod error;
pub mod facts;
mod http;
pub mod iam;
pub mod inventory;
mod null;
pub mod overview;
pub mod permissions;
pub mod pipeline;
mod query;
pub mod regional;
mod session;
pub mod stack;
mod time;
pub mod workload;

pub use error::Error;
pub use session::{Endpoint, Session, SessionOptions};
pub use time::Time;
