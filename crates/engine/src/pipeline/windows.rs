//! Workloads of a pipeline that its builds will refuse, told before anything is deployed.

use copilot_manifest::pipeline::Pipeline;
use copilot_manifest::workload::{WorkloadManifest, codes::WINDOWS_IMAGE};
use copilot_yaml::Diagnostics;

use crate::error::Error;
use crate::project::Project;

/// Warnings of images that a pipeline would have to build for Windows.
///
/// # Errors
/// When the workspace can't be read.
pub fn windows_of(pipeline: &Pipeline, project: &Project) -> Result<Diagnostics, Error> {
    let stages = pipeline.stages.iter();
    let pairs = stages.flat_map(|stage| {
        stage.deployments.iter().map(|deployment| (deployment.name.as_str(), stage.environment.as_str()))
    });
    windows_images(&pairs, project)
}

/// Warnings of images for Windows of these workloads in these environments.
///
/// # Errors
/// When the workspace can't be read.
pub fn windows_images<'a>(
    pairs: &(impl Iterator<Item = (&'a str, &'a str)> + Clone),
    project: &Project,
) -> Result<Diagnostics, Error> {
    let variables = project.interpolated();
    let mut found = Diagnostics::default();
    for file in project.workspace().workloads()? {
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
    Ok(found)
}
