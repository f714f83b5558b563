//! The parts that stacks are made of, one for each thing a reader of CloudFormation knows by name.

pub(crate) mod addons_stack;
pub(crate) mod app_runner;
pub(crate) mod autoscaling;
pub(crate) mod container;
pub(crate) mod deployment_alarms;
pub(crate) mod env_controller;
pub(crate) mod environment_variables;
pub(crate) mod execution_role;
pub(crate) mod load_balancer;
pub(crate) mod log_group;
pub(crate) mod log_router;
pub(crate) mod network_load_balancer;
pub(crate) mod publish;
pub(crate) mod queue;
mod queue_backlog;
pub(crate) mod schedule;
pub(crate) mod secret;
pub(crate) mod service;
pub(crate) mod service_connect;
pub(crate) mod service_discovery;
pub(crate) mod state_machine;
pub(crate) mod static_site;
pub(crate) mod subscribe;
pub(crate) mod task_definition;
pub(crate) mod task_role;
pub(crate) mod tracing;
pub(crate) mod volume;
