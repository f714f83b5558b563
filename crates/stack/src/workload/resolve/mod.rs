//! From a manifest and facts to what templates are rendered from.

mod app_runner;
mod container;
mod count;
mod http;
mod job;
mod logging;
mod network;
mod nlb;
mod ports;
mod static_site;
mod storage;
mod subscribe;
mod task;

pub(crate) use crate::problems::Problems;
pub(crate) use app_runner::app_runner;
pub(super) use network::placement;
pub(crate) use static_site::static_site;
pub(super) use subscribe::subscriptions;
pub(crate) use task::ecs;
