//! From whatever went wrong to message, hint and exit code.

use std::io;

use copilot_engine::files::WriteError;
use copilot_engine::{Error, with_causes};
use copilot_workspace::Error as WorkspaceError;
use copilot_yaml::{Diagnostic, Diagnostics};

use crate::exit::{CHANGES, DIFF_UNAVAILABLE, FAILURE, SUCCESS};
use crate::hints;
use crate::io::Io;
use crate::prompt::PromptError;
use crate::text::Text;

/// Why a command ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The arguments can't be understood.
    Usage(clap::Error),
    /// A message with an optional hint.
    Message {
        /// What went wrong.
        message: String,
        /// What to do next.
        hint: Option<String>,
    },
    /// Files with problems.
    Diagnostics(Diagnostics),
    /// Several messages.
    Messages(Vec<String>),
    /// A difference could not be told.
    DiffUnavailable {
        /// Why.
        message: String,
        /// What is wrong with the file that was to be compared with.
        findings: Diagnostics,
    },
    /// Somebody wanted an end, with what goes on without us.
    Interrupted(Option<String>),
    /// Somebody ended what goes on until somebody ends it.
    Ended,
    /// All was said already.
    Said,
    /// A plan has changes, which were shown.
    Differs,
    /// The reader of standard output went away, or the disk behind it is full.
    Output(io::Error),
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Message { message: message.into(), hint: None }
    }

    pub(crate) fn with_hint(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Message { message: message.into(), hint: Some(hint.into()) }
    }

    /// As a failure where to exit with 2 means something else than that there is no difference to show.
    pub(crate) fn into_failure(self) -> Self {
        match self {
            Self::DiffUnavailable { message, findings } if findings.is_empty() => Self::new(message),
            Self::DiffUnavailable { findings, .. } => Self::Diagnostics(findings),
            other => other,
        }
    }

    /// Prints it and returns the exit code.
    pub(crate) fn report(self, io: &mut Io<'_>) -> u8 {
        match self {
            Self::Usage(error) => io.err(Text::drawn(error.render().ansi().to_string())),
            Self::Message { message, hint } => {
                io.error_line(&message);
                if let Some(hint) = hint {
                    io.hint(&hint);
                }
            }
            Self::Diagnostics(mut diagnostics) => {
                diagnostics.sort();
                io.diagnostics(&diagnostics);
            }
            Self::Messages(messages) => messages.iter().for_each(|message| io.error_line(message)),
            Self::DiffUnavailable { message, findings } => {
                io.diagnostics(&findings);
                io.error_line(&message);
                return DIFF_UNAVAILABLE;
            }
            Self::Interrupted(goes_on) => {
                io.error_line("interrupted");
                if let Some(goes_on) = goes_on {
                    io.hint(&goes_on);
                }
                return io.interrupt().code();
            }
            Self::Ended => return io.interrupt().code(),
            Self::Said => {}
            Self::Differs => return CHANGES,
            // `copilot-pipeline … | head` is no failure.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return SUCCESS,
            Self::Output(error) => io.error_line(&format!("can't write to standard output: {error}")),
        }
        FAILURE
    }
}

/// The message alone, for reports.
impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Usage(error) => write!(f, "{error}"),
            Self::Message { message, .. } | Self::DiffUnavailable { message, .. } => f.write_str(message),
            Self::Messages(messages) => f.write_str(&messages.join("; ")),
            Self::Diagnostics(problems) => write!(f, "{}", Error::Findings(problems.clone())),
            Self::Interrupted(_) | Self::Ended => f.write_str("interrupted"),
            Self::Said | Self::Differs => f.write_str("what is wrong was said already"),
            Self::Output(error) => write!(f, "can't write to standard output: {error}"),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let hint = hints::of(&error);
        match error {
            Error::Findings(found) => Self::Diagnostics(found),
            Error::Cancelled => Self::Interrupted(None),
            Error::TooLarge(exceeded) => Self::Messages(exceeded.iter().map(ToString::to_string).collect()),
            Error::NotATemplate { name, findings } => {
                Self::DiffUnavailable { message: format!("`{name}` is not a template"), findings }
            }
            Error::DifferenceUnavailable(cause) => {
                let message = with_causes(&*cause);
                let message = hints::of(&cause).map_or(message.clone(), |hint| format!("{message}; {hint}"));
                Self::DiffUnavailable { message, findings: Diagnostics::default() }
            }
            error => Self::Message { message: with_causes(&error), hint },
        }
    }
}

impl From<WorkspaceError> for Failure {
    fn from(error: WorkspaceError) -> Self {
        Error::from(error).into()
    }
}

impl From<copilot_deployer::Error> for Failure {
    fn from(error: copilot_deployer::Error) -> Self {
        Error::from(error).into()
    }
}

impl From<copilot_artifact::Error> for Failure {
    fn from(error: copilot_artifact::Error) -> Self {
        Error::from(error).into()
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(diagnostic);
        Self::Diagnostics(diagnostics)
    }
}

impl From<PromptError> for Failure {
    fn from(error: PromptError) -> Self {
        match error {
            PromptError::Cancelled => Self::Interrupted(Some("nothing was changed".to_owned())),
            PromptError::Terminal(_) => Self::new(error.to_string()),
        }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Error::from(error).into()
    }
}
