//! The addons of a workload or of all environments: from the folder to one template.

use copilot_stack::addons::{Addons, Files, Merged, Owner, merge};
use copilot_workspace::{Addons as Folder, Workspace};
use copilot_yaml::Diagnostics;

use crate::failure::Failure;
use crate::io::Io;

/// The merged addons of a workload's folder; warnings are printed.
pub(crate) fn of_workload(
    workspace: &Workspace,
    folder: &str,
    io: &mut Io<'_>,
) -> Result<Option<Addons>, Failure> {
    let Some(merged) = merged(workspace, workspace.addons(folder)?, Owner::Workload)? else {
        return Ok(None);
    };
    io.diagnostics(&merged.warnings);
    Ok(Some(merged.addons))
}

/// What is wrong with the addons of a workload's folder, or with those of all environments.
pub(crate) fn problems(workspace: &Workspace, workload: Option<&str>) -> Result<Diagnostics, Failure> {
    let merged = match workload {
        Some(folder) => merged(workspace, workspace.addons(folder)?, Owner::Workload),
        None => merged(workspace, workspace.environment_addons()?, Owner::Environment),
    };
    match merged {
        Ok(merged) => Ok(merged.map(|merged| merged.warnings).unwrap_or_default()),
        Err(Failure::Diagnostics(problems)) => Ok(problems),
        Err(failure) => Err(failure),
    }
}

fn merged(workspace: &Workspace, found: Option<Folder>, owner: Owner) -> Result<Option<Merged>, Failure> {
    let Some(found) = found else { return Ok(None) };
    let text = workspace.read_addons(&found).map_err(Failure::Diagnostics)?;
    let files = Files { templates: &text.templates, parameters: &text.parameters };
    merge(files, owner).map(Some).map_err(Failure::Diagnostics)
}
