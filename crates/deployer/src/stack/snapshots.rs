//! Many stacks as they are deployed, with few questions.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::{Description, Snapshot, Stacks, describe, description, template};
use crate::error::Error;
use crate::session::Session;

/// As many stacks are described one by one; beyond that, all of the region are listed.
const FEW: usize = 2;
/// Templates that are fetched at a time.
const AT_ONCE: usize = 8;

/// Where stacks are, and the role that may look at them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Where {
    /// In the account and region of the session.
    Here,
    /// In those of an environment.
    Environment {
        /// Its region.
        region: String,
        /// ARN of its manager role.
        role_arn: String,
    },
}

/// The stacks of these names that are there, by name. One whose creation failed is not.
///
/// # Errors
/// When the role can't be assumed, or CloudFormation refuses.
pub async fn snapshots(
    session: &Session,
    place: &Where,
    names: &BTreeSet<String>,
) -> Result<BTreeMap<String, Snapshot>, Error> {
    let client = match place {
        Where::Here => super::client(session),
        Where::Environment { region, role_arn } => Stacks::new(&session.assume(role_arn, region).await?),
    };
    let found =
        if names.len() <= FEW { one_by_one(&client, names).await? } else { listed(&client, names).await? };
    let there = found.into_iter().filter(|stack| !stack.is_in_review() && !stack.is_stuck());
    let fetched = stream::iter(there.map(|stack| {
        let client = &client;
        async move {
            let text = template(client, &stack.id).await?;
            let Description { name, parameters, tags, .. } = stack;
            Ok::<_, Error>(text.map(|template| (name, Snapshot { template, parameters, tags })))
        }
    }));
    let fetched: Vec<_> = fetched.buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(fetched.into_iter().flatten().collect())
}

async fn one_by_one(client: &Stacks, names: &BTreeSet<String>) -> Result<Vec<Description>, Error> {
    let mut found = Vec::new();
    for name in names {
        found.extend(describe(client, name).await?);
    }
    Ok(found)
}

async fn listed(client: &Stacks, names: &BTreeSet<String>) -> Result<Vec<Description>, Error> {
    let mut pages = client.sdk().describe_stacks().into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Error::aws("cloudformation:DescribeStacks", &error))?;
        let all = page.stacks.unwrap_or_default().into_iter().filter_map(description);
        found.extend(all.filter(|stack| names.contains(&stack.name)));
    }
    Ok(found)
}
