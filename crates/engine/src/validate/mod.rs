//! What is wrong with a workspace, as far as it can be told without AWS: every file, all problems at once.

mod branch;
pub(crate) mod buildspecs;
mod check;
mod environments;
pub(crate) mod files;
mod recheck;

use copilot_manifest::Kind;
use copilot_workspace::{Error as WorkspaceError, Header, ManifestFile, Workspace};
use copilot_yaml::Diagnostics;

use crate::addons;
use crate::error::Error;
use crate::host::Host;
use crate::pipeline;
use crate::project::Project;

pub use buildspecs::CommandCheck;
pub(crate) use recheck::Recheck;

/// What to look at.
#[derive(Default)]
pub struct Scope<'a> {
    /// Only the manifests of these names; all and the workspace as a whole if there is none.
    pub names: &'a [String],
    /// Warnings count as errors.
    pub strict: bool,
    /// Judges the command lines of this tool that buildspecs run.
    pub commands: Option<&'a CommandCheck<'a>>,
}

impl std::fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scope")
            .field("names", &self.names)
            .field("strict", &self.strict)
            .finish_non_exhaustive()
    }
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Report {
    /// All problems, by file and place.
    pub findings: Diagnostics,
    /// How many manifests were read.
    pub files: usize,
}

/// Looks at a workspace.
///
/// # Errors
/// When it can't be read, or has no manifest of a name. What is wrong with files is in the report.
pub fn validate(project: &Project, scope: &Scope<'_>, host: &dyn Host) -> Result<Report, Error> {
    let workspace = project.workspace();
    let mut files = manifests(workspace)?;
    let around = surroundings(project, &files, scope, host);
    let mut findings = Diagnostics::default();
    if scope.names.is_empty() {
        findings.extend(whole(project)?);
    } else {
        files = named(files, scope.names)?;
    }
    for file in &files {
        host.check()?;
        findings.extend(check::check(file, project, &around));
        if file.header.as_ref().is_ok_and(is_workload) {
            findings.extend(addons::problems(workspace, Some(&file.folder))?);
        }
    }
    // Git may have been ended in the last one.
    host.check()?;
    findings.sort();
    if scope.strict {
        findings.deny_warnings();
    }
    Ok(Report { findings, files: files.len() })
}

/// All manifests of a workspace: its pipelines, environments and workloads.
fn manifests(workspace: &Workspace) -> Result<Vec<ManifestFile>, WorkspaceError> {
    let mut files = workspace.pipelines()?;
    files.extend(workspace.environments()?);
    files.extend(workspace.workloads()?);
    Ok(files)
}

fn surroundings<'a>(
    project: &Project,
    files: &[ManifestFile],
    scope: &Scope<'a>,
    host: &'a dyn Host,
) -> check::Surroundings<'a> {
    let environments =
        files.iter().filter(|file| file.header.as_ref().is_ok_and(|header| header.kind == Kind::Environment));
    check::Surroundings {
        environments: environments.map(|file| file.folder.clone()).collect(),
        workloads: pipeline::workloads(files).ok(),
        variables: project.interpolated(),
        commands: scope.commands,
        cancel: host.cancel(),
    }
}

fn is_workload(header: &Header) -> bool {
    matches!(header.kind, Kind::Workload(_))
}

/// What is wrong with no single manifest.
fn whole(project: &Project) -> Result<Diagnostics, Error> {
    let workspace = project.workspace();
    let mut found = workspace.strays()?;
    found.extend(addons::problems(workspace, None)?);
    match workspace.summary() {
        Ok(_) => {}
        Err(WorkspaceError::Summary(diagnostics)) => found.extend(diagnostics),
        Err(WorkspaceError::NoSummary { .. }) => found.push(workspace.no_application()),
        Err(error) => return Err(error.into()),
    }
    Ok(found)
}

fn named(mut files: Vec<ManifestFile>, names: &[String]) -> Result<Vec<ManifestFile>, Error> {
    for name in names {
        if !files.iter().any(|file| file.name() == name) {
            return Err(Error::unknown("manifest", name, files.iter().map(ManifestFile::name)));
        }
    }
    files.retain(|file| names.iter().any(|name| file.name() == name));
    Ok(files)
}
