//! Which workloads a pipeline deploys where.

use std::collections::BTreeMap;

use copilot_manifest::pipeline::{Deployment, Pipeline};
use copilot_workspace::ManifestFile;

use crate::commands::unknown;
use crate::failure::Failure;

/// A workload in an environment, for which there will be one stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) workload: String,
    pub(crate) environment: String,
}

/// What is wanted of a pipeline; an empty list means all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filter<'a> {
    pub(crate) workloads: &'a [String],
    pub(crate) environments: &'a [String],
}

/// What of a pipeline is ours to make.
#[derive(Debug)]
pub(crate) struct Selected {
    /// In the order of the stages and of their deployments, each once.
    pub(crate) pairs: Vec<Pair>,
    /// Templates that stages deploy and nothing in the workspace makes.
    pub(crate) foreign: Vec<String>,
}

impl Pair {
    /// Name of the template's file.
    pub(crate) fn template_file(&self) -> String {
        format!("{}-{}.stack.yml", self.workload, self.environment)
    }

    /// Name of the file with parameters and tags.
    pub(crate) fn parameters_file(&self) -> String {
        format!("{}-{}.params.json", self.workload, self.environment)
    }
}

/// The workloads whose templates the stages of a pipeline deploy, known by the names of the templates' files: a deployment
/// may be called anything, and one with a template of the user's own is none of our business.
pub(crate) fn of_pipeline(
    pipeline: &Pipeline,
    files: &[ManifestFile],
    filter: Filter<'_>,
) -> Result<Selected, Failure> {
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

fn check_names(pipeline: &Pipeline, files: &[ManifestFile], filter: Filter<'_>) -> Result<(), Failure> {
    let names = || files.iter().map(ManifestFile::name);
    if let Some(missing) = filter.workloads.iter().find(|name| !names().any(|known| known == **name)) {
        return Err(unknown("workload", missing, names()));
    }
    let stages: Vec<&str> = pipeline.stages.iter().map(|stage| stage.environment.as_str()).collect();
    if let Some(missing) = filter.environments.iter().find(|name| !stages.contains(&name.as_str())) {
        return Err(Failure::with_hint(
            format!("the pipeline `{}` has no stage `{missing}`", pipeline.name),
            format!("its stages are: {}", stages.join(", ")),
        ));
    }
    Ok(())
}

fn nothing(pipeline: &Pipeline, filter: Filter<'_>) -> Failure {
    let what = if filter.workloads.is_empty() {
        "a workload of the workspace".to_owned()
    } else {
        format!("`{}`", filter.workloads.join("` or `"))
    };
    Failure::with_hint(
        format!("no stage of the pipeline `{}` deploys {what}", pipeline.name),
        "`copilot-pipeline show --local` shows what its stages deploy",
    )
}

/// `a` in `b-c` and `a-b` in `c` would be one file, and one stack.
fn refuse_collisions(pairs: &[Pair]) -> Result<(), Failure> {
    let mut seen: BTreeMap<String, &Pair> = BTreeMap::new();
    for pair in pairs {
        if let Some(other) = seen.insert(pair.template_file(), pair) {
            return Err(Failure::with_hint(
                format!(
                    "`{}` in `{}` and `{}` in `{}` would be the same stack",
                    other.workload, other.environment, pair.workload, pair.environment
                ),
                "rename one of them",
            ));
        }
    }
    Ok(())
}
