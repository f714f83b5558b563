//! Creating, updating and deleting a stack through change sets.

use std::fmt::Write as _;

use aws_sdk_cloudformation::operation::create_change_set::builders::CreateChangeSetFluentBuilder;
use aws_sdk_cloudformation::types::{
    Capability, ChangeSetStatus, ChangeSetType, ExecutionStatus, Parameter, Tag,
};

use super::events::Follower;
use super::findings::findings;
use super::{Change, ChangeSet, Description, Event, Observer, Patience, Stacks, Template, describe};
use crate::error::Error;

/// How a deployment ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployed {
    /// The stack is new.
    Created,
    /// The stack was changed.
    Updated,
    /// The stack already was as the template says.
    Unchanged,
    /// The change is still running in AWS, and nobody waits for it.
    Started,
}

/// Creates or updates a stack, and waits until it is done.
///
/// # Errors
/// [`Error::StackBusy`], [`Error::Overtaken`], [`Error::Replaced`], [`Error::StackStuck`], [`Error::ChangeSet`],
/// [`Error::StackFailed`] with the first failed resource, [`Error::TimedOut`], or what AWS refuses.
pub async fn deploy(
    client: &Stacks,
    change: &ChangeSet,
    patience: Patience,
    observer: Observer<'_>,
) -> Result<Deployed, Error> {
    let mut attempt = 1;
    loop {
        let name = if attempt == 1 { change.name.clone() } else { format!("{}-{attempt}", change.name) };
        match once(client, change, &name, patience, observer).await {
            Err(Error::Overtaken { .. }) if change.wait && attempt < ATTEMPTS => attempt += 1,
            ended => return ended,
        }
    }
}

/// How often a deployment that waits for others lets them go first.
const ATTEMPTS: u32 = 10;

async fn once(
    client: &Stacks,
    change: &ChangeSet,
    name: &str,
    patience: Patience,
    observer: Observer<'_>,
) -> Result<Deployed, Error> {
    let existing = prepare(client, change, patience, observer).await?;
    let create = existing.is_none();
    if create && change.manner.update_only {
        return Err(Error::NoStack { stack: change.stack.clone() });
    }
    let id = request(client, change, name, existing.as_ref()).await?;
    let Some(changes) = ready(client, change, &id, patience).await? else {
        discard(client, &id).await;
        return Ok(Deployed::Unchanged);
    };
    observer(Event::Changes { stack: change.stack.clone(), create, changes });
    let mut follower = Follower::start(client, &change.stack).await?;
    execute(client, change, &id).await?;
    if change.manner.detach {
        return Ok(Deployed::Started);
    }
    let before = existing.and_then(|stack| stack.change_set);
    let own = Own { id: &id, before: before.as_deref() };
    finish(client, &change.stack, own, &mut follower, patience, observer).await?;
    Ok(if create { Deployed::Created } else { Deployed::Updated })
}

/// The stack that is to be updated; `None` if it has to be created.
async fn prepare(
    client: &Stacks,
    change: &ChangeSet,
    patience: Patience,
    observer: Observer<'_>,
) -> Result<Option<Description>, Error> {
    let deadline = patience.deadline();
    let mut told = false;
    loop {
        let Some(stack) = describe(client, &change.stack).await? else { return Ok(None) };
        // A stack in review has had change sets but no resources: a change set of type CREATE is what it waits for.
        if stack.is_in_review() {
            return Ok(None);
        }
        if stack.in_progress() {
            if !change.wait {
                return Err(Error::StackBusy { stack: stack.name, status: stack.status });
            }
            if !told {
                observer(Event::Busy { stack: stack.name.clone(), status: stack.status.clone() });
                told = true;
            }
            patience.pause(deadline, &format!("the operation on stack {}", stack.name)).await?;
        } else if stack.is_stuck() {
            if !change.recreate {
                return Err(Error::StackStuck { stack: stack.name, status: stack.status });
            }
            observer(Event::Recreate { stack: stack.name.clone(), status: stack.status.clone() });
            delete(client, &stack.name, patience, observer).await?;
            return Ok(None);
        } else if stack.status.is_not_undone() {
            return Err(Error::StackStuck { stack: stack.name, status: stack.status });
        } else {
            return Ok(Some(stack));
        }
    }
}

async fn request(
    client: &Stacks,
    change: &ChangeSet,
    name: &str,
    existing: Option<&Description>,
) -> Result<String, Error> {
    match creation(client, change, name, Some(existing)).send().await {
        Ok(answer) => Ok(answer.id.unwrap_or_default()),
        Err(error) => {
            let error = Error::aws("cloudformation:CreateChangeSet", &error);
            let create = existing.is_none();
            // A refusal for another reason says so; this one follows from what became of the stack since it was looked at.
            let now = describe(client, &change.stack).await?;
            let other = now.filter(|stack| if create { !stack.is_in_review() } else { stack.in_progress() });
            Err(other.map_or(error, |stack| Error::Overtaken { stack: stack.name, status: stack.status }))
        }
    }
}

/// The request for a change set: `existing` is the stack as it was looked at, or nothing for one that is known to be there and to
/// have all parameters whose values are kept.
#[expect(clippy::option_option, reason = "not looked at is another thing than not there")]
pub(super) fn creation(
    client: &Stacks,
    change: &ChangeSet,
    name: &str,
    existing: Option<Option<&Description>>,
) -> CreateChangeSetFluentBuilder {
    let create = matches!(existing, Some(None));
    let (body, url) = match &change.template {
        Template::Body(text) => (Some(text.clone()), None),
        Template::Url(url) => (None, Some(url.clone())),
    };
    let kept = |name: &String| {
        let has = |stack: Option<&Description>| stack.is_some_and(|it| it.parameters.contains_key(name));
        change.manner.kept.contains(name) && existing.is_none_or(has)
    };
    let parameters = change.parameters.iter().map(|(name, value)| {
        let parameter = Parameter::builder().parameter_key(name);
        // CloudFormation fills in the value itself, so that nobody's change of it can be missed on the way.
        let previous = kept(name);
        let parameter =
            if previous { parameter.use_previous_value(true) } else { parameter.parameter_value(value) };
        parameter.build()
    });
    let tags = change.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    client
        .sdk()
        .create_change_set()
        .stack_name(&change.stack)
        .change_set_name(name)
        .change_set_type(if create { ChangeSetType::Create } else { ChangeSetType::Update })
        .set_template_body(body)
        .set_template_url(url)
        .set_parameters(Some(parameters.collect()))
        .set_tags(Some(tags.collect()))
        .set_role_arn(change.manner.role_arn.clone())
        .include_nested_stacks(true)
        .capabilities(Capability::CapabilityIam)
        .capabilities(Capability::CapabilityNamedIam)
        .capabilities(Capability::CapabilityAutoExpand)
}

/// The status of a stack that is gone.
const DELETED: &str = "DELETE_COMPLETE";

/// Another deployment went ahead: CloudFormation takes away all other change sets of a stack when one is executed.
async fn overtaken(client: &Stacks, stack: &str) -> Result<Error, Error> {
    let status = describe(client, stack).await?.map_or_else(|| DELETED.into(), |stack| stack.status);
    Ok(Error::Overtaken { stack: stack.to_owned(), status })
}

pub(super) fn is_gone(error: &Error) -> bool {
    error.code().is_some_and(|code| code.starts_with("ChangeSetNotFound"))
}

/// Waits for the change set; `None` means that there is nothing to change.
async fn ready(
    client: &Stacks,
    change: &ChangeSet,
    id: &str,
    patience: Patience,
) -> Result<Option<Vec<Change>>, Error> {
    let deadline = patience.deadline();
    loop {
        let mut pages = client.sdk().describe_change_set().change_set_name(id).into_paginator().send();
        let mut changes = Vec::new();
        let mut state = None;
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(error) => {
                    let error = Error::aws("cloudformation:DescribeChangeSet", &error);
                    return Err(if is_gone(&error) {
                        overtaken(client, &change.stack).await?
                    } else {
                        error
                    });
                }
            };
            let found = page.changes.unwrap_or_default().into_iter();
            changes.extend(found.filter_map(|change| change.resource_change).map(Change::from));
            state = Some((page.status, page.execution_status, page.status_reason.unwrap_or_default()));
        }
        match state {
            Some((Some(ChangeSetStatus::CreateComplete), Some(ExecutionStatus::Available), _)) => {
                return Ok(Some(changes));
            }
            Some((_, Some(ExecutionStatus::Obsolete), _)) => {
                return Err(overtaken(client, &change.stack).await?);
            }
            Some((Some(status), ..)) if status.as_str().starts_with("DELETE_") => {
                return Err(overtaken(client, &change.stack).await?);
            }
            Some((Some(ChangeSetStatus::Failed), _, reason)) if is_empty(&reason) => return Ok(None),
            Some((Some(ChangeSetStatus::Failed), _, mut reason)) => {
                // Of a validation the reason says only that there was one.
                for found in findings(client, None, id).await.unwrap_or_default() {
                    let _ = write!(reason, "\n  {found}");
                }
                discard(client, id).await;
                return Err(Error::ChangeSet { stack: change.stack.clone(), reason });
            }
            _ => patience.pause(deadline, &format!("the change set for stack {}", change.stack)).await?,
        }
    }
}

/// CloudFormation reports a change set without changes as failed; only its sentence tells.
pub(super) fn is_empty(reason: &str) -> bool {
    reason.contains("didn't contain changes") || reason.contains("No updates are to be performed")
}

/// A change set that is not executed is only clutter: that it can't be deleted is no reason to fail.
async fn discard(client: &Stacks, id: &str) {
    if let Err(error) = client.sdk().delete_change_set().change_set_name(id).send().await {
        tracing::debug!(%id, ?error, "the change set stays behind");
    }
}

async fn execute(client: &Stacks, change: &ChangeSet, id: &str) -> Result<(), Error> {
    let request = client.sdk().execute_change_set().change_set_name(id).stack_name(&change.stack);
    let request = request.set_disable_rollback(change.manner.no_rollback.then_some(true));
    match request.send().await {
        Ok(_) => Ok(()),
        Err(error) => {
            let error = Error::aws("cloudformation:ExecuteChangeSet", &error);
            let refused =
                is_gone(&error) || matches!(error.code(), Some("InvalidChangeSetStatus" | "ValidationError"));
            if !refused {
                return Err(error);
            }
            match fate(client, id).await? {
                // The first attempt has arrived although its answer has not.
                Fate::Executed => Ok(()),
                Fate::Gone => Err(overtaken(client, &change.stack).await?),
                // By now the other one may be done.
                Fate::Waits if error.to_string().contains("_IN_PROGRESS state") => {
                    Err(overtaken(client, &change.stack).await?)
                }
                Fate::Waits => Err(error),
            }
        }
    }
}

/// What became of a change set that could not be executed.
enum Fate {
    /// It was executed after all.
    Executed,
    /// It is void.
    Gone,
    /// It could still be executed.
    Waits,
}

async fn fate(client: &Stacks, id: &str) -> Result<Fate, Error> {
    let status = match client.sdk().describe_change_set().change_set_name(id).send().await {
        Ok(found) => found.execution_status,
        Err(error) => {
            let error = Error::aws("cloudformation:DescribeChangeSet", &error);
            return if is_gone(&error) { Ok(Fate::Gone) } else { Err(error) };
        }
    };
    Ok(match status {
        Some(
            ExecutionStatus::ExecuteInProgress
            | ExecutionStatus::ExecuteComplete
            | ExecutionStatus::ExecuteFailed,
        ) => Fate::Executed,
        Some(ExecutionStatus::Obsolete) => Fate::Gone,
        _ => Fate::Waits,
    })
}

/// Which change sets a stack may name while it is ours that is carried out.
#[derive(Clone, Copy)]
struct Own<'a> {
    id: &'a str,
    /// The one that was executed before, which an undone update leaves the stack with.
    before: Option<&'a str>,
}

async fn finish(
    client: &Stacks,
    stack: &str,
    own: Own<'_>,
    follower: &mut Follower<'_>,
    patience: Patience,
    observer: Observer<'_>,
) -> Result<(), Error> {
    let deadline = patience.deadline();
    let mut seen = false;
    loop {
        let found = describe(client, stack).await?;
        let running = found.as_ref().and_then(|found| found.change_set.as_deref());
        let status = found.as_ref().map(|stack| stack.status.clone()).unwrap_or_default();
        // Another one can only have begun after ours was done.
        if seen && running.is_some_and(|id| id != own.id && Some(id) != own.before) {
            return Err(Error::Replaced { stack: stack.to_owned(), status });
        }
        seen |= running == Some(own.id);
        follower.advance(observer).await?;
        if status.is_deployed() {
            return Ok(());
        }
        if !status.is_in_progress() {
            let failed = follower.first_failure();
            let status = if status.is_empty() { DELETED.into() } else { status };
            return Err(Error::StackFailed { stack: stack.to_owned(), status, failed });
        }
        patience.pause(deadline, &format!("the deployment of stack {stack}")).await?;
    }
}

/// Deletes a stack and waits until it is gone. A stack that is not there is gone. Returns whether there was one.
///
/// # Errors
/// [`Error::StackFailed`] with the first resource that can't be deleted.
pub async fn delete(
    client: &Stacks,
    stack: &str,
    patience: Patience,
    observer: Observer<'_>,
) -> Result<bool, Error> {
    let Some(found) = describe(client, stack).await? else { return Ok(false) };
    let mut follower = Follower::start(client, &found.id).await?;
    let answer = client.sdk().delete_stack().stack_name(&found.id).send().await;
    answer.map_err(|e| Error::aws("cloudformation:DeleteStack", &e))?;
    let deadline = patience.deadline();
    loop {
        let status = describe(client, &found.id).await?.map(|stack| stack.status);
        follower.advance(observer).await?;
        match status {
            None => return Ok(true),
            Some(status) if status == "DELETE_FAILED" => {
                let failed = follower.first_failure();
                return Err(Error::StackFailed { stack: stack.to_owned(), status, failed });
            }
            Some(_) => patience.pause(deadline, &format!("the deletion of stack {stack}")).await?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_empty;

    #[test]
    fn both_sentences_for_no_changes_are_known() {
        assert!(is_empty("The submitted information didn't contain changes. Submit different information."));
        assert!(is_empty("No updates are to be performed."));
        assert!(!is_empty("Template error: instance of Fn::GetAtt references undefined resource X"));
    }
}
