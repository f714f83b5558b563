//! Which application a command is about.

use copilot_workspace::{Error, Workspace};

use crate::failure::Failure;

/// The application of the workspace. An `--app` has to be the same one.
///
/// Without `copilot/.workspace`, `--app` alone decides; without both there is none.
pub(crate) fn agree(workspace: &Workspace, typed: Option<&str>) -> Result<Option<String>, Failure> {
    let found = match workspace.summary() {
        Ok(summary) => Some(summary.application),
        Err(Error::NoSummary { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    match (found, typed) {
        (Some(found), Some(typed)) if found != typed => Err(Failure::with_hint(
            format!("the workspace belongs to the application `{found}`, not to `{typed}`"),
            format!("leave out `--app`, or go to the workspace of `{typed}`"),
        )),
        (found, typed) => Ok(found.or_else(|| typed.map(str::to_owned))),
    }
}

/// As [`agree`], where there has to be one.
pub(crate) fn required(workspace: &Workspace, typed: Option<&str>) -> Result<String, Failure> {
    match agree(workspace, typed)? {
        Some(application) => Ok(application),
        None => Err(Error::NoSummary { path: workspace.folder().join(".workspace") }.into()),
    }
}
