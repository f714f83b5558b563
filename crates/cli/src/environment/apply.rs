//! Carrying out what a plan says.

use copilot_artifact::keys;
use copilot_deployer::environment::{self, Request};
use copilot_deployer::stack::{Deployed, Event, Patience};
use copilot_stack::Facts;

use super::plan::Plan;
use super::{Stack, deployed, role};
use crate::aws::Aws;
use crate::build::places::Places;
use crate::build::upload;
use crate::commands::deploy::run_id;
use crate::failure::Failure;
use crate::io::Io;
use crate::progress::Progress;

/// How to deploy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// Wait for another operation on the stack.
    pub(crate) wait: bool,
    /// Leave a failed update as it is.
    pub(crate) no_rollback: bool,
    /// Don't wait for the end.
    pub(crate) detach: bool,
}

/// What is to be carried out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work<'a> {
    pub(crate) plan: &'a Plan,
    /// The environment.
    pub(crate) name: &'a str,
    pub(crate) facts: &'a Facts,
    pub(crate) settings: Settings,
}

/// Uploads what the stack needs, and its template, and updates it.
pub(crate) fn apply(
    work: Work<'_>,
    mut stack: Stack,
    aws: &Aws,
    progress: &mut Progress,
    io: &mut Io<'_>,
) -> Result<Deployed, Failure> {
    let Work { plan, name, facts, settings } = work;
    let bucket = Places { facts, registry: None }.bucket(name)?;
    let template = bucket.text(stack.text, format!("template of stack {}", plan.place.stack), |hash| {
        keys::template(&plan.place.stack, hash)
    });
    let template_url = template.at.url();
    stack.assets.object(template);
    upload(&stack.assets, name, facts, aws, io)?;
    let request = Request {
        place: plan.place.clone(),
        execution_role_arn: role(
            deployed(facts, name)?.execution_role_arn.as_ref(),
            name,
            "execution_role_arn",
        )?,
        template_url,
        parameters: stack.values.parameters,
        kept: plan.kept.clone(),
        tags: stack.values.tags,
        run_id: run_id(io),
        wait: settings.wait,
        no_rollback: settings.no_rollback,
        detach: settings.detach,
        patience: aws.patience(Patience::STACK),
    };
    let session = aws.session();
    aws.follow(
        |events| async move { environment::deploy(session, &request, &|event| drop(events.send(event))).await },
        |event: Option<Event>| progress.show(event, io),
    )
}
