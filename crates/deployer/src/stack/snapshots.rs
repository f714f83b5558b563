//! Many stacks as they are deployed, with few questions, and the stacks that are nested in them.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudformation::types::Stack;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::{Description, Snapshot, Stacks, describe, description, resources, template};
use crate::error::Error;
use crate::session::Session;

/// Templates that are fetched at a time.
const AT_ONCE: usize = 8;
/// The type of a nested stack.
const NESTED: &str = "AWS::CloudFormation::Stack";

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

impl Where {
    /// CloudFormation there.
    ///
    /// # Errors
    /// When the role can't be assumed.
    pub async fn client(&self, session: &Session) -> Result<Stacks, Error> {
        Ok(match self {
            Self::Here => super::client(session),
            Self::Environment { region, role_arn } => Stacks::new(&session.assume(role_arn, region).await?),
        })
    }
}

/// CloudFormation at each place.
pub(super) async fn clients<'a>(
    session: &Session,
    places: impl Iterator<Item = &'a Where>,
) -> Result<BTreeMap<&'a Where, Stacks>, Error> {
    let mut clients = BTreeMap::new();
    for place in places {
        if !clients.contains_key(place) {
            clients.insert(place, place.client(session).await?);
        }
    }
    Ok(clients)
}

/// A stack that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// What it is made of.
    pub snapshot: Snapshot,
    /// The stacks that are nested in it, by their names in its template.
    pub nested: BTreeMap<String, Self>,
}

/// The stacks of these names that are there, by name. One whose creation failed is not.
///
/// One that is alone is described by itself; of several, all of the region are listed, since one question is enough for a
/// hundred of them.
///
/// # Errors
/// When the role can't be assumed, or CloudFormation refuses.
pub async fn snapshots(
    session: &Session,
    place: &Where,
    names: &BTreeSet<String>,
) -> Result<BTreeMap<String, Found>, Error> {
    let client = place.client(session).await?;
    match (place, names.first()) {
        (Where::Here, Some(name)) if names.len() == 1 => {
            Ok(found(&client, name).await?.map(|found| (found.name.clone(), found)).into_iter().collect())
        }
        _ => listed(&client, names).await,
    }
}

/// A stack with those that are nested in it; `None` if there is no such stack, or nothing in it because its creation failed.
///
/// # Errors
/// When CloudFormation refuses.
pub async fn found(client: &Stacks, name: &str) -> Result<Option<Found>, Error> {
    let Some(parent) = describe(client, name).await?.filter(is_there) else { return Ok(None) };
    let id = parent.id.clone();
    let Some(mut parent) = with_template(client, parent).await? else { return Ok(None) };
    if parent.snapshot.template.contains(NESTED) {
        let all = resources(client, &id).await?;
        for nested in all.into_iter().filter(|resource| resource.kind == NESTED) {
            let Some(there) = describe(client, &nested.physical_id).await?.filter(is_there) else { continue };
            if let Some(there) = with_template(client, there).await? {
                parent.nested.insert(nested.logical_id, there);
            }
        }
    }
    Ok(Some(parent))
}

fn is_there(stack: &Description) -> bool {
    !stack.is_in_review() && !stack.is_stuck()
}

async fn with_template(client: &Stacks, stack: Description) -> Result<Option<Found>, Error> {
    let text = template(client, &stack.id).await?;
    let Description { name, parameters, tags, .. } = stack;
    Ok(text.map(|template| Found {
        name,
        snapshot: Snapshot { template, parameters, tags },
        nested: BTreeMap::new(),
    }))
}

/// A stack of a list, and what it is nested in.
struct Listed {
    parent: Option<String>,
    stack: Description,
}

async fn listed(client: &Stacks, names: &BTreeSet<String>) -> Result<BTreeMap<String, Found>, Error> {
    let mut pages = client.sdk().describe_stacks().into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Error::aws("cloudformation:DescribeStacks", &error))?;
        all.extend(page.stacks.unwrap_or_default().into_iter().filter_map(wanted));
    }
    let ids: BTreeMap<String, String> = all
        .iter()
        .filter(|one| names.contains(&one.stack.name))
        .map(|one| (one.stack.id.clone(), one.stack.name.clone()))
        .collect();
    all.retain(|one| {
        let is_below = one.parent.as_ref().is_some_and(|parent| ids.contains_key(parent));
        is_below || names.contains(&one.stack.name)
    });
    let fetched = all.into_iter().map(|one| async move {
        let found = with_template(client, one.stack).await?;
        Ok::<_, Error>(found.map(|found| (one.parent, found)))
    });
    let fetched: Vec<_> = stream::iter(fetched).buffer_unordered(AT_ONCE).try_collect().await?;
    let (below, top): (Vec<_>, Vec<_>) =
        fetched.into_iter().flatten().partition(|(_, found)| !names.contains(&found.name));
    let mut found: BTreeMap<String, Found> =
        top.into_iter().map(|(_, found)| (found.name.clone(), found)).collect();
    for (parent, nested) in below {
        let parent = parent.and_then(|parent| found.get_mut(ids.get(&parent)?));
        if let Some(parent) = parent {
            let logical = logical_id(&parent.name, &nested.name).to_owned();
            parent.nested.insert(logical, nested);
        }
    }
    Ok(found)
}

fn wanted(stack: Stack) -> Option<Listed> {
    let parent = stack.parent_id.clone();
    let stack = description(stack).filter(is_there)?;
    Some(Listed { parent, stack })
}

/// The name in the parent's template: CloudFormation calls a nested stack `PARENT-NAME-SUFFIX`, all cut where that is too long.
fn logical_id<'a>(parent: &str, name: &'a str) -> &'a str {
    let rest = name.strip_prefix(parent).and_then(|rest| rest.strip_prefix('-')).unwrap_or(name);
    rest.rsplit_once('-').map_or(rest, |(logical, _)| logical)
}

#[cfg(test)]
mod tests {
    use super::logical_id;

    #[test]
    fn a_nested_stack_is_called_by_its_name_in_the_template() {
        assert_eq!(logical_id("shop-test-api", "shop-test-api-AddonsStack-1ABC2DEF"), "AddonsStack");
        assert_eq!(logical_id("shop-test-api", "cut-AddonsSt-1ABC"), "cut-AddonsSt");
    }
}
