//! Which pipelines of an application are deployed.
//!
//! They are found by tag, as Copilot finds them, so each tool sees the other's pipelines. A pipeline without the tag
//! `copilot-pipeline` is a legacy one: its stack has the pipeline's name alone.

use aws_sdk_resourcegroupstagging::Client;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use copilot_stack::stack_name;
use serde::Serialize;

use crate::error::Error;
use crate::session::Session;
use crate::stack;

/// A deployed pipeline.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DeployedPipeline {
    /// The name in its manifest.
    pub name: String,
    /// Its name in CodePipeline.
    pub resource_name: String,
    /// Its ARN.
    pub arn: String,
    /// Whether its stack is named without the application.
    pub legacy: bool,
}

impl DeployedPipeline {
    /// Region in its ARN.
    pub fn region(&self) -> &str {
        self.arn.split(':').nth(3).unwrap_or_default()
    }

    /// Account in its ARN.
    pub fn account_id(&self) -> &str {
        self.arn.split(':').nth(4).unwrap_or_default()
    }

    /// Name of its stack.
    pub fn stack_name(&self, app: &str) -> String {
        stack_name::pipeline(app, &self.name, self.legacy)
    }
}

/// All deployed pipelines of an application in the session's region, sorted by name.
///
/// # Errors
/// When the tagging service refuses.
pub async fn list(session: &Session, app: &str) -> Result<Vec<DeployedPipeline>, Error> {
    let client = Client::new(session.config());
    let filter = TagFilter::builder().key("copilot-application").values(app).build();
    let request = client.get_resources().resource_type_filters("codepipeline:pipeline").tag_filters(filter);
    let mut pages = request.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| Error::aws("tag:GetResources", &e))?;
        for resource in page.resource_tag_mapping_list.unwrap_or_default() {
            let Some(arn) = resource.resource_arn else { continue };
            let resource_name = arn.rsplit(':').next().unwrap_or_default().to_owned();
            let tags = resource.tags.unwrap_or_default();
            let tag = tags.into_iter().find(|tag| tag.key == "copilot-pipeline");
            let legacy = tag.is_none();
            let name = tag.map_or_else(|| resource_name.clone(), |tag| tag.value);
            found.push(DeployedPipeline { name, resource_name, arn, legacy });
        }
    }
    found.sort();
    Ok(found)
}

/// The pipeline of the stack that is named for it. What tags find lags behind: a pipeline that was just created is here
/// before it is in [`list`].
///
/// # Errors
/// When CloudFormation refuses.
pub async fn of_stack(session: &Session, app: &str, name: &str) -> Result<Option<DeployedPipeline>, Error> {
    let Some(found) = named_stack(session, app, name).await? else { return Ok(None) };
    let resources = stack::resources(&stack::client(session), &found.name).await?;
    let exists = |resource: &stack::Resource| {
        let status = resource.status.as_str();
        !resource.physical_id.is_empty() && status != "CREATE_FAILED" && !status.starts_with("DELETE_")
    };
    let resource = resources.into_iter().find(|resource| resource.is_pipeline() && exists(resource));
    // Stack and pipeline are in the same account and region, which the stack's own ARN names.
    let stack: Vec<&str> = found.id.split(':').collect();
    let (Some(resource), [arn, partition, _, region, account, ..]) = (resource, &stack[..]) else {
        return Ok(None);
    };
    let resource_name = resource.physical_id;
    let arn = format!("{arn}:{partition}:codepipeline:{region}:{account}:{resource_name}");
    Ok(Some(DeployedPipeline { name: name.to_owned(), resource_name, arn, legacy: false }))
}

/// The stack that has the name and the tags that a deployment gives it. It may have no pipeline, as after a creation that
/// failed.
///
/// # Errors
/// When CloudFormation refuses.
pub async fn named_stack(
    session: &Session,
    app: &str,
    pipeline: &str,
) -> Result<Option<stack::Description>, Error> {
    let name = stack_name::pipeline(app, pipeline, false);
    let found = stack::describe(&stack::client(session), &name).await?;
    let is = |stack: &stack::Description, key: &str, value: &str| {
        stack.tags.get(key).is_some_and(|tag| tag == value)
    };
    Ok(found.filter(|stack| is(stack, "copilot-application", app) && is(stack, "copilot-pipeline", pipeline)))
}
