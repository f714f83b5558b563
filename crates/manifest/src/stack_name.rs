//! The names of an application's stacks. Deployed stacks have them, so they never change.

/// Name of an environment's stack.
pub fn environment(application: &str, environment: &str) -> String {
    format!("{application}-{environment}")
}

/// Name of the stack of a workload in an environment, unless a pipeline's manifest gives another.
pub fn workload(application: &str, environment: &str, workload: &str) -> String {
    format!("{application}-{environment}-{workload}")
}

/// Name of a pipeline's stack.
///
/// A legacy pipeline was first deployed without the application's name in it.
pub fn pipeline(application: &str, pipeline: &str, legacy: bool) -> String {
    if legacy { pipeline.to_owned() } else { format!("pipeline-{application}-{pipeline}") }
}

#[cfg(test)]
mod tests {
    use super::{environment, pipeline, workload};

    #[test]
    fn names_are_those_of_deployed_stacks() {
        assert_eq!(environment("shop", "test"), "shop-test");
        assert_eq!(workload("shop", "test", "api"), "shop-test-api");
        assert_eq!(pipeline("shop", "release", false), "pipeline-shop-release");
        assert_eq!(pipeline("shop", "release", true), "release");
    }
}
