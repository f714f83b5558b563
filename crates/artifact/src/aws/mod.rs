//! ECR and S3 over the AWS SDK.

mod ecr;
mod s3;

pub use ecr::EcrRegistry;
pub use s3::S3Store;

/// An error of the SDK with its causes, each once: its outer layers repeat what the inner ones say.
fn causes(error: &dyn std::error::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    for cause in std::iter::successors(Some(error), |error| error.source()) {
        let text = cause.to_string();
        if !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
    }
    texts.join(": ")
}
