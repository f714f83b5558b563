//! What the stack of an environment says.

use std::collections::BTreeMap;

use copilot_stack::facts::{self, DeployedManifest};
use copilot_stack::stack_name;
use copilot_yaml::{Diagnostics, Node, Source, parse};
use futures::future::try_join;

use super::{Question, Wanted, network};
use crate::application::Environment;
use crate::error::Error;
use crate::session::Session;
use crate::stack;

/// Version of a stack that has none in its metadata.
const NO_VERSION: &str = "v0.0.0";

pub(super) async fn facts(
    session: &Session,
    app: &str,
    env: &Environment,
    wanted: &Wanted,
) -> Result<facts::Environment, Error> {
    let mut found = facts::Environment {
        account_id: env.account_id.clone(),
        region: env.region.clone(),
        execution_role_arn: Some(env.execution_role_arn.clone()),
        manager_role_arn: Some(env.manager_role_arn.clone()),
        ..facts::Environment::default()
    };
    let asked = [Question::EnvironmentStacks, Question::Subnets, Question::Topics];
    if !asked.into_iter().any(|question| wanted.asks(question)) {
        return Ok(found);
    }
    let config = session.assume(&env.manager_role_arn, &env.region).await?;
    let client = stack::Stacks::new(&config);
    if wanted.asks(Question::EnvironmentStacks) {
        let name = stack_name::environment(app, &env.name);
        let (metadata, description) =
            try_join(stack::metadata(&client, &name), stack::describe(&client, &name)).await?;
        let Some(metadata) = metadata else {
            return Err(Error::NoEnvironment { app: app.to_owned(), name: env.name.clone() });
        };
        let metadata = read_metadata(&name, &metadata);
        found.manifest = metadata.parsed(&name).or_else(|| from_custom_config(env));
        found.version = Some(metadata.version);
        let (parameters, outputs) =
            description.map(|stack| (stack.parameters, stack.outputs)).unwrap_or_default();
        found.service_discovery_endpoint = Some(discovery_endpoint(app, &parameters));
        found.last_force_deploy_id = outputs.get("LastForceDeployID").cloned();
        if wanted.asks(Question::RedirectingServices) {
            let behind = parameters.get("ALBWorkloads").map(String::as_str).unwrap_or_default();
            found.redirecting_services = network::redirecting(&config, app, &env.name, behind).await?;
        }
        found.parameters = parameters.into_iter().collect();
    }
    if wanted.asks(Question::Subnets) {
        found.subnets = network::subnets(&config).await?;
    }
    if wanted.asks(Question::Topics) {
        found.topics = Some(network::topics(&config, app, &env.name).await?);
    }
    Ok(found)
}

/// Old environments have no parameter for it and use the application's name alone.
fn discovery_endpoint(app: &str, parameters: &BTreeMap<String, String>) -> String {
    let named = parameters.get("ServiceDiscoveryEndpoint").filter(|endpoint| !endpoint.is_empty());
    named.cloned().unwrap_or_else(|| format!("{app}.local"))
}

/// What the metadata of a stack's template say.
#[derive(Debug)]
pub(crate) struct Metadata {
    /// The version of the program that wrote it.
    pub(crate) version: String,
    /// The manifest it was made from, as it was written.
    pub(crate) manifest: Option<String>,
}

impl Metadata {
    /// The manifest, if it says anything.
    fn parsed(&self, stack: &str) -> Option<DeployedManifest> {
        let source = Source::new(format!("manifest in stack {stack}"), self.manifest.clone()?);
        let manifest = DeployedManifest::parse(&source, &mut Diagnostics::default());
        manifest.filter(|manifest| !manifest.node().is_null())
    }
}

/// Reads a stack's metadata, which is YAML or JSON.
pub(crate) fn read_metadata(stack: &str, metadata: &str) -> Metadata {
    let name = format!("metadata of stack {stack}");
    let source = Source::new(name, metadata);
    // Damaged metadata is read as none at all: it is not the user's file, and a deployment of the environment mends it.
    let node = parse(&source, &mut Diagnostics::default());
    let text =
        |key: &str| node.as_ref().and_then(|node| node.get(key)).and_then(Node::as_str).map(str::to_owned);
    Metadata { version: text("Version").unwrap_or_else(|| NO_VERSION.to_owned()), manifest: text("Manifest") }
}

/// Environments from before the environment manifest keep their imported certificates in their record. They belong to the
/// internal load balancer where the imported network has no public subnets, and to the public one otherwise.
fn from_custom_config(env: &Environment) -> Option<DeployedManifest> {
    let config = env.custom_config.as_ref()?;
    let certificates = config.get("importCertARNs")?.as_array()?;
    if certificates.is_empty() {
        return None;
    }
    let imported = config.get("importVPC").filter(|vpc| !vpc.is_null());
    let public = |vpc: &serde_json::Value| vpc.get("publicSubnetIDs")?.as_array().map(|ids| !ids.is_empty());
    let scheme = if imported.is_some_and(|vpc| !public(vpc).unwrap_or(false)) { "private" } else { "public" };
    let manifest = serde_json::json!({
        "name": env.name,
        "type": "Environment",
        "http": { scheme: { "certificates": certificates } },
    });
    let source = Source::new(format!("record of environment {}", env.name), manifest.to_string());
    DeployedManifest::parse(&source, &mut Diagnostics::default())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{discovery_endpoint, from_custom_config, read_metadata};
    use crate::application::Environment;

    #[test]
    fn metadata_has_a_version_and_a_manifest() {
        let text = "Version: v1.33.0\nManifest: |\n  name: test\n  type: Environment\n  cdn: true\n";
        let found = read_metadata("shop-test", text);
        assert_eq!(found.version, "v1.33.0");
        let manifest = found.parsed("shop-test").unwrap();
        assert_eq!(manifest.node().get("cdn").and_then(copilot_yaml::Node::as_bool), Some(true));
        assert_eq!(read_metadata("shop-test", "").version, "v0.0.0");
        let bootstrap = read_metadata("shop-test", "{\"Version\": \"bootstrap\", \"Manifest\": \"\"}");
        assert!(bootstrap.parsed("shop-test").is_none());
        assert_eq!(read_metadata("shop-test", "a: [").version, "v0.0.0");
    }

    #[test]
    fn an_empty_endpoint_is_the_old_one() {
        let parameters =
            |value: &str| BTreeMap::from([("ServiceDiscoveryEndpoint".to_owned(), value.to_owned())]);
        assert_eq!(discovery_endpoint("shop", &parameters("test.shop.local")), "test.shop.local");
        assert_eq!(discovery_endpoint("shop", &parameters("")), "shop.local");
    }

    #[test]
    fn imported_certificates_follow_the_imported_network() {
        let env = |config: &str| -> Environment {
            let text = format!(
                r#"{{"name":"test","region":"r","accountID":"1","executionRoleARN":"","managerRoleARN":"","customConfig":{config}}}"#
            );
            serde_json::from_str(&text).unwrap()
        };
        let private = env(r#"{"importCertARNs":["c"],"importVPC":{"id":"vpc-1","publicSubnetIDs":[]}}"#);
        assert!(from_custom_config(&private).unwrap().node().get("http").unwrap().get("private").is_some());
        let public = env(r#"{"importCertARNs":["c"],"importVPC":null}"#);
        assert!(from_custom_config(&public).unwrap().node().get("http").unwrap().get("public").is_some());
        assert!(from_custom_config(&env("null")).is_none());
    }
}
