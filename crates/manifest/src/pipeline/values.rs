//! Single values of a pipeline's manifest that have rules of their own.

use copilot_yaml::{Node, Resolved, closest};

use super::codes;
use crate::codes::WRONG_TYPE;
use crate::decode::{Context, Decode, Describe, Shape};
use crate::{merge_replaces, never_blank};

/// A string that has to be written as one. Copilot refuses `branch: 1.10`, and another reader would lose the zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub String);

impl Decode for Text {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        if let Resolved::Str(text) = node.resolve() {
            return Some(Self(text.to_owned()));
        }
        let found = node.describe();
        let message = format!("`{}` takes a string, not {found}", cx.path());
        let mut diagnostic = cx.error(&WRONG_TYPE, message, node.span, &format!("this is {found}"));
        if let Some(scalar) = node.as_scalar().filter(|scalar| !scalar.text().is_empty()) {
            diagnostic = diagnostic.help(format!("put it in quotes: '{}'", scalar.text()));
        }
        cx.report(diagnostic);
        None
    }
}

impl Describe for Text {
    fn shape() -> Shape {
        Shape::Format("string", None)
    }
}

/// Where a repository is hosted, as the manifest says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provider {
    /// github.com, through a connection; with `access_token_secret`, as `GitHubV1`.
    GitHub,
    /// github.com, with a personal access token.
    GitHubV1,
    /// bitbucket.org, through a connection.
    Bitbucket,
    /// AWS `CodeCommit`.
    CodeCommit,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::GitHub, Self::GitHubV1, Self::Bitbucket, Self::CodeCommit];
    const NAMES: &'static [&'static str] = &["GitHub", "GitHubV1", "Bitbucket", "CodeCommit"];
    /// Hosts that no pipeline follows, in lower case: their names are no slips of the pen, however near they are to `GitHub`.
    const ELSEWHERE: &'static [&'static str] = &["gitlab", "gitea", "forgejo", "gogs", "azure", "codeberg"];

    /// What to do about a repository at such a host.
    pub(super) const MIRROR: &'static str =
        "a pipeline follows a repository at GitHub, Bitbucket or CodeCommit: mirror yours to one of them";

    /// Whether a name or an address is that of a host that no pipeline follows.
    pub(super) fn is_elsewhere(text: &str) -> bool {
        let text = text.to_lowercase();
        let host = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
        let host = host.split(['/', ':']).next().unwrap_or_default();
        Self::ELSEWHERE.iter().any(|other| host.contains(other))
    }

    /// As a manifest spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::GitHubV1 => "GitHubV1",
            Self::Bitbucket => "Bitbucket",
            Self::CodeCommit => "CodeCommit",
        }
    }
}

impl Decode for Provider {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let name = String::decode(node, cx)?;
        let found = Self::ALL.into_iter().find(|provider| provider.as_str() == name);
        if found.is_none() {
            let message = format!("no source provider is named `{name}`");
            let diagnostic = cx.error(&codes::PROVIDER, message, node.span, "not a provider");
            let help =
                if Self::is_elsewhere(&name) { Self::MIRROR.to_owned() } else { one_of(&name, Self::NAMES) };
            cx.report(diagnostic.help(help));
        }
        found
    }
}

impl Describe for Provider {
    fn shape() -> Shape {
        Shape::Enum(Self::NAMES)
    }
}

/// What a pipeline's source hands to the builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutputFormat {
    /// The files, as an archive.
    Zip,
    /// A full clone, with history.
    FullClone,
}

impl OutputFormat {
    const NAMES: &'static [&'static str] = &["CODE_ZIP", "CODEBUILD_CLONE_REF"];

    /// As `CodePipeline` spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zip => "CODE_ZIP",
            Self::FullClone => "CODEBUILD_CLONE_REF",
        }
    }
}

impl Decode for OutputFormat {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let Text(name) = Text::decode(node, cx)?;
        match &*name {
            // Copilot takes an empty text as none.
            "" => None,
            "CODE_ZIP" => Some(Self::Zip),
            "CODEBUILD_CLONE_REF" => Some(Self::FullClone),
            _ => {
                let message = format!("no output artifact format is named `{name}`");
                let diagnostic = cx.error(&codes::OUTPUT_FORMAT, message, node.span, "not a format");
                cx.report(diagnostic.help(one_of(&name, Self::NAMES)));
                None
            }
        }
    }
}

impl Describe for OutputFormat {
    fn shape() -> Shape {
        Shape::Enum(Self::NAMES)
    }
}

/// What to write in place of a word that is none of `words`.
pub(super) fn one_of(wrong: &str, words: &[&str]) -> String {
    match closest(wrong, words.iter().copied()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("write one of: {}", words.join(", ")),
    }
}

/// A policy document, kept as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyDocument(pub Node);

impl Decode for PolicyDocument {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        if node.as_mapping().is_none() {
            let message = format!("`{}` takes an IAM policy document, not {}", cx.path(), node.describe());
            let diagnostic = cx.error(&codes::POLICY, message, node.span, "not a policy document");
            cx.report(diagnostic.help("write a mapping with `Version` and `Statement`"));
            return None;
        }
        Some(Self(node.clone()))
    }
}

impl Describe for PolicyDocument {
    fn shape() -> Shape {
        Shape::Any
    }
}

merge_replaces!(Text, Provider, OutputFormat, PolicyDocument);
never_blank!(Text, Provider, OutputFormat, PolicyDocument);
