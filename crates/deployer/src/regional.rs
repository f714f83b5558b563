//! The application's resources in each region: artifact bucket, key and ECR repositories.
//!
//! They are instances of the StackSet `APP-infrastructure`. We never change its template: the only thing we add is an
//! instance in the application's own region, where a pipeline keeps its artifacts. The only one that we delete is that very
//! instance, if its creation failed.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::operation::list_stack_instances::ListStackInstancesError;
use aws_sdk_cloudformation::types::{
    StackInstanceDetailedStatus, StackInstanceStatus, StackInstanceSummary, StackSetOperationStatus,
};
use futures::future::try_join_all;

use crate::error::Error;
use crate::session::Session;
use crate::stack::{self, Description, Event, Observer, Patience, Stacks};

/// What one region has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// The region.
    pub region: String,
    /// The artifact bucket.
    pub bucket: String,
    /// ARN of the key that encrypts it.
    pub key_arn: String,
    /// ECR repositories as workload name and repository URI, sorted by name.
    pub repositories: Vec<(String, String)>,
}

/// Reads all regions of an application, in the order in which the StackSet lists them: it is the order of the deployed
/// pipeline's artifact stores. A region whose resources are still being made is left out.
///
/// # Errors
/// When CloudFormation refuses, or an instance lacks an output.
pub async fn regions(session: &Session, app: &str, account: &str) -> Result<Vec<Region>, Error> {
    let instances = instances(session, app, Some(account)).await?;
    let reads = instances.iter().filter_map(|instance| {
        let (region, stack) = (instance.region.as_deref()?, instance.stack_id.as_deref()?);
        Some(read(session, region, stack))
    });
    Ok(try_join_all(reads).await?.into_iter().flatten().collect())
}

async fn read(session: &Session, region: &str, stack: &str) -> Result<Option<Region>, Error> {
    let client = Stacks::new(&session.in_region(region));
    let Some(description) = stack::describe(&client, stack).await? else { return Ok(None) };
    let outputs = &description.outputs;
    if outputs.is_empty() && (description.in_progress() || description.is_stuck()) {
        return Ok(None);
    }
    let output = |key: &'static str| {
        outputs.get(key).cloned().ok_or_else(|| Error::NoOutput { output: key, stack: stack.to_owned() })
    };
    let mut repositories: Vec<(String, String)> = outputs
        .iter()
        .filter_map(|(key, arn)| {
            Some((key.strip_prefix("ECRRepo")?.replace("DASH", "-"), repository_uri(arn)?))
        })
        .collect();
    repositories.sort();
    Ok(Some(Region {
        region: region.to_owned(),
        bucket: output("PipelineBucket")?,
        key_arn: output("KMSKeyARN")?,
        repositories,
    }))
}

/// `arn:PARTITION:ecr:REGION:ACCOUNT:repository/NAME` as `ACCOUNT.dkr.ecr.REGION.SUFFIX/NAME`.
pub(crate) fn repository_uri(arn: &str) -> Option<String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, partition, _, region, account, resource] = parts[..] else { return None };
    let name = resource.strip_prefix("repository/")?;
    let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    Some(format!("{account}.dkr.ecr.{region}.{suffix}/{name}"))
}

async fn instances(
    session: &Session,
    app: &str,
    account: Option<&str>,
) -> Result<Vec<StackInstanceSummary>, Error> {
    let client = Client::new(session.config());
    let request = client
        .list_stack_instances()
        .stack_set_name(stack_set(app))
        .set_stack_instance_account(account.map(ToOwned::to_owned));
    let mut pages = request.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => found.extend(page.summaries.unwrap_or_default()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(ListStackInstancesError::is_stack_set_not_found_exception) =>
            {
                return Err(Error::NoApplication {
                    name: app.to_owned(),
                    account: session.account().await.unwrap_or("unknown").to_owned(),
                    region: session.region().to_owned(),
                });
            }
            Err(error) => return Err(Error::aws("cloudformation:ListStackInstances", &error)),
        }
    }
    Ok(found)
}

fn stack_set(app: &str) -> String {
    format!("{app}-infrastructure")
}

/// The stack of the instance in the session's region, if its creation failed and was rolled back: nothing is in it, and it
/// can only be deleted.
///
/// # Errors
/// When CloudFormation refuses.
pub async fn left_over(session: &Session, app: &str, account: &str) -> Result<Option<Description>, Error> {
    let Some(instance) = own_instance(session, app, account).await? else { return Ok(None) };
    rolled_back(session, &instance).await
}

async fn own_instance(
    session: &Session,
    app: &str,
    account: &str,
) -> Result<Option<StackInstanceSummary>, Error> {
    let all = instances(session, app, Some(account)).await?;
    Ok(all.into_iter().find(|instance| instance.region.as_deref() == Some(session.region())))
}

async fn rolled_back(
    session: &Session,
    instance: &StackInstanceSummary,
) -> Result<Option<Description>, Error> {
    let (Progress::Failed, Some(stack)) = (progress(instance), instance.stack_id.as_deref()) else {
        return Ok(None);
    };
    let found = stack::describe(&stack::client(session), stack).await?;
    Ok(found.filter(|stack| stack.status == "ROLLBACK_COMPLETE"))
}

/// Makes sure that the session's region has its instance, so that its bucket exists before anything uses it. One that an
/// earlier run began is waited for. One that failed is made anew; what [`left_over`] finds of it is deleted first, if the
/// user agreed to that (`recreate`).
///
/// # Errors
/// [`Error::StackSet`] when the instance can't be made, with its reason; [`Error::StackStuck`] when `recreate` is needed.
pub async fn bootstrap(
    session: &Session,
    app: &str,
    account: &str,
    recreate: bool,
    patience: Patience,
    observer: Observer<'_>,
) -> Result<(), Error> {
    let region = session.region();
    let deadline = patience.deadline();
    let mut asked = false;
    observer(Event::Bootstrap { region: region.to_owned() });
    loop {
        let here = own_instance(session, app, account).await?;
        match here.as_ref().map(progress) {
            Some(Progress::Done) => return Ok(()),
            Some(Progress::Failed) if asked => {
                let reason = here.and_then(|instance| instance.status_reason);
                let reason = reason.unwrap_or_else(|| "CloudFormation gives no reason".to_owned());
                return Err(Error::StackSet { app: app.to_owned(), region: region.to_owned(), reason });
            }
            Some(Progress::Running) => {}
            None | Some(Progress::Failed) => {
                if let Some(instance) = here
                    && let Some(Description { name: stack, status, .. }) =
                        rolled_back(session, &instance).await?
                {
                    if !recreate {
                        return Err(Error::StackStuck { stack, status });
                    }
                    observer(Event::Recreate { stack, status });
                    remove(session, app, account, patience).await?;
                }
                if !asked {
                    asked = create(session, app, account).await?;
                }
            }
        }
        patience.pause(deadline, "the creation of the regional resources").await?;
    }
}

/// Deletes the instance with its stack, and waits for the end of that.
async fn remove(session: &Session, app: &str, account: &str, patience: Patience) -> Result<(), Error> {
    let client = Client::new(session.config());
    let deadline = patience.deadline();
    let what = "the deletion of the regional resources";
    let operation = loop {
        let request = client.delete_stack_instances().stack_set_name(stack_set(app)).retain_stacks(false);
        match request.accounts(account).regions(session.region()).send().await {
            Ok(answer) => break answer.operation_id.unwrap_or_default(),
            Err(error) => match Error::aws("cloudformation:DeleteStackInstances", &error) {
                // Another operation on the StackSet is under way.
                error if error.code() == Some("OperationInProgressException") => {}
                error => return Err(error),
            },
        }
        patience.pause(deadline, what).await?;
    };
    loop {
        let request = client.describe_stack_set_operation().stack_set_name(stack_set(app));
        let answer = request.operation_id(&operation).send().await;
        let answer = answer.map_err(|e| Error::aws("cloudformation:DescribeStackSetOperation", &e))?;
        match answer.stack_set_operation.and_then(|operation| operation.status) {
            Some(StackSetOperationStatus::Succeeded) => return Ok(()),
            Some(StackSetOperationStatus::Failed | StackSetOperationStatus::Stopped) => {
                let reason = "what an earlier, failed creation left can't be deleted".to_owned();
                let region = session.region().to_owned();
                return Err(Error::StackSet { app: app.to_owned(), region, reason });
            }
            _ => patience.pause(deadline, what).await?,
        }
    }
}

/// Asks for the instance. Returns whether CloudFormation took it on: while another operation on the StackSet is under
/// way it does not.
async fn create(session: &Session, app: &str, account: &str) -> Result<bool, Error> {
    let client = Client::new(session.config());
    let request = client.create_stack_instances().stack_set_name(stack_set(app));
    match request.accounts(account).regions(session.region()).send().await {
        Ok(_) => Ok(true),
        Err(error) => match Error::aws("cloudformation:CreateStackInstances", &error) {
            error if error.code() == Some("OperationInProgressException") => Ok(false),
            error => Err(error),
        },
    }
}

/// How far an instance is.
enum Progress {
    Running,
    Done,
    Failed,
}

fn progress(instance: &StackInstanceSummary) -> Progress {
    use StackInstanceDetailedStatus::{Cancelled, Failed, Inoperable, Succeeded};
    let detail = instance.stack_instance_status.as_ref().and_then(|status| status.detailed_status.as_ref());
    match (detail, &instance.status) {
        (Some(Succeeded), _) | (None, Some(StackInstanceStatus::Current)) => Progress::Done,
        (Some(Failed | Cancelled | Inoperable), _) => Progress::Failed,
        _ => Progress::Running,
    }
}

#[cfg(test)]
mod tests {
    use super::repository_uri;

    #[test]
    fn repository_arns_become_uris() {
        let cases = [
            (
                "arn:aws:ecr:us-west-2:123456789012:repository/shop/api",
                Some("123456789012.dkr.ecr.us-west-2.amazonaws.com/shop/api"),
            ),
            ("arn:aws-cn:ecr:cn-north-1:1:repository/a", Some("1.dkr.ecr.cn-north-1.amazonaws.com.cn/a")),
            ("not an arn", None),
        ];
        for (arn, uri) in cases {
            assert_eq!(repository_uri(arn).as_deref(), uri, "{arn}");
        }
    }
}
