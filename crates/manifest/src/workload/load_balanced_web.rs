//! `Load Balanced Web Service`.

use crate::decode::Map;
use crate::workload::{
    CommandOverride, Deployment, HttpOrBool, Logging, Network, Nlb, Observability, OverrideRules, Publish,
    ServiceImage, Sidecar, Task,
};

crate::record! {
    /// A service behind a load balancer that the internet can reach.
    pub struct LoadBalancedWebService {
        /// The image of the main container, with its port.
        image: ServiceImage,
        /// Rules of the environment's public application load balancer; `false` for a service with only `nlb`.
        http: HttpOrBool,
        /// A network load balancer of the service's own.
        nlb: Nlb,
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
