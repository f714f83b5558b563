//! What is under way in AWS, and would go on without us.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use copilot_artifact::Cancel;
use copilot_deployer::stack::Event as StackEvent;

use crate::event::{Event, Happening};
use crate::host::Host;

/// Something that goes on in AWS also when the run ends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Running {
    /// A stack is being created.
    Creation {
        /// Its name.
        stack: String,
    },
    /// A stack is being updated.
    Update {
        /// Its name.
        stack: String,
    },
    /// A stack is being deleted.
    Deletion {
        /// Its name.
        stack: String,
    },
    /// The application gets its resources in a region.
    Bootstrap {
        /// The region.
        region: String,
    },
    /// The stack is done, and somebody has to complete its connection.
    Connection,
}

/// A host that notes what is under way.
pub(crate) struct Watch<'a> {
    host: &'a dyn Host,
    running: Mutex<Option<Running>>,
    /// Whether a stack may have a connection that somebody has to complete.
    connects: bool,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(host: &'a dyn Host) -> Self {
        Self { host, running: Mutex::default(), connects: true }
    }

    /// Of a stack that is done when all of its resources are.
    pub(crate) fn without_connection(mut self) -> Self {
        self.connects = false;
        self
    }

    pub(crate) fn running(&self) -> Option<Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes an event of a stack.
    pub(crate) fn stack(&self, event: StackEvent) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        *running = self.after(&event, running.take());
        drop(running);
        (self as &dyn Host).tell(Happening::Stack(event));
    }

    /// What runs after an event.
    fn after(&self, event: &StackEvent, before: Option<Running>) -> Option<Running> {
        Some(match event {
            StackEvent::Bootstrap { region } => Running::Bootstrap { region: region.clone() },
            StackEvent::Recreate { stack, .. } => Running::Deletion { stack: stack.clone() },
            StackEvent::Changes { stack, create: true, .. } => Running::Creation { stack: stack.clone() },
            StackEvent::Changes { stack, .. } => Running::Update { stack: stack.clone() },
            StackEvent::Resource(resource) if resource.is_stack() => {
                if resource.status.is_created() || resource.status.is_updated() {
                    return self.connects.then_some(Running::Connection);
                }
                if !resource.status.is_being_deleted() {
                    return before;
                }
                Running::Deletion { stack: resource.stack.clone() }
            }
            _ => return before,
        })
    }
}

impl Host for Watch<'_> {
    fn event(&self, event: Event) {
        self.host.event(event);
    }

    fn cancel(&self) -> &Cancel {
        self.host.cancel()
    }

    fn now(&self) -> SystemTime {
        self.host.now()
    }

    fn run_id(&self) -> String {
        self.host.run_id()
    }
}
