//! What can go wrong between a Dockerfile and a registry, each with its cause and what to do next.

use std::io;
use std::path::{Path, PathBuf};

use copilot_workspace::FileProblem;

use crate::store::StoreError;

/// Why an artifact could not be made or published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The engine's program is not installed.
    #[error("`{program}` was not found")]
    EngineMissing {
        /// The program that was tried.
        program: String,
    },
    /// The engine is installed but its daemon does not answer.
    #[error("`{program}` is installed but does not answer: {reason}")]
    EngineDown {
        /// The program that was asked.
        program: String,
        /// Its own words.
        reason: String,
    },
    /// The engine's program could not be run at all.
    #[error("`{program}` could not be run")]
    EngineRun {
        /// The program.
        program: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// The engine builds for another operating system than the image asks for.
    #[error("image `{image}` wants platform `{platform}`, but the engine builds for `{engine_os}`")]
    PlatformUnsupported {
        /// The image, as `workload/container`.
        image: String,
        /// The platform, as `os/arch`.
        platform: String,
        /// The operating system of the engine.
        engine_os: String,
    },
    /// The image uses a feature of BuildKit, which the engine lacks.
    #[error("image `{image}` uses build secrets, which need BuildKit")]
    BuildKitNeeded {
        /// The image, as `workload/container`.
        image: String,
    },
    /// There is no Dockerfile where the manifest says.
    #[error("image `{image}` has no Dockerfile at `{}`", path.display())]
    DockerfileMissing {
        /// The image, as `workload/container`.
        image: String,
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The build context is not a directory.
    #[error("the build context `{}` of image `{image}` is not a directory", path.display())]
    ContextMissing {
        /// The image, as `workload/container`.
        image: String,
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A pattern in a `.dockerignore` file is malformed.
    #[error("pattern `{pattern}` in line {line} of `{}` is malformed: {reason}", path.display())]
    DockerIgnore {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A glob of a static site is malformed.
    #[error("pattern `{pattern}` is malformed: {reason}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The build of an image failed.
    #[error("the build of image `{image}` failed{}{}", at_layer(layer.as_deref()), indented(tail))]
    BuildFailed {
        /// The image, as `workload/container`.
        image: String,
        /// The instruction that failed, where the engine names it.
        layer: Option<String>,
        /// The last lines that the failing layer wrote.
        tail: Vec<String>,
    },
    /// The context changed between hashing and the end of the build.
    #[error("`{}` changed while image `{image}` was built", path.display())]
    ContextChanged {
        /// The image, as `workload/container`.
        image: String,
        /// The first path that changed.
        path: PathBuf,
    },
    /// The registry refuses the credentials of a log-in.
    #[error("registry `{registry}` refuses to log in: {reason}")]
    LoginRefused {
        /// The registry's host.
        registry: String,
        /// Its own words.
        reason: String,
    },
    /// The registry does not know or no longer accepts the token.
    #[error("the token for registry `{registry}` was not accepted: {reason}")]
    TokenExpired {
        /// The registry's host.
        registry: String,
        /// Its own words.
        reason: String,
    },
    /// The registry has no such repository.
    #[error("repository `{repository}` does not exist")]
    RepositoryMissing {
        /// The repository's URI.
        repository: String,
    },
    /// The registry refuses an operation for good.
    #[error("the registry refuses `{reference}`: {reason}")]
    RegistryRefused {
        /// The image reference.
        reference: String,
        /// The registry's own words.
        reason: String,
    },
    /// A tag can not be moved since the repository makes tags immutable.
    #[error("tag `{tag}` of `{repository}` is immutable and belongs to another image")]
    TagImmutable {
        /// The repository's URI.
        repository: String,
        /// The tag.
        tag: String,
    },
    /// The registry could not be reached or failed, also after retries.
    #[error("{action} `{reference}` failed after {attempts} {}: {reason}", if *attempts == 1 { "attempt" } else { "attempts" })]
    Registry {
        /// What was tried, such as `pushing`.
        action: &'static str,
        /// The image reference.
        reference: String,
        /// How often it was tried.
        attempts: u32,
        /// The last answer.
        reason: String,
    },
    /// The engine's answer was not understood.
    #[error("`{program}` answered something unexpected to `{command}`: {answer}")]
    EngineAnswer {
        /// The program.
        program: String,
        /// The subcommand.
        command: &'static str,
        /// The answer.
        answer: String,
    },
    /// An object store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file changed between hashing and upload.
    #[error("`{}` changed while it was uploaded", path.display())]
    FileChanged {
        /// The file.
        path: PathBuf,
    },
    /// A file or directory can not be read.
    #[error("`{}` can not be read", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file or directory can not be written.
    #[error("`{}` can not be written", path.display())]
    Write {
        /// The path.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// There is no space left.
    #[error("the disk is full: {what}")]
    DiskFull {
        /// The path or engine that ran out of space.
        what: String,
    },
    /// A file or directory of the workspace that is not used: it leads out of it, is no regular file, or is too large.
    #[error("`{}` can not be used: {problem}", path.display())]
    File {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        problem: FileProblem,
    },
    /// A path can not be part of an artifact.
    #[error("`{}` can not be uploaded: {reason}", path.display())]
    UnsupportedFile {
        /// The path.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,
    /// A defect of this crate: a task ended without a result.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    /// A read error of `path`.
    pub(crate) fn read(path: impl AsRef<Path>, source: io::Error) -> Self {
        Self::Read { path: path.as_ref().to_owned(), source }
    }

    /// What keeps a file of the workspace from being used.
    pub(crate) fn file(path: impl AsRef<Path>, problem: FileProblem) -> Self {
        match problem {
            FileProblem::Io(source) => Self::read(path, source),
            problem => Self::File { path: path.as_ref().to_owned(), problem },
        }
    }

    /// A write error of `path`; a full disk is told apart.
    pub(crate) fn write(path: impl AsRef<Path>, source: io::Error) -> Self {
        let path = path.as_ref();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { what: format!("`{}` can not be written", path.display()) }
            }
            _ => Self::Write { path: path.to_owned(), source },
        }
    }

    /// True if the same call may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Registry { .. } => true,
            Self::Store(error) => error.kind.is_transient(),
            _ => false,
        }
    }

    /// A stable name of the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EngineMissing { .. } => "copilot::artifact::engine_missing",
            Self::EngineDown { .. } => "copilot::artifact::engine_down",
            Self::EngineRun { .. } => "copilot::artifact::engine_run",
            Self::PlatformUnsupported { .. } => "copilot::artifact::platform_unsupported",
            Self::BuildKitNeeded { .. } => "copilot::artifact::buildkit_needed",
            Self::DockerfileMissing { .. } => "copilot::artifact::dockerfile_missing",
            Self::ContextMissing { .. } => "copilot::artifact::context_missing",
            Self::DockerIgnore { .. } => "copilot::artifact::dockerignore",
            Self::Pattern { .. } => "copilot::artifact::pattern",
            Self::BuildFailed { .. } => "copilot::artifact::build_failed",
            Self::ContextChanged { .. } => "copilot::artifact::context_changed",
            Self::LoginRefused { .. } => "copilot::artifact::login_refused",
            Self::TokenExpired { .. } => "copilot::artifact::token_expired",
            Self::RepositoryMissing { .. } => "copilot::artifact::repository_missing",
            Self::RegistryRefused { .. } => "copilot::artifact::registry_refused",
            Self::TagImmutable { .. } => "copilot::artifact::tag_immutable",
            Self::Registry { .. } => "copilot::artifact::registry",
            Self::EngineAnswer { .. } => "copilot::artifact::engine_answer",
            Self::Store(_) => "copilot::artifact::store",
            Self::FileChanged { .. } => "copilot::artifact::file_changed",
            Self::Read { .. } => "copilot::artifact::read",
            Self::Write { .. } => "copilot::artifact::write",
            Self::DiskFull { .. } => "copilot::artifact::disk_full",
            Self::File { .. } => "copilot::artifact::file",
            Self::UnsupportedFile { .. } => "copilot::artifact::unsupported_file",
            Self::Cancelled => "copilot::artifact::cancelled",
            Self::Internal(_) => "copilot::artifact::internal",
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::EngineMissing { program } => format!(
                "install `{program}`, or name another engine (docker, podman or finch); in CodeBuild, use a standard image"
            ),
            Self::EngineDown { program, .. } => format!(
                "start the daemon of `{program}` and try `{program} info`; a CodeBuild project needs privileged mode"
            ),
            Self::EngineRun { program, .. } => format!("try `{program} version` in the same shell"),
            Self::PlatformUnsupported { platform, .. } if platform.starts_with("windows") => {
                "CodePipeline builds on Linux: build and push Windows images elsewhere and name them with `image.location`".to_owned()
            }
            Self::PlatformUnsupported { .. } => "change `platform` in the manifest, or build elsewhere and use `image.location`".to_owned(),
            Self::BuildKitNeeded { .. } => "install docker 23 or later with its buildx plugin".to_owned(),
            Self::DockerfileMissing { .. } => "correct `image.build` in the manifest: the path is relative to the root of the workspace".to_owned(),
            Self::ContextMissing { .. } => "correct `image.build.context` in the manifest: the path is relative to the root of the workspace".to_owned(),
            Self::DockerIgnore { .. } | Self::Pattern { .. } => "escape a literal `[`, `*` or `?` with a backslash".to_owned(),
            Self::BuildFailed { tail, .. } => build_help(tail)?,
            Self::ContextChanged { .. } => "run it again once the files are quiet; nothing was pushed".to_owned(),
            Self::LoginRefused { .. } | Self::TokenExpired { .. } => "check that the role may call `ecr:GetAuthorizationToken` and that the clock is right".to_owned(),
            Self::RepositoryMissing { .. } => "deploy the pipeline or the service once, so that the application's stack set creates the repository".to_owned(),
            Self::RegistryRefused { .. } => "check the ECR permissions of the role and the policy of the repository".to_owned(),
            Self::TagImmutable { .. } => "make the repository's tags mutable, or use another tag; deployments refer to the digest".to_owned(),
            Self::Registry { .. } => "check the network and run it again: what was pushed is not pushed twice".to_owned(),
            Self::Store(error) => error.help(),
            Self::FileChanged { .. } => "run it again once the file is quiet".to_owned(),
            Self::DiskFull { .. } => "free some space (`docker system prune` removes unused images) or use a larger build machine".to_owned(),
            Self::Cancelled => "run it again: what was built, pushed and uploaded is found and kept".to_owned(),
            Self::File { problem: FileProblem::Outside { .. }, .. } => "nothing of a workspace may lead out of it; links that stay inside are followed".to_owned(),
            Self::File { .. } | Self::EngineAnswer { .. } | Self::Read { .. } | Self::Write { .. } | Self::UnsupportedFile { .. } | Self::Internal(_) => return None,
        };
        Some(help)
    }
}

/// Causes that engines hide behind a message of their own.
fn build_help(tail: &[String]) -> Option<String> {
    let says = |needle: &str| tail.iter().any(|line| line.contains(needle));
    if says("exec format error") {
        Some("the image is for another processor: set `platform`, use a build machine of that architecture, or install QEMU's binfmt handlers".to_owned())
    } else if says("toomanyrequests") || says("pull rate limit") {
        Some("the registry of the base image limits pulls: use its copy in public.ecr.aws or a pull-through cache".to_owned())
    } else {
        None
    }
}

fn at_layer(layer: Option<&str>) -> String {
    layer.map(|l| format!(" at `{l}`")).unwrap_or_default()
}

fn indented(lines: &[String]) -> String {
    lines.iter().flat_map(|line| ["\n  ", line]).collect()
}
