//! A static site: its bucket, its distribution, the copying of its files and its domain name.

pub(crate) mod bucket;
pub(crate) mod copy_assets;
pub(crate) mod distribution;
pub(crate) mod domain;
