use crate::{Section, Str};

/// What can go wrong when a template is put together, read or checked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two parts of a template used one name in the same section.
    #[error("`{name}` is defined twice in `{section}`")]
    Duplicate {
        /// The section that holds the name.
        section: Section,
        /// The logical ID, or the name of the parameter, condition, mapping or output.
        name: Str,
    },
    /// A part of a template refers to a resource that no part has added.
    #[error("`{name}` is not defined in `{section}`")]
    Missing {
        /// The section that should hold the name.
        section: Section,
        /// The name that was looked for.
        name: Str,
    },
    /// A value has another shape than its place in a template demands.
    #[error("`{path}` must be {expected}, not {found}")]
    Shape {
        /// Where the value stands, such as `Resources/Queue`.
        path: String,
        /// What belongs there, with its article.
        expected: &'static str,
        /// What stands there, with its article.
        found: &'static str,
    },
}
