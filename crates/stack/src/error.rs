//! Why a stack can't be rendered.

use copilot_yaml::Diagnostics;

/// What a rendering lacks.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A manifest names an environment that the application does not have.
    #[error("the application `{application}` has no environment `{environment}`")]
    UnknownEnvironment {
        /// The application.
        application: String,
        /// The environment.
        environment: String,
    },
    /// Nothing is known of something that a stack can't do without.
    #[error("the facts have no `{key}`")]
    MissingFact {
        /// Path of the key in the facts, such as `environments.test.manager_role_arn`.
        key: String,
    },
    /// A value among the facts has a form that nothing can be made of.
    #[error("`{key}` among the facts must be {expected}, not `{found}`")]
    MalformedFact {
        /// Path of the key in the facts.
        key: String,
        /// What belongs there, with its article.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A pipeline names a connection that does not exist.
    #[error("there is no connection `{name}` to a repository")]
    UnknownConnection {
        /// The name.
        name: String,
    },
    /// An environment's stack was deployed by a later version.
    #[error("the environment `{environment}` was deployed with version {version}, which is newer than {own}", own = crate::TEMPLATE_VERSION)]
    NewerEnvironment {
        /// The environment.
        environment: String,
        /// The version of its stack.
        version: String,
    },
    /// An environment's manifest does not fit what is deployed; every problem with its place.
    #[error("the manifest of the environment `{environment}` can not be deployed")]
    Environment {
        /// The environment.
        environment: String,
        /// The problems.
        #[source]
        problems: Diagnostics,
    },
    /// The parts of a stack don't fit together.
    #[error("the parts of the template don't fit together")]
    Template(#[from] copilot_cfn::Error),
}
