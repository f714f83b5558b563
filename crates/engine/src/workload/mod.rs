//! Services and jobs that are deployed, operated one by one.

pub mod logs;
