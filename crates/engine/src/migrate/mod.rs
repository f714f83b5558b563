//! Rewrites what `doctor` found and what can be rewritten without a doubt.
//!
//! [`plan`] says which files would become what and [`write`] writes them, all or none. Only what is concerned changes: comments,
//! order and quotes of everything else stay.

mod buildspec;
pub mod codes;
mod diff;
mod environment;
mod lines;
mod manifests;

use camino::Utf8PathBuf;
use copilot_manifest::Kind;
use copilot_workspace::{Header, ManifestFile};
use copilot_yaml::{Diagnostic, Diagnostics, Edit, Node, Source, Span};

use crate::doctor::Dates;
use crate::doctor::buildspecs::{Found, all};
use crate::error::Error;
use crate::files::{Existing, WriteError, read_own, write_all};
use crate::host::Host;
use crate::project::Project;
use crate::shell::word;
use crate::validate::Recheck;

pub use diff::unified;

/// A file that would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its path from the project's folder.
    pub file: String,
    /// Its text.
    pub old: String,
    /// What the text would become.
    pub new: String,
    path: Utf8PathBuf,
    /// Whether the file begins with a byte order mark, which is no part of the text.
    marked: bool,
}

impl Change {
    /// The difference, as `diff -u` writes it.
    pub fn diff(&self) -> String {
        unified(&self.file, &self.old, &self.new)
    }
}

/// What would be rewritten, and what would not.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The files that would change, by path.
    pub changes: Vec<Change>,
    /// What would stay, with the reason.
    pub left: Diagnostics,
}

/// Says what would be rewritten.
///
/// # Errors
/// When the workspace can't be read.
pub fn plan(project: &Project, host: &dyn Host) -> Result<Plan, Error> {
    let dates = Dates::known().ok_or(Error::NothingKnown)?;
    let pipelines = project.workspace().pipelines()?;
    let (mut changes, mut left) = (Vec::new(), Diagnostics::default());
    for found in all(project, &pipelines).into_iter().filter(|found| !found.pipelines.is_empty()) {
        match rewritten(&found, &pipelines, project) {
            Ok(edits) => changes.extend(change(&found.source, &edits, project)?),
            Err(reason) => {
                let message = format!("`migrate` leaves `{}` as it is: {}", found.source.name(), reason.why);
                let warning = Diagnostic::warning(&codes::LEFT, message).at(
                    &found.source,
                    reason.at,
                    "because of this",
                );
                left.push(warning.help("change this by hand, and run `copilot-pipeline migrate` again"));
            }
        }
    }
    let recheck = Recheck::new(project, host)?;
    for file in &recheck.files {
        host.check()?;
        let Some(header) = file.header.as_ref().ok().or(file.partial.as_ref()) else { continue };
        let edits = of_manifest(file, header, dates, &recheck);
        changes.extend(change(&header.source, &edits, project)?);
    }
    changes.sort_by(|one: &Change, other| one.file.cmp(&other.file));
    Ok(Plan { changes, left })
}

/// Writes all changes, or none if one of them can't be written.
///
/// # Errors
/// When a file can't be written.
pub fn write(plan: &Plan, project: &Project) -> Result<(), WriteError> {
    let bytes = |change: &Change| {
        let mark = if change.marked { "\u{feff}" } else { "" };
        (change.path.clone(), format!("{mark}{}", change.new).into_bytes())
    };
    let files: Vec<_> = plan.changes.iter().map(bytes).collect();
    write_all(&files, Existing::Replace, project.folder())
}

fn change(source: &Source, edits: &[Edit], project: &Project) -> Result<Option<Change>, Error> {
    let Some(new) = Edit::apply(source.text(), edits).filter(|new| new != source.text()) else {
        return Ok(None);
    };
    let path = project.root().join(source.name());
    let bytes = read_own(&path, project.folder())
        .map_err(|problem| Error::Unreadable { path: path.clone(), problem })?;
    let marked = bytes.starts_with("\u{feff}".as_bytes());
    Ok(Some(Change { file: source.name().to_owned(), old: source.text().to_owned(), new, path, marked }))
}

/// The changes to a buildspec, or why there are none.
fn rewritten(
    found: &Found,
    pipelines: &[ManifestFile],
    project: &Project,
) -> Result<Vec<Edit>, buildspec::Reason> {
    let top = Span::new(found.root.span.start, found.root.span.start);
    let because = |why: &str| buildspec::Reason { why: why.to_owned(), at: top };
    let name = found.pipelines.first().map(String::as_str).unwrap_or_default();
    let header =
        pipelines.iter().filter_map(|file| file.header.as_ref().ok()).find(|header| header.name == name);
    let stages = header.and_then(|header| header.root.get("stages")?.as_sequence()).unwrap_or_default();
    let stages = stages.iter().filter_map(|stage| stage.get("name").and_then(Node::as_str));
    let names = buildspec::Names {
        application: project.application().ok().map(word),
        pipeline: word(name),
        stages: stages.map(word).collect(),
    };
    let edits = buildspec::rewrite(found, &names)?;
    if edits.is_empty() {
        return Ok(edits);
    }
    if found.pipelines.len() > 1 {
        return Err(because("more than one pipeline runs it, and a build is for one"));
    }
    // What can't be applied would be lost in silence.
    match Edit::apply(found.source.text(), &edits) {
        Some(_) => Ok(edits),
        None => Err(because("some of its commands stand there more than once")),
    }
}

/// The changes to a manifest. The correction of a key is left out where it would be a mistake of another kind.
fn of_manifest(file: &ManifestFile, header: &Header, dates: &Dates, recheck: &Recheck<'_>) -> Vec<Edit> {
    let mut edits =
        if header.kind == Kind::Pipeline { manifests::pipeline(header, dates) } else { Vec::new() };
    let problems = recheck.of(file, header);
    let errors = |problems: &Diagnostics| problems.iter().filter(|problem| problem.is_error()).count();
    let mut before = errors(&problems);
    let mut keys: Vec<Edit> = problems.iter().filter_map(|problem| manifests::key(problem, header)).collect();
    // An unknown key is said once for each environment.
    keys.sort_by_key(|edit| edit.span.start);
    keys.dedup();
    for key in keys {
        let mut tried = edits.clone();
        tried.push(key);
        let Some(text) = Edit::apply(header.source.text(), &tried) else { continue };
        let Some(header) = with_text(header, &text) else { continue };
        let after = errors(&recheck.of(file, &header));
        if after <= before {
            before = after;
            edits = tried;
        }
    }
    edits
}

/// The same manifest with another text.
fn with_text(header: &Header, text: &str) -> Option<Header> {
    let source = Source::new(header.source.name(), text);
    let mut problems = Diagnostics::default();
    let root = copilot_yaml::parse(&source, &mut problems)?;
    (!problems.has_errors()).then(|| Header { source, root, ..header.clone() })
}
