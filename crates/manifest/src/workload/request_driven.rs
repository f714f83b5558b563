//! `Request-Driven Web Service`.

use crate::decode::{Blank, Map};
use crate::workload::value::{Either, Secret, Variable};
use crate::workload::{AppRunnerImage, HealthCheck, Observability, Placement, Platform, Publish};

crate::record! {
    /// A service on AWS App Runner.
    pub struct RequestDrivenWebService {
        /// The image, with its port.
        image: AppRunnerImage,
        /// How the service is reached.
        http: AppRunnerHttp,
        /// CPU units of an instance; 1024 are one vCPU. Default: 1024.
        cpu: i64,
        /// Memory of an instance in MiB. Default: 2048.
        memory: i64,
        /// Operating system and architecture; App Runner knows only `linux/x86_64`.
        platform: Platform,
        /// Environment variables: a value, or `from_cfn` with the name of another stack's export.
        variables: Map<Variable>,
        /// Secret environment variables: name or ARN of an SSM parameter, ARN of a secret, `secretsmanager` with a secret's
        /// name, or `from_cfn` with the name of another stack's export.
        secrets: Map<Secret>,
        /// Replaces the image's command.
        command: String,
        /// Tags of the App Runner service.
        tags: Map<String>,
        /// SNS topics that the service publishes to.
        publish: Publish,
        /// Subnets through which the service reaches the VPC.
        network: AppRunnerNetwork,
        /// What is observed besides logs and metrics.
        observability: Observability,
        /// Name or ARN suffix of an App Runner autoscaling configuration, as in `high-availability/3`.
        count: String,
    }
}

crate::record! {
    /// How an App Runner service is reached.
    pub struct AppRunnerHttp {
        /// Path that is requested to tell whether an instance is healthy, or a mapping with more settings. App Runner uses
        /// path, interval, timeout and the two thresholds. Default: `/`.
        healthcheck: HealthCheck,
        /// Domain name of the service. Needs an application with a domain.
        alias: String,
        /// Whether only the environment's VPC can reach the service, or the endpoint through which it does. Default: false.
        private: Either<bool, PrivateEndpoint>,
    }
}

crate::record! {
    /// The endpoint of a private service.
    pub struct PrivateEndpoint {
        /// Id of an existing VPC endpoint of App Runner.
        endpoint: String,
    }
}

crate::record! {
    /// Subnets through which an App Runner service reaches the VPC.
    pub struct AppRunnerNetwork {
        /// The subnets.
        vpc: AppRunnerVpc,
    }
}

crate::record! {
    /// Subnets through which an App Runner service reaches the VPC.
    pub struct AppRunnerVpc {
        /// `private` for the environment's private subnets, or certain `subnets`. Default: not through the VPC.
        placement: Placement,
    }
}

impl RequestDrivenWebService {
    /// Where its traffic leaves; `None` if not through the VPC.
    pub fn placement(&self) -> Option<&Placement> {
        let vpc = self.network.as_deref()?.vpc.as_deref()?;
        vpc.placement.as_deref().filter(|placement| !placement.is_blank())
    }
}
