//! Who we are at AWS: the default session, and one session for each environment's manager role.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig, profile};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::sync::OnceCell;

use crate::error::{Error, chain};
use crate::http;

/// What a caller may decide about a session; everything left out comes from the usual AWS configuration.
#[derive(Debug, Clone, Default)]
pub struct SessionOptions {
    /// Region of the application; overrides the configured one.
    pub region: Option<String>,
    /// Named profile of the shared configuration; it has to be there.
    pub profile: Option<String>,
    /// The files of the shared configuration, as messages name them.
    pub profile_files: String,
    /// Another endpoint for every service, such as an emulator on loopback.
    pub endpoint: Option<Endpoint>,
}

/// An emulator to talk to instead of AWS.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// `http://HOST:PORT`.
    pub url: String,
    /// Access key and secret that the emulator expects. `None` leaves the usual credential chain in place.
    pub keys: Option<(String, String)>,
}

/// Sessions of one run. Roles are assumed once; the SDK refreshes them when they run out.
#[derive(Debug)]
pub struct Session {
    config: SdkConfig,
    region: String,
    /// Each role's credentials, proven to work.
    roles: Mutex<HashMap<String, Arc<OnceCell<SharedCredentialsProvider>>>>,
    /// Account and ARN of our credentials.
    caller: OnceCell<(String, String)>,
}

impl Session {
    /// Reads the AWS configuration.
    ///
    /// # Errors
    /// [`Error::NoProfile`] when the profile is not there, [`Error::NoRegion`] when nothing names a region.
    pub async fn load(options: SessionOptions) -> Result<Self, Error> {
        if let Some(name) = &options.profile {
            find_profile(name, &options.profile_files).await?;
        }
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http::client())
            // One for all clients, so that credentials are fetched and roles are assumed once.
            .identity_cache(IdentityCache::lazy().build())
            .retry_config(retries(options.endpoint.as_ref()))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(10))
                    .operation_attempt_timeout(Duration::from_mins(1))
                    .build(),
            );
        if let Some(region) = options.region {
            loader = loader.region(Region::new(region));
        }
        if let Some(name) = options.profile {
            loader = loader.profile_name(name);
        }
        if let Some(endpoint) = options.endpoint {
            loader = loader.endpoint_url(endpoint.url);
            if let Some((key, secret)) = endpoint.keys {
                loader = loader.credentials_provider(Credentials::new(key, secret, None, None, "endpoint"));
            }
        }
        Self::from_config(loader.load().await)
    }

    /// A session over a configuration that the caller made.
    ///
    /// # Errors
    /// [`Error::NoRegion`] when it has no region.
    #[doc(hidden)]
    pub fn from_config(config: SdkConfig) -> Result<Self, Error> {
        let region = config.region().ok_or(Error::NoRegion)?.to_string();
        Ok(Self { config, region, roles: Mutex::default(), caller: OnceCell::new() })
    }

    /// The region of the application's records and pipeline.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Our own credentials in our own region.
    #[doc(hidden)]
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Our own credentials in another region.
    #[doc(hidden)]
    pub fn in_region(&self, region: &str) -> SdkConfig {
        self.config.to_builder().region(Region::new(region.to_owned())).build()
    }

    /// The account of our credentials, asked once.
    ///
    /// # Errors
    /// When STS refuses.
    pub async fn account(&self) -> Result<&str, Error> {
        Ok(&self.caller().await?.0)
    }

    /// The ARN of our credentials, asked once.
    ///
    /// # Errors
    /// When STS refuses.
    pub(crate) async fn identity(&self) -> Result<&str, Error> {
        Ok(&self.caller().await?.1)
    }

    async fn caller(&self) -> Result<&(String, String), Error> {
        let caller = self.caller.get_or_try_init(|| async {
            let sts = aws_sdk_sts::Client::new(&self.config);
            let answer = sts.get_caller_identity().send().await;
            let identity = answer.map_err(|e| Error::aws("sts:GetCallerIdentity", &e))?;
            Ok::<_, Error>((
                identity.account.unwrap_or_else(|| "unknown".to_owned()),
                identity.arn.unwrap_or_default(),
            ))
        });
        caller.await
    }

    /// The credentials of a role, in a region. The first call for a role proves that it can be assumed.
    ///
    /// # Errors
    /// [`Error::AssumeRole`] when STS refuses.
    #[doc(hidden)]
    pub async fn assume(&self, role: &str, region: &str) -> Result<SdkConfig, Error> {
        let cell = {
            let mut roles = self.roles.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(roles.entry(role.to_owned()).or_default())
        };
        let provider = cell.get_or_try_init(|| self.assume_anew(role)).await?.clone();
        let config = self.config.to_builder().region(Region::new(region.to_owned()));
        Ok(config.credentials_provider(provider).build())
    }

    async fn assume_anew(&self, role: &str) -> Result<SharedCredentialsProvider, Error> {
        let provider = AssumeRoleProvider::builder(role)
            .session_name("copilot-pipeline")
            .configure(&self.config)
            .build()
            .await;
        match provider.provide_credentials().await {
            Ok(first) => {
                tracing::debug!(%role, "assumed");
                Ok(SharedCredentialsProvider::new(Assumed { first: Mutex::new(Some(first)), provider }))
            }
            Err(error) => Err(refused(role, &error)),
        }
    }
}

/// Looks whether there is such a profile. The SDK itself treats one that is missing as one that is empty.
async fn find_profile(name: &str, files: &str) -> Result<(), Error> {
    let set = profile::load(&usual(), &usual(), &usual(), None).await;
    let set = set.map_err(|error| Error::Configuration { files: files.to_owned(), reason: chain(&error) })?;
    if set.get_profile(name).is_some() {
        return Ok(());
    }
    let mut known: Vec<String> = set.profiles().map(ToOwned::to_owned).collect();
    known.sort();
    Err(Error::NoProfile { name: name.to_owned(), files: files.to_owned(), known })
}

/// The usual files, environment and places, whose types the SDK keeps to itself.
fn usual<T: Default>() -> T {
    T::default()
}

/// Copilot's number of attempts. An emulator doesn't recover by being waited for.
fn retries(endpoint: Option<&Endpoint>) -> RetryConfig {
    let config = RetryConfig::standard().with_max_attempts(8);
    match endpoint {
        Some(_) => config
            .with_initial_backoff(Duration::from_millis(20))
            .with_max_backoff(Duration::from_millis(200)),
        None => config,
    }
}

/// A role's credentials: those that proved that it can be assumed, and new ones when they run out.
#[derive(Debug)]
struct Assumed {
    first: Mutex<Option<Credentials>>,
    provider: AssumeRoleProvider,
}

impl ProvideCredentials for Assumed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        match self.first.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(first) => future::ProvideCredentials::ready(Ok(first)),
            None => self.provider.provide_credentials(),
        }
    }
}

/// Finds AWS's own sentence in the chain of causes.
fn refused(role: &str, error: &(dyn std::error::Error + 'static)) -> Error {
    let mut cause = Some(error);
    let mut message = error.to_string();
    while let Some(inner) = cause {
        if let Some(service) = inner.downcast_ref::<aws_sdk_sts::operation::assume_role::AssumeRoleError>() {
            let text = service.message().unwrap_or_default();
            message = format!("{text} ({})", service.code().unwrap_or("no code"));
            break;
        }
        message = inner.to_string();
        cause = inner.source();
    }
    Error::AssumeRole { role: role.to_owned(), message }
}
