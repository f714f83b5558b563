//! Whether the resources of a stack are still as it has made them.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{
    DifferenceType, StackDriftDetectionStatus, StackResourceDrift, StackResourceDriftStatus,
};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Serialize;

use super::snapshots::clients;
use super::{Patience, Stacks, Where};
use crate::error::Error;
use crate::session::Session;

/// What a detection has found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    /// Resources that are not as the stack says.
    pub resources: Vec<Drifted>,
    /// Why nothing, or not everything, could be looked at.
    pub incomplete: Option<String>,
}

/// A resource that is not as its stack says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Drifted {
    /// Its name in the template.
    pub logical_id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Name or ARN at AWS.
    pub physical_id: String,
    /// Whether it is gone.
    pub deleted: bool,
    /// The properties that differ; none of one that is gone.
    pub properties: Vec<DriftedProperty>,
}

/// A property that is not as the stack says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DriftedProperty {
    /// Where it is, as a JSON pointer such as `/RetentionInDays`.
    pub path: String,
    /// What the stack says; nothing where it says nothing.
    pub expected: Option<String>,
    /// What it is; nothing where it is gone.
    pub actual: Option<String>,
}

/// Detects the drift of a stack, which takes up to some minutes. Stacks that are nested in it are stacks of their own.
///
/// # Errors
/// When AWS refuses for another reason than the stack's state.
pub async fn drift(client: &Stacks, stack: &str, patience: Patience) -> Result<Drift, Error> {
    let answer = client.sdk().detect_stack_drift().stack_name(stack).send().await;
    let id = match answer.map_err(|error| Error::aws("cloudformation:DetectStackDrift", &error)) {
        Ok(answer) => answer.stack_drift_detection_id.unwrap_or_default(),
        Err(Error::Aws { message, .. }) => {
            return Ok(Drift { incomplete: Some(message), ..Drift::default() });
        }
        Err(error) => return Err(error),
    };
    let incomplete = detected(client, stack, &id, patience).await?;
    let mut pages = client
        .sdk()
        .describe_stack_resource_drifts()
        .stack_name(stack)
        .stack_resource_drift_status_filters(StackResourceDriftStatus::Modified)
        .stack_resource_drift_status_filters(StackResourceDriftStatus::Deleted)
        .into_paginator()
        .send();
    let mut resources = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Error::aws("cloudformation:DescribeStackResourceDrifts", &error))?;
        resources.extend(page.stack_resource_drifts.unwrap_or_default().into_iter().map(drifted));
    }
    Ok(Drift { resources, incomplete })
}

/// Stacks that are looked at at a time.
const AT_ONCE: usize = 4;

/// Detects the drift of many stacks, some at a time, by their names.
///
/// # Errors
/// As [`drift`], or when a role can't be assumed.
pub async fn drifts(
    session: &Session,
    asked: &[(Where, String)],
    patience: Patience,
) -> Result<BTreeMap<String, Drift>, Error> {
    let clients = clients(session, asked.iter().map(|(place, _)| place)).await?;
    let work = asked.iter().filter_map(|(place, name)| {
        let client = clients.get(place)?;
        Some(async move { Ok((name.clone(), drift(client, name, patience).await?)) })
    });
    stream::iter(work).buffer_unordered(AT_ONCE).try_collect().await
}

/// Waits for the detection. Returns why something could not be looked at.
async fn detected(
    client: &Stacks,
    stack: &str,
    id: &str,
    patience: Patience,
) -> Result<Option<String>, Error> {
    let deadline = patience.deadline();
    loop {
        let request = client.sdk().describe_stack_drift_detection_status().stack_drift_detection_id(id);
        let answer = request.send().await;
        let answer =
            answer.map_err(|error| Error::aws("cloudformation:DescribeStackDriftDetectionStatus", &error))?;
        match answer.detection_status {
            Some(StackDriftDetectionStatus::DetectionComplete) => return Ok(None),
            Some(StackDriftDetectionStatus::DetectionFailed) => {
                let reason = answer.detection_status_reason.filter(|reason| !reason.is_empty());
                return Ok(Some(
                    reason.unwrap_or_else(|| "the detection failed for some resources".to_owned()),
                ));
            }
            _ => patience.pause(deadline, &format!("the detection of drift of stack {stack}")).await?,
        }
    }
}

fn drifted(resource: StackResourceDrift) -> Drifted {
    let differences = resource.property_differences.unwrap_or_default().into_iter();
    let properties = differences.map(|difference| {
        let kind = difference.difference_type;
        DriftedProperty {
            path: difference.property_path.unwrap_or_default(),
            expected: difference.expected_value.filter(|_| kind != Some(DifferenceType::Add)),
            actual: difference.actual_value.filter(|_| kind != Some(DifferenceType::Remove)),
        }
    });
    Drifted {
        deleted: resource.stack_resource_drift_status == Some(StackResourceDriftStatus::Deleted),
        properties: properties.collect(),
        logical_id: resource.logical_resource_id.unwrap_or_default(),
        kind: resource.resource_type.unwrap_or_default(),
        physical_id: resource.physical_resource_id.unwrap_or_default(),
    }
}
