//! A pipeline of the workspace as people and programs are shown it.

use copilot_engine::pipeline::LoadedPipeline;
use copilot_engine::pipeline::stages::{Stage, repository, stages};
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    pub(crate) name: String,
    pub(crate) application: String,
    pub(crate) repository: String,
    pub(crate) branch: String,
    pub(crate) stages: Vec<Stage>,
}

impl Shown {
    pub(crate) fn of(loaded: &LoadedPipeline) -> Self {
        Self {
            name: loaded.pipeline.name.clone(),
            application: loaded.application.clone(),
            repository: repository(&loaded.pipeline.source.repository),
            branch: loaded.pipeline.source.branch.clone(),
            stages: stages(loaded),
        }
    }
}
