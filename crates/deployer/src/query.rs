//! Operations of services that speak forms and XML, by hand: the clients of EC2 and IAM alone would take longer to build than
//! all others together.

use std::fmt;
use std::fmt::Write as _;

use aws_config::SdkConfig;
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_xml::decode::{Document, XmlDecodeError, try_data};
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion};

use crate::error::Error;

/// A service of this kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Service {
    /// Its name in addresses and signatures.
    pub(crate) name: &'static str,
    /// The version of its interface, a day.
    pub(crate) version: &'static str,
    /// Whether there is one for each partition, not one for each region.
    pub(crate) global: bool,
}

impl Service {
    /// The body of a request: an operation with its members.
    pub(crate) fn form(&self, operation: &str, members: &[(String, String)]) -> String {
        let mut form = format!("Action={operation}&Version={}", self.version);
        for (name, value) in members {
            form.push('&');
            form.push_str(name);
            form.push('=');
            encode(value, &mut form);
        }
        form
    }

    /// The region that requests are signed for, and the address.
    fn place(&self, region: &Region) -> (Region, String) {
        let name = self.name;
        match (self.global, region.as_ref()) {
            (true, text) if text.starts_with("cn-") => {
                (Region::new("cn-north-1"), format!("https://{name}.cn-north-1.amazonaws.com.cn"))
            }
            (true, text) if text.starts_with("us-gov-") => {
                (Region::new("us-gov-west-1"), format!("https://{name}.us-gov.amazonaws.com"))
            }
            (true, _) => (Region::new("us-east-1"), format!("https://{name}.amazonaws.com")),
            (false, text) => {
                let suffix = if text.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
                (region.clone(), format!("https://{name}.{text}.{suffix}"))
            }
        }
    }
}

fn encode(value: &str, form: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            form.push(char::from(byte));
        } else {
            let _ = write!(form, "%{byte:02X}");
        }
    }
}

/// A refusal.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(ErrorMetadata);

impl ProvideErrorMetadata for Refused {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

/// An operation that sends a form and reads its answer with `read`.
pub(crate) fn operation<T: fmt::Debug + Send + Sync + 'static>(
    service: Service,
    config: &SdkConfig,
    name: &'static str,
    read: fn(&str) -> Result<T, XmlDecodeError>,
) -> Result<Operation<String, T, Refused>, Error> {
    let region = config.region().ok_or(Error::NoRegion)?.clone();
    let (region, endpoint) = service.place(&region);
    let endpoint = config.endpoint_url().map_or(endpoint, str::to_owned);
    let credentials = config.credentials_provider().ok_or(Error::NoCredentials { cause: None })?;
    let mut layer = Layer::new(name);
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig {
        region: Some(SigningRegion::from(region)),
        name: Some(SigningName::from_static(service.name)),
        ..SigV4OperationSigningConfig::default()
    });
    let mut components = RuntimeComponentsBuilder::new(name);
    components.set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
        StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
    )));
    components.push_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()));
    components.set_identity_resolver(SCHEME_ID, credentials);
    components.set_identity_cache(config.identity_cache());
    components.set_sleep_impl(config.sleep_impl());
    components.set_time_source(config.time_source());
    let plugin = StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components);
    let retries = config.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
    let mut builder = Operation::builder()
        .service_name(service.name)
        .operation_name(name)
        .endpoint_url(&endpoint)
        .standard_retry(&retries)
        .retry_classifier(HttpStatusCodeClassifier::default())
        .retry_classifier(TransientErrorClassifier::<Refused>::new())
        .with_connection_poisoning()
        .runtime_plugin(plugin);
    if let Some(client) = config.http_client() {
        builder = builder.http_client(client);
    }
    if let Some(timeouts) = config.timeout_config() {
        builder = builder.timeout_config(timeouts.clone());
    }
    Ok(builder.serializer(request).deserializer(move |response| answer(response, read)).build())
}

fn request(form: String) -> Result<HttpRequest, BoxError> {
    let length = form.len().to_string();
    let mut request = HttpRequest::new(SdkBody::from(form));
    request.set_method("POST")?;
    request.set_uri("/")?;
    request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
    request.headers_mut().insert("content-length", length);
    Ok(request)
}

fn answer<T>(
    response: &HttpResponse,
    read: fn(&str) -> Result<T, XmlDecodeError>,
) -> Result<T, OrchestratorError<Refused>> {
    let text = response.body().bytes().and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    if response.status().is_success() {
        return read(text).map_err(OrchestratorError::other);
    }
    let mut refused = ErrorMetadata::builder();
    // What is not from the service itself, such as a proxy's page, has neither.
    if let Ok((code, message)) = refusal(text) {
        refused = refused.code(code).message(message);
    }
    Err(OrchestratorError::operation(Refused(refused.build())))
}

/// Code and message of an error: `Response/Errors/Error` of EC2, `ErrorResponse/Error` elsewhere.
fn refusal(text: &str) -> Result<(String, String), XmlDecodeError> {
    let mut document = Document::new(text);
    let mut root = document.root_element()?;
    let (mut code, mut message) = (None, None);
    while let Some(mut tag) = root.next_tag() {
        let flat = tag.start_el().local() == "Error";
        while let Some(mut inner) = tag.next_tag() {
            if flat {
                match inner.start_el().local() {
                    "Code" => code = Some(try_data(&mut inner)?.into_owned()),
                    "Message" => message = Some(try_data(&mut inner)?.into_owned()),
                    _ => {}
                }
                continue;
            }
            while let Some(mut part) = inner.next_tag() {
                match part.start_el().local() {
                    "Code" => code = Some(try_data(&mut part)?.into_owned()),
                    "Message" => message = Some(try_data(&mut part)?.into_owned()),
                    _ => {}
                }
            }
        }
    }
    code.zip(message).ok_or_else(|| XmlDecodeError::custom("no error in it"))
}

#[cfg(test)]
mod tests {
    use aws_types::region::Region;

    use super::{Service, refusal};

    #[test]
    fn errors_of_both_shapes_are_read() {
        let ec2 = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You may not.</Message></Error>\
            </Errors><RequestID>r</RequestID></Response>";
        assert_eq!(refusal(ec2).unwrap(), ("UnauthorizedOperation".to_owned(), "You may not.".to_owned()));
        let iam = "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
            <Code>AccessDenied</Code><Message>No.</Message></Error><RequestId>r</RequestId></ErrorResponse>";
        assert_eq!(refusal(iam).unwrap(), ("AccessDenied".to_owned(), "No.".to_owned()));
        assert!(refusal("<html>").is_err());
    }

    #[test]
    fn each_partition_has_its_address() {
        let iam = Service { name: "iam", version: "2010-05-08", global: true };
        let ec2 = Service { name: "ec2", version: "2016-11-15", global: false };
        let place = |service: Service, region: &'static str| service.place(&Region::from_static(region)).1;
        assert_eq!(place(iam, "eu-west-1"), "https://iam.amazonaws.com");
        assert_eq!(place(iam, "cn-northwest-1"), "https://iam.cn-north-1.amazonaws.com.cn");
        assert_eq!(place(iam, "us-gov-east-1"), "https://iam.us-gov.amazonaws.com");
        assert_eq!(place(ec2, "eu-west-1"), "https://ec2.eu-west-1.amazonaws.com");
        assert_eq!(place(ec2, "cn-north-1"), "https://ec2.cn-north-1.amazonaws.com.cn");
    }

    #[test]
    fn values_are_encoded() {
        let service = Service { name: "iam", version: "1", global: true };
        let members = [("Marker".to_owned(), "t/1= é".to_owned())];
        assert_eq!(service.form("List", &members), "Action=List&Version=1&Marker=t%2F1%3D%20%C3%A9");
    }
}
