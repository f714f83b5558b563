//! The operations of EC2 that are needed, by hand: its client alone would take longer to build than all others together.

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
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use copilot_stack::facts::Subnet;

use crate::error::Error;

/// All subnets of the configuration's region that its account can use, its own and those that others share with it. Tags are
/// those that this account sees: of a shared subnet, the ones that it has given it itself.
pub(crate) async fn subnets(config: &SdkConfig) -> Result<Vec<Subnet>, Error> {
    let operation = operation(config, "DescribeSubnets", page)?;
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let answer = operation.invoke(form(token.as_deref())).await;
        let page: Page = answer.map_err(|error| Error::aws("ec2:DescribeSubnets", &error))?;
        found.extend(page.subnets);
        token = page.next.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(found);
        }
    }
}

/// The name under which EC2 lists the addresses from which `CloudFront` asks origins.
const CLOUDFRONT: &str = "com.amazonaws.global.cloudfront.origin-facing";

/// ID of `CloudFront`'s managed prefix list in the configuration's region; `None` if the region has none.
pub(crate) async fn cloudfront_prefix_list(config: &SdkConfig) -> Result<Option<String>, Error> {
    let operation = operation(config, "DescribeManagedPrefixLists", prefix_lists)?;
    let form = format!(
        "Action=DescribeManagedPrefixLists&Version={VERSION}&Filter.1.Name=prefix-list-name&Filter.1.Value.1={CLOUDFRONT}"
    );
    let answer = operation.invoke(form).await;
    let found = answer.map_err(|error| Error::aws("ec2:DescribeManagedPrefixLists", &error))?;
    Ok(found.into_iter().next())
}

/// One answer.
#[derive(Debug, Default)]
struct Page {
    subnets: Vec<Subnet>,
    next: Option<String>,
}

/// A refusal.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(ErrorMetadata);

impl ProvideErrorMetadata for Refused {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

/// An operation that sends a form and reads its answer with `read`.
fn operation<T: fmt::Debug + Send + Sync + 'static>(
    config: &SdkConfig,
    name: &'static str,
    read: fn(&str) -> Result<T, XmlDecodeError>,
) -> Result<Operation<String, T, Refused>, Error> {
    let region = config.region().ok_or(Error::NoRegion)?.clone();
    let endpoint = config.endpoint_url().map_or_else(|| endpoint(region.as_ref()), str::to_owned);
    let credentials = config.credentials_provider().ok_or(Error::NoCredentials { cause: None })?;
    let mut layer = Layer::new(name);
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig {
        region: Some(SigningRegion::from(region)),
        name: Some(SigningName::from_static("ec2")),
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
        .service_name("EC2")
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

/// Where EC2 is, in the partitions that have a Copilot.
fn endpoint(region: &str) -> String {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://ec2.{region}.{suffix}")
}

const VERSION: &str = "2016-11-15";

fn form(token: Option<&str>) -> String {
    let mut form = format!("Action=DescribeSubnets&Version={VERSION}&MaxResults=1000");
    if let Some(token) = token {
        form.push_str("&NextToken=");
        for byte in token.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                form.push(char::from(byte));
            } else {
                let _ = write!(form, "%{byte:02X}");
            }
        }
    }
    form
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
    // What is not from EC2 itself, such as a proxy's page, has neither.
    if let Ok((code, message)) = refusal(text) {
        refused = refused.code(code).message(message);
    }
    Err(OrchestratorError::operation(Refused(refused.build())))
}

fn page(text: &str) -> Result<Page, XmlDecodeError> {
    let mut document = Document::new(text);
    let mut root = document.root_element()?;
    let mut page = Page::default();
    while let Some(mut tag) = root.next_tag() {
        match tag.start_el().local() {
            "nextToken" => page.next = Some(try_data(&mut tag)?.into_owned()),
            "subnetSet" => {
                while let Some(mut item) = tag.next_tag() {
                    page.subnets.push(subnet(&mut item)?);
                }
            }
            _ => {}
        }
    }
    Ok(page)
}

fn subnet(item: &mut ScopedDecoder<'_, '_>) -> Result<Subnet, XmlDecodeError> {
    let mut subnet = Subnet::default();
    while let Some(mut tag) = item.next_tag() {
        match tag.start_el().local() {
            "subnetId" => subnet.id = try_data(&mut tag)?.into_owned(),
            "tagSet" => {
                while let Some(mut pair) = tag.next_tag() {
                    let (mut key, mut value) = (String::new(), String::new());
                    while let Some(mut part) = pair.next_tag() {
                        match part.start_el().local() {
                            "key" => key = try_data(&mut part)?.into_owned(),
                            "value" => value = try_data(&mut part)?.into_owned(),
                            _ => {}
                        }
                    }
                    subnet.tags.insert(key, value);
                }
            }
            _ => {}
        }
    }
    Ok(subnet)
}

/// IDs of the lists in an answer.
fn prefix_lists(text: &str) -> Result<Vec<String>, XmlDecodeError> {
    let mut document = Document::new(text);
    let mut root = document.root_element()?;
    let mut found = Vec::new();
    while let Some(mut set) = root.next_tag() {
        if set.start_el().local() != "prefixListSet" {
            continue;
        }
        while let Some(mut item) = set.next_tag() {
            while let Some(mut part) = item.next_tag() {
                if part.start_el().local() == "prefixListId" {
                    found.push(try_data(&mut part)?.into_owned());
                }
            }
        }
    }
    Ok(found)
}

/// Code and message of an error: `Response/Errors/Error`.
fn refusal(text: &str) -> Result<(String, String), XmlDecodeError> {
    let mut document = Document::new(text);
    let mut root = document.root_element()?;
    let (mut code, mut message) = (None, None);
    while let Some(mut errors) = root.next_tag() {
        while let Some(mut error) = errors.next_tag() {
            while let Some(mut part) = error.next_tag() {
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
    use super::{form, page, prefix_lists, refusal};

    #[test]
    fn answers_are_read() {
        let text = "<?xml version=\"1.0\"?><DescribeSubnetsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
            <requestId>r</requestId><subnetSet><item><subnetId>subnet-1</subnetId><ownerId>1</ownerId><tagSet>\
            <item><key>tier</key><value>a &amp; b</value></item><item><key>empty</key><value/></item></tagSet></item>\
            <item><subnetId>subnet-2</subnetId></item></subnetSet><nextToken>t/1=</nextToken></DescribeSubnetsResponse>";
        let found = page(text).unwrap();
        let ids: Vec<&str> = found.subnets.iter().map(|subnet| subnet.id.as_str()).collect();
        assert_eq!(ids, ["subnet-1", "subnet-2"]);
        assert_eq!(found.subnets[0].tags["tier"], "a & b");
        assert_eq!(found.subnets[0].tags["empty"], "");
        assert!(found.subnets[1].tags.is_empty());
        assert!(form(found.next.as_deref()).ends_with("&NextToken=t%2F1%3D"));
        let error = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You may not.</Message></Error>\
            </Errors><RequestID>r</RequestID></Response>";
        assert_eq!(refusal(error).unwrap(), ("UnauthorizedOperation".to_owned(), "You may not.".to_owned()));
        assert!(refusal("<html>").is_err());
        let lists = "<DescribeManagedPrefixListsResponse><requestId>r</requestId><prefixListSet><item>\
            <prefixListId>pl-1</prefixListId><prefixListName>n</prefixListName></item></prefixListSet>\
            </DescribeManagedPrefixListsResponse>";
        assert_eq!(prefix_lists(lists).unwrap(), ["pl-1"]);
    }
}
