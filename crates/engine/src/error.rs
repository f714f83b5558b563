//! Why a run ends early.

use std::error::Error as StdError;
use std::fmt::Write as _;

use camino::Utf8PathBuf;
use copilot_cfn::limits::Exceeded;
use copilot_workspace::FileProblem;
use copilot_yaml::{Diagnostic, Diagnostics};

use crate::files::WriteError;
use crate::overrides::CdkError;
use crate::pipeline::Unregistered;
use crate::program::ProgramError;

/// Problems that [`Error::Findings`] shows when it is displayed; a host that draws diagnostics shows all.
const MOST: usize = 50;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Files of the workspace have problems, all of them with their places.
    #[error("{}", summed_up(.0))]
    Findings(Diagnostics),
    /// The workspace can't be read.
    #[error(transparent)]
    Workspace(copilot_workspace::Error),
    /// A stack can't be rendered.
    #[error(transparent)]
    Stack(copilot_stack::Error),
    /// The stack of a workload can't be rendered.
    #[error(transparent)]
    Workload(copilot_stack::workload::Error),
    /// AWS refused, or failed.
    #[error(transparent)]
    Aws(#[from] copilot_deployer::Error),
    /// An image or a file could not be made or brought to its place.
    #[error(transparent)]
    Artifact(copilot_artifact::Error),
    /// A CDK application could not be run.
    #[error(transparent)]
    Cdk(#[from] CdkError),
    /// The program that builds run is not what it should be.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The host has stopped the run.
    #[error("interrupted")]
    Cancelled,
    /// The workspace belongs to another application than the one that was named.
    #[error("the workspace belongs to the application `{own}`, not to `{wanted}`")]
    OtherApplication {
        /// The workspace's.
        own: String,
        /// The one that was named.
        wanted: String,
    },
    /// A facts file is about another application than the workspace.
    #[error("`{path}` is about the application `{known}`, but the workspace belongs to `{application}`")]
    ForeignFacts {
        /// The file.
        path: Utf8PathBuf,
        /// Its application.
        known: String,
        /// The workspace's.
        application: String,
    },
    /// A file that was named can't be read.
    #[error("can't read `{path}`: {problem}")]
    Unreadable {
        /// The file.
        path: Utf8PathBuf,
        /// Why.
        problem: FileProblem,
    },
    /// The workspace has nothing of a name.
    #[error("the workspace has no {thing} `{name}`")]
    Unknown {
        /// What it was to be, such as `pipeline`.
        thing: &'static str,
        /// The name.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The application has no such environment.
    #[error("the application `{application}` has no environment `{name}`")]
    UnknownEnvironment {
        /// The application.
        application: String,
        /// The environment.
        name: String,
        /// Those it has.
        known: Vec<String>,
    },
    /// The pipeline has no stage of a name.
    #[error("the pipeline `{pipeline}` has no stage `{name}`")]
    UnknownStage {
        /// The pipeline.
        pipeline: String,
        /// The name.
        name: String,
        /// Its stages.
        stages: Vec<String>,
    },
    /// No stage of a pipeline deploys anything that is wanted.
    #[error("no stage of the pipeline `{pipeline}` deploys {what}")]
    NothingSelected {
        /// The pipeline.
        pipeline: String,
        /// What was wanted.
        what: String,
        /// An environment whose own stack a stage deploys, and of which there is no manifest.
        without_manifest: Option<String>,
    },
    /// A pipeline can't be deployed as things are.
    #[error(transparent)]
    Blocked(#[from] crate::pipeline::Blocker),
    /// An environment can't be deployed as things are: all that keeps it from it.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    EnvironmentBlocked(Vec<crate::environment::Blocker>),
    /// Two workloads in two environments have one stack.
    #[error("`{0}` in `{1}` and `{2}` in `{3}` would be the same stack", .workloads[0].0, .workloads[0].1, .workloads[1].0, .workloads[1].1)]
    SameStack {
        /// Workloads with their environments.
        workloads: [(String, String); 2],
    },
    /// The application has no bucket where an environment is.
    #[error("the application has no artifact bucket in {region}, where `{environment}` is")]
    NoArtifactBucket {
        /// The environment.
        environment: String,
        /// Its region.
        region: String,
    },
    /// An image has no repository, since the application doesn't know its workload.
    #[error("the application doesn't know `{}`, so there is no repository for its images", .0.name)]
    NotRegistered(Unregistered),
    /// A file that addons refer to is not there, or can't be used.
    #[error("the addons of `{owner}` refer to a file in `{place}`: {}", with_causes(.problem))]
    AddonFile {
        /// Whose addons they are.
        owner: String,
        /// Where in their template.
        place: String,
        /// What is wrong.
        problem: Box<copilot_artifact::Error>,
    },
    /// A static site has more files than its state machine can read a list of.
    #[error(
        "the list of files of `{workload}` has {bytes} bytes, and its state machine reads {limit} at most"
    )]
    TooManyFiles {
        /// The site.
        workload: String,
        /// Size of the list.
        bytes: u64,
        /// What the state machine reads.
        limit: usize,
    },
    /// CloudFormation takes no template of this size.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    TooLarge(Vec<Exceeded>),
    /// A CodeCommit repository of another region than the pipeline's.
    #[error("the CodeCommit repository is in {repository}, but the pipeline would be in {own}")]
    OtherRegion {
        /// Of the repository.
        repository: String,
        /// Of the pipeline.
        own: String,
    },
    /// The facts lack something that a deployment needs.
    #[error("the facts have no `{key}`")]
    MissingFact {
        /// Path of the key.
        key: String,
    },
    /// CloudFront's prefix list is not known.
    #[error(
        "the manifest restricts the load balancer to CloudFront, whose prefix list is not known: EC2 may not be asked, and \
         the deployed stack does not name it"
    )]
    UnknownPrefixList,
    /// Something of this machine fails.
    #[error("{what}: {source}")]
    Machine {
        /// What could not be done.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// It can't be told how a stack differs from another one.
    #[error("{0}")]
    DifferenceUnavailable(#[source] Box<Self>),
    /// What a stack is to be compared with is no template.
    #[error("`{name}` is not a template")]
    NotATemplate {
        /// The file, or the stack.
        name: String,
        /// What is wrong with it.
        findings: Diagnostics,
    },
    /// A file of parameters is none.
    #[error("`{path}` has no parameters of a stack: {problem}")]
    NotParameters {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A saved plan no longer holds.
    #[error(transparent)]
    Moved(#[from] crate::plan::Moved),
    /// A file is no text.
    #[error("{0}")]
    NotUtf8(String),
    /// Nobody asked AWS, and no facts were given.
    #[error("nothing is known of AWS")]
    NothingKnown,
}

impl Error {
    /// That the workspace has nothing of this name.
    pub fn unknown<'a>(thing: &'static str, name: &str, known: impl Iterator<Item = &'a str>) -> Self {
        Self::Unknown { thing, name: name.to_owned(), known: known.map(str::to_owned).collect() }
    }

    /// As what keeps a difference from being told. To be stopped stays what it is.
    pub(crate) fn into_unavailable(self) -> Self {
        match self {
            error @ (Self::Cancelled | Self::Findings(_) | Self::DifferenceUnavailable(_)) => error,
            error => Self::DifferenceUnavailable(Box::new(error)),
        }
    }
}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Self {
        let mut found = Diagnostics::default();
        found.push(diagnostic);
        Self::Findings(found)
    }
}

impl From<copilot_workspace::Error> for Error {
    fn from(error: copilot_workspace::Error) -> Self {
        match error {
            copilot_workspace::Error::Ended => Self::Cancelled,
            copilot_workspace::Error::Summary(problems) => Self::Findings(problems),
            error => Self::Workspace(error),
        }
    }
}

impl From<copilot_stack::Error> for Error {
    fn from(error: copilot_stack::Error) -> Self {
        match error {
            copilot_stack::Error::Environment { problems, .. } => Self::Findings(problems),
            error => Self::Stack(error),
        }
    }
}

impl From<copilot_stack::workload::Error> for Error {
    fn from(error: copilot_stack::workload::Error) -> Self {
        match error {
            copilot_stack::workload::Error::Manifest { problems, .. } => Self::Findings(problems),
            error => Self::Workload(error),
        }
    }
}

impl From<copilot_artifact::Error> for Error {
    fn from(error: copilot_artifact::Error) -> Self {
        match error {
            copilot_artifact::Error::Cancelled => Self::Cancelled,
            error => Self::Artifact(error),
        }
    }
}

fn summed_up(problems: &Diagnostics) -> String {
    let errors = problems.iter().filter(|problem| problem.is_error());
    let shown: Vec<String> = errors.clone().take(MOST).map(ToString::to_string).collect();
    let mut text = shown.join("; ");
    match errors.count().saturating_sub(MOST) {
        0 => {}
        more => {
            let _ = write!(text, "; and {more} more");
        }
    }
    text
}

/// An error with what caused it, outermost first.
pub fn with_causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
