//! Carrying out what a plan says.

use copilot_artifact::keys;
use copilot_cfn::write::to_yaml;
use copilot_deployer::environment::{Request, deploy};
use copilot_deployer::stack::{Deployed, Patience, Template};
use copilot_stack::Facts;
use copilot_stack::environment::{allowing_uploads, may_upload};

use super::plan::Plan;
use super::{Stack, deployed, deployed_template, existing, role};
use crate::build::{Places, upload};
use crate::cloud::Cloud;
use crate::error::Error;
use crate::event::Notice;
use crate::host::Host;
use crate::project::Project;
use crate::watch::{Running, Watch};

/// How to deploy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settings {
    /// Leave a failed update as it is.
    pub no_rollback: bool,
    /// Don't wait for the end.
    pub detach: bool,
}

/// What is to be carried out.
#[derive(Debug)]
pub struct Work<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The environment.
    pub name: &'a str,
    /// What is known of AWS.
    pub facts: &'a Facts,
    /// The stack as it is to be.
    pub stack: Stack,
    /// How to deploy it.
    pub settings: Settings,
}

/// How it ended.
#[derive(Debug)]
pub enum Outcome {
    /// The stack is as it is to be, or on its way there.
    Applied(Deployed),
    /// The run was stopped. What is under way in AWS goes on by itself.
    Cancelled {
        /// What is under way; none if nothing was begun.
        running: Option<Running>,
    },
    /// It failed; the first cause.
    Failed(Error),
}

/// Uploads what the stack needs, and its template, and updates it. A plan with blockers is refused.
pub async fn apply(work: Work<'_>, project: &Project, cloud: &Cloud, host: &dyn Host) -> Outcome {
    if !work.plan.blockers.is_empty() {
        return Outcome::Failed(Error::EnvironmentBlocked(work.plan.blockers.clone()));
    }
    let watch = Watch::new(host).without_connection();
    match update(work, project, cloud, &watch).await {
        Ok(deployed) => Outcome::Applied(deployed),
        Err(Error::Cancelled) => Outcome::Cancelled { running: watch.running() },
        Err(error) => Outcome::Failed(error),
    }
}

async fn update(
    work: Work<'_>,
    project: &Project,
    cloud: &Cloud,
    watch: &Watch<'_>,
) -> Result<Deployed, Error> {
    let Work { plan, name, facts, mut stack, settings } = work;
    if !may_upload(deployed(facts, name)?.version.as_deref()) {
        allow_uploads(plan, name, facts, cloud, watch).await?;
    }
    let bucket = Places { facts, registry: None }.bucket(name)?;
    let template = bucket.text(stack.text, format!("template of stack {}", plan.place.stack), |hash| {
        keys::template(&plan.place.stack, hash)
    });
    let template_url = template.at.url();
    stack.assets.object(template);
    upload(&stack.assets, Some(name), facts, project, cloud, watch).await?;
    let host: &dyn Host = watch;
    let execution_role = deployed(facts, name)?.execution_role_arn.as_ref();
    let request = Request {
        place: plan.place.clone(),
        execution_role_arn: role(execution_role, name, "execution_role_arn")?,
        template: Template::Url(template_url),
        parameters: stack.values.parameters,
        kept: plan.kept.clone(),
        tags: stack.values.tags,
        run_id: host.run_id(),
        wait: plan.wait,
        no_rollback: settings.no_rollback,
        detach: settings.detach,
        patience: cloud.patience(Patience::STACK),
    };
    let observer = |event| watch.stack(event);
    host.or_cancelled(deploy(cloud.session(), &request, &observer)).await
}

/// Lets the manager role of an old stack upload, by an update that changes nothing else: without the right to do so nothing
/// newer could be deployed.
async fn allow_uploads(
    plan: &Plan,
    name: &str,
    facts: &Facts,
    cloud: &Cloud,
    watch: &Watch<'_>,
) -> Result<(), Error> {
    let host: &dyn Host = watch;
    let environment = deployed(facts, name)?;
    let region = facts.regions.get(&environment.region);
    let known =
        region.and_then(|known| known.artifact_bucket.as_deref().zip(known.artifact_key_arn.as_deref()));
    let template = deployed_template(facts, name, cloud, host).await?;
    let (Some((bucket, key)), Some(template)) = (known, template) else { return Ok(()) };
    let Some(template) = allowing_uploads(&template, bucket, key, &environment.region) else { return Ok(()) };
    let Some(stack) = existing(&plan.place, cloud, host).await? else { return Ok(()) };
    host.notice(Notice::UploadsAllowed { stack: plan.place.stack.clone() });
    let request = Request {
        place: plan.place.clone(),
        execution_role_arn: role(environment.execution_role_arn.as_ref(), name, "execution_role_arn")?,
        template: Template::Body(to_yaml(&template)),
        kept: stack.parameters.keys().cloned().collect(),
        parameters: stack.parameters,
        tags: stack.tags,
        run_id: format!("{}-role", host.run_id()),
        wait: plan.wait,
        no_rollback: false,
        detach: false,
        patience: cloud.patience(Patience::STACK),
    };
    let observer = |event| watch.stack(event);
    host.or_cancelled(deploy(cloud.session(), &request, &observer)).await.map(drop)
}
