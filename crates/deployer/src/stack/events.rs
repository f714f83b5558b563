//! Stack events, each told once and in order.

use std::collections::HashSet;
use std::fmt;

use aws_sdk_cloudformation::types::StackEvent;

use super::{Event, Observer, Stacks, Status};
use crate::error::Error;

/// A step of a resource's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceEvent {
    /// The stack.
    pub stack: String,
    /// Name in the template; the stack's own name for the stack itself.
    pub logical_id: String,
    /// `AWS::CodeBuild::Project` and the like.
    pub kind: String,
    /// Name or ARN at AWS; empty while it has none.
    pub physical_id: String,
    /// Status, such as `CREATE_IN_PROGRESS`.
    pub status: Status,
    /// Why; empty if AWS says nothing.
    pub reason: String,
}

impl From<StackEvent> for ResourceEvent {
    fn from(event: StackEvent) -> Self {
        Self {
            stack: event.stack_name.unwrap_or_default(),
            logical_id: event.logical_resource_id.unwrap_or_default(),
            kind: event.resource_type.unwrap_or_default(),
            physical_id: event.physical_resource_id.unwrap_or_default(),
            status: event.resource_status.map(|status| status.as_str().into()).unwrap_or_default(),
            reason: event.resource_status_reason.unwrap_or_default(),
        }
    }
}

impl ResourceEvent {
    /// Whether it tells of a failure.
    pub fn is_failure(&self) -> bool {
        self.status.is_failure()
    }

    /// Whether it tells of a failure of its own, rather than one that followed from another's.
    pub fn is_cause(&self) -> bool {
        self.is_failure() && !self.is_stack() && !self.reason.contains("cancelled")
    }

    /// Whether it is about the stack rather than one of its resources.
    pub fn is_stack(&self) -> bool {
        self.kind == "AWS::CloudFormation::Stack" && self.logical_id == self.stack
    }
}

/// What failed in the last operation on a stack, as `RESOURCE (TYPE): reason`, the first failure first. Nothing for a stack
/// that is not there.
pub(crate) async fn last_failures(client: &Stacks, stack: &str) -> Result<Vec<String>, Error> {
    let mut pages = client.sdk().describe_stack_events().stack_name(stack).into_paginator().send();
    let mut found = Vec::new();
    // The newest come first, so reading ends where the operation began.
    'operation: while let Some(page) = pages.next().await {
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                let error = Error::aws("cloudformation:DescribeStackEvents", &error);
                return if super::is_missing(&error) { Ok(Vec::new()) } else { Err(error) };
            }
        };
        for event in page.stack_events.unwrap_or_default().into_iter().map(ResourceEvent::from) {
            let begins = matches!(event.status.as_str(), "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS");
            if event.is_stack() && begins {
                break 'operation;
            }
            if event.is_cause() {
                found.push(format!("{} ({}): {}", event.logical_id, event.kind, event.reason));
            }
        }
    }
    found.reverse();
    Ok(found)
}

/// The resource that made a stack fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedResource {
    /// Name in the template.
    pub logical_id: String,
    /// Its type.
    pub kind: String,
    /// AWS's reason.
    pub reason: String,
}

impl fmt::Display for FailedResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.logical_id, self.kind, self.reason)
    }
}

/// Follows the events of one operation on one stack.
pub(crate) struct Follower<'a> {
    client: &'a Stacks,
    stack: String,
    seen: HashSet<String>,
    first_failure: Option<FailedResource>,
}

impl<'a> Follower<'a> {
    /// Starts behind the events that are there already, which belong to earlier operations.
    pub(crate) async fn start(client: &'a Stacks, stack: &str) -> Result<Self, Error> {
        let mut follower =
            Self { client, stack: stack.to_owned(), seen: HashSet::new(), first_failure: None };
        for event in follower.fetch().await? {
            follower.seen.extend(event.event_id);
        }
        Ok(follower)
    }

    /// Tells what is new since the last call.
    pub(crate) async fn advance(&mut self, observer: Observer<'_>) -> Result<(), Error> {
        for event in self.fetch().await? {
            let Some(id) = event.event_id.clone() else { continue };
            if self.seen.insert(id) {
                self.tell(event, observer);
            }
        }
        Ok(())
    }

    /// The first resource that failed of itself, not because another's failure cancelled it.
    pub(crate) fn first_failure(&mut self) -> Option<Box<FailedResource>> {
        self.first_failure.take().map(Box::new)
    }

    fn tell(&mut self, event: StackEvent, observer: Observer<'_>) {
        let event = ResourceEvent::from(event);
        if event.is_cause() && self.first_failure.is_none() {
            self.first_failure = Some(FailedResource {
                logical_id: event.logical_id.clone(),
                kind: event.kind.clone(),
                reason: event.reason.clone(),
            });
        }
        observer(Event::Resource(event));
    }

    /// All events that are new, oldest first. AWS lists the newest first, so reading stops at the first known one.
    async fn fetch(&self) -> Result<Vec<StackEvent>, Error> {
        let request = self.client.sdk().describe_stack_events().stack_name(&self.stack);
        let mut pages = request.into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(error) => {
                    let error = Error::aws("cloudformation:DescribeStackEvents", &error);
                    if super::is_missing(&error) {
                        break;
                    }
                    return Err(error);
                }
            };
            let events = page.stack_events.unwrap_or_default();
            let known = events.iter().any(|e| e.event_id.as_ref().is_some_and(|id| self.seen.contains(id)));
            found.extend(events);
            if known {
                break;
            }
        }
        found.reverse();
        Ok(found)
    }
}
