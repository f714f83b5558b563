//! Updating the stack of an environment.

use std::collections::BTreeMap;

use super::Place;
use crate::error::Error;
use crate::session::Session;
use crate::stack::{self, ChangeSet, Deployed, Manner, Observer, Patience, Template};

/// What to deploy.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where.
    pub place: Place,
    /// The role with which CloudFormation changes the resources.
    pub execution_role_arn: String,
    /// The template.
    pub template: Template,
    /// Values of its parameters.
    pub parameters: BTreeMap<String, String>,
    /// The parameters among them that belong to workloads: the deployed stack's values stay.
    pub kept: Vec<String>,
    /// Tags of the stack.
    pub tags: BTreeMap<String, String>,
    /// Something that no other run has, for the name of the change set.
    pub run_id: String,
    /// Wait for another operation on the stack.
    pub wait: bool,
    /// Leave a failed update as it is.
    pub no_rollback: bool,
    /// Don't wait for the end.
    pub detach: bool,
    /// How long to wait for the stack.
    pub patience: Patience,
}

/// Updates the stack. Workloads change parameters of it at any time, so that their values are not sent: the change set takes
/// them from the stack, and if one changes before the change set is executed, that is void.
///
/// # Errors
/// As [`stack::deploy`]; [`Error::NoStack`] where nothing was ever made of the environment.
pub async fn deploy(session: &Session, request: &Request, observer: Observer<'_>) -> Result<Deployed, Error> {
    let change = ChangeSet {
        stack: request.place.stack.clone(),
        template: request.template.clone(),
        parameters: request.parameters.clone(),
        tags: request.tags.clone(),
        name: format!("copilot-{}", request.run_id),
        recreate: false,
        wait: request.wait,
        manner: Manner {
            role_arn: Some(request.execution_role_arn.clone()),
            kept: request.kept.clone(),
            update_only: true,
            no_rollback: request.no_rollback,
            detach: request.detach,
        },
    };
    let client = request.place.client(session).await?;
    stack::deploy(&client, &change, request.patience, observer).await
}
