//! What CloudFormation and hooks find wrong with a change set before anything is changed.

use aws_sdk_cloudformation::types::{EventType, HookFailureMode, HookStatus, OperationEvent};
use serde::Serialize;

use super::Stacks;
use crate::error::Error;

/// Something that was found in a change set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Invalid {
    /// Logical id of the resource; empty where it is about the stack.
    pub resource: String,
    /// The resource's type.
    pub kind: String,
    /// What found it: a validation of CloudFormation such as `PROPERTY_VALIDATION`, or the type of a hook.
    pub by: String,
    /// Where in the template, as a JSON pointer; empty where nobody says.
    pub path: String,
    /// What is wrong.
    pub reason: String,
    /// Whether nothing is deployed because of it; otherwise it is a warning.
    pub fails: bool,
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.path.is_empty() { &self.resource } else { &self.path };
        if !place.is_empty() {
            write!(f, "{place}: ")?;
        }
        write!(f, "{} ({})", self.reason, self.by)
    }
}

/// What was found in a change set, by its ARN, or by its name and that of the stack.
///
/// # Errors
/// When CloudFormation refuses.
pub(super) async fn findings(client: &Stacks, stack: Option<&str>, set: &str) -> Result<Vec<Invalid>, Error> {
    let request = client.sdk().describe_events().change_set_name(set);
    let request = request.set_stack_name(stack.map(str::to_owned));
    let mut pages = request.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Error::aws("cloudformation:DescribeEvents", &error))?;
        found.extend(page.operation_events.unwrap_or_default().into_iter().filter_map(invalid));
    }
    Ok(found)
}

fn invalid(event: OperationEvent) -> Option<Invalid> {
    let (by, reason, mode) = match event.event_type {
        Some(EventType::ValidationError) => {
            (event.validation_name, event.validation_status_reason, event.validation_failure_mode)
        }
        Some(EventType::HookInvocationError) => {
            (event.hook_type, event.hook_status_reason, event.hook_failure_mode)
        }
        _ if matches!(event.hook_status, Some(HookStatus::HookCompleteFailed | HookStatus::HookFailed)) => {
            (event.hook_type, event.hook_status_reason, event.hook_failure_mode)
        }
        _ => return None,
    };
    Some(Invalid {
        resource: event.logical_resource_id.unwrap_or_default(),
        kind: event.resource_type.unwrap_or_default(),
        by: by.unwrap_or_default(),
        path: event.validation_path.unwrap_or_default(),
        reason: reason.or(event.resource_status_reason).unwrap_or_default(),
        fails: mode != Some(HookFailureMode::Warn),
    })
}
