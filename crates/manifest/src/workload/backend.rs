//! `Backend Service`.

use crate::decode::Map;
use crate::workload::{
    CommandOverride, Deployment, Http, Logging, Network, Observability, OverrideRules, Publish, ServiceImage,
    Sidecar, Task,
};

crate::record! {
    /// A service that only other services of the environment, or its VPC, can reach.
    pub struct BackendService {
        /// The image of the main container; its port is optional.
        image: ServiceImage,
        /// Rules of the environment's internal application load balancer. Default: no load balancer.
        http: Http,
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
        deployment: Deployment,
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
