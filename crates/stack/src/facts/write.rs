//! Writing facts in the form in which they are read. What AWS has nothing of is left out.

use copilot_cfn::write::to_yaml;
use copilot_cfn::{Map, Value, cfn};
use indexmap::IndexMap;

use super::{Application, Environment, Facts, Image, LoadBalancer, Region, Subnet};

impl Facts {
    /// The facts as YAML, in the form in which [`Facts::read`] reads them.
    pub fn to_yaml(&self) -> String {
        to_yaml(&self.to_value())
    }

    /// The facts as data.
    pub fn to_value(&self) -> Value {
        cfn!({
            "application": application(&self.application),
            "regions"?: members(&self.regions, region),
            "environments"?: members(&self.environments, environment),
            "load_balancers"?: members(&self.load_balancers, load_balancer),
            "connections"?: members(&self.connections, text),
            "pipelines"?: members(&self.pipelines, |pipeline| cfn!({ "legacy": pipeline.legacy })),
            "root_user_arn"?: self.root_user_arn.as_ref(),
            "images"?: members(&self.images, image),
            "env_files"?: members(&self.env_files, text),
            "addons_url"?: self.addons_url.as_ref(),
            "asset_mapping_url"?: self.asset_mapping_url.as_ref(),
        })
    }
}

fn members<T>(map: &IndexMap<String, T>, value: impl Fn(&T) -> Value) -> Option<Value> {
    let entries: Map = map.iter().map(|(name, item)| (name.clone(), value(item))).collect();
    (!map.is_empty()).then_some(Value::Map(entries))
}

fn text(text: &String) -> Value {
    text.into()
}

fn application(application: &Application) -> Value {
    cfn!({
        "name": &application.name,
        "account_id": &application.account_id,
        "domain"?: application.domain.as_ref(),
        "permissions_boundary"?: application.permissions_boundary.as_ref(),
        "tags"?: members(&application.tags, text),
    })
}

fn region(region: &Region) -> Value {
    cfn!({
        "artifact_bucket"?: region.artifact_bucket.as_ref(),
        "artifact_key_arn"?: region.artifact_key_arn.as_ref(),
    })
}

fn environment(environment: &Environment) -> Value {
    let subnets = (!environment.subnets.is_empty()).then_some(&environment.subnets);
    let redirecting =
        (!environment.redirecting_services.is_empty()).then_some(&environment.redirecting_services);
    cfn!({
        "account_id": &environment.account_id,
        "region": &environment.region,
        "version"?: environment.version.as_ref(),
        "service_discovery_endpoint"?: environment.service_discovery_endpoint.as_ref(),
        "execution_role_arn"?: environment.execution_role_arn.as_ref(),
        "manager_role_arn"?: environment.manager_role_arn.as_ref(),
        "parameters"?: members(&environment.parameters, text),
        "last_force_deploy_id"?: environment.last_force_deploy_id.as_ref(),
        "redirecting_services"?: redirecting.map(|services| services.iter().collect::<Value>()),
        "cloudfront_prefix_list_id"?: environment.cloudfront_prefix_list_id.as_ref(),
        "subnets"?: subnets.map(|subnets| subnets.iter().map(subnet).collect::<Value>()),
        "topics"?: environment.topics.as_ref().map(|topics| topics.iter().collect::<Value>()),
        "manifest"?: environment.manifest.as_ref().map(super::DeployedManifest::to_value),
    })
}

fn subnet(subnet: &Subnet) -> Value {
    cfn!({ "id": &subnet.id, "tags"?: members(&subnet.tags, text) })
}

fn load_balancer(balancer: &LoadBalancer) -> Value {
    let listeners = balancer.listeners.iter().map(
        |listener| cfn!({ "arn": &listener.arn, "port": listener.port, "protocol": &listener.protocol }),
    );
    cfn!({
        "arn": &balancer.arn,
        "name": &balancer.name,
        "dns_name": &balancer.dns_name,
        "hosted_zone_id": &balancer.hosted_zone_id,
        "scheme"?: balancer.scheme.as_ref(),
        "security_groups": balancer.security_groups.iter().collect::<Value>(),
        "listeners": listeners.collect::<Value>(),
    })
}

fn image(image: &Image) -> Value {
    cfn!({
        "repository": &image.repository,
        "tag"?: image.tag.as_ref(),
        "digest"?: image.digest.as_ref(),
    })
}
