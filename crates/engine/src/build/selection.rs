//! Which workloads a pipeline deploys where.

use std::collections::BTreeMap;

use copilot_manifest::pipeline::{Deployment, Pipeline};
use copilot_workspace::ManifestFile;

use crate::error::Error;

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
#[derive(Debug, Clone)]
pub struct Selected {
    /// In the order of the stages and of their deployments, each once.
    pub pairs: Vec<Pair>,
    /// Templates that stages deploy and nothing in the workspace makes.
    pub foreign: Vec<String>,
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

/// The workloads whose templates the stages of a pipeline deploy, known by the names of the templates' files: a deployment
/// may be called anything, and one with a template of the user's own is none of our business.
///
/// # Errors
/// When the filter names what is not there, nothing is left, or two stacks are one.
pub fn of_pipeline(
    pipeline: &Pipeline,
    files: &[ManifestFile],
    filter: Filter<'_>,
) -> Result<Selected, Error> {
    check_names(pipeline, files, filter)?;
    let mut selected = Selected { pairs: Vec::new(), foreign: Vec::new() };
    for stage in &pipeline.stages {
        for deployment in &stage.deployments {
            match pair_of(deployment, &stage.environment, files) {
                Some(pair) if !filter.takes(&pair) || selected.pairs.contains(&pair) => {}
                Some(pair) => selected.pairs.push(pair),
                None => selected.foreign.push(deployment.template_path.clone()),
            }
        }
    }
    if selected.pairs.is_empty() {
        return Err(nothing(pipeline, filter));
    }
    refuse_collisions(&selected.pairs)?;
    Ok(selected)
}

impl Filter<'_> {
    fn takes(&self, pair: &Pair) -> bool {
        let takes = |wanted: &[String], name: &String| wanted.is_empty() || wanted.contains(name);
        takes(self.workloads, &pair.workload) && takes(self.environments, &pair.environment)
    }
}

fn pair_of(deployment: &Deployment, environment: &str, files: &[ManifestFile]) -> Option<Pair> {
    let template = deployment.template_path.rsplit('/').next().unwrap_or_default();
    let pairs = files
        .iter()
        .map(|file| Pair { workload: file.name().to_owned(), environment: environment.to_owned() });
    pairs.into_iter().find(|pair| pair.template_file() == template)
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

fn nothing(pipeline: &Pipeline, filter: Filter<'_>) -> Error {
    let what = if filter.workloads.is_empty() {
        "a workload of the workspace".to_owned()
    } else {
        format!("`{}`", filter.workloads.join("` or `"))
    };
    Error::NothingSelected { pipeline: pipeline.name.clone(), what }
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
