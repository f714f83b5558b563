//! A pipeline as people and programs are shown it.

use copilot_manifest::pipeline::{Action, ActionKind, CodeSource, Connection, Repository};
use serde::Serialize;

use crate::pipeline::Local;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View {
    pub(crate) name: String,
    pub(crate) application: String,
    pub(crate) repository: String,
    pub(crate) branch: String,
    pub(crate) stages: Vec<Stage>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stage {
    pub(crate) name: String,
    /// In the order in which they start.
    pub(crate) actions: Vec<Step>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Step {
    /// Actions with the same number run at the same time.
    pub(crate) run_order: u32,
    pub(crate) name: String,
    pub(crate) category: Category,
    pub(crate) details: String,
}

/// `CodePipeline`'s own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Category {
    Source,
    Build,
    Approval,
    Deploy,
    Test,
}

impl View {
    pub(crate) fn of(local: &Local) -> Self {
        let stages = local.pipeline.stage_views(&local.application);
        let stages = stages.into_iter().map(|stage| {
            let mut actions: Vec<Step> = stage.actions.iter().map(step).collect();
            actions.sort_by(|a, b| (a.run_order, &a.name).cmp(&(b.run_order, &b.name)));
            Stage { name: stage.name, actions }
        });
        Self {
            name: local.pipeline.name.clone(),
            application: local.application.clone(),
            repository: repository(&local.pipeline.source.repository),
            branch: local.pipeline.source.branch.clone(),
            stages: stages.collect(),
        }
    }
}

fn step(action: &Action<'_>) -> Step {
    let (category, details) = match action.kind {
        ActionKind::Source(source) => (Category::Source, followed(source)),
        ActionKind::Build { buildspec } => (Category::Build, format!("runs {buildspec}")),
        ActionKind::Approval => (Category::Approval, "waits for somebody to approve".to_owned()),
        ActionKind::Action(build) => (Category::Build, format!("runs {}", build.buildspec)),
        ActionKind::Deploy(deployment) => {
            let after = match &deployment.depends_on[..] {
                [] => String::new(),
                names => format!(" after {}", names.join(", ")),
            };
            (Category::Deploy, format!("stack {}{after}", deployment.stack_name))
        }
        ActionKind::Test(commands) => (Category::Test, commands.join("; ")),
    };
    Step { run_order: action.run_order, name: action.name.clone(), category, details }
}

/// How the code gets in. Where it comes from stands above the stages.
fn followed(source: &CodeSource) -> String {
    let means = match &source.repository {
        Repository::Connected { connection: Connection::Created(name), .. } => {
            format!(" over a new connection {name}")
        }
        Repository::Connected { connection: Connection::Named(name), .. } => {
            format!(" over the connection {name}")
        }
        Repository::Connected { connection: Connection::Arn(arn), .. } => {
            format!(" over the connection {arn}")
        }
        Repository::Token { secret, .. } => format!(" with the token in the secret {secret}"),
        Repository::CodeCommit { .. } => String::new(),
    };
    format!("follows {}{means}", source.branch)
}

fn repository(repository: &Repository) -> String {
    match repository {
        Repository::Token { owner, name, .. } => format!("GitHub {owner}/{name}"),
        Repository::Connected { host, owner, name, .. } => format!("{} {owner}/{name}", host.as_str()),
        Repository::CodeCommit { name, .. } => format!("CodeCommit {name}"),
    }
}
