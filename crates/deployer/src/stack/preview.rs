//! What CloudFormation itself says that a change would do: a change set is made, read and deleted, and never executed.

use std::collections::BTreeMap;
use std::future::Future;

use aws_sdk_cloudformation::types::{
    ChangeAction as SdkAction, ChangeSetStatus, ExecutionStatus, RequiresRecreation, ResourceChange,
    ResourceChangeDetail,
};
use futures::stream::{self, StreamExt as _};
use serde::Serialize;

use super::change::{creation, is_empty, is_gone};
use super::findings::findings;
use super::snapshots::clients;
use super::{Change, ChangeSet, Invalid, Patience, Stacks, Where, describe};
use crate::error::Error;
use crate::session::Session;

/// What CloudFormation says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// Why it would change nothing.
    pub refused: Option<String>,
    /// What would happen to each resource; those of nested stacks follow those of the stack.
    pub changes: Vec<Previewed>,
    /// What it has found wrong.
    pub findings: Vec<Invalid>,
    /// Why it could not be asked what it has found.
    pub unread: Option<String>,
}

/// What would happen to a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previewed {
    /// Logical id of the nested stack that it is in.
    pub within: Option<String>,
    /// What would happen.
    pub change: Change,
    /// The properties because of which the resource would be made anew.
    pub causes: Vec<PropertyChange>,
}

/// A property that would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PropertyChange {
    /// Where it is, such as `/Properties/Name`.
    pub path: String,
    /// Its value now, as CloudFormation shortens it.
    pub old: Option<String>,
    /// Its value afterwards.
    pub new: Option<String>,
}

/// How CloudFormation refuses a change set because of what is in it.
const REFUSALS: [&str; 4] = [
    "ValidationError",
    "InsufficientCapabilitiesException",
    "InsufficientCapabilities",
    "LimitExceededException",
];

/// Asks what a change of a stack that is there would do. `None` means that it was `stopped`. Whatever comes, the change set is
/// deleted, and nested stacks that it would have created are not left behind empty.
///
/// # Errors
/// When AWS refuses for another reason than the change itself.
pub async fn preview(
    client: &Stacks,
    change: &ChangeSet,
    patience: Patience,
    stopped: impl Future<Output = ()>,
) -> Result<Option<Preview>, Error> {
    // What is not awaited may have been made all the same, so that this can't be stopped.
    let made = creation(client, change, &change.name, None).send().await;
    let made = made.map_err(|error| Error::aws("cloudformation:CreateChangeSet", &error));
    let mut nested = Vec::new();
    let told = match made {
        Err(Error::Aws { code, message, .. }) if REFUSALS.contains(&code.as_str()) => {
            return Ok(Some(Preview { refused: Some(message), ..Preview::default() }));
        }
        Err(error) if error.code() != Some("AlreadyExistsException") => Err(error),
        // Where it is there already, the answer to the first attempt was lost.
        _ => tokio::select! {
            told = read(client, change, patience, &mut nested) => told.map(Some),
            () = stopped => Ok(None),
        },
    };
    clean(client, change, patience, nested).await;
    told
}

/// Stacks that are asked about at a time.
const AT_ONCE: usize = 4;

/// Asks about many stacks, some at a time. What was stopped is not among the answers.
///
/// # Errors
/// The first, after all change sets were deleted.
pub async fn previews<F: Future<Output = ()>>(
    session: &Session,
    asked: &[(Where, ChangeSet)],
    patience: Patience,
    stopped: impl Fn() -> F,
) -> Result<BTreeMap<String, Preview>, Error> {
    let clients = clients(session, asked.iter().map(|(place, _)| place)).await?;
    let stopped = &stopped;
    let work = asked.iter().filter_map(|(place, change)| {
        let client = clients.get(place)?;
        Some(async move {
            // None is begun once it is to stop.
            tokio::select! {
                biased;
                () = stopped() => return Ok(None),
                () = std::future::ready(()) => {}
            }
            let told = preview(client, change, patience, stopped()).await?;
            Ok::<_, Error>(told.map(|told| (change.stack.clone(), told)))
        })
    });
    // Each runs to its end, where it cleans up.
    let told: Vec<_> = stream::iter(work).buffer_unordered(AT_ONCE).collect().await;
    told.into_iter().filter_map(Result::transpose).collect()
}

/// Waits for the change set and reads it. `nested` learns of change sets of stacks that are not there yet.
async fn read(
    client: &Stacks,
    change: &ChangeSet,
    patience: Patience,
    nested: &mut Vec<String>,
) -> Result<Preview, Error> {
    let deadline = patience.deadline();
    let own = Named { stack: Some(&change.stack), set: &change.name };
    let mut found = loop {
        let found = described(client, own).await?;
        if found.is_done() {
            break found;
        }
        patience.pause(deadline, &format!("the change set for stack {}", change.stack)).await?;
    };
    nested.extend(found.new_stacks());
    let mut preview = Preview { refused: found.refusal(), ..Preview::default() };
    let mut below = Vec::new();
    for change in std::mem::take(&mut found.changes) {
        below.extend(change.change_set_id.clone().map(|id| (change.logical_resource_id.clone(), id)));
        preview.changes.push(previewed(None, change));
    }
    let mut sets = vec![own];
    for (within, id) in &below {
        let inner = described(client, Named { stack: None, set: id }).await?;
        preview.refused = preview.refused.take().or_else(|| inner.refusal());
        preview.changes.extend(inner.changes.into_iter().map(|change| previewed(within.clone(), change)));
        sets.push(Named { stack: None, set: id });
    }
    // Where a nested one failed, only the reason names it.
    let failed: Vec<String> = preview.refused.iter().flat_map(|reason| change_sets_in(reason)).collect();
    for id in &failed {
        if let Ok(inner) = described(client, Named { stack: None, set: id }).await {
            preview.refused = inner.refusal().or(preview.refused);
            sets.push(Named { stack: None, set: id });
        }
    }
    for set in sets {
        match findings(client, set.stack, set.set).await {
            Ok(found) => preview.findings.extend(found),
            Err(error) => preview.unread = Some(error.to_string()),
        }
    }
    Ok(preview)
}

/// ARNs of change sets in a sentence of CloudFormation.
fn change_sets_in(reason: &str) -> impl Iterator<Item = String> + '_ {
    let words = reason.split(|c: char| c.is_whitespace() || "[](),".contains(c));
    let arns = words.filter(|word| word.starts_with("arn:") && word.contains(":changeSet/"));
    arns.map(|arn| arn.trim_end_matches(['.', ':']).to_owned())
}

/// A change set by its name and that of its stack, or by its ARN.
#[derive(Debug, Clone, Copy)]
struct Named<'a> {
    stack: Option<&'a str>,
    set: &'a str,
}

/// A change set as it is now.
#[derive(Debug, Default)]
struct Described {
    stack_id: String,
    status: Option<ChangeSetStatus>,
    execution: Option<ExecutionStatus>,
    reason: String,
    changes: Vec<ResourceChange>,
}

impl Described {
    fn is_done(&self) -> bool {
        matches!(self.status, Some(ChangeSetStatus::Failed))
            || matches!(self.status, Some(ChangeSetStatus::CreateComplete))
                && self.execution != Some(ExecutionStatus::Unavailable)
    }

    /// Why it can't be executed. That there is nothing to change is no reason.
    fn refusal(&self) -> Option<String> {
        let failed = self.status == Some(ChangeSetStatus::Failed) && !is_empty(&self.reason);
        failed.then(|| self.reason.clone())
    }

    /// Change sets of nested stacks that are not there yet.
    fn new_stacks(&self) -> impl Iterator<Item = String> + '_ {
        let new = self.changes.iter().filter(|change| change.action == Some(SdkAction::Add));
        new.filter_map(|change| change.change_set_id.clone())
    }
}

async fn described(client: &Stacks, named: Named<'_>) -> Result<Described, Error> {
    let request = client.sdk().describe_change_set().change_set_name(named.set).include_property_values(true);
    let mut pages = request.set_stack_name(named.stack.map(str::to_owned)).into_paginator().send();
    let mut found = Described::default();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Error::aws("cloudformation:DescribeChangeSet", &error))?;
        let changes = page.changes.unwrap_or_default().into_iter();
        found.changes.extend(changes.filter_map(|change| change.resource_change));
        found.stack_id = page.stack_id.unwrap_or_default();
        (found.status, found.execution) = (page.status, page.execution_status);
        found.reason = page.status_reason.unwrap_or_default();
    }
    Ok(found)
}

fn previewed(within: Option<String>, change: ResourceChange) -> Previewed {
    let details = change.details.iter().flatten();
    let causes = details.filter_map(cause).collect();
    Previewed { within, causes, change: change.into() }
}

/// The property of a detail because of which the resource is made anew, or may be.
fn cause(detail: &ResourceChangeDetail) -> Option<PropertyChange> {
    let target = detail.target.as_ref()?;
    let recreates = !matches!(target.requires_recreation, None | Some(RequiresRecreation::Never));
    let path = target.path.clone().or_else(|| target.name.clone())?;
    let (old, new) = (target.before_value.clone(), target.after_value.clone());
    recreates.then_some(PropertyChange { path, old, new })
}

/// Deletes the change set, and nested stacks that have nothing but change sets. What can't be deleted is only clutter, and no
/// reason to fail.
async fn clean(client: &Stacks, change: &ChangeSet, patience: Patience, mut nested: Vec<String>) {
    let own = Named { stack: Some(&change.stack), set: &change.name };
    if nested.is_empty()
        && let Ok(found) = described(client, own).await
    {
        nested.extend(found.new_stacks());
    }
    let mut stacks = Vec::new();
    for id in &nested {
        let found = described(client, Named { stack: None, set: id }).await;
        stacks.extend(found.map(|found| found.stack_id));
    }
    delete(client, change, patience).await;
    for stack in stacks {
        let there = describe(client, &stack).await;
        if there.is_ok_and(|found| found.is_some_and(|found| found.is_in_review()))
            && let Err(error) = client.sdk().delete_stack().stack_name(&stack).send().await
        {
            tracing::debug!(%stack, ?error, "the empty nested stack stays behind");
        }
    }
}

/// How often a change set that is still being made is tried to be deleted.
const ATTEMPTS: u32 = 20;

async fn delete(client: &Stacks, change: &ChangeSet, patience: Patience) {
    for _ in 0..ATTEMPTS {
        let request = client.sdk().delete_change_set().stack_name(&change.stack);
        let Err(error) = request.change_set_name(&change.name).send().await else { return };
        let error = Error::aws("cloudformation:DeleteChangeSet", &error);
        if is_gone(&error) {
            return;
        }
        tracing::debug!(name = %change.name, ?error, "the change set can't be deleted yet");
        // It can't be while it is being made.
        if error.code() != Some("InvalidChangeSetStatus") {
            return;
        }
        tokio::time::sleep(patience.interval).await;
    }
}

#[cfg(test)]
mod tests {
    use super::change_sets_in;

    #[test]
    fn nested_change_sets_are_found_in_sentences() {
        let arn = "arn:aws:cloudformation:us-west-2:1:changeSet/plan-AddonsStack-1A/0f-0f";
        let reason = format!("Nested change set {arn} was not successfully created: Currently in FAILED.");
        assert_eq!(change_sets_in(&reason).collect::<Vec<_>>(), [arn]);
        assert_eq!(change_sets_in("The template is wrong.").count(), 0);
    }
}
