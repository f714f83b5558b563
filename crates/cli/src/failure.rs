//! From whatever went wrong to message, hint and exit code.

use std::error::Error as StdError;
use std::io;

use copilot_workspace::{Error as WorkspaceError, FileProblem};
use copilot_yaml::{Diagnostic, Diagnostics};

use crate::drawn::MOST;
use crate::environment::PREFIX_LIST;
use crate::exit::{DIFF_UNAVAILABLE, FAILURE, SUCCESS};
use crate::files::WriteError;
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
    /// A difference could not be told.
    DiffUnavailable(String),
    /// Somebody wanted an end, with what goes on without us.
    Interrupted(Option<String>),
    /// All was said already.
    Said,
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
            Self::DiffUnavailable(message) => {
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
            Self::Said => {}
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
            Self::Message { message, .. } | Self::DiffUnavailable(message) => f.write_str(message),
            Self::Diagnostics(problems) => {
                let errors = problems.iter().filter(|problem| problem.is_error());
                let shown: Vec<String> = errors.clone().take(MOST).map(ToString::to_string).collect();
                f.write_str(&shown.join("; "))?;
                match errors.count().saturating_sub(MOST) {
                    0 => Ok(()),
                    more => write!(f, "; and {more} more"),
                }
            }
            Self::Interrupted(_) => f.write_str("interrupted"),
            Self::Said => f.write_str("what is wrong was said already"),
            Self::Output(error) => write!(f, "can't write to standard output: {error}"),
        }
    }
}

impl From<WorkspaceError> for Failure {
    fn from(error: WorkspaceError) -> Self {
        let hint = match &error {
            WorkspaceError::NotFound { file: Some(file), .. } => {
                Some(format!("`{file}` is a file, but it has to be a folder"))
            }
            WorkspaceError::NotFound { file: None, .. } => {
                Some("run this inside a project that has a `copilot` folder".to_owned())
            }
            WorkspaceError::NoSummary { path } => Some(format!(
                "write `application: NAME` into `{path}`, with the name of your application, and commit it"
            )),
            WorkspaceError::Summary(diagnostics) => return Self::Diagnostics(diagnostics.clone()),
            WorkspaceError::Ended => return Self::Interrupted(None),
            WorkspaceError::EmptyOverrides { .. } => {
                Some("put one of the two there, or delete the folder".to_owned())
            }
            WorkspaceError::GitMissing(_) => {
                Some("install git, or pass `--url` and `--git-branch`".to_owned())
            }
            WorkspaceError::NotARepository { .. } => Some(
                "a pipeline follows a git repository: run `git init` and add a remote, or pass `--url` and \
                      `--git-branch`"
                    .to_owned(),
            ),
            WorkspaceError::Repository { .. } => Some(
                "write it as https://github.com/OWNER/REPOSITORY, https://bitbucket.org/OWNER/REPOSITORY or \
                      codecommit::REGION://REPOSITORY"
                    .to_owned(),
            ),
            WorkspaceError::File { problem: FileProblem::Outside { .. }, .. } => Some(LINKS.to_owned()),
            WorkspaceError::File { .. }
            | WorkspaceError::Io { .. }
            | WorkspaceError::NotUtf8 { .. }
            | WorkspaceError::Git { .. } => None,
        };
        Self::Message { message: with_causes(&error), hint }
    }
}

impl From<copilot_stack::Error> for Failure {
    fn from(error: copilot_stack::Error) -> Self {
        use copilot_stack::Error;
        if let Error::Environment { problems, .. } = error {
            return Self::Diagnostics(problems);
        }
        let hint = match &error {
            Error::MissingFact { key } if key.ends_with(".cloudfront_prefix_list_id") => Some(PREFIX_LIST),
            Error::UnknownEnvironment { .. } => {
                Some("a pipeline deploys to environments that exist: deploy it first, or remove its stage")
            }
            Error::MissingFact { .. } | Error::MalformedFact { .. } => {
                Some("correct the facts file, or gather it again")
            }
            Error::UnknownConnection { .. } => {
                Some("correct `connection_name`, or remove it to have a connection made")
            }
            Error::NewerEnvironment { .. } => Some(
                "use the program that deployed it, or pass `--allow-downgrade` to replace it all the same",
            ),
            _ => None,
        };
        Self::Message { message: with_causes(&error), hint: hint.map(str::to_owned) }
    }
}

impl From<copilot_deployer::Error> for Failure {
    fn from(error: copilot_deployer::Error) -> Self {
        Self::Message { message: with_causes(&error), hint: error.help() }
    }
}

impl From<copilot_artifact::Error> for Failure {
    fn from(error: copilot_artifact::Error) -> Self {
        match error {
            copilot_artifact::Error::Cancelled => Self::Interrupted(error.help()),
            error => Self::Message { message: with_causes(&error), hint: error.help() },
        }
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
        let hint = matches!(error.problem, FileProblem::Outside { .. }).then(|| LINKS.to_owned());
        Self::Message { message: with_causes(&error), hint }
    }
}

/// What to do about a file or folder that leads out of the workspace.
pub(crate) const LINKS: &str =
    "nothing of a workspace may lead out of it; links that stay inside are followed";

/// An error with what caused it, outermost first.
pub(crate) fn with_causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
