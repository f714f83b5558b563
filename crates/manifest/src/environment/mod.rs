//! Manifests of environments.

pub mod codes;

mod cdn;
mod http;
mod load;
mod manifest;
mod network;
mod validate;

pub use cdn::{Cdn, CdnConfig, StaticAssets};
pub use http::{
    AccessLogs, AccessLogsConfig, EnvironmentHttp, OldIngress, OldSecurityGroups, PrivateHttp, PublicHttp,
    RestrictedIngress, VpcIngress,
};
pub use load::LoadedEnvironment;
pub use manifest::{EnvironmentManifest, EnvironmentObservability};
pub use network::{
    EnvironmentNetwork, EnvironmentSubnets, EnvironmentVpc, FlowLogs, Ports, SecurityGroupRule,
    SecurityGroupRules, Subnet,
};
