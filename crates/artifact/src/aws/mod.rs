//! ECR and S3 over the AWS SDK.

mod ecr;
mod s3;

pub use ecr::EcrRegistry;
pub use s3::S3Store;
