//! Workloads of a pipeline that its builds will refuse, told before anything is deployed.

use copilot_manifest::interpolate::Variables;
use copilot_manifest::pipeline::Pipeline;
use copilot_manifest::workload::{WorkloadManifest, codes::WINDOWS_IMAGE};
use copilot_workspace::Workspace;
use copilot_yaml::Diagnostics;

use crate::failure::Failure;
use crate::io::Io;

/// Warns of images that a pipeline would have to build for Windows.
pub(crate) fn warn(
    pipeline: &Pipeline,
    application: &str,
    workspace: &Workspace,
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    let stages = pipeline.stages.iter();
    let pairs = stages.flat_map(|stage| {
        stage.deployments.iter().map(|deployment| (deployment.name.as_str(), stage.environment.as_str()))
    });
    warn_of(&pairs, application, workspace, io)
}

/// As [`warn`], for these workloads in these environments.
pub(crate) fn warn_of<'a>(
    pairs: &(impl Iterator<Item = (&'a str, &'a str)> + Clone),
    application: &str,
    workspace: &Workspace,
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    let variables = Variables { application: application.to_owned(), shell: io.variables().clone() };
    let mut found = Diagnostics::default();
    for file in workspace.workloads()? {
        let Ok(header) = &file.header else { continue };
        // What is wrong with a manifest is said where it is built or validated.
        let Ok(manifest) = WorkloadManifest::parse(header.source.clone()) else { continue };
        for (_, environment) in pairs.clone().filter(|(name, _)| *name == header.name) {
            let warnings = match manifest.load(environment, &variables) {
                Ok(loaded) => loaded.warnings,
                Err(problems) => problems,
            };
            found.extend(warnings.into_iter().filter(|warning| warning.code == &WINDOWS_IMAGE));
        }
    }
    found.sort();
    io.diagnostics(&found);
    Ok(())
}
