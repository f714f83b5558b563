//! The application's resources in each region: artifact bucket, key and ECR repositories.
//!
//! They are instances of the StackSet `APP-infrastructure`. We never change its template: the only thing we add is an
//! instance in the application's own region, where a pipeline keeps its artifacts.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::operation::list_stack_instances::ListStackInstancesError;
use aws_sdk_cloudformation::types::{StackInstanceSummary, StackSetOperationStatus};
use futures::future::try_join_all;

use crate::error::Error;
use crate::session::Session;
use crate::stack::{Event, Observer, Patience, outputs_of};

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
/// pipeline's artifact stores.
///
/// # Errors
/// When CloudFormation refuses, or an instance lacks an output.
pub async fn regions(session: &Session, app: &str, account: &str) -> Result<Vec<Region>, Error> {
    let instances = instances(session, app, Some(account)).await?;
    let reads = instances.iter().filter_map(|instance| {
        let (region, stack) = (instance.region.as_deref()?, instance.stack_id.as_deref()?);
        Some(read(session, region, stack))
    });
    try_join_all(reads).await
}

async fn read(session: &Session, region: &str, stack: &str) -> Result<Region, Error> {
    let client = Client::new(&session.in_region(region));
    let answer = client.describe_stacks().stack_name(stack).send().await;
    let stacks =
        answer.map_err(|e| Error::aws("cloudformation:DescribeStacks", &e))?.stacks.unwrap_or_default();
    let outputs = stacks.first().map(outputs_of).unwrap_or_default();
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
    Ok(Region {
        region: region.to_owned(),
        bucket: output("PipelineBucket")?,
        key_arn: output("KMSKeyARN")?,
        repositories,
    })
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

/// Makes sure that the session's region has its instance, so that its bucket exists before anything uses it.
/// Returns whether one had to be created.
///
/// # Errors
/// [`Error::StackSet`] when the operation fails, with the instance's reason.
pub async fn bootstrap(
    session: &Session,
    app: &str,
    account: &str,
    patience: Patience,
    observer: Observer<'_>,
) -> Result<bool, Error> {
    let region = session.region();
    let here = |instance: &StackInstanceSummary| instance.region.as_deref() == Some(region);
    if instances(session, app, None).await?.iter().any(here) {
        return Ok(false);
    }
    observer(Event::Bootstrap { region: region.to_owned() });
    let client = Client::new(session.config());
    let request =
        client.create_stack_instances().stack_set_name(stack_set(app)).accounts(account).regions(region);
    let operation = match request.send().await {
        Ok(answer) => answer.operation_id.unwrap_or_default(),
        Err(error) => return Err(Error::aws("cloudformation:CreateStackInstances", &error)),
    };
    let failed = |reason: String| Error::StackSet { app: app.to_owned(), region: region.to_owned(), reason };
    let deadline = patience.deadline();
    loop {
        let request =
            client.describe_stack_set_operation().stack_set_name(stack_set(app)).operation_id(&operation);
        let answer =
            request.send().await.map_err(|e| Error::aws("cloudformation:DescribeStackSetOperation", &e))?;
        match answer.stack_set_operation.and_then(|operation| operation.status) {
            Some(StackSetOperationStatus::Succeeded) => return Ok(true),
            Some(StackSetOperationStatus::Failed | StackSetOperationStatus::Stopped) => {
                let reason = instances(session, app, Some(account)).await?.into_iter().find(here);
                let reason = reason.and_then(|instance| instance.status_reason);
                return Err(failed(reason.unwrap_or_else(|| "CloudFormation gives no reason".to_owned())));
            }
            _ => patience.pause(deadline, "the creation of the regional resources").await?,
        }
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
