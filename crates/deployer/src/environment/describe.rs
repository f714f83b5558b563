//! What is deployed of an environment.

use std::collections::{BTreeMap, BTreeSet};

use aws_config::SdkConfig;
use aws_sdk_resourcegroupstagging::types::{Tag, TagFilter};
use copilot_stack::stack_name;
use futures::future::{try_join, try_join3};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::application::{self, Environment, Workload};
use crate::error::Error;
use crate::facts::{read_metadata, tagged};
use crate::session::Session;
use crate::stack::{self, Resource, Stacks, Status};

/// An environment. Its JSON is what Copilot prints: `null` stands for an empty list, and what is not there is left out.
#[derive(Debug, Clone, Serialize)]
pub struct Description {
    /// Its record.
    pub environment: Environment,
    /// The services that are deployed in it.
    pub services: Option<Vec<Workload>>,
    /// The jobs that are deployed in it.
    pub jobs: Option<Vec<Workload>>,
    /// Tags of its stack.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Resources of its stack, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<Resource>>,
    /// Its network.
    #[serde(rename = "environmentVPC")]
    pub network: Network,
    /// Name of its stack.
    #[serde(skip)]
    pub stack: String,
    /// Status of its stack, such as `UPDATE_COMPLETE`.
    #[serde(skip)]
    pub status: Status,
}

/// The network of an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Network {
    /// ID of the VPC.
    pub id: String,
    /// IDs of its public subnets.
    #[serde(rename = "publicSubnetIDs")]
    pub public_subnets: Option<Vec<String>>,
    /// IDs of its private subnets.
    #[serde(rename = "privateSubnetIDs")]
    pub private_subnets: Option<Vec<String>>,
}

impl Network {
    fn of(outputs: &BTreeMap<String, String>) -> Self {
        let list = |key: &str| {
            let text = outputs.get(key)?;
            Some(text.split(',').map(str::to_owned).collect())
        };
        Self {
            id: outputs.get("VpcId").cloned().unwrap_or_default(),
            public_subnets: list("PublicSubnets"),
            private_subnets: list("PrivateSubnets"),
        }
    }
}

/// Describes an environment, and the resources of its stack if asked to.
///
/// # Errors
/// [`Error::NoEnvironment`], [`Error::NoStack`], [`Error::AssumeRole`], or when AWS refuses.
pub async fn describe(
    session: &Session,
    app: &str,
    name: &str,
    resources: bool,
) -> Result<Description, Error> {
    let environment = application::environment(session, app, name);
    let (environment, workloads) = try_join(environment, application::workloads(session, app)).await?;
    let config = session.assume(&environment.manager_role_arn, &environment.region).await?;
    let client = Stacks::new(&config);
    let stack = stack_name::environment(app, name);
    let resources =
        async { if resources { stack::resources(&client, &stack).await.map(Some) } else { Ok(None) } };
    let (found, deployed, resources) =
        try_join3(stack::describe(&client, &stack), deployed(&config, app, name), resources).await?;
    let Some(found) = found else { return Err(Error::NoStack { stack }) };
    let of_kind = |jobs: bool| {
        let of_kind = workloads.iter().filter(|it| (it.kind == JOB) == jobs && deployed.contains(&it.name));
        let of_kind: Vec<Workload> = of_kind.cloned().collect();
        (!of_kind.is_empty()).then_some(of_kind)
    };
    Ok(Description {
        services: of_kind(false),
        jobs: of_kind(true),
        tags: found.tags,
        resources,
        network: Network::of(&found.outputs),
        stack,
        status: found.status,
        environment,
    })
}

/// The type of jobs.
const JOB: &str = "Scheduled Job";

/// Names of the workloads that have a stack in the environment.
async fn deployed(config: &SdkConfig, app: &str, name: &str) -> Result<BTreeSet<String>, Error> {
    let filter = |key: &str, value: &str| TagFilter::builder().key(key).values(value).build();
    let filters = vec![filter("copilot-application", app), filter("copilot-environment", name)];
    let stacks = tagged(config, "cloudformation:stack", filters).await?;
    let names = stacks.iter().filter_map(|stack| {
        let tag = stack.tags().iter().find(|tag| tag.key() == "copilot-service");
        tag.map(Tag::value).map(str::to_owned)
    });
    Ok(names.collect())
}

/// The manifest with which an environment was deployed. One from before manifests gets one that says the same as its record.
///
/// # Errors
/// As [`describe`].
pub async fn manifest(session: &Session, app: &str, name: &str) -> Result<String, Error> {
    let environment = application::environment(session, app, name).await?;
    let config = session.assume(&environment.manager_role_arn, &environment.region).await?;
    let stack = stack_name::environment(app, name);
    let Some(metadata) = stack::metadata(&Stacks::new(&config), &stack).await? else {
        return Err(Error::NoStack { stack });
    };
    let deployed = read_metadata(&stack, &metadata).manifest.unwrap_or_default();
    let deployed = deployed.trim();
    Ok(if deployed.is_empty() { from_record(&environment) } else { format!("{deployed}\n") })
}

/// A manifest that says what the record of an early environment says.
fn from_record(environment: &Environment) -> String {
    let config = environment.custom_config.clone().unwrap_or_default();
    let mut manifest = Map::new();
    manifest.insert("name".into(), json!(environment.name));
    manifest.insert("type".into(), json!("Environment"));
    if let Some(vpc) = vpc(&config) {
        manifest.insert("network".into(), json!({ "vpc": vpc }));
    }
    let http = http(&config);
    if !http.is_empty() {
        manifest.insert("http".into(), Json::Object(http));
    }
    let telemetry = environment.telemetry.as_ref();
    if let Some(insights) = telemetry.and_then(|it| it.get("containerInsights")).and_then(Json::as_bool) {
        manifest.insert("observability".into(), json!({ "container_insights": insights }));
    }
    yaml(&Json::Object(manifest))
}

/// A part of the record that is there and not `null`.
fn part<'a>(config: &'a Json, key: &str) -> Option<&'a Json> {
    config.get(key).filter(|part| !part.is_null())
}

/// A list of texts in the record.
fn texts(config: &Json, key: &str) -> Vec<String> {
    let list = config.get(key).and_then(Json::as_array);
    list.into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn vpc(config: &Json) -> Option<Json> {
    if let Some(imported) = part(config, "importVPC") {
        let ids = |key: &str| texts(imported, key).iter().map(|id| json!({ "id": id })).collect::<Json>();
        return Some(json!({
            "id": imported.get("id"),
            "subnets": {"public": ids("publicSubnetIDs"), "private": ids("privateSubnetIDs")},
        }));
    }
    let adjusted = part(config, "adjustVPC")?;
    let zones = texts(adjusted, "availabilityZoneNames");
    let subnets = |key: &str| {
        let blocks = texts(adjusted, key).into_iter().enumerate();
        let subnets = blocks.map(|(index, block)| match zones.get(index) {
            Some(zone) => json!({"cidr": block, "az": zone}),
            None => json!({ "cidr": block }),
        });
        subnets.collect::<Json>()
    };
    Some(json!({
        "cidr": adjusted.get("cidr"),
        "subnets": {"public": subnets("publicSubnetCIDRs"), "private": subnets("privateSubnetCIDRs")},
    }))
}

fn http(config: &Json) -> Map<String, Json> {
    let certificates = texts(config, "importCertARNs");
    let private_network =
        part(config, "importVPC").is_some_and(|vpc| texts(vpc, "publicSubnetIDs").is_empty());
    let (mut public, mut private) = (Map::new(), Map::new());
    if !certificates.is_empty() {
        // They belong to the load balancer that such a network can have.
        let balancer = if private_network { &mut private } else { &mut public };
        balancer.insert("certificates".into(), json!(certificates));
    }
    let subnets = texts(config, "internalALBSubnets");
    if !subnets.is_empty() {
        private.insert("subnets".into(), json!(subnets));
    }
    if config.get("enableInternalALBVPCIngress").and_then(Json::as_bool) == Some(true) {
        private.insert("ingress".into(), json!({ "vpc": true }));
    }
    let both = [("public", public), ("private", private)];
    let filled = both.into_iter().filter(|(_, balancer)| !balancer.is_empty());
    filled.map(|(name, balancer)| (name.to_owned(), Json::Object(balancer))).collect()
}

/// As YAML in blocks.
fn yaml(value: &Json) -> String {
    let source = copilot_yaml::Source::new("manifest", value.to_string());
    let read = copilot_cfn::read::read(&source, &mut copilot_yaml::Diagnostics::default());
    read.map_or_else(|| format!("{value}\n"), |document| copilot_cfn::write::to_yaml(&document.value))
}

#[cfg(test)]
mod tests {
    use super::{Environment, Network, from_record};

    #[test]
    fn early_environments_get_a_manifest() {
        let environment = |more: &str| -> Environment {
            let record = format!(
                r#"{{"name":"test","region":"r","accountID":"1","executionRoleARN":"","managerRoleARN":"",{more}}}"#
            );
            serde_json::from_str(&record).unwrap()
        };
        let imported = environment(
            r#""customConfig":{"importVPC":{"id":"vpc-1","publicSubnetIDs":[],"privateSubnetIDs":["a","b"]},
                "importCertARNs":["arn:aws:acm:r:1:certificate/c"],"internalALBSubnets":["a"],"enableInternalALBVPCIngress":true},
                "telemetry":{"containerInsights":true}"#,
        );
        insta::assert_snapshot!(from_record(&imported), @r"
        name: test
        type: Environment
        network:
          vpc:
            id: vpc-1
            subnets:
              public: []
              private:
                - id: a
                - id: b
        http:
          private:
            certificates:
              - arn:aws:acm:r:1:certificate/c
            subnets:
              - a
            ingress:
              vpc: true
        observability:
          container_insights: true
        ");
        let adjusted = environment(
            r#""customConfig":{"importVPC":null,"adjustVPC":{"cidr":"10.1.0.0/16","availabilityZoneNames":["ra"],
                "publicSubnetCIDRs":["10.1.0.0/24"],"privateSubnetCIDRs":["10.1.1.0/24","10.1.2.0/24"]}}"#,
        );
        insta::assert_snapshot!(from_record(&adjusted), @r"
        name: test
        type: Environment
        network:
          vpc:
            cidr: 10.1.0.0/16
            subnets:
              public:
                - cidr: 10.1.0.0/24
                  az: ra
              private:
                - cidr: 10.1.1.0/24
                  az: ra
                - cidr: 10.1.2.0/24
        ");
        assert_eq!(from_record(&environment(r#""registryURL":"""#)), "name: test\ntype: Environment\n");
    }

    #[test]
    fn a_network_that_is_not_there_has_no_lists() {
        let outputs = |entries: &[(&str, &str)]| {
            entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        assert_eq!(Network::of(&outputs(&[])), Network::default());
        let found = Network::of(&outputs(&[("VpcId", "v"), ("PublicSubnets", "a,b")]));
        assert_eq!((found.id.as_str(), found.public_subnets.unwrap().len()), ("v", 2));
    }
}
