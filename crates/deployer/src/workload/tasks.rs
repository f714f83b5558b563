//! ECS tasks: which there are, and how they are.

use aws_config::SdkConfig;
use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{self, DesiredStatus};
use serde::Serialize;

use crate::error::Error;
use crate::null::{null_if_empty, or_zero};
use crate::time::Time;

/// Tasks that ECS describes at a time.
const AT_ONCE: usize = 100;

/// A task. Its JSON is what Copilot prints of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`, by the health checks of its containers.
    pub health: String,
    /// Its ID.
    pub id: String,
    /// The images of its containers.
    #[serde(serialize_with = "null_if_empty")]
    pub images: Vec<Image>,
    /// Where it is on its way, such as `RUNNING`.
    pub last_status: String,
    /// When it began to run.
    #[serde(serialize_with = "or_zero")]
    pub started_at: Option<Time>,
    /// When it ended.
    #[serde(serialize_with = "or_zero")]
    pub stopped_at: Option<Time>,
    /// Why it ended, in ECS's words; empty while it runs.
    pub stopped_reason: String,
    /// `FARGATE`, `FARGATE_SPOT` or another; empty for one of a launch type.
    pub capacity_provider: String,
    /// ARN of its task definition.
    #[serde(rename = "taskDefinitionARN")]
    pub definition: String,
    /// When ECS began to end it.
    #[serde(skip)]
    pub stopping_at: Option<Time>,
    /// Its containers.
    #[serde(skip)]
    pub containers: Vec<Container>,
    /// Its address in the VPC.
    #[serde(skip)]
    pub address: Option<String>,
}

/// The image of a container. Its JSON has Copilot's spelling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Image {
    /// How the task definition names it.
    #[serde(rename = "ID")]
    pub id: String,
    /// What was pulled, without `sha256:`.
    #[serde(rename = "Digest")]
    pub digest: String,
}

/// A container of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its exit code once it has ended by itself.
    pub exit_code: Option<i32>,
    /// Why it ended or never began, in ECS's words.
    pub reason: Option<String>,
}

impl Task {
    /// The number behind the family of its task definition.
    pub fn revision(&self) -> Option<u32> {
        revision(&self.definition)
    }
}

/// The number behind the family in the ARN of a task definition.
pub fn revision(definition: &str) -> Option<u32> {
    definition.rsplit(':').next().and_then(|number| number.parse().ok())
}

/// Whose tasks to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of<'a> {
    /// A service, by its name.
    Service(&'a str),
    /// A family of task definitions.
    Family(&'a str),
}

/// The tasks of a cluster that run or are about to, or those that have ended in about the last hour; in ECS's order.
///
/// # Errors
/// When ECS refuses.
#[doc(hidden)]
pub async fn tasks(config: &SdkConfig, cluster: &str, of: Of<'_>, stopped: bool) -> Result<Vec<Task>, Error> {
    let client = Client::new(config);
    let status = if stopped { DesiredStatus::Stopped } else { DesiredStatus::Running };
    let request = client.list_tasks().cluster(cluster).desired_status(status);
    let request = match of {
        Of::Service(name) => request.service_name(name),
        Of::Family(family) => request.family(family),
    };
    let mut pages = request.into_paginator().send();
    let mut arns = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Error::aws("ecs:ListTasks", &error))?;
        arns.extend(page.task_arns.unwrap_or_default());
    }
    let mut found = Vec::new();
    for arns in arns.chunks(AT_ONCE) {
        let request = client.describe_tasks().cluster(cluster).set_tasks(Some(arns.to_vec()));
        let answer = request.send().await.map_err(|error| Error::aws("ecs:DescribeTasks", &error))?;
        found.extend(answer.tasks.unwrap_or_default().into_iter().map(task));
    }
    Ok(found)
}

fn task(task: types::Task) -> Task {
    let arn = task.task_arn.unwrap_or_default();
    let attachments = task.attachments.unwrap_or_default().into_iter();
    let mut details = attachments.flat_map(|attachment| attachment.details.unwrap_or_default());
    let address = details.find(|detail| detail.name.as_deref() == Some("privateIPv4Address"));
    let containers = task.containers.unwrap_or_default();
    let image = |container: &types::Container| {
        let digest = container.image_digest.as_deref().unwrap_or_default();
        Image {
            id: container.image.clone().unwrap_or_default(),
            digest: digest.trim_start_matches("sha256:").to_owned(),
        }
    };
    Task {
        health: task.health_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        id: arn.rsplit('/').next().unwrap_or_default().to_owned(),
        images: containers.iter().map(image).collect(),
        last_status: task.last_status.unwrap_or_default(),
        started_at: task.started_at.map(Time::from),
        stopped_at: task.stopped_at.map(Time::from),
        stopped_reason: task.stopped_reason.unwrap_or_default(),
        capacity_provider: task.capacity_provider_name.unwrap_or_default(),
        definition: task.task_definition_arn.unwrap_or_default(),
        stopping_at: task.stopping_at.map(Time::from),
        address: address.and_then(|detail| detail.value),
        containers: containers
            .into_iter()
            .map(|container| Container {
                name: container.name.unwrap_or_default(),
                exit_code: container.exit_code,
                reason: container.reason,
            })
            .collect(),
    }
}
