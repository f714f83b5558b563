//! S3.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{Builder, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumMode, CompletedMultipartUpload, CompletedPart, ObjectCannedAcl,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_types::SdkConfig;
use bytes::Bytes;
use futures::future::BoxFuture;

use super::causes;
use crate::{Location, ObjectInfo, ObjectStore, Part, StoreError, StoreErrorKind};

/// Objects in S3, in any region.
///
/// The buckets encrypt with the application's key by default and refuse other headers, so none are sent; the access
/// control list is the one that they accept. S3 checks and keeps the SHA-256 of everything, and tells it to those who may read the
/// object (`s3:GetObject`, and `kms:Decrypt` with its key).
#[derive(Debug)]
pub struct S3Store {
    config: SdkConfig,
    regions: HashMap<String, SdkConfig>,
    clients: Mutex<HashMap<String, Client>>,
}

impl S3Store {
    /// A store with the credentials of `config`.
    #[doc(hidden)]
    pub fn new(config: &SdkConfig) -> Self {
        Self { config: config.clone(), regions: HashMap::new(), clients: Mutex::default() }
    }

    /// Other credentials for the buckets of a region, such as those of an environment's manager role.
    #[must_use]
    #[doc(hidden)]
    pub fn region(mut self, region: impl Into<String>, config: &SdkConfig) -> Self {
        self.regions.insert(region.into(), config.clone());
        self
    }

    fn client(&self, region: &str) -> Client {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let config = self.regions.get(region).unwrap_or(&self.config);
            let builder = Builder::from(config)
                .region(Region::new(region.to_owned()))
                // Retries are made by whoever uploads: they know when the user cancels.
                .retry_config(RetryConfig::disabled())
                // A stand-in for AWS has no host name for each bucket.
                .force_path_style(config.endpoint_url().is_some());
            Client::from_conf(builder.build())
        };
        clients.entry(region.to_owned()).or_insert_with(make).clone()
    }
}

const ACL: ObjectCannedAcl = ObjectCannedAcl::BucketOwnerFullControl;

fn known(content_type: &str) -> Option<String> {
    (!content_type.is_empty()).then(|| content_type.to_owned())
}

impl ObjectStore for S3Store {
    fn head<'a>(&'a self, at: &'a Location) -> BoxFuture<'a, Result<Option<ObjectInfo>, StoreError>> {
        Box::pin(async move {
            let head = self.client(&at.region).head_object().bucket(&at.bucket).key(&at.key);
            match head.checksum_mode(ChecksumMode::Enabled).send().await {
                Ok(head) => Ok(Some(ObjectInfo {
                    size: head.content_length().and_then(|n| u64::try_from(n).ok()).unwrap_or_default(),
                    modified: head.last_modified().and_then(|time| (*time).try_into().ok()),
                    sha256: head.checksum_sha256().map(str::to_owned),
                })),
                Err(error) if error.raw_response().is_some_and(|r| r.status().as_u16() == 404) => Ok(None),
                Err(error) => Err(store_error("looking up", at, &error)),
            }
        })
    }

    fn put<'a>(
        &'a self,
        at: &'a Location,
        content_type: &'a str,
        sha256: &'a str,
        body: Bytes,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let put = self.client(&at.region).put_object().bucket(&at.bucket).key(&at.key).acl(ACL);
            let put = put.checksum_algorithm(ChecksumAlgorithm::Sha256).checksum_sha256(sha256);
            let put = put.set_content_type(known(content_type)).body(ByteStream::from(body));
            put.send().await.map(drop).map_err(|e| store_error("uploading", at, &e))
        })
    }

    fn start<'a>(
        &'a self,
        at: &'a Location,
        content_type: &'a str,
    ) -> BoxFuture<'a, Result<String, StoreError>> {
        Box::pin(async move {
            let start =
                self.client(&at.region).create_multipart_upload().bucket(&at.bucket).key(&at.key).acl(ACL);
            let start = start.checksum_algorithm(ChecksumAlgorithm::Sha256);
            let started = start.set_content_type(known(content_type)).send().await;
            let started = started.map_err(|e| store_error("uploading", at, &e))?;
            started.upload_id().map(str::to_owned).ok_or_else(|| {
                StoreError::new("uploading", at, StoreErrorKind::Other, "the answer names no upload")
            })
        })
    }

    fn part<'a>(
        &'a self,
        at: &'a Location,
        upload: &'a str,
        number: i32,
        sha256: &'a str,
        body: Bytes,
    ) -> BoxFuture<'a, Result<Part, StoreError>> {
        Box::pin(async move {
            let part = self.client(&at.region).upload_part().bucket(&at.bucket).key(&at.key);
            let part = part.checksum_algorithm(ChecksumAlgorithm::Sha256).checksum_sha256(sha256);
            let part = part.upload_id(upload).part_number(number).body(ByteStream::from(body));
            let sent = part.send().await.map_err(|e| store_error("uploading", at, &e))?;
            let etag = sent.e_tag().unwrap_or_default().to_owned();
            Ok(Part { number, etag, sha256: sha256.to_owned() })
        })
    }

    fn finish<'a>(
        &'a self,
        at: &'a Location,
        upload: &'a str,
        parts: &'a [Part],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let parts = parts.iter().map(|part| {
                let completed = CompletedPart::builder().part_number(part.number).e_tag(part.etag.clone());
                completed.checksum_sha256(part.sha256.clone()).build()
            });
            let list = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
            let finish = self.client(&at.region).complete_multipart_upload().bucket(&at.bucket).key(&at.key);
            let finish = finish.upload_id(upload).multipart_upload(list);
            finish.send().await.map(drop).map_err(|e| store_error("uploading", at, &e))
        })
    }

    fn abort<'a>(&'a self, at: &'a Location, upload: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let abort = self.client(&at.region).abort_multipart_upload().bucket(&at.bucket).key(&at.key);
            abort.upload_id(upload).send().await.map(drop).map_err(|e| store_error("aborting", at, &e))
        })
    }
}

fn store_error<E>(action: &'static str, at: &Location, error: &SdkError<E, HttpResponse>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let code = error.code().unwrap_or_default();
    let (kind, reason) = if let SdkError::ServiceError(_) = error {
        (service_kind(code, status), service_reason(error.message(), code, status))
    } else {
        // The request was never sent where the SDK found no credentials, or could not refresh them.
        let causes = causes(error);
        let credentials = causes.to_lowercase().contains("credential");
        (if credentials { StoreErrorKind::Expired } else { StoreErrorKind::Connection }, causes)
    };
    StoreError::new(action, at, kind, reason)
}

/// A refusal in S3's words; the answer to a `HEAD` has none.
fn service_reason(message: Option<&str>, code: &str, status: Option<u16>) -> String {
    match (message, status) {
        (Some(message), _) if !code.is_empty() => format!("{message} ({code})"),
        (Some(message), _) => message.to_owned(),
        (None, Some(403)) => "access denied".to_owned(),
        (None, Some(status)) => format!("status {status} {code}").trim_end().to_owned(),
        (None, None) => code.to_owned(),
    }
}

fn service_kind(code: &str, status: Option<u16>) -> StoreErrorKind {
    match (code, status) {
        (
            "ExpiredToken"
            | "TokenRefreshRequired"
            | "InvalidAccessKeyId"
            | "InvalidToken"
            | "RequestTimeTooSkewed",
            _,
        ) => StoreErrorKind::Expired,
        ("NoSuchBucket", _) => StoreErrorKind::NoBucket,
        ("SlowDown" | "InternalError" | "ServiceUnavailable" | "RequestTimeout" | "Throttling", _)
        | (_, Some(429 | 500..=599)) => StoreErrorKind::Unavailable,
        ("AccessDenied", _) | (_, Some(403)) => StoreErrorKind::Denied,
        _ => StoreErrorKind::Other,
    }
}
