#![doc = include_str!("../README.md")]

pub mod codes;
pub mod facts;

pub use facts::Facts;
