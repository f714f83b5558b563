//! One manifest: everything that can be said about it without AWS.

use std::collections::BTreeSet;

use copilot_manifest::codes::UNDEFINED_VARIABLE;
use copilot_manifest::interpolate::Variables;
use copilot_manifest::workload::WorkloadManifest;
use copilot_workspace::{Header, ManifestFile, is_job, is_service};
use copilot_yaml::{Diagnostics, Severity};

/// What the manifests of a workspace are checked against.
#[derive(Debug)]
pub(super) struct Surroundings {
    pub(super) variables: Variables,
    /// The environments that the workspace or one of its pipelines names.
    pub(super) environments: BTreeSet<String>,
}

pub(super) fn check(file: &ManifestFile, around: &Surroundings) -> Diagnostics {
    match &file.header {
        Err(found) => found.clone(),
        Ok(header) if is_service(&header.kind) || is_job(&header.kind) => workload(header, around),
        Ok(header) => header.warnings.clone(),
    }
}

/// The workload as it is in each environment; what is wrong in all of them is said once.
fn workload(header: &Header, around: &Surroundings) -> Diagnostics {
    let manifest = match WorkloadManifest::parse(header.source.clone()) {
        Ok(manifest) => manifest,
        Err(found) => return found,
    };
    let mut environments: BTreeSet<&str> = around.environments.iter().map(String::as_str).collect();
    environments.extend(manifest.environments());
    if environments.is_empty() {
        // Without a single name, what stands outside of `environments` is all there is.
        environments.insert("test");
    }
    let mut found = Diagnostics::default();
    for environment in environments {
        match manifest.load(environment, &around.variables) {
            Ok(loaded) => found.extend(loaded.warnings),
            Err(problems) => found.extend(problems),
        }
    }
    // The shell of whoever checks need not be that of the pipeline.
    let mut forgiven = Diagnostics::default();
    forgiven.extend(found.into_iter().map(forgive_variables));
    forgiven
}

fn forgive_variables(mut problem: copilot_yaml::Diagnostic) -> copilot_yaml::Diagnostic {
    if problem.code == &UNDEFINED_VARIABLE {
        problem.severity = Severity::Warning;
    }
    problem
}
