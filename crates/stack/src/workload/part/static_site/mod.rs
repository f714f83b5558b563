//! A static site: its bucket, its distribution, the copying of its files and its domain name.

pub mod bucket;
pub mod copy_assets;
pub mod distribution;
pub mod domain;
