//! An IAM policy as data.

use std::collections::BTreeMap;

use serde::Serialize;

use super::calls::{Condition, Grant};

/// Where a policy is for. What is not known is `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The partition: `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The application.
    pub application: String,
}

impl Place {
    /// The partition follows from the region.
    pub fn of(region: impl Into<String>, account: impl Into<String>, application: impl Into<String>) -> Self {
        let (region, account, application) = (region.into(), account.into(), application.into());
        let partition = match region.split('-').next() {
            Some("cn") => "aws-cn",
            Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        Self { partition: partition.to_owned(), account, region, application }
    }

    fn fill(&self, pattern: &str) -> String {
        pattern
            .replace("{partition}", &self.partition)
            .replace("{account}", &self.account)
            .replace("{region}", &self.region)
            .replace("{app}", &self.application)
    }
}

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// The version of the language.
    #[serde(rename = "Version")]
    version: &'static str,
    /// What is allowed.
    #[serde(rename = "Statement")]
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    /// `Allow`.
    effect: &'static str,
    /// Actions, sorted.
    #[serde(rename = "Action")]
    pub actions: Vec<String>,
    /// ARNs, sorted.
    #[serde(rename = "Resource")]
    pub resources: Vec<String>,
    /// When it holds: operator, key, values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<BTreeMap<&'static str, BTreeMap<&'static str, String>>>,
}

impl Policy {
    /// One statement for all actions on the same resources.
    pub(super) fn of<'a>(grants: impl IntoIterator<Item = &'a Grant>, place: &Place) -> Self {
        let mut statements: BTreeMap<(Vec<String>, Option<Condition>), Vec<String>> = BTreeMap::new();
        for grant in grants {
            let mut resources: Vec<String> = grant.resources.iter().map(|one| place.fill(one)).collect();
            resources.sort();
            let actions = statements.entry((resources, grant.condition)).or_default();
            actions.extend(grant.actions.iter().map(|&action| action.to_owned()));
        }
        let statements = statements.into_iter().map(|((resources, condition), mut actions)| {
            actions.sort();
            actions.dedup();
            let condition = condition.map(|(operator, key, value)| {
                BTreeMap::from([(operator, BTreeMap::from([(key, place.fill(value))]))])
            });
            Statement { effect: "Allow", actions, resources, condition }
        });
        Self { version: "2012-10-17", statements: statements.collect() }
    }
}
