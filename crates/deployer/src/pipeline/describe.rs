//! What a deployed pipeline is made of. The JSON shape is Copilot's, with the actions of each stage added.

use aws_sdk_codepipeline::types::{ActionDeclaration, StageDeclaration};
use serde::{Serialize, Serializer};

use super::{DeployedPipeline, client};
use crate::error::Error;
use crate::null::null_if_empty;
use crate::session::Session;
use crate::stack::Resource;
use crate::time::Time;

/// A pipeline as `show --json` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// The name in its manifest.
    pub name: String,
    /// Its name in CodePipeline.
    pub pipeline_name: String,
    /// Its region.
    pub region: String,
    /// Its account.
    pub account_id: String,
    /// Its stages in order; `null` without any.
    #[serde(serialize_with = "null_if_empty")]
    pub stages: Vec<StageSummary>,
    /// When it was created.
    pub created_at: Option<Time>,
    /// When its definition last changed.
    pub updated_at: Option<Time>,
    /// The resources of its stack, where a caller adds them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<Resource>>,
}

/// A stage. Category, provider and details are those of its first action, as Copilot prints them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageSummary {
    /// Its name.
    pub name: String,
    /// What kind of action it is.
    pub category: Category,
    /// `CodeBuild`, `CloudFormation` ...
    pub provider: String,
    /// What the first action works on, such as `StackName: shop-test-api`.
    pub details: String,
    /// All actions of the stage, by run order.
    pub actions: Vec<ActionSummary>,
}

/// The kind of an action. As JSON it is CodePipeline's word.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Category {
    /// Brings the code.
    Source,
    /// Builds something.
    Build,
    /// Tests something.
    Test,
    /// Deploys something.
    Deploy,
    /// Waits for a person.
    Approval,
    /// Any other; empty for a stage without actions.
    Other(String),
}

impl Default for Category {
    fn default() -> Self {
        Self::Other(String::new())
    }
}

impl Category {
    /// CodePipeline's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Source => "Source",
            Self::Build => "Build",
            Self::Test => "Test",
            Self::Deploy => "Deploy",
            Self::Approval => "Approval",
            Self::Other(word) => word,
        }
    }
}

impl From<&str> for Category {
    fn from(word: &str) -> Self {
        match word {
            "Source" => Self::Source,
            "Build" => Self::Build,
            "Test" => Self::Test,
            "Deploy" => Self::Deploy,
            "Approval" => Self::Approval,
            word => Self::Other(word.to_owned()),
        }
    }
}

impl Serialize for Category {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// An action of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionSummary {
    /// Its name.
    pub name: String,
    /// What kind of action it is.
    pub category: Category,
    /// `CodeBuild`, `CloudFormation` ...
    pub provider: String,
    /// What it works on.
    pub details: String,
    /// Actions with the same number run at the same time, lower ones first.
    pub run_order: i32,
}

/// Describes a deployed pipeline.
///
/// # Errors
/// When CodePipeline refuses.
pub async fn describe(session: &Session, pipeline: &DeployedPipeline) -> Result<Description, Error> {
    let answer = client(session).get_pipeline().name(&pipeline.resource_name).send().await;
    let answer = answer.map_err(|e| Error::aws("codepipeline:GetPipeline", &e))?;
    let stages = answer.pipeline.map(|p| p.stages).unwrap_or_default();
    let metadata = answer.metadata.as_ref();
    Ok(Description {
        name: pipeline.name.clone(),
        pipeline_name: pipeline.resource_name.clone(),
        region: pipeline.region().to_owned(),
        account_id: pipeline.account_id().to_owned(),
        stages: stages.iter().map(stage).collect(),
        created_at: metadata.and_then(|m| m.created).map(Time::from),
        updated_at: metadata.and_then(|m| m.updated).map(Time::from),
        resources: None,
    })
}

fn stage(stage: &StageDeclaration) -> StageSummary {
    let mut actions: Vec<ActionSummary> = stage.actions.iter().map(action).collect();
    let first = actions.first().cloned();
    actions.sort_by_key(|action| action.run_order);
    StageSummary {
        name: stage.name.clone(),
        category: first.as_ref().map(|action| action.category.clone()).unwrap_or_default(),
        provider: first.as_ref().map(|action| action.provider.clone()).unwrap_or_default(),
        details: first.map(|action| action.details).unwrap_or_default(),
        actions,
    }
}

fn action(action: &ActionDeclaration) -> ActionSummary {
    let kind = action.action_type_id.as_ref();
    let category = kind.map(|kind| Category::from(kind.category.as_str())).unwrap_or_default();
    ActionSummary {
        details: details(&category, action),
        name: action.name.clone(),
        provider: kind.map(|kind| kind.provider.clone()).unwrap_or_default(),
        run_order: action.run_order.unwrap_or(1),
        category,
    }
}

fn details(category: &Category, action: &ActionDeclaration) -> String {
    let empty = std::collections::HashMap::new();
    let configuration = action.configuration.as_ref().unwrap_or(&empty);
    let value = |key: &str| configuration.get(key).cloned();
    match category {
        Category::Source => {
            let owner = value("Owner").zip(value("Repo")).map(|(owner, repo)| format!("{owner}/{repo}"));
            let repository = owner.or_else(|| value("RepositoryName")).or_else(|| value("FullRepositoryId"));
            repository.map(|repository| format!("Repository: {repository}")).unwrap_or_default()
        }
        Category::Build => {
            value("ProjectName").map(|name| format!("BuildProject: {name}")).unwrap_or_default()
        }
        Category::Deploy => value("StackName").map(|name| format!("StackName: {name}")).unwrap_or_default(),
        _ => String::new(),
    }
}
