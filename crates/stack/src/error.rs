//! Why a stack can't be rendered.

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
    /// The parts of a stack don't fit together.
    #[error("the parts of the template don't fit together")]
    Template(#[from] copilot_cfn::Error),
}
