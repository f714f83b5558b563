//! Every attempt of every call to AWS passes here: it is traced, and where trying again can't help it fails at once.

use std::error::Error as StdError;
use std::io;
use std::time::Instant;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::config_bag::ConfigBag;

use crate::error::with_sources;

/// The SDK's own client, watched. All services share its connections.
pub(crate) fn client() -> SharedHttpClient {
    let inner = Builder::new().build_with_connector_fn(|settings, components| {
        let mut builder = Connector::builder().proxy_config(ProxyConfig::from_env());
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        builder.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build()
    });
    SharedHttpClient::new(Watched(inner))
}

#[derive(Debug)]
struct Watched<T>(T);

impl HttpClient for Watched<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Watched(self.0.http_connector(settings, components)))
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        HttpClient::validate_base_client_config(&self.0, components, config)
    }

    fn validate_final_config(
        &self,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        HttpClient::validate_final_config(&self.0, components, config)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

impl HttpConnector for Watched<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (host, operation) = (host(request.uri()).to_owned(), operation(&request));
        let attempt = request.headers().get("amz-sdk-request").map(str::to_owned).unwrap_or_default();
        let started = Instant::now();
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
            let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            match answer {
                Ok(answer) => {
                    tracing::debug!(%operation, %host, %attempt, status = answer.status().as_u16(), milliseconds, "answered");
                    Ok(answer)
                }
                Err(error) => {
                    let cause = innermost(&error);
                    tracing::debug!(%operation, %host, %attempt, %cause, milliseconds, "no answer");
                    Err(if is_hopeless(&error) { unreachable(host, &error) } else { error })
                }
            }
        })
    }
}

/// Nobody listens, or there is no such host: that is as true a second later.
fn is_hopeless(error: &(dyn StdError + 'static)) -> bool {
    with_sources(error).any(|cause| {
        let refused = cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        // The resolver's error has no kind of its own.
        refused || cause.to_string().contains("failed to lookup address")
    })
}

/// The SDK doesn't repeat errors of an unknown kind.
fn unreachable(host: String, error: &ConnectorError) -> ConnectorError {
    let cause = innermost(error);
    ConnectorError::other(Box::new(Unreachable { host, cause }), None)
}

/// The system's own words.
pub(crate) fn innermost(error: &(dyn StdError + 'static)) -> String {
    with_sources(error).last().unwrap_or(error).to_string()
}

/// A host that no connection can be made to.
#[derive(Debug, thiserror::Error)]
#[error("can't reach {host}: {cause}")]
pub(crate) struct Unreachable {
    host: String,
    /// The innermost cause, which is the system's.
    cause: String,
}

fn host(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}

/// What is asked for, as far as the request shows it. Neither its body nor its query is traced: they can hold secrets.
fn operation(request: &HttpRequest) -> String {
    if let Some(target) = request.headers().get("x-amz-target") {
        return target.to_owned();
    }
    let form = request.body().bytes().and_then(|body| body.strip_prefix(b"Action="));
    if let Some(form) = form {
        let end = form.iter().position(|byte| *byte == b'&').unwrap_or(form.len());
        return String::from_utf8_lossy(&form[..end]).into_owned();
    }
    let uri = request.uri();
    let path = uri.split_once("://").map_or(uri, |(_, rest)| rest).split_once('/');
    let path = path.map(|(_, path)| path.split('?').next().unwrap_or(path)).unwrap_or_default();
    format!("{} /{path}", request.method())
}

#[cfg(test)]
mod tests {
    use super::{host, is_hopeless};

    #[test]
    fn only_what_no_retry_mends_is_hopeless() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        assert!(is_hopeless(&refused));
        assert!(is_hopeless(&std::io::Error::other(
            "failed to lookup address information: Name or service not known"
        )));
        assert!(!is_hopeless(&std::io::Error::from(std::io::ErrorKind::ConnectionReset)));
    }

    #[test]
    fn hosts_come_without_their_paths() {
        assert_eq!(host("https://ssm.eu-west-1.amazonaws.com/?a=b"), "ssm.eu-west-1.amazonaws.com");
        assert_eq!(host("http://127.0.0.1:1"), "127.0.0.1:1");
    }
}
