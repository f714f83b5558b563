//! Which pipelines of an application are deployed.
//!
//! They are found by tag, as Copilot finds them, so each tool sees the other's pipelines. A pipeline without the tag
//! `copilot-pipeline` is a legacy one: its stack has the pipeline's name alone.

use aws_sdk_resourcegroupstagging::Client;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use serde::Serialize;

use crate::error::Error;
use crate::session::Session;

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
        super::stack_name(app, &self.name, self.legacy)
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

/// The deployed pipeline with a name.
///
/// # Errors
/// [`Error::NoPipeline`] when there is none.
pub async fn find(session: &Session, app: &str, name: &str) -> Result<DeployedPipeline, Error> {
    let all = list(session, app).await?;
    let found = all.into_iter().find(|pipeline| pipeline.name == name);
    found.ok_or_else(|| Error::NoPipeline { app: app.to_owned(), name: name.to_owned() })
}
