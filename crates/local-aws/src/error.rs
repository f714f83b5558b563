//! What can go wrong with the server itself, and how AWS says no.

use camino::Utf8PathBuf;
use serde_json::{Map, Value as Json};

/// The local AWS could not be started, read or saved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}")]
    Listen {
        /// The address asked for.
        addr: std::net::SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// A file of the state directory cannot be read or written.
    #[error("state directory `{dir}`")]
    StateDir {
        /// The directory.
        dir: Utf8PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// `state.json` is not a state that this version wrote.
    #[error("`{file}` is not a saved state of this version")]
    Unreadable {
        /// The file.
        file: Utf8PathBuf,
        /// What the reader stumbled on.
        source: serde_json::Error,
    },
}

/// An error as an AWS service answers it; each protocol writes it in its own form.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct AwsError {
    /// The code a client matches on, such as `ParameterNotFound`.
    pub code: String,
    /// The sentence shown to the user.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
    /// Further members of the error shape.
    pub extra: Box<Map<String, Json>>,
}

impl AwsError {
    /// A client error (HTTP 400) with its code and message.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), status: 400, extra: Box::default() }
    }

    /// The same error with another HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationError", message)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    pub(crate) fn missing(key: &str) -> Self {
        Self::invalid(format!(
            "1 validation error detected: Value null at '{key}' failed to satisfy constraint: Member must not be null"
        ))
    }

    pub(crate) fn unknown_operation(service: &str, operation: &str) -> Self {
        Self::new(
            "UnknownOperationException",
            format!("copilot-local-aws does not implement {service}:{operation}"),
        )
        .status(501)
    }
}

/// What an operation answers.
pub(crate) type Answer = Result<Json, AwsError>;
