//! The workspace around the working directory, and what is known of AWS from a file.

use camino::Utf8Path;
use copilot_engine::{Error, Project, facts};
use copilot_stack::Facts;
use copilot_workspace::Error as WorkspaceError;

use crate::failure::Failure;
use crate::io::Io;

/// The workspace, and its application: the one that it names, which an `--app` has to be as well, or else that one.
pub(crate) fn open(app: Option<&str>, io: &Io<'_>) -> Result<Project, Failure> {
    let project = optional(app, io)?;
    project.application()?;
    Ok(project)
}

/// As [`open`], where there may be no application.
pub(crate) fn optional(app: Option<&str>, io: &Io<'_>) -> Result<Project, Failure> {
    Ok(Project::open(io.folder(), io.variables().clone())?.of_application(app)?)
}

/// The workspace, whatever is wrong with it.
pub(crate) fn around(io: &Io<'_>) -> Result<Project, Failure> {
    Ok(Project::open(io.folder(), io.variables().clone())?)
}

/// As [`around`]; nothing if the folder belongs to no workspace.
pub(crate) fn if_any(io: &Io<'_>) -> Result<Option<Project>, Failure> {
    match Project::open(io.folder(), io.variables().clone()) {
        Err(Error::Workspace(WorkspaceError::NotFound { .. })) => Ok(None),
        project => Ok(Some(project?)),
    }
}

/// Reads what is known of the project's application from a file.
pub(crate) fn known(path: &Utf8Path, project: &Project, io: &mut Io<'_>) -> Result<Facts, Failure> {
    let (facts, warnings) = facts::of_application(path, io.folder(), project.application()?)?;
    io.diagnostics(&warnings);
    Ok(facts)
}
