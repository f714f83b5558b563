//! Static sites.

/// Files behind `CloudFront`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StaticSite<'a> {
    /// Its domain name, where it has one.
    pub domain: Option<SiteDomain<'a>>,
    /// Where the list of its files lies; empty when nothing was uploaded yet.
    pub mapping: ObjectLocation<'a>,
}

/// The domain name of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SiteDomain<'a> {
    /// The name below its environment's domain, with a certificate that Copilot asks for.
    Default,
    /// A name of the manifest, with a certificate that Copilot asks for.
    Managed(&'a str),
    /// A name of the manifest, with its certificate.
    Imported {
        /// The name.
        alias: &'a str,
        /// ARN of the certificate, which is in us-east-1.
        certificate: &'a str,
    },
}

/// An object in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ObjectLocation<'a> {
    /// The bucket.
    pub bucket: &'a str,
    /// The key.
    pub key: &'a str,
}

impl<'a> ObjectLocation<'a> {
    /// From `s3://bucket/key`; `None` for anything else.
    pub(crate) fn parse(url: &'a str) -> Option<Self> {
        let (bucket, key) = url.strip_prefix("s3://")?.split_once('/')?;
        Some(Self { bucket, key })
    }
}
