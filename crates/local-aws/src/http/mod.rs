//! The HTTP side: reading requests, finding out who asks for what, answering.

pub(crate) mod admin;
pub(crate) mod auth;
pub(crate) mod chunked;
pub(crate) mod dispatch;
mod exec;
pub(crate) mod guard;
pub(crate) mod listen;
pub(crate) mod message;
