#![doc = include_str!("../README.md")]

pub mod codes;
pub mod facts;
pub mod workload;

pub use facts::Facts;
