//! A plan in a file: enough to tell whether it still holds.

use camino::Utf8Path;
use copilot_deployer::stack::{client, found};
use copilot_stack::Facts;
use copilot_workspace::ManifestFile;
use serde::{Deserialize, Serialize};

use super::{Current, Plan, StackPlan, Subject, made, proposed, remote};
use crate::cloud::Cloud;
use crate::environment;
use crate::error::Error;
use crate::files::read_named;
use crate::host::Host;
use crate::pipeline::Observed;
use crate::project::Project;

/// What such a file says it is.
const FORMAT: &str = "copilot-plan-1";

/// What a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    format: String,
    application: String,
    /// The pipeline.
    pub pipeline: String,
    stacks: Vec<Made>,
}

/// A stack's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Made {
    stack: String,
    is_pipeline: bool,
    /// SHA-256 of what was deployed; nothing where nothing was.
    deployed: Option<String>,
    /// SHA-256 of what was to be.
    proposed: String,
}

/// Why a saved plan is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Moved {
    /// The file is none.
    #[error("`{0}` is no saved plan")]
    NotAPlan(String),
    /// It is about another application.
    #[error("the plan is about the application `{known}`, but the workspace belongs to `{application}`")]
    OtherApplication {
        /// The plan's.
        known: String,
        /// The workspace's.
        application: String,
    },
    /// It was made without the pipeline's own stack.
    #[error("the plan has nothing of the pipeline's own stack")]
    NoPipeline,
    /// The stack was changed since.
    #[error("stack {0} was changed since the plan was made")]
    Deployed(String),
    /// What it is to be has changed since.
    #[error(
        "what stack {0} is to be has changed since the plan was made: its manifest, its overrides, or the application"
    )]
    Proposed(String),
}

impl Saved {
    /// Of a plan.
    pub fn of(plan: &Plan, pipeline: &str) -> Self {
        let made = |stack: &StackPlan| Made {
            stack: stack.stack.clone(),
            is_pipeline: matches!(stack.subject, Subject::Pipeline { .. }),
            deployed: stack.deployed_hash.clone(),
            proposed: stack.proposed_hash.clone(),
        };
        Self {
            format: FORMAT.to_owned(),
            application: plan.application.clone(),
            pipeline: pipeline.to_owned(),
            stacks: plan.stacks.iter().map(made).collect(),
        }
    }

    /// As it is written.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// Reads a file that a user has named, relative to `folder`.
    ///
    /// # Errors
    /// When it can't be read, or is no plan of this application.
    pub fn read(path: &Utf8Path, folder: &Utf8Path, application: &str) -> Result<Self, Error> {
        let bytes = read_named(path, folder)
            .map_err(|problem| Error::Unreadable { path: path.to_owned(), problem })?;
        let saved: Option<Self> = serde_json::from_slice(&bytes).ok();
        let saved = saved.filter(|saved| saved.format == FORMAT);
        let saved = saved.ok_or_else(|| Moved::NotAPlan(path.to_string()))?;
        if saved.application != application {
            let known = saved.application;
            return Err(Moved::OtherApplication { known, application: application.to_owned() }.into());
        }
        Ok(saved)
    }

    /// Whether the pipeline's stack, and what it is to be, are still what the plan was made from. Returns whether there is
    /// anything to do.
    ///
    /// # Errors
    /// [`Error::Moved`] if something was changed since; otherwise as AWS refuses.
    pub async fn check(
        &self,
        observed: &Observed,
        project: &Project,
        cloud: &Cloud,
        host: &dyn Host,
    ) -> Result<bool, Error> {
        let made = self.stacks.iter().find(|made| made.is_pipeline && made.stack == observed.stack);
        let made = made.ok_or(Moved::NoPipeline)?;
        let plan = of_observed(observed, project, cloud, host).await?;
        let now = plan.stacks.first().ok_or(Moved::NoPipeline)?;
        if now.deployed_hash != made.deployed {
            return Err(Moved::Deployed(made.stack.clone()).into());
        }
        if now.proposed_hash != made.proposed {
            return Err(Moved::Proposed(made.stack.clone()).into());
        }
        Ok(!now.is_same())
    }
}

/// What deploying a pipeline that was observed would change.
///
/// # Errors
/// As rendering does, and as AWS refuses.
pub async fn of_observed(
    observed: &Observed,
    project: &Project,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<Plan, Error> {
    let rendered = observed.rendered(project, host)?;
    let proposed = proposed::of_pipeline(&observed.file, observed.loaded.clone(), rendered, observed.facts());
    let deployed = host.or_cancelled(found(&client(cloud.session()), &observed.stack)).await?;
    let plan =
        made(&observed.facts().application.name, [Ok((proposed, deployed.map(Current::of)))].into_iter())?;
    Ok(plan)
}

/// What deploying an environment's stack would change.
///
/// # Errors
/// When a deployed template can't be read, or AWS refuses.
pub async fn of_environment(
    stack: &environment::Stack,
    file: &ManifestFile,
    facts: &Facts,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<Plan, Error> {
    let proposed = proposed::of_environment(stack.clone(), file, facts);
    let place = remote::place_of(&proposed.subject, facts)?;
    let name = proposed.stack.clone();
    let deployed = host.or_cancelled(async {
        let client = place.client(cloud.session()).await?;
        found(&client, &name).await
    });
    let deployed = deployed.await?;
    made(&facts.application.name, [Ok((proposed, deployed.map(Current::of)))].into_iter())
}
