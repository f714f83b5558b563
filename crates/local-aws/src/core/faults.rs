//! Failing on request.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ids::Ids;

/// What happens to a request instead of, or in addition to, being answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Effect {
    /// The service's own throttling error.
    Throttle,
    /// HTTP 500.
    InternalError,
    /// HTTP 503.
    Unavailable,
    /// The connection is closed before the operation is carried out.
    CutConnection,
    /// The operation is carried out, then the connection is closed in the middle of the answer.
    CutAnswer,
    /// The operation is carried out and answered after this time.
    Slow(Duration),
    /// The caller's session token is said to have run out.
    ExpiredToken,
    /// The caller is said to lack the permission.
    AccessDenied,
    /// Any other error.
    Error {
        /// Its code.
        code: String,
        /// Its message.
        message: String,
        /// Its HTTP status.
        status: u16,
    },
}

/// A rule that makes requests fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What happens.
    pub effect: Effect,
    /// Only for this service (signing name).
    #[serde(default)]
    pub service: Option<String>,
    /// Only for this operation.
    #[serde(default)]
    pub operation: Option<String>,
    /// Only for callers with this role (its name).
    #[serde(default)]
    pub role: Option<String>,
    /// How many matching requests pass before the rule takes effect.
    #[serde(default)]
    pub after: u32,
    /// How often the rule takes effect; for ever without a number.
    #[serde(default)]
    pub times: Option<u32>,
    /// How many of 1,000 matching requests are hit; all without a number.
    #[serde(default)]
    pub per_mille: Option<u32>,
}

impl Fault {
    /// A rule for every request, for ever.
    pub fn new(effect: Effect) -> Self {
        Self { effect, service: None, operation: None, role: None, after: 0, times: None, per_mille: None }
    }

    /// Only for `service` or `service:Operation`.
    #[must_use]
    pub fn on(mut self, action: &str) -> Self {
        let (service, operation) =
            action.split_once(':').map_or((action, None), |(service, operation)| (service, Some(operation)));
        self.service = Some(service.to_owned());
        self.operation = operation.map(str::to_owned);
        self
    }

    /// Only for callers that assumed the role with this name.
    #[must_use]
    pub fn by_role(mut self, name: impl Into<String>) -> Self {
        self.role = Some(name.into());
        self
    }

    /// Lets `count` matching requests pass first.
    #[must_use]
    pub fn after(mut self, count: u32) -> Self {
        self.after = count;
        self
    }

    /// Takes effect `count` times, then no more.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.times = Some(count);
        self
    }

    /// Hits `count` of 1,000 matching requests, by the seeded dice.
    #[must_use]
    pub fn per_mille(mut self, count: u32) -> Self {
        self.per_mille = Some(count);
        self
    }

    fn matches(&self, service: &str, operation: &str, role: Option<&str>) -> bool {
        self.service.as_deref().is_none_or(|s| s == service)
            && self.operation.as_deref().is_none_or(|o| o == operation)
            && self.role.as_deref().is_none_or(|r| role == Some(r))
    }
}

/// What CloudFormation does to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceAction {
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is removed.
    Delete,
}

/// A rule that makes a resource of a stack fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceFault {
    /// Resource type or logical id.
    pub target: String,
    /// Only in the stack with this name.
    #[serde(default)]
    pub stack: Option<String>,
    /// What cannot be done.
    pub action: ResourceAction,
    /// The status reason.
    pub reason: String,
    /// How often; for ever without a number.
    #[serde(default)]
    pub times: Option<u32>,
}

/// All rules in force.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) requests: Vec<Fault>,
    pub(crate) resources: Vec<ResourceFault>,
    dice: Ids,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self { requests: Vec::new(), resources: Vec::new(), dice: Ids::new(!seed) }
    }

    /// The effect on this request: that of the first rule that strikes.
    pub(crate) fn strike(&mut self, service: &str, operation: &str, role: Option<&str>) -> Option<Effect> {
        for fault in &mut self.requests {
            if fault.times == Some(0) || !fault.matches(service, operation, role) {
                continue;
            }
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            if fault.per_mille.is_some_and(|chance| self.dice.below(1000) >= chance) {
                continue;
            }
            if let Some(times) = &mut fault.times {
                *times -= 1;
            }
            return Some(fault.effect.clone());
        }
        None
    }

    /// The reason why this resource fails, if a rule says so.
    pub(crate) fn strike_resource(
        &mut self,
        stack: &str,
        logical_id: &str,
        kind: &str,
        action: ResourceAction,
    ) -> Option<String> {
        let fault = self.resources.iter_mut().find(|fault| {
            fault.action == action
                && fault.times != Some(0)
                && (fault.target == kind || fault.target == logical_id)
                && fault.stack.as_deref().is_none_or(|name| name == stack)
        })?;
        if let Some(times) = &mut fault.times {
            *times -= 1;
        }
        Some(fault.reason.clone())
    }
}
