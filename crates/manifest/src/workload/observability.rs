//! Tracing.

crate::record! {
    /// What is observed besides logs and metrics.
    pub struct Observability {
        /// Where traces go: `awsxray`.
        tracing: String,
    }
}
