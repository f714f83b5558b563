//! The types of workload, each a list of the parts it is made of.

pub(super) mod backend;
pub(super) mod load_balanced;
pub(super) mod request_driven;
pub(super) mod scheduled_job;
pub(super) mod static_site;
mod task_parts;
pub(super) mod worker;
