//! Buildspecs of CodeBuild as data: what runs in which phase, and where that stands in the file.
//!
//! Only what says something about a pipeline is read. The format is in CodeBuild's user guide, "Build specification reference".

mod check;
pub mod codes;
mod read;
mod shell;

use copilot_yaml::Span;

pub use check::check;
pub use read::read;
pub use shell::{Invocation, Unclosed, Word, invocations};

/// The variables that hold the SHA-256 of the program that builds run, by the processor of their image.
pub const HASH_AMD64: &str = "COPILOT_PIPELINE_SHA256_AMD64";
/// See [`HASH_AMD64`].
pub const HASH_ARM64: &str = "COPILOT_PIPELINE_SHA256_ARM64";

/// A buildspec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buildspec {
    /// The shell that runs the commands, where it is said.
    pub shell: Option<String>,
    /// The environment variables that it sets.
    pub variables: Vec<Variable>,
    /// Its phases in the order of the file.
    pub phases: Vec<Phase>,
    /// The whole of it.
    pub span: Span,
}

impl Buildspec {
    /// The variable of this name.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }

    /// All commands, in the order of the file.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        self.phases.iter().flat_map(|phase| &phase.commands)
    }

    /// Whether its commands are for a shell of Unix.
    pub fn is_shell(&self) -> bool {
        self.shell.as_deref().is_none_or(|shell| matches!(shell, "bash" | "sh" | "/bin/sh"))
    }
}

/// An environment variable that a buildspec sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value as it is written, without quotes.
    pub value: String,
    /// Where the value stands.
    pub span: Span,
}

/// A phase of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    /// `install`, `pre_build`, `build` or `post_build`.
    pub name: String,
    /// What it runs, then what it runs at the end in any case.
    pub commands: Vec<Command>,
    /// Where its name stands.
    pub span: Span,
}

/// A command, which may be a script of many lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its text.
    pub text: String,
    /// The programs that it runs, or why a shell would refuse it.
    pub invocations: Result<Vec<Invocation>, Unclosed>,
    /// Where it stands.
    pub span: Span,
}

/// What a program in a buildspec is to a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role<'a> {
    /// It downloads AWS Copilot.
    DownloadsCopilot {
        /// The version in the address, such as `v1.34.0`.
        version: Option<&'a str>,
    },
    /// It is AWS Copilot, with these arguments.
    Copilot(&'a [Word]),
    /// It is `copilot-pipeline`, with these arguments.
    CopilotPipeline(&'a [Word]),
    /// Anything else.
    Other,
}

impl Invocation {
    /// What it is to a pipeline.
    pub fn role(&self) -> Role<'_> {
        let Some((program, arguments)) = self.words.split_first() else { return Role::Other };
        let name = program.text.rsplit(['/', '\\']).next().unwrap_or_default();
        match name {
            "copilot-pipeline" => Role::CopilotPipeline(arguments),
            "copilot" => Role::Copilot(arguments),
            _ if is_copilot(name) => Role::Copilot(arguments),
            "wget" | "curl" | "aws" => match arguments.iter().find(|word| is_release(&word.text)) {
                Some(address) => Role::DownloadsCopilot { version: version(&address.text) },
                None => Role::Other,
            },
            _ => Role::Other,
        }
    }
}

/// Whether a file is named as Copilot's releases are, or as its first ones were.
fn is_copilot(name: &str) -> bool {
    ["copilot-linux", "copilot-darwin", "copilot-windows", "ecs-preview"]
        .iter()
        .any(|known| name.starts_with(known))
}

/// Whether Copilot is downloaded from there.
fn is_release(address: &str) -> bool {
    address.contains("://") && address.rsplit('/').next().is_some_and(is_copilot)
}

/// The version in an address of a release.
fn version(address: &str) -> Option<&str> {
    address.split('/').rev().find_map(|part| {
        let start = part.find("v0.").or_else(|| part.find("v1."))?;
        part.get(start..).filter(|rest| rest.len() > "v1.".len())
    })
}
