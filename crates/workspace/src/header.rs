//! Name and type of a manifest: all that has to be known to list it.

use std::collections::HashSet;

use camino::{Utf8Path, Utf8PathBuf};
use copilot_manifest::workload::WorkloadType;
use copilot_manifest::{Kind, names};
use copilot_yaml::{Diagnostic, Diagnostics, Node, Source, Span, closest, parse};

use crate::codes;
use crate::files::{FileProblem, LARGEST_TEXT, Root};

/// A manifest that stands where manifests stand.
#[derive(Debug, Clone)]
pub struct ManifestFile {
    /// Where it is.
    pub path: Utf8PathBuf,
    /// Its path from the project's root, with `/`: how diagnostics and other manifests name it.
    pub display_path: String,
    /// The folder that it stands in. Equal to the name but for pipelines.
    pub folder: String,
    /// What it says about itself, or why that can't be told.
    pub header: Result<Header, Diagnostics>,
    /// What can be told in spite of the problems: enough to look for others in the same file.
    pub partial: Option<Header>,
}

impl ManifestFile {
    /// The name to call it by: the one inside if it can be read, else that of the folder.
    pub fn name(&self) -> &str {
        self.header.as_ref().map_or(&self.folder, |header| &header.name)
    }

    /// What is wrong with the file: what keeps its name and type from being told, and what `look` finds beyond that.
    pub fn problems(&self, look: impl FnOnce(&Header) -> Diagnostics) -> Diagnostics {
        let (header, mut problems) = match (&self.header, &self.partial) {
            (Ok(header), _) => return look(header),
            (Err(problems), Some(header)) => (header, problems.clone()),
            (Err(problems), None) => return problems.clone(),
        };
        let said: HashSet<String> = problems.iter().map(|problem| problem.path.clone()).collect();
        let mut found = look(header);
        found.retain(|problem| problem.path.is_empty() || !said.contains(&problem.path));
        problems.extend(found);
        problems.sort();
        problems
    }
}

/// Name and type of a manifest, with what was read on the way.
#[derive(Debug, Clone)]
pub struct Header {
    /// `name`.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// What it describes, by `type`; pipelines, which have none, by where they stand.
    pub kind: Kind,
    /// The file's text under its display path.
    pub source: Source,
    /// The whole tree, so that nobody has to parse the text again.
    pub root: Node,
    /// Warnings of the YAML reader.
    pub warnings: Diagnostics,
}

/// What a manifest has to say about itself, by the place where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Workload,
    Environment,
    Pipeline,
}

/// Reads a file into a tree. What is wrong with it goes to `diagnostics`.
pub(crate) fn read_tree(
    root: &Utf8Path,
    path: &Utf8Path,
    name: String,
    diagnostics: &mut Diagnostics,
) -> Option<(Source, Node)> {
    match read_source(root, path, name) {
        Ok(source) => parse(&source, diagnostics).map(|root| (source, root)),
        Err(diagnostic) => {
            diagnostics.push(*diagnostic);
            None
        }
    }
}

/// Reads a text file of the project at `root`.
pub(crate) fn read_source(root: &Utf8Path, path: &Utf8Path, name: String) -> Result<Source, Box<Diagnostic>> {
    let root = Root::of(root.as_std_path());
    let bytes = root.and_then(|root| root.read(path.as_std_path(), LARGEST_TEXT));
    let bytes = bytes.map_err(|problem| {
        let code = match problem {
            FileProblem::Outside { .. } => &codes::OUTSIDE,
            _ => &codes::UNREADABLE,
        };
        Diagnostic::error(code, format!("`{name}` can't be read: {problem}"))
    })?;
    Source::from_bytes(name, bytes)
}

pub(crate) fn read(
    root: &Utf8Path,
    path: Utf8PathBuf,
    display_path: String,
    folder: &str,
    place: Place,
) -> ManifestFile {
    let mut diagnostics = Diagnostics::default();
    let tree = read_tree(root, &path, display_path.clone(), &mut diagnostics);
    let header = tree.and_then(|(source, root)| header_of(source, root, folder, place, &mut diagnostics));
    let (header, partial) = match header {
        Some(header) if !diagnostics.has_errors() => (Ok(Header { warnings: diagnostics, ..header }), None),
        partial => (Err(diagnostics), partial),
    };
    ManifestFile { path, display_path, folder: folder.to_owned(), header, partial }
}

/// Name and type, as far as they can be told. Where one of them is wrong, that is among the diagnostics.
fn header_of(
    source: Source,
    root: Node,
    folder: &str,
    place: Place,
    diagnostics: &mut Diagnostics,
) -> Option<Header> {
    if root.as_mapping().is_none() {
        let message = format!("a manifest is a mapping, but `{}` holds {}", source.name(), root.describe());
        let diagnostic = Diagnostic::error(&codes::NOT_A_MAPPING, message)
            .at(&source, root.span, "")
            .help(format!("begin with `name: {folder}`"));
        diagnostics.push(diagnostic);
        return None;
    }
    let name = name_of(&source, &root, folder, place, diagnostics);
    let kind = kind_of(&source, &root, place, diagnostics);
    let (name, name_span) = name.unwrap_or_else(|| (folder.to_owned(), first_key(&root)));
    Some(Header { name, name_span, kind: kind?, source, root, warnings: Diagnostics::default() })
}

fn name_of(
    source: &Source,
    root: &Node,
    folder: &str,
    place: Place,
    diagnostics: &mut Diagnostics,
) -> Option<(String, Span)> {
    let node = root.get("name");
    let Some((node, name)) = node.and_then(|node| Some((node, node.as_str()?))) else {
        let span = node.map_or_else(|| first_key(root), |node| node.span);
        let diagnostic = Diagnostic::error(&codes::MISSING_NAME, "the manifest has no `name`")
            .at(source, span, "")
            .help(format!("add `name: {folder}`"))
            .path("name");
        diagnostics.push(diagnostic);
        return None;
    };
    if place != Place::Pipeline && name != folder {
        let message = format!("the manifest is called `{name}`, its folder `{folder}`");
        let diagnostic = Diagnostic::error(&codes::NAME_MISMATCH, message)
            .at(source, node.span, "this name")
            .help(format!("write `name: {folder}`, or rename the folder to `{name}`"))
            .path("name");
        diagnostics.push(diagnostic);
        return None;
    }
    if let Err(problem) = names::check(name) {
        let diagnostic = Diagnostic::error(&codes::NAME, format!("the manifest's name {problem}"))
            .at(source, node.span, "this name")
            .help("take letters, digits and hyphens only")
            .path("name");
        diagnostics.push(diagnostic);
        return None;
    }
    Some((name.to_owned(), node.span))
}

fn kind_of(source: &Source, root: &Node, place: Place, diagnostics: &mut Diagnostics) -> Option<Kind> {
    let known: Vec<Kind> = match place {
        Place::Pipeline => return Some(Kind::Pipeline),
        Place::Environment => vec![Kind::Environment],
        Place::Workload => WorkloadType::ALL.map(Kind::Workload).to_vec(),
    };
    let node = root.get("type");
    let Some((node, kind)) = node.and_then(|node| Some((node, node.as_str()?))) else {
        let diagnostic = Diagnostic::error(&codes::MISSING_TYPE, "the manifest has no `type`")
            .at(source, node.map_or_else(|| first_key(root), |node| node.span), "")
            .help(format!("add `type: {}`", known[0]))
            .path("type");
        diagnostics.push(diagnostic);
        return None;
    };
    if let Some(known) = known.iter().find(|known| known.as_str() == kind) {
        return Some(*known);
    }
    let words: Vec<&str> = known.iter().map(|known| known.as_str()).collect();
    let help = match closest(kind, words.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write one of: {}", words.join(", ")),
    };
    let message = match place {
        Place::Environment => {
            format!("an environment has the type `{}`, not `{kind}`", Kind::Environment)
        }
        _ => format!("`{kind}` is not a type of services or jobs"),
    };
    let diagnostic = Diagnostic::error(&codes::UNKNOWN_TYPE, message)
        .at(source, node.span, "this type")
        .help(help)
        .path("type");
    diagnostics.push(diagnostic);
    None
}

fn first_key(root: &Node) -> Span {
    root.as_mapping().and_then(|entries| entries.first()).map_or(root.span, |entry| entry.key.span)
}
