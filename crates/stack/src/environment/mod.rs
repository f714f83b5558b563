//! The stacks of environments: the network, load balancers, roles and whatever else the workloads of an environment share.
//!
//! [`render`] turns a manifest and what AWS knows into a template and its parameters. The manifest is first resolved into
//! settings; each part, a module here for each thing that a reader of CloudFormation knows by name, then adds what it is
//! about. Logical IDs, exports and the order of lists are those of deployed stacks: a changed one replaces a network.

mod access_logs;
mod addons_stack;
mod app_runner_endpoint;
mod cdn;
mod certificates;
mod check;
mod cluster;
mod custom_domain;
mod efs;
mod execution_role;
mod flow_logs;
mod hosted_zone;
mod internal_load_balancer;
mod listeners;
mod log_policy;
mod manager_role;
mod nat;
mod outputs;
mod parameters;
mod public_load_balancer;
mod render;
mod resolve;
mod security_groups;
mod service_discovery;
mod settings;
mod subnets;
mod tags;
mod values;
mod vpc;

pub use check::check_version;
pub use manager_role::{allowing_uploads, may_upload};
pub use render::{Rendered, Request, render};
pub use security_groups::deployed_prefix_list;
pub use values::{BOOTSTRAP, kept_parameters};
