//! ECR.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_ecr::Client;
use aws_sdk_ecr::config::{Builder, Region};
use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ecr::types::ImageIdentifier;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_types::SdkConfig;
use base64::Engine as _;
use futures::future::BoxFuture;

use super::causes;
use crate::{Credentials, Error, Registry, RemoteImage, ecr_host, registry_host};

/// Formats of manifests; ECR would convert to an old one without them.
const MANIFESTS: [&str; 4] = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
];

/// Images in ECR, in any region.
#[derive(Debug)]
pub struct EcrRegistry {
    config: SdkConfig,
    regions: HashMap<String, SdkConfig>,
    clients: Mutex<HashMap<String, Client>>,
    /// Manifests of images that get several tags, by reference.
    manifests: Mutex<HashMap<String, Manifest>>,
}

/// What an image is made of, and the format that says it.
#[derive(Debug, Clone)]
struct Manifest {
    text: String,
    media_type: Option<String>,
}

/// A repository as ECR's API names it.
struct Repository<'a> {
    client: Client,
    account: Option<&'a str>,
    name: &'a str,
}

impl EcrRegistry {
    /// A registry with the credentials of `config`, whose region serves hosts that name none.
    #[doc(hidden)]
    pub fn new(config: &SdkConfig) -> Self {
        Self {
            config: config.clone(),
            regions: HashMap::new(),
            clients: Mutex::default(),
            manifests: Mutex::default(),
        }
    }

    /// Other credentials for the registries of a region.
    #[must_use]
    #[doc(hidden)]
    pub fn region(mut self, region: impl Into<String>, config: &SdkConfig) -> Self {
        self.regions.insert(region.into(), config.clone());
        self
    }

    fn client(&self, region: Option<&str>) -> Client {
        let region = region
            .map(str::to_owned)
            .or_else(|| self.config.region().map(ToString::to_string))
            .unwrap_or_default();
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let config = self.regions.get(&region).unwrap_or(&self.config);
            Client::from_conf(Builder::from(config).region(Region::new(region.clone())).build())
        };
        clients.entry(region.clone()).or_insert_with(make).clone()
    }

    fn repository<'a>(&self, uri: &'a str) -> Repository<'a> {
        let host = registry_host(uri);
        let place = ecr_host(host);
        Repository {
            client: self.client(place.map(|(_, region)| region)),
            account: place.map(|(account, _)| account),
            name: uri[host.len()..].trim_start_matches('/'),
        }
    }

    async fn token(&self, host: &str) -> Result<Option<Credentials>, Error> {
        let place = ecr_host(host);
        if place.is_none() && self.config.endpoint_url().is_none() {
            return Ok(None);
        }
        let client = self.client(place.map(|(_, region)| region));
        let answer = client.get_authorization_token().send().await;
        let answer = answer.map_err(|e| registry_error("logging in to", host, &e))?;
        let token = answer.authorization_data().first().and_then(|data| data.authorization_token());
        let decoded = token
            .and_then(|token| base64::engine::general_purpose::STANDARD.decode(token).ok())
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let refused = || Error::LoginRefused {
            registry: host.to_owned(),
            reason: "ECR answered with no usable token".to_owned(),
        };
        let decoded = decoded.ok_or_else(refused)?;
        let (user, password) = decoded.split_once(':').ok_or_else(refused)?;
        Ok(Some(Credentials { user: user.to_owned(), password: password.to_owned() }))
    }

    async fn find_image(&self, uri: &str, tag: &str) -> Result<Option<RemoteImage>, Error> {
        let repository = self.repository(uri);
        let image = ImageIdentifier::builder().image_tag(tag).build();
        let request = repository.client.describe_images().repository_name(repository.name).image_ids(image);
        let answer = request.set_registry_id(repository.account.map(str::to_owned)).send().await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("ImageNotFoundException") => return Ok(None),
            Err(error) => return Err(registry_error("finding", &format!("{uri}:{tag}"), &error)),
        };
        let image = answer.image_details().first();
        Ok(image.and_then(|image| {
            Some(RemoteImage {
                digest: image.image_digest()?.to_owned(),
                tags: image.image_tags().to_vec(),
                pushed: image.image_pushed_at().and_then(|time| (*time).try_into().ok()),
            })
        }))
    }

    async fn manifest(
        &self,
        repository: &Repository<'_>,
        uri: &str,
        digest: &str,
    ) -> Result<Manifest, Error> {
        let reference = format!("{uri}@{digest}");
        let known = || self.manifests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(manifest) = known().get(&reference) {
            return Ok(manifest.clone());
        }
        let image = ImageIdentifier::builder().image_digest(digest).build();
        let get = repository.client.batch_get_image().repository_name(repository.name).image_ids(image);
        let get = get.set_accepted_media_types(Some(MANIFESTS.map(str::to_owned).to_vec()));
        let answer = get.set_registry_id(repository.account.map(str::to_owned)).send().await;
        let answer = answer.map_err(|e| registry_error("reading", &reference, &e))?;
        let found = answer.images().first();
        let Some((image, text)) = found.and_then(|i| Some((i, i.image_manifest()?))) else {
            let failure = answer.failures().first().and_then(|f| f.failure_reason());
            let reason = failure.unwrap_or("the image is gone").to_owned();
            return Err(Error::RegistryRefused { reference, reason });
        };
        let media_type = image.image_manifest_media_type().map(str::to_owned);
        let manifest = Manifest { text: text.to_owned(), media_type };
        known().insert(reference, manifest.clone());
        Ok(manifest)
    }

    async fn set_tag(&self, uri: &str, digest: &str, tag: &str) -> Result<(), Error> {
        let repository = self.repository(uri);
        let Manifest { text, media_type } = self.manifest(&repository, uri, digest).await?;
        let put = repository.client.put_image().repository_name(repository.name).image_manifest(text);
        let put = put
            .set_image_manifest_media_type(media_type)
            .image_digest(digest)
            .image_tag(tag)
            .set_registry_id(repository.account.map(str::to_owned));
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.code() {
                Some("ImageAlreadyExistsException") => Ok(()),
                Some("ImageTagAlreadyExistsException") => {
                    Err(Error::TagImmutable { repository: uri.to_owned(), tag: tag.to_owned() })
                }
                _ => Err(registry_error("tagging", &format!("{uri}:{tag}"), &error)),
            },
        }
    }
}

impl Registry for EcrRegistry {
    fn credentials<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Option<Credentials>, Error>> {
        Box::pin(self.token(host))
    }

    fn find<'a>(
        &'a self,
        repository: &'a str,
        tag: &'a str,
    ) -> BoxFuture<'a, Result<Option<RemoteImage>, Error>> {
        Box::pin(self.find_image(repository, tag))
    }

    fn tag<'a>(
        &'a self,
        repository: &'a str,
        digest: &'a str,
        tag: &'a str,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.set_tag(repository, digest, tag))
    }
}

fn registry_error<E>(action: &'static str, reference: &str, error: &SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let reference = reference.to_owned();
    let reason = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{message} ({code})"),
        (Some(code), None) => code.to_owned(),
        _ => causes(error),
    };
    match error.code().unwrap_or_default() {
        "RepositoryNotFoundException" => {
            let repository = reference.split('@').next().unwrap_or(&reference);
            let repository = match repository.rsplit_once(':') {
                Some((repository, tag)) if !tag.contains('/') => repository,
                _ => repository,
            };
            Error::RepositoryMissing { repository: repository.to_owned() }
        }
        "ExpiredTokenException"
        | "ExpiredToken"
        | "UnrecognizedClientException"
        | "InvalidSignatureException" => {
            Error::TokenExpired { registry: registry_host(&reference).to_owned(), reason }
        }
        "AccessDeniedException"
        | "AccessDenied"
        | "InvalidParameterException"
        | "LimitExceededException"
        | "KmsException" => Error::RegistryRefused { reference, reason },
        _ => Error::Registry { action, reference, attempts: 1, reason },
    }
}
