//! `Worker Service`.

use crate::decode::Map;
use crate::workload::{
    CommandOverride, Logging, Network, Observability, OverrideRules, Publish, Sidecar, Subscribe, Task,
    TaskImage, WorkerDeployment,
};

crate::record! {
    /// A service that works on the messages of a queue.
    pub struct WorkerService {
        /// The image of the main container.
        image: TaskImage,
        /// Topics that the worker subscribes to, and its queues.
        subscribe: Subscribe,
        /// Where logs go.
        logging: Logging,
        /// Containers beside the main one, by name.
        sidecars: Map<Sidecar>,
        /// Subnets, security groups and Service Connect.
        network: Network,
        /// SNS topics that the workload publishes to.
        publish: Publish,
        /// Changes to the rendered task definition, in order.
        taskdef_overrides: OverrideRules,
        /// How new tasks replace old ones, and when that is undone.
        deployment: WorkerDeployment,
        /// What is observed besides logs and metrics.
        observability: Observability,
    }
    flatten {
        /// What the main container runs in place of what its image says.
        command: CommandOverride,
        /// Size, number and surroundings of tasks.
        task: Task,
    }
}
