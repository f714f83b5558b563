//! What deploying an environment would do, and what keeps it from being done. Nothing here asks AWS or a person.

use std::collections::BTreeMap;

use copilot_deployer::environment::Place;
use copilot_deployer::stack::{Description, Status};
use copilot_stack::TEMPLATE_VERSION;
use copilot_stack::environment::{BOOTSTRAP, check_version, kept_parameters};
use copilot_stack::facts::Environment;
use serde::Serialize;

use crate::question::{Field, Question, Subject};

/// An environment as it is at AWS.
#[derive(Debug, Clone, Copy)]
pub struct Deployed<'a> {
    /// Its name.
    pub name: &'a str,
    /// What is known of it.
    pub facts: &'a Environment,
    /// Its stack, if there is one.
    pub stack: Option<&'a Description>,
}

/// What is wanted beyond the usual.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Another operation on the stack may be waited for.
    pub wait: bool,
    /// A newer stack may be replaced.
    pub allow_downgrade: bool,
}

/// Why a deployment can't begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "blocker", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Blocker {
    /// It has no stack, so there are no roles to deploy it with.
    #[error("the environment `{name}` has no stack {stack}")]
    NotThere {
        /// The environment.
        name: String,
        /// What its stack would be called.
        stack: String,
    },
    /// Somebody else changes the stack.
    #[error("stack {stack} is being changed by somebody else ({status})")]
    Busy {
        /// The stack.
        stack: String,
        /// Its status.
        status: Status,
    },
    /// An update failed, and so did undoing it.
    #[error("stack {stack} is in {status}: CloudFormation couldn't undo its last update")]
    NotUndone {
        /// The stack.
        stack: String,
        /// Its status.
        status: Status,
    },
    /// The stack can only be deleted.
    #[error("stack {stack} is in {status}: the environment was never made, or is half deleted")]
    Broken {
        /// The stack.
        stack: String,
        /// Its status.
        status: Status,
    },
    /// A newer program has deployed it.
    #[error(
        "the environment `{name}` was deployed with version {version}, which is newer than {TEMPLATE_VERSION}"
    )]
    Newer {
        /// The environment.
        name: String,
        /// The version of what is deployed.
        version: String,
    },
}

/// What a deployment would do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where the stack is.
    pub place: Place,
    /// Whether nothing but the roles has been deployed yet.
    pub first: bool,
    /// Why it can't begin; nothing if it can.
    pub blockers: Vec<Blocker>,
    /// Parameters whose deployed values stay.
    pub kept: Vec<String>,
    /// Whether another operation on the stack is waited for.
    pub wait: bool,
}

impl Plan {
    /// Looks at what is deployed.
    pub fn new(place: Place, deployed: Deployed<'_>, wishes: Wishes) -> Self {
        Self {
            first: deployed.facts.version.as_deref() == Some(BOOTSTRAP),
            blockers: blockers(&place.stack, deployed, wishes),
            kept: kept_parameters().map(str::to_owned).collect(),
            wait: wishes.wait,
            place,
        }
    }

    /// The parameters as they will be: those that belong to workloads are what they are now.
    pub fn parameters(
        &self,
        rendered: &BTreeMap<String, String>,
        stack: Option<&Description>,
    ) -> BTreeMap<String, String> {
        let mut parameters = rendered.clone();
        for name in &self.kept {
            if let Some(value) = stack.and_then(|stack| stack.parameters.get(name)) {
                parameters.insert(name.clone(), value.clone());
            }
        }
        parameters
    }

    /// What to ask somebody who has seen what changes.
    pub const fn question() -> Question {
        Question { about: Subject::Difference, field: Field::Confirmed, default: None }
    }
}

fn blockers(stack_name: &str, deployed: Deployed<'_>, wishes: Wishes) -> Vec<Blocker> {
    let mut found = Vec::new();
    let name = deployed.name.to_owned();
    let stack = stack_name.to_owned();
    match deployed.stack.filter(|stack| !stack.is_in_review()) {
        None => found.push(Blocker::NotThere { name: name.clone(), stack }),
        Some(description) => {
            let status = description.status.clone();
            if description.is_stuck() {
                found.push(Blocker::Broken { stack, status });
            } else if status.is_not_undone() {
                found.push(Blocker::NotUndone { stack, status });
            } else if description.in_progress() && !wishes.wait {
                found.push(Blocker::Busy { stack, status });
            }
        }
    }
    if !wishes.allow_downgrade && check_version(deployed.name, deployed.facts).is_err() {
        let version = deployed.facts.version.clone().unwrap_or_default();
        found.push(Blocker::Newer { name, version });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description(status: &str, parameters: &[(&str, &str)]) -> Description {
        let parameters =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Description {
            id: "arn".into(),
            name: "shop-test".into(),
            status: status.into(),
            outputs: BTreeMap::new(),
            parameters,
            tags: BTreeMap::new(),
            change_set: None,
        }
    }

    fn plan(version: &str, stack: Option<&Description>, wishes: Wishes) -> Plan {
        let facts = Environment { version: Some(version.into()), ..Environment::default() };
        let place = Place {
            stack: "shop-test".into(),
            region: "eu-west-1".into(),
            manager_role_arn: "arn:aws:iam::1:role/manager".into(),
        };
        Plan::new(place, Deployed { name: "test", facts: &facts, stack }, wishes)
    }

    #[test]
    fn what_keeps_a_deployment_from_beginning_is_told_at_once() {
        let told = |version: &str, status: Option<&str>, wishes: Wishes| {
            let stack = status.map(|status| description(status, &[]));
            let blockers = plan(version, stack.as_ref(), wishes).blockers;
            blockers.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        };
        let (none, all) = (Wishes::default(), Wishes { wait: true, allow_downgrade: true });
        for fine in ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_FAILED"] {
            assert_eq!(told("v1.34.1", Some(fine), none), "");
        }
        assert_eq!(told("bootstrap", Some("CREATE_COMPLETE"), none), "");
        assert_eq!(
            told("v1.99.0", Some("UPDATE_IN_PROGRESS"), none),
            "stack shop-test is being changed by somebody else (UPDATE_IN_PROGRESS); \
             the environment `test` was deployed with version v1.99.0, which is newer than v1.34.1"
        );
        assert_eq!(told("v1.99.0", Some("UPDATE_IN_PROGRESS"), all), "");
        assert_eq!(told("v1.0.0", None, all), "the environment `test` has no stack shop-test");
        assert_eq!(
            told("v1.0.0", Some("REVIEW_IN_PROGRESS"), all),
            "the environment `test` has no stack shop-test"
        );
        assert!(told("v1.0.0", Some("ROLLBACK_COMPLETE"), all).contains("was never made"));
        assert!(told("v1.0.0", Some("UPDATE_ROLLBACK_FAILED"), all).contains("couldn't undo"));
    }

    #[test]
    fn what_workloads_have_written_stays() {
        let map = |entries: &[(&str, &str)]| -> BTreeMap<String, String> {
            entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let rendered = map(&[("ALBWorkloads", "api"), ("AppName", "shop"), ("NATWorkloads", "")]);
        // Since the facts were gathered, another service has asked for the load balancer.
        let stack =
            description("UPDATE_COMPLETE", &[("ALBWorkloads", "api,web"), ("AppName", "old"), ("Gone", "x")]);
        let plan = plan("v1.34.1", Some(&stack), Wishes::default());
        let expected = map(&[("ALBWorkloads", "api,web"), ("AppName", "shop"), ("NATWorkloads", "")]);
        assert_eq!(plan.parameters(&rendered, Some(&stack)), expected);
        assert_eq!(plan.parameters(&rendered, None), rendered);
        assert!(!plan.first);
    }
}
