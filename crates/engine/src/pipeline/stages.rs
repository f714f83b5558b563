//! What a pipeline does, stage by stage, as people and programs are shown it.

use copilot_deployer::pipeline::{ActionSummary, Category as Deployed, Description};
use copilot_manifest::pipeline::{Action, ActionKind, CodeSource, Connection, Repository};
use serde::Serialize;

use super::LoadedPipeline;

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// In the order in which they start.
    pub actions: Vec<Step>,
}

/// An action of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Actions with the same number run at the same time.
    pub run_order: i32,
    /// Its name.
    pub name: String,
    /// What kind of action it is.
    pub category: Category,
    /// What it works on, for people.
    pub details: String,
}

/// The kind of an action, in `CodePipeline`'s own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Category {
    /// Brings the code.
    Source,
    /// Runs `CodeBuild`.
    Build,
    /// Waits for a person.
    Approval,
    /// Deploys a stack.
    Deploy,
    /// Runs tests.
    Test,
    /// One that no template of ours has.
    Other,
}

/// What the pipeline of a workspace will do.
pub fn stages(loaded: &LoadedPipeline) -> Vec<Stage> {
    let stages = loaded.pipeline.stage_views(&loaded.application);
    let stages = stages.into_iter().map(|stage| {
        let mut actions: Vec<Step> = stage.actions.iter().map(step).collect();
        actions.sort_by(|a, b| (a.run_order, &a.name).cmp(&(b.run_order, &b.name)));
        Stage { name: stage.name, actions }
    });
    stages.collect()
}

/// What a deployed pipeline does.
pub fn deployed_stages(description: &Description) -> Vec<Stage> {
    let stages = description.stages.iter().map(|stage| Stage {
        name: stage.name.clone(),
        actions: stage.actions.iter().map(deployed_step).collect(),
    });
    stages.collect()
}

/// The repository that a pipeline follows, for people.
pub fn repository(repository: &Repository) -> String {
    match repository {
        Repository::Token { owner, name, .. } => format!("GitHub {owner}/{name}"),
        Repository::Connected { host, owner, name, .. } => format!("{} {owner}/{name}", host.as_str()),
        Repository::CodeCommit { name, .. } => format!("CodeCommit {name}"),
    }
}

fn deployed_step(action: &ActionSummary) -> Step {
    let category = match action.category {
        Deployed::Source => Category::Source,
        Deployed::Build => Category::Build,
        Deployed::Approval => Category::Approval,
        Deployed::Deploy => Category::Deploy,
        Deployed::Test => Category::Test,
        _ => Category::Other,
    };
    let details = match category {
        Category::Approval => WAITS.to_owned(),
        _ => action.details.split_once(": ").map_or("", |(_, what)| what).to_owned(),
    };
    Step { run_order: action.run_order, name: action.name.clone(), category, details }
}

const WAITS: &str = "waits for somebody to approve";

fn step(action: &Action<'_>) -> Step {
    let (category, details) = match action.kind {
        ActionKind::Source(source) => (Category::Source, followed(source)),
        ActionKind::Build { buildspec } => (Category::Build, format!("runs {buildspec}")),
        ActionKind::Approval => (Category::Approval, WAITS.to_owned()),
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
    let run_order = i32::try_from(action.run_order).unwrap_or(i32::MAX);
    Step { run_order, name: action.name.clone(), category, details }
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
