//! Services of App Runner.

use super::{Credential, Placement, Text, Topic};

/// A service of App Runner.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AppRunner<'a> {
    /// Its image; empty when it is built and nothing was pushed yet.
    pub image: String,
    /// Where the image is kept.
    pub repository: ImageRepository,
    /// Port of the container.
    pub port: u16,
    /// CPU units of an instance.
    pub cpu: i64,
    /// Memory of an instance in MiB.
    pub memory: i64,
    /// How instances are checked.
    pub health_check: Option<AppRunnerHealthCheck<'a>>,
    /// Environment variables, sorted by name.
    pub variables: Vec<(&'a str, Text<'a>)>,
    /// Secrets, sorted by name.
    pub secrets: Vec<(&'a str, Credential<'a>)>,
    /// Command in place of the image's.
    pub command: Option<&'a str>,
    /// Tags beside those of all workloads, sorted.
    pub tags: Vec<(&'a str, &'a str)>,
    /// Topics it publishes to.
    pub publish: Vec<Topic>,
    /// Subnets through which it reaches the environment; `None` when it does not.
    pub placement: Option<Placement<'a>>,
    /// Domain name.
    pub alias: Option<&'a str>,
    /// Whether only the environment's network reaches it, and through which endpoint.
    pub private: Option<PrivateAccess<'a>>,
    /// Whether traces are collected for X-Ray.
    pub tracing: bool,
    /// Name and revision of its scaling configuration.
    pub scaling: Option<&'a str>,
}

/// Where an image is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImageRepository {
    /// Nowhere yet.
    Unknown,
    /// ECR.
    Private,
    /// ECR Public.
    Public,
}

/// The endpoint of a private service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PrivateAccess<'a> {
    /// That of the environment.
    Environment,
    /// One that exists already, by ID.
    Endpoint(&'a str),
}

/// How instances are checked; durations in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct AppRunnerHealthCheck<'a> {
    /// Path, as the manifest has it.
    pub path: Option<&'a str>,
    /// Time between checks.
    pub interval: Option<i64>,
    /// Time after which a check has failed.
    pub timeout: Option<i64>,
    /// Successes in a row.
    pub healthy_threshold: Option<i64>,
    /// Failures in a row.
    pub unhealthy_threshold: Option<i64>,
}

impl ImageRepository {
    /// Where an image of this name is kept; `None` when App Runner can not read it from there.
    pub(crate) fn of(image: &str) -> Option<Self> {
        if image.is_empty() {
            return Some(Self::Unknown);
        }
        if image.starts_with("public.ecr.aws/") {
            return Some(Self::Public);
        }
        let (host, _) = image.split_once('/')?;
        let (account, region) = host.split_once(".dkr.ecr.")?;
        let region = region.strip_suffix(".amazonaws.com")?;
        let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        (is_account && !region.is_empty() && !region.contains('.')).then_some(Self::Private)
    }

    /// The stack's parameter.
    pub(crate) const fn parameter(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::Private => "ECR",
            Self::Public => "ECR_PUBLIC",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ImageRepository;

    #[test]
    fn where_images_are() {
        for (image, repository) in [
            ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b:1", Some(ImageRepository::Private)),
            ("public.ecr.aws/a/b:1", Some(ImageRepository::Public)),
            ("", Some(ImageRepository::Unknown)),
            ("nginx", None),
            ("docker.io/library/nginx", None),
            ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a", None),
        ] {
            assert_eq!(ImageRepository::of(image), repository, "{image}");
        }
    }
}
