//! The functions behind custom resources: where their code lies, and which of them stacks name.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use copilot_artifact::assets::Bucket;
use copilot_artifact::{Body, ObjectRequest};
use copilot_functions::{Resource, Stack};
use copilot_manifest::workload::WorkloadType;
use copilot_stack::workload::FunctionKeys;

/// Keys of the functions that a kind of stack may have. It notes which of them a rendering asks for.
#[derive(Debug)]
pub struct Keys {
    known: &'static [Resource],
    asked: Mutex<BTreeMap<&'static str, Resource>>,
}

impl Keys {
    /// Of the stacks of a type of workload.
    pub fn of(kind: WorkloadType) -> Self {
        let stack = match kind {
            WorkloadType::LoadBalancedWebService => Stack::LoadBalancedWebService,
            WorkloadType::BackendService => Stack::BackendService,
            WorkloadType::WorkerService => Stack::WorkerService,
            WorkloadType::RequestDrivenWebService => Stack::RequestDrivenWebService,
            WorkloadType::StaticSite => Stack::StaticSite,
            WorkloadType::ScheduledJob => Stack::ScheduledJob,
        };
        Self::of_stack(stack)
    }

    /// Of the stacks of environments.
    pub fn of_environment() -> Self {
        Self::of_stack(Stack::Environment)
    }

    fn of_stack(stack: Stack) -> Self {
        Self { known: stack.functions(), asked: Mutex::default() }
    }

    /// The functions that were asked for.
    pub fn asked(&self) -> Vec<Resource> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).values().copied().collect()
    }
}

/// The zip of a function, where stacks look for it.
pub fn object(resource: Resource, bucket: &Bucket) -> ObjectRequest {
    let body = Body::Bytes(resource.function.zip().into());
    ObjectRequest::new(bucket.at(resource.key()), body, format!("function {}", resource.function))
}

impl FunctionKeys for Keys {
    fn key(&self, function: &str) -> String {
        let Some(resource) = self.known.iter().find(|resource| resource.logical_id == function) else {
            return String::new();
        };
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(resource.logical_id, *resource);
        resource.key()
    }
}
