//! The parts that stacks are made of, one for each thing a reader of CloudFormation knows by name.

pub mod addons_stack;
pub mod app_runner;
pub mod autoscaling;
pub mod container;
pub mod deployment_alarms;
pub mod env_controller;
pub mod environment_variables;
pub mod execution_role;
pub mod load_balancer;
pub mod log_group;
pub mod log_router;
pub mod network_load_balancer;
pub mod publish;
pub mod queue;
mod queue_backlog;
pub mod schedule;
pub mod secret;
pub mod service;
pub mod service_connect;
pub mod service_discovery;
pub mod state_machine;
pub mod static_site;
pub mod subscribe;
pub mod task_definition;
pub mod task_role;
pub mod tracing;
pub mod volume;
