//! Counting what was asked.

use std::collections::BTreeMap;

use serde::Serialize;

/// One answered request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Call {
    /// Signing name of the service, such as `cloudformation`.
    pub service: String,
    /// Operation, such as `DescribeStacks`.
    pub operation: String,
    /// Account of the caller.
    pub account: String,
    /// Region that the request was signed for.
    pub region: String,
    /// Name of the assumed role, if the caller has one.
    pub role: Option<String>,
    /// The error code answered, or none for success.
    pub error: Option<String>,
}

/// Every request since the start or the last reset, in the order of arrival.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Calls {
    log: Vec<Call>,
}

impl Calls {
    pub(crate) fn record(&mut self, call: Call) {
        self.log.push(call);
    }

    /// All calls in order.
    pub fn log(&self) -> &[Call] {
        &self.log
    }

    /// How many calls there were.
    pub fn total(&self) -> usize {
        self.log.len()
    }

    /// How many calls of one operation there were, whatever they were answered.
    pub fn count(&self, service: &str, operation: &str) -> usize {
        self.log.iter().filter(|call| call.service == service && call.operation == operation).count()
    }

    /// Number of calls by `service:Operation`.
    pub fn by_operation(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for call in &self.log {
            *counts.entry(format!("{}:{}", call.service, call.operation)).or_insert(0) += 1;
        }
        counts
    }

    /// Number of calls by service.
    pub fn by_service(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for call in &self.log {
            *counts.entry(call.service.clone()).or_insert(0) += 1;
        }
        counts
    }

    /// Forgets all calls.
    pub fn clear(&mut self) {
        self.log.clear();
    }
}
