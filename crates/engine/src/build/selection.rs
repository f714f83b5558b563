//! Which workloads a pipeline deploys where, and which environments.

use std::collections::BTreeMap;

use copilot_manifest::pipeline::{Deployment, Pipeline};
use copilot_workspace::ManifestFile;

use crate::environment::template_file;
use crate::error::Error;
use crate::project::Project;

/// A workload in an environment, for which there will be one stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The workload.
    pub workload: String,
    /// The environment.
    pub environment: String,
}

/// What is wanted of a pipeline; an empty list means all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// The workloads.
    pub workloads: &'a [String],
    /// The environments.
    pub environments: &'a [String],
}

/// What of a pipeline is ours to make.
#[derive(Debug, Clone, Default)]
pub struct Selected {
    /// The workloads, in the order of the stages and of their deployments, each once.
    pub pairs: Vec<Pair>,
    /// The environments whose own stacks are deployed, in the order of the stages.
    pub environments: Vec<String>,
    /// Templates that stages deploy and nothing in the workspace makes.
    pub foreign: Vec<Foreign>,
}

/// A template that nothing in the workspace makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// Its path, from the project's folder.
    pub template: String,
    /// The environment whose manifest would make it, if there were one.
    pub environment: Option<String>,
}

impl Pair {
    /// Name of the template's file.
    pub fn template_file(&self) -> String {
        format!("{}-{}.stack.yml", self.workload, self.environment)
    }

    /// Name of the file with parameters and tags.
    pub fn parameters_file(&self) -> String {
        format!("{}-{}.params.json", self.workload, self.environment)
    }
}

/// The workloads and environments whose templates the stages of a pipeline deploy, known by the names of the templates' files: a
/// deployment may be called anything, and one with a template of the user's own is none of our business. Where the filter
/// names workloads, environments are left out.
///
/// # Errors
/// When the filter names what is not there, nothing is left, or two stacks are one.
pub fn of_pipeline(pipeline: &Pipeline, project: &Project, filter: Filter<'_>) -> Result<Selected, Error> {
    let workloads = project.workspace().workloads()?;
    let environments = project.workspace().environments()?;
    check_names(pipeline, &workloads, filter)?;
    let mut selected = Selected::default();
    for stage in &pipeline.stages {
        let own = template_file(&stage.environment);
        let has_manifest = environments.iter().any(|file| file.folder == stage.environment);
        for deployment in &stage.deployments {
            let template = file_of(deployment);
            if template == own && has_manifest {
                let known = selected.environments.contains(&stage.environment);
                if !known && filter.takes_environment(&stage.environment) {
                    selected.environments.push(stage.environment.clone());
                }
                continue;
            }
            match pair_of(template, &stage.environment, &workloads) {
                Some(pair) if !filter.takes(&pair) || selected.pairs.contains(&pair) => {}
                Some(pair) => selected.pairs.push(pair),
                None => selected.foreign.push(Foreign {
                    template: deployment.template_path.clone(),
                    environment: (template == own).then(|| stage.environment.clone()),
                }),
            }
        }
    }
    if selected.pairs.is_empty() && selected.environments.is_empty() {
        return Err(nothing(pipeline, filter, selected.foreign));
    }
    refuse_collisions(&selected.pairs)?;
    Ok(selected)
}

impl Filter<'_> {
    fn takes(&self, pair: &Pair) -> bool {
        let takes = |wanted: &[String], name: &String| wanted.is_empty() || wanted.contains(name);
        takes(self.workloads, &pair.workload) && takes(self.environments, &pair.environment)
    }

    fn takes_environment(&self, name: &str) -> bool {
        let is_wanted = self.environments.is_empty() || self.environments.iter().any(|wanted| wanted == name);
        self.workloads.is_empty() && is_wanted
    }
}

fn file_of(deployment: &Deployment) -> &str {
    deployment.template_path.rsplit('/').next().unwrap_or_default()
}

fn pair_of(template: &str, environment: &str, files: &[ManifestFile]) -> Option<Pair> {
    let mut pairs = files
        .iter()
        .map(|file| Pair { workload: file.name().to_owned(), environment: environment.to_owned() });
    pairs.find(|pair| pair.template_file() == template)
}

fn check_names(pipeline: &Pipeline, files: &[ManifestFile], filter: Filter<'_>) -> Result<(), Error> {
    let names = || files.iter().map(ManifestFile::name);
    if let Some(missing) = filter.workloads.iter().find(|name| !names().any(|known| known == **name)) {
        return Err(Error::unknown("workload", missing, names()));
    }
    let stages: Vec<&str> = pipeline.stages.iter().map(|stage| stage.environment.as_str()).collect();
    if let Some(missing) = filter.environments.iter().find(|name| !stages.contains(&name.as_str())) {
        return Err(Error::UnknownStage {
            pipeline: pipeline.name.clone(),
            name: missing.clone(),
            stages: stages.into_iter().map(str::to_owned).collect(),
        });
    }
    Ok(())
}

fn nothing(pipeline: &Pipeline, filter: Filter<'_>, foreign: Vec<Foreign>) -> Error {
    let what = if filter.workloads.is_empty() {
        "a workload or an environment of the workspace".to_owned()
    } else {
        format!("`{}`", filter.workloads.join("` or `"))
    };
    let mut lacking = foreign.into_iter().filter_map(|template| template.environment);
    let without_manifest = lacking.find(|name| filter.takes_environment(name));
    Error::NothingSelected { pipeline: pipeline.name.clone(), what, without_manifest }
}

/// `a` in `b-c` and `a-b` in `c` would be one file, and one stack.
fn refuse_collisions(pairs: &[Pair]) -> Result<(), Error> {
    let mut seen: BTreeMap<String, &Pair> = BTreeMap::new();
    for pair in pairs {
        if let Some(other) = seen.insert(pair.template_file(), pair) {
            let both = [other, pair].map(|pair| (pair.workload.clone(), pair.environment.clone()));
            return Err(Error::SameStack { workloads: both });
        }
    }
    Ok(())
}
