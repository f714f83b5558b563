//! The pipelines that are deployed, and deleting one of them. No workspace is needed.

use copilot_deployer::pipeline::{self, Deletion, DeployedPipeline, Secret};
use copilot_deployer::stack::{Patience, Status};
use copilot_deployer::{Session, application};

use crate::cloud::Cloud;
use crate::error::Error;
use crate::host::Host;
use crate::question::{Answers, Field, Question, Subject};
use crate::watch::{Running, Watch};

/// The deployed pipelines of an application, as their tags find them.
///
/// Where there is none, it may be that there is no such application here.
///
/// # Errors
/// When AWS refuses.
pub async fn deployed(
    session: &Session,
    app: &str,
) -> Result<Vec<DeployedPipeline>, copilot_deployer::Error> {
    let all = pipeline::list(session, app).await?;
    if all.is_empty() {
        application::application(session, app).await?;
    }
    Ok(all)
}

/// What is to be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The pipeline.
    pub pipeline: String,
    /// Its stack.
    pub stack: String,
    /// The status in which a failed deployment has left the stack, where there is no pipeline.
    pub remains: Option<Status>,
}

/// The stack that a failed creation or deletion of a pipeline has left behind.
///
/// # Errors
/// When AWS refuses.
pub async fn remains(session: &Session, app: &str, name: &str) -> Result<Option<Target>, Error> {
    let found = pipeline::named_stack(session, app, name).await?;
    Ok(found.map(|stack| Target {
        pipeline: name.to_owned(),
        stack: stack.name,
        remains: Some(stack.status),
    }))
}

/// What deleting a pipeline would do.
#[derive(Debug, Clone)]
pub struct DeletionPlan {
    /// What is deleted.
    pub target: Target,
    /// The secret with the pipeline's token, if it has one.
    pub secret: Option<Secret>,
    /// What has to be asked. Without an answer the secret stays.
    pub questions: Vec<Question>,
}

/// Plans the deletion.
///
/// # Errors
/// When AWS refuses.
pub async fn plan_deletion(session: &Session, app: &str, target: Target) -> Result<DeletionPlan, Error> {
    let secret = pipeline::find_secret(session, app, &target.pipeline).await?;
    let about = Subject::DeletePipeline { pipeline: target.pipeline.clone(), application: app.to_owned() };
    let mut questions = vec![Question { about, field: Field::Confirmed, default: None }];
    if let Some(secret) = &secret {
        let about = Subject::DeleteSecret { secret: secret.name.clone() };
        questions.push(Question { about, field: Field::DeleteSecret, default: Some(false) });
    }
    Ok(DeletionPlan { target, secret, questions })
}

/// How a deletion ended.
#[derive(Debug)]
pub enum DeletionOutcome {
    /// It is gone.
    Deleted(Deletion),
    /// Nothing was done: whoever was asked did not want it.
    Declined,
    /// The run was stopped. What is under way in AWS goes on by itself.
    Cancelled {
        /// What is under way.
        running: Option<Running>,
    },
    /// It failed; the first cause.
    Failed(Error),
}

/// Deletes the stack, and the secret if the answers say so.
pub async fn delete(
    plan: &DeletionPlan,
    answers: Answers,
    cloud: &Cloud,
    host: &dyn Host,
) -> DeletionOutcome {
    if !answers.confirmed {
        return DeletionOutcome::Declined;
    }
    let watch = Watch::new(host);
    let secret = plan.secret.as_ref().filter(|_| answers.delete_secret);
    let stacks = std::slice::from_ref(&plan.target.stack);
    let patience = cloud.patience(Patience::STACK);
    let observer = |event| watch.stack(event);
    let work = pipeline::delete(cloud.session(), stacks, secret, patience, &observer);
    match host.or_cancelled(work).await {
        Ok(done) => DeletionOutcome::Deleted(done),
        Err(Error::Cancelled) => DeletionOutcome::Cancelled { running: watch.running() },
        Err(error) => DeletionOutcome::Failed(error),
    }
}
