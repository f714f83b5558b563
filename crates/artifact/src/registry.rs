//! What image publishing needs from a registry.

use std::time::SystemTime;

use futures::future::BoxFuture;

use crate::Error;

/// A user and a password for a registry.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user, `AWS` for ECR.
    pub user: String,
    /// The password or token. It never reaches an argument or a log.
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).field("password", &"***").finish()
    }
}

/// An image in a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteImage {
    /// `sha256:…` of its manifest.
    pub digest: String,
    /// The tags that point at it, as far as the registry tells.
    pub tags: Vec<String>,
    /// When it was pushed, if the registry tells.
    pub pushed: Option<SystemTime>,
}

/// What image publishing needs from a registry beside `push`. `repository` is a URI without tag, such as
/// `123456789012.dkr.ecr.us-west-2.amazonaws.com/app/api`.
pub trait Registry: Send + Sync {
    /// Credentials for a registry host; `None` where none are needed.
    fn credentials<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Option<Credentials>, Error>>;

    /// The image behind a tag. [`Error::RepositoryMissing`] if there is no such repository and the registry has
    /// to be told of one before a push.
    fn find<'a>(
        &'a self,
        repository: &'a str,
        tag: &'a str,
    ) -> BoxFuture<'a, Result<Option<RemoteImage>, Error>>;

    /// Points `tag` at an image that the repository has. [`Error::TagImmutable`] if the tag belongs to another
    /// image and can not be moved; success if it points there already.
    fn tag<'a>(
        &'a self,
        repository: &'a str,
        digest: &'a str,
        tag: &'a str,
    ) -> BoxFuture<'a, Result<(), Error>>;
}

/// The host of a repository or image reference: what comes before the first `/`.
pub fn registry_host(repository: &str) -> &str {
    repository.split('/').next().unwrap_or(repository)
}

/// The account and region of an ECR registry's host, such as `123456789012.dkr.ecr.us-west-2.amazonaws.com`.
pub fn ecr_host(host: &str) -> Option<(&str, &str)> {
    let (account, rest) = host.split_once('.')?;
    let digits = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let region = rest
        .strip_prefix("dkr.ecr.")
        .or_else(|| rest.strip_prefix("dkr.ecr-fips."))
        .or_else(|| rest.strip_prefix("dkr-ecr."))?
        .split('.')
        .next()?;
    (digits && region.contains('-')).then_some((account, region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ecr_hosts_name_account_and_region() {
        for (host, expected) in [
            ("123456789012.dkr.ecr.us-west-2.amazonaws.com", Some(("123456789012", "us-west-2"))),
            ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", Some(("123456789012", "cn-north-1"))),
            ("123456789012.dkr-ecr.eu-west-1.on.aws", Some(("123456789012", "eu-west-1"))),
            ("public.ecr.aws", None),
            ("127.0.0.1:5000", None),
            ("12345.dkr.ecr.us-west-2.amazonaws.com", None),
        ] {
            assert_eq!(ecr_host(host), expected, "{host}");
        }
        assert_eq!(registry_host("127.0.0.1:5000/app/api"), "127.0.0.1:5000");
    }

    #[test]
    fn a_password_is_not_printed() {
        let credentials = Credentials { user: "AWS".into(), password: "hunter2".into() };
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }
}
