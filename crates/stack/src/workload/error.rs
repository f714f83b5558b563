//! What can keep a workload from being rendered.

use copilot_yaml::Diagnostics;

/// What can keep a workload from being rendered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The manifest does not fit what AWS has; every problem with its place.
    #[error("the manifest of `{workload}` can not be deployed to the environment `{environment}`")]
    Manifest {
        /// The workload.
        workload: String,
        /// The environment.
        environment: String,
        /// The problems.
        #[source]
        problems: Diagnostics,
    },
    /// The facts know nothing of the environment.
    #[error("the application `{application}` has no environment `{environment}`")]
    UnknownEnvironment {
        /// The application.
        application: String,
        /// The environment.
        environment: String,
    },
    /// Two names of the manifest become one name in the template, such as `my-topic` and `my_topic`.
    #[error("the template of `{workload}` can not be put together")]
    Template {
        /// The workload.
        workload: String,
        /// What is wrong.
        #[source]
        source: copilot_cfn::Error,
    },
}
