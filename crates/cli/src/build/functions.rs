//! The functions behind custom resources: where their code lies, and which of them stacks name.

use std::cell::RefCell;
use std::collections::BTreeMap;

use copilot_artifact::assets::Bucket;
use copilot_artifact::{Body, ObjectRequest};
use copilot_functions::{Resource, Stack};
use copilot_manifest::workload::WorkloadType;
use copilot_stack::workload::FunctionKeys;

/// Keys of the functions that a kind of stack may have. It notes which of them a rendering asks for.
#[derive(Debug)]
pub(crate) struct Keys {
    known: &'static [Resource],
    asked: RefCell<BTreeMap<&'static str, Resource>>,
}

impl Keys {
    pub(crate) fn of(kind: WorkloadType) -> Self {
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

    pub(crate) fn of_environment() -> Self {
        Self::of_stack(Stack::Environment)
    }

    fn of_stack(stack: Stack) -> Self {
        Self { known: stack.functions(), asked: RefCell::default() }
    }

    /// The functions that were asked for.
    pub(crate) fn asked(&self) -> Vec<Resource> {
        self.asked.borrow().values().copied().collect()
    }
}

/// The zip of a function, where stacks look for it.
pub(crate) fn object(resource: Resource, bucket: &Bucket) -> ObjectRequest {
    let body = Body::Bytes(resource.function.zip().into());
    ObjectRequest::new(bucket.at(resource.key()), body, format!("function {}", resource.function))
}

impl FunctionKeys for Keys {
    fn key(&self, function: &str) -> String {
        let Some(resource) = self.known.iter().find(|resource| resource.logical_id == function) else {
            return String::new();
        };
        self.asked.borrow_mut().insert(resource.logical_id, *resource);
        resource.key()
    }
}
