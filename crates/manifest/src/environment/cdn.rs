//! CloudFront before the environment's public load balancer.

use crate::decode::Blank;

crate::union! {
    /// Whether CloudFront stands before the public load balancer.
    pub enum Cdn {
        /// Whether it does.
        other Enabled(bool),
        /// It does, with these settings.
        mapping Config(CdnConfig),
    }
    expected "true, false, or a mapping with some of the keys `certificate`, `terminate_tls`, `static_assets`"
}

crate::record! {
    /// Settings of CloudFront.
    pub struct CdnConfig {
        /// ARN of an existing certificate in us-east-1. Needed with `http.public.certificates`.
        certificate: String,
        /// Whether CloudFront speaks HTTP to the load balancer. Default: false.
        terminate_tls: bool,
        /// Files that CloudFront serves from a bucket.
        static_assets: StaticAssets,
    }
}

crate::record! {
    /// Files that CloudFront serves from a bucket.
    pub struct StaticAssets {
        /// Domain name of the bucket, such as `bucket.s3.us-west-2.amazonaws.com`.
        location: String,
        /// Domain name under which the files are served.
        alias: String,
        /// Pattern of the paths of the files, such as `static/*`.
        path: String,
    }
}

impl Cdn {
    /// Whether there is a CloudFront distribution.
    pub fn enabled(&self) -> bool {
        match self {
            Self::Enabled(enabled) => *enabled,
            Self::Config(config) => !config.is_blank(),
        }
    }

    /// Its settings, if there are any.
    pub fn config(&self) -> Option<&CdnConfig> {
        match self {
            Self::Enabled(_) => None,
            Self::Config(config) => Some(config),
        }
    }
}

impl StaticAssets {
    /// Whether it says nothing; empty texts say nothing.
    pub fn is_empty(&self) -> bool {
        [&self.location, &self.alias, &self.path]
            .into_iter()
            .all(|text| text.as_ref().is_none_or(|text| text.is_empty()))
    }
}
