//! One manifest: everything that can be said about it without AWS.

use std::collections::BTreeSet;

use copilot_artifact::Cancel;
use copilot_manifest::Kind;
use copilot_manifest::codes::UNDEFINED_VARIABLE;
use copilot_manifest::environment::EnvironmentManifest;
use copilot_manifest::interpolate::{ENVIRONMENT_NAME, Variables};
use copilot_manifest::workload::WorkloadManifest;
use copilot_workspace::{Header, ManifestFile};
use copilot_yaml::{Diagnostic, Diagnostics, Severity, Span};

use super::{CommandCheck, branch, buildspecs, environments, files};
use crate::codes::MANY_ENVIRONMENTS;
use crate::project::Project;

/// What the manifests of a workspace are checked against.
pub(super) struct Surroundings<'a> {
    /// Judges the command lines of this tool that buildspecs run.
    pub(super) commands: Option<&'a CommandCheck<'a>>,
    /// What ends git.
    pub(super) cancel: &'a Cancel,
    pub(super) variables: Variables,
    /// The environments that the workspace or one of its pipelines names.
    pub(super) environments: BTreeSet<String>,
    /// What a stage deploys unless it says otherwise; `None` if a manifest can't be read.
    pub(super) workloads: Option<Vec<String>>,
}

pub(super) fn check(file: &ManifestFile, project: &Project, around: &Surroundings<'_>) -> Diagnostics {
    let found = file.problems(|header| match header.kind {
        Kind::Pipeline => pipeline(file, header, project, around),
        Kind::Environment => environment(header, around),
        Kind::Workload(_) => workload(header, project, around),
    });
    // The shell of whoever checks need not be that of the pipeline.
    found.into_iter().map(forgive_variables).collect()
}

fn pipeline(
    file: &ManifestFile,
    header: &Header,
    project: &Project,
    around: &Surroundings<'_>,
) -> Diagnostics {
    let workspace = project.workspace();
    let surroundings = crate::pipeline::surroundings(project, file, around.workloads.clone(), None);
    let mut found = Diagnostics::default();
    let pipeline = copilot_manifest::pipeline::read(&header.source, &surroundings, &mut found);
    found.extend(buildspecs::missing(file, header, workspace));
    let is_arm = pipeline.is_some_and(|pipeline| pipeline.build.is_arm());
    found.extend(buildspecs::problems(file, header, is_arm, workspace, around.commands));
    found.extend(environments::misspelt(header, &around.environments));
    found.extend(branch::unknown(header, project, around.cancel));
    found
}

fn environment(header: &Header, around: &Surroundings<'_>) -> Diagnostics {
    match EnvironmentManifest::load(&header.source, &header.name, &around.variables) {
        Ok(loaded) => loaded.warnings,
        Err(problems) => problems,
    }
}

/// The workload as it is in each environment; what is wrong in all of them is said once.
fn workload(header: &Header, project: &Project, around: &Surroundings<'_>) -> Diagnostics {
    let manifest = match WorkloadManifest::parse(header.source.clone()) {
        Ok(manifest) => manifest,
        Err(found) => return found,
    };
    let environments = environments_of(&manifest, around);
    let mut found = Diagnostics::default();
    if environments.len().saturating_mul(header.source.text().len()) > MOST_WORK {
        let message = format!("the manifest would be looked at in {} environments", environments.len());
        let problem = Diagnostic::error(&MANY_ENVIRONMENTS, message);
        let at = header
            .root
            .get("environments")
            .map_or(header.name_span, |node| Span::new(node.span.start, node.span.start));
        let help = "delete the environments that are no more, or make the manifest smaller";
        return problem
            .at(&header.source, at, "too many, for a manifest of this size")
            .help(help)
            .path("environments")
            .into();
    }
    for environment in environments {
        match manifest.load(environment, &around.variables) {
            Ok(loaded) => {
                found.extend(files::missing(&loaded.workload, project.workspace()));
                found.extend(loaded.warnings);
            }
            Err(problems) => found.extend(problems),
        }
    }
    found
}

/// Bytes of a manifest times the environments in which it is looked at.
const MOST_WORK: usize = 32 << 20;

/// The environments in which a manifest may differ: those that it names, and, unless it uses the environment's name, one that it
/// does not name for all others.
fn environments_of<'a>(manifest: &'a WorkloadManifest, around: &'a Surroundings<'_>) -> BTreeSet<&'a str> {
    let mut environments: BTreeSet<&str> = manifest.environments().collect();
    let others = around.environments.iter().map(String::as_str);
    let others: Vec<&str> = others.filter(|name| !environments.contains(name)).collect();
    let differ = manifest.source().text().contains(ENVIRONMENT_NAME);
    environments.extend(others.into_iter().take(if differ { usize::MAX } else { 1 }));
    if environments.is_empty() {
        // Without a single name, what stands outside of `environments` is all there is.
        environments.insert("test");
    }
    environments
}

fn forgive_variables(mut problem: Diagnostic) -> Diagnostic {
    if problem.code == &UNDEFINED_VARIABLE {
        problem.severity = Severity::Warning;
    }
    problem
}
