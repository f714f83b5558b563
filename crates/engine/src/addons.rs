//! The addons of a workload or of all environments: from the folder to one template.

use copilot_stack::addons::{Addons, Files, Merged, Owner, merge};
use copilot_stack::codes::ADDONS_NO_VALUE;
use copilot_workspace::{Addons as Folder, Workspace};
use copilot_yaml::{Diagnostics, Severity};

use crate::error::Error;
use crate::host::Host;

/// The merged addons of a workload's folder; the host hears of warnings.
pub(crate) fn of_workload(
    workspace: &Workspace,
    folder: &str,
    host: &dyn Host,
) -> Result<Option<Addons>, Error> {
    let Some(merged) = merged(workspace, workspace.addons(folder)?, Owner::Workload)? else {
        return Ok(None);
    };
    host.findings(merged.warnings);
    Ok(Some(merged.addons))
}

/// The merged addons of all environments; the host hears of warnings.
pub(crate) fn of_environments(workspace: &Workspace, host: &dyn Host) -> Result<Option<Addons>, Error> {
    let found = workspace.environment_addons()?;
    let Some(merged) = merged(workspace, found, Owner::Environment)? else { return Ok(None) };
    host.findings(merged.warnings);
    Ok(Some(merged.addons))
}

/// What is wrong with the addons of a workload's folder, or with those of all environments.
///
/// Without a parameters file it is no error that nobody gives a value: another step may write the file.
pub(crate) fn problems(workspace: &Workspace, workload: Option<&str>) -> Result<Diagnostics, Error> {
    let (found, owner) = match workload {
        Some(folder) => (workspace.addons(folder)?, Owner::Workload),
        None => (workspace.environment_addons()?, Owner::Environment),
    };
    let may_be_given = found.as_ref().is_some_and(|found| found.parameters.is_empty());
    let problems = match merged(workspace, found, owner) {
        Ok(merged) => merged.map(|merged| merged.warnings).unwrap_or_default(),
        Err(Error::Findings(problems)) => problems,
        Err(error) => return Err(error),
    };
    let forgiven = problems.into_iter().map(|mut problem| {
        if may_be_given && problem.code == &ADDONS_NO_VALUE {
            problem.severity = Severity::Warning;
        }
        problem
    });
    let mut problems = Diagnostics::default();
    problems.extend(forgiven);
    Ok(problems)
}

fn merged(workspace: &Workspace, found: Option<Folder>, owner: Owner) -> Result<Option<Merged>, Error> {
    let Some(found) = found else { return Ok(None) };
    let text = workspace.read_addons(&found).map_err(Error::Findings)?;
    let files = Files { templates: &text.templates, parameters: &text.parameters };
    merge(files, owner).map(Some).map_err(Error::Findings)
}
