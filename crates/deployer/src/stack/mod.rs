//! CloudFormation stacks: what they are, changing them with change sets, and what happens meanwhile.

mod change;
mod change_set;
mod drift;
mod events;
mod findings;
mod preview;
mod snapshots;
mod status;
mod wait;

use std::collections::BTreeMap;
use std::fmt;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::Stack;
use serde::Serialize;

pub use change::{Deployed, delete, deploy};
pub use change_set::{Change, ChangeAction, ChangeSet, Manner, Replacement, Template};
pub use drift::{Drift, Drifted, DriftedProperty, drift, drifts};
pub(crate) use events::last_failures;
pub use events::{FailedResource, ResourceEvent};
pub use findings::Invalid;
pub use preview::{Preview, Previewed, PropertyChange, preview, previews};
pub use snapshots::{Found, Where, found, snapshots};
pub use status::Status;
pub use wait::Patience;

use crate::application;
use crate::error::Error;
use crate::session::Session;

/// What happened, for whoever shows progress.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The application gets its resources in a new region.
    Bootstrap {
        /// The region.
        region: String,
    },
    /// The change set is ready and is about to be executed.
    Changes {
        /// The stack.
        stack: String,
        /// Whether the stack is new.
        create: bool,
        /// What will change.
        changes: Vec<Change>,
    },
    /// A failed stack without resources is deleted, to be made anew.
    Recreate {
        /// The stack.
        stack: String,
        /// The status that it was left in.
        status: Status,
    },
    /// Another operation on the stack is waited for.
    Busy {
        /// The stack.
        stack: String,
        /// Its status.
        status: Status,
    },
    /// A resource, or the stack itself, went on.
    Resource(ResourceEvent),
    /// Somebody has to complete the connection in the console.
    ConnectionPending {
        /// The connection.
        arn: String,
        /// Where it is completed.
        url: String,
    },
    /// The connection was completed.
    ConnectionAvailable {
        /// The connection.
        arn: String,
    },
    /// The pipeline fetches its source again, since the connection was pending when it first tried.
    SourceRetried {
        /// Physical name of the pipeline.
        pipeline: String,
    },
}

/// CloudFormation in one region, with the credentials of one session or role.
#[derive(Debug, Clone)]
pub struct Stacks(Client);

impl Stacks {
    /// Over a configuration of the AWS SDK, which is no part of the stable boundary.
    #[doc(hidden)]
    pub fn new(config: &SdkConfig) -> Self {
        Self(Client::new(config))
    }

    pub(crate) fn sdk(&self) -> &Client {
        &self.0
    }
}

/// Takes [`Event`]s as they happen.
pub type Observer<'a> = &'a (dyn Fn(Event) + Send + Sync);

/// Outputs of a stack by key.
pub(crate) fn outputs_of(stack: &Stack) -> BTreeMap<String, String> {
    let outputs = stack.outputs();
    outputs.iter().filter_map(|o| Some((o.output_key.clone()?, o.output_value.clone()?))).collect()
}

/// A stack as it is deployed.
#[derive(Debug, Clone)]
pub struct Description {
    /// Its ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its status, such as `UPDATE_COMPLETE`.
    pub status: Status,
    /// Its outputs.
    pub outputs: BTreeMap<String, String>,
    /// Its parameters.
    pub parameters: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// ARN of the change set that was executed last; none where it was changed otherwise.
    pub change_set: Option<String>,
}

impl Description {
    /// Whether an operation is under way.
    pub fn in_progress(&self) -> bool {
        self.status.is_busy()
    }

    /// Whether it was never created, or is half deleted, and can only be deleted.
    pub fn is_stuck(&self) -> bool {
        self.status.is_stuck()
    }

    /// Whether change sets were made for it, but none was executed yet: nothing is in it.
    pub fn is_in_review(&self) -> bool {
        self.status.is_in_review()
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.status)
    }
}

/// Describes a stack by name or ARN; `None` if there is none.
///
/// # Errors
/// When CloudFormation refuses.
pub async fn describe(client: &Stacks, stack: &str) -> Result<Option<Description>, Error> {
    let answer = match client.sdk().describe_stacks().stack_name(stack).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let error = Error::aws("cloudformation:DescribeStacks", &error);
            return if is_missing(&error) { Ok(None) } else { Err(error) };
        }
    };
    let found = answer.stacks.unwrap_or_default().into_iter().next();
    Ok(found.and_then(description))
}

/// What is said of a stack; `None` if it is gone.
fn description(stack: Stack) -> Option<Description> {
    if stack.stack_status.as_ref().is_some_and(|status| status.as_str() == "DELETE_COMPLETE") {
        return None;
    }
    let parameters = stack.parameters().iter();
    let parameters = parameters
        .filter_map(|p| Some((p.parameter_key.clone()?, p.parameter_value.clone().unwrap_or_default())));
    Some(Description {
        outputs: outputs_of(&stack),
        parameters: parameters.collect(),
        tags: stack.tags().iter().filter_map(|t| Some((t.key.clone()?, t.value.clone()?))).collect(),
        id: stack.stack_id.unwrap_or_default(),
        change_set: stack.change_set_id,
        name: stack.stack_name.unwrap_or_default(),
        status: stack.stack_status.map(|status| status.as_str().into()).unwrap_or_default(),
    })
}

/// CloudFormation has no error code of its own for a stack that is not there.
pub(crate) fn is_missing(error: &Error) -> bool {
    matches!(error, Error::Aws { message, .. } if message.contains("does not exist"))
}

/// The template of a deployed stack as it was uploaded; `None` if there is no such stack.
///
/// # Errors
/// When CloudFormation refuses.
pub async fn template(client: &Stacks, stack: &str) -> Result<Option<String>, Error> {
    match client.sdk().get_template().stack_name(stack).send().await {
        Ok(answer) => Ok(answer.template_body),
        Err(error) => {
            let error = Error::aws("cloudformation:GetTemplate", &error);
            if is_missing(&error) { Ok(None) } else { Err(error) }
        }
    }
}

/// The same in another account and region, with the role that may look there.
///
/// # Errors
/// When the role can't be assumed, or CloudFormation refuses.
pub async fn template_in(
    session: &Session,
    role_arn: &str,
    region: &str,
    stack: &str,
) -> Result<Option<String>, Error> {
    let config = session.assume(role_arn, region).await?;
    template(&Stacks::new(&config), stack).await
}

/// A deployed stack as whoever deployed it described it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The template as it was uploaded.
    pub template: String,
    /// Values of its parameters.
    pub parameters: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// What a stack is made of; `None` if there is no such stack, or nothing in it because its creation failed.
///
/// # Errors
/// When CloudFormation refuses.
pub async fn snapshot(client: &Stacks, stack: &str) -> Result<Option<Snapshot>, Error> {
    let found = describe(client, stack).await?.filter(|stack| !stack.is_in_review() && !stack.is_stuck());
    let Some(Description { id, parameters, tags, .. }) = found else { return Ok(None) };
    let template = template(client, &id).await?;
    Ok(template.map(|template| Snapshot { template, parameters, tags }))
}

/// What the stack of a workload in an environment is made of, as the environment's manager role sees it.
///
/// # Errors
/// [`Error::NoEnvironment`], [`Error::AssumeRole`], or when AWS refuses.
pub async fn workload_snapshot(
    session: &Session,
    app: &str,
    env: &str,
    stack: &str,
) -> Result<Option<Snapshot>, Error> {
    let known = application::environments(session, app).await?;
    let Some(found) = known.into_iter().find(|known| known.name == env) else {
        return Err(Error::NoEnvironment { app: app.to_owned(), name: env.to_owned() });
    };
    let config = session.assume(&found.manager_role_arn, &found.region).await?;
    snapshot(&Stacks::new(&config), stack).await
}

/// The `Metadata` section of a deployed stack's template, as text; `None` if there is no such stack.
///
/// # Errors
/// When CloudFormation refuses.
pub async fn metadata(client: &Stacks, stack: &str) -> Result<Option<String>, Error> {
    match client.sdk().get_template_summary().stack_name(stack).send().await {
        Ok(answer) => Ok(Some(answer.metadata.unwrap_or_default())),
        Err(error) => {
            let error = Error::aws("cloudformation:GetTemplateSummary", &error);
            if is_missing(&error) { Ok(None) } else { Err(error) }
        }
    }
}

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Resource {
    /// `AWS::CodeBuild::Project` and the like.
    #[serde(rename = "type")]
    pub kind: String,
    /// Name or ARN at AWS; empty while it has none.
    #[serde(rename = "physicalID")]
    pub physical_id: String,
    /// Name in the template.
    #[serde(rename = "logicalID")]
    pub logical_id: String,
    /// Its status.
    #[serde(skip)]
    pub status: Status,
}

impl Resource {
    /// Whether it is the pipeline of a pipeline's stack.
    pub(crate) fn is_pipeline(&self) -> bool {
        self.logical_id == "Pipeline" && self.kind == "AWS::CodePipeline::Pipeline"
    }
}

/// The resources of a stack; none if there is no such stack.
///
/// # Errors
/// When CloudFormation refuses.
pub async fn resources(client: &Stacks, stack: &str) -> Result<Vec<Resource>, Error> {
    let answer = match client.sdk().describe_stack_resources().stack_name(stack).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let error = Error::aws("cloudformation:DescribeStackResources", &error);
            return if is_missing(&error) { Ok(Vec::new()) } else { Err(error) };
        }
    };
    let resources = answer.stack_resources.unwrap_or_default().into_iter();
    Ok(resources
        .map(|resource| Resource {
            kind: resource.resource_type.unwrap_or_default(),
            physical_id: resource.physical_resource_id.unwrap_or_default(),
            logical_id: resource.logical_resource_id.unwrap_or_default(),
            status: resource.resource_status.map(|status| status.as_str().into()).unwrap_or_default(),
        })
        .collect())
}

/// A CloudFormation client in the session's region.
pub fn client(session: &Session) -> Stacks {
    Stacks::new(session.config())
}
