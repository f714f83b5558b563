//! The workspace's own tool: tests, lints, generated files, benchmarks and releases.

fn main() {}
