//! The addresses of a service behind load balancers.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::Rule;
use serde::Serialize;

use super::ecs::{ContainerVariable, Kind};
use super::or;
use crate::error::Error;
use crate::stack::Description;
use crate::workload::find::Deployed;

/// How a service is reached in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Route {
    /// The environment.
    pub environment: String,
    /// Its addresses, in words.
    pub url: String,
}

/// Where addresses are read from.
pub(super) struct Places<'a> {
    pub(super) found: &'a Deployed,
    /// The stack of the service.
    pub(super) own: &'a Description,
    /// The stack of the environment.
    pub(super) surroundings: &'a Description,
    pub(super) variables: &'a [ContainerVariable],
}

const PUBLIC: &str = "PublicLoadBalancerDNSName";
const INTERNAL: &str = "InternalLoadBalancerDNSName";

/// Names at a load balancer, and what stands around them.
#[derive(Default)]
struct Addresses {
    https: bool,
    names: Vec<String>,
    path: String,
}

impl Addresses {
    fn urls(&self) -> Vec<String> {
        let scheme = if self.https { "https" } else { "http" };
        let path = if self.path == "/" { String::new() } else { format!("/{}", self.path) };
        self.names.iter().map(|name| format!("{scheme}://{name}{path}")).collect()
    }
}

impl Places<'_> {
    /// The addresses; none for a service that no load balancer leads to.
    pub(super) async fn route(&self, kind: Kind) -> Result<Option<Route>, Error> {
        let urls = match kind {
            Kind::LoadBalanced => self.public().await?,
            Kind::Backend if self.has("TargetGroup", str::eq) => self.internal().await?,
            Kind::Backend | Kind::Worker => return Ok(None),
        };
        Ok(Some(Route { environment: self.found.environment.name.clone(), url: or(&urls) }))
    }

    async fn public(&self) -> Result<Vec<String>, Error> {
        let begins = |id: &str, start: &str| id.starts_with(start);
        let mut urls = Vec::new();
        if self.has("TargetGroup", begins) {
            let imported = self.has("HTTPListenerRuleForImportedALB", begins);
            urls = self.addresses((!imported).then_some(PUBLIC)).await?.urls();
        }
        if self.has("NLBTargetGroup", begins) || self.has("NetworkLoadBalancerTargetGroup", begins) {
            urls.extend(self.network());
        }
        Ok(urls)
    }

    async fn internal(&self) -> Result<Vec<String>, Error> {
        let mut addresses = self.addresses(Some(INTERNAL)).await?;
        // Behind a name of its own, that of the balancer says nothing.
        if !addresses.https && addresses.names.len() > 1 {
            let balancer = self.surroundings.outputs.get(INTERNAL);
            addresses.names.retain(|name| Some(name) != balancer);
        }
        Ok(addresses.urls())
    }

    fn has(&self, wanted: &str, fits: impl Fn(&str, &str) -> bool) -> bool {
        self.found.resources().iter().any(|resource| fits(&resource.logical_id, wanted))
    }

    fn parameter(&self, key: &str) -> &str {
        self.own.parameters.get(key).map(String::as_str).unwrap_or_default()
    }

    /// The names that the rules of the listener forward, or that of the load balancer, which is an output of the environment
    /// unless the load balancer was imported.
    async fn addresses(&self, output: Option<&str>) -> Result<Addresses, Error> {
        let (https, path) = (self.parameter("HTTPSEnabled") == "true", self.parameter("RulePath").to_owned());
        if output == Some(PUBLIC) && !https {
            return Ok(Addresses { https: false, names: self.balancer(output), path });
        }
        let wanted = if https { "HTTPSListenerRule" } else { "HTTPListenerRule" };
        let rules = self.found.resources().iter().filter(|resource| {
            resource.kind == "AWS::ElasticLoadBalancingV2::ListenerRule"
                && resource.logical_id.starts_with(wanted)
        });
        let names = self.hosts(rules.map(|rule| rule.physical_id.clone()).collect()).await?;
        if !names.is_empty() {
            return Ok(Addresses { https, names, path });
        }
        match self.variables.iter().find(|variable| variable.name == "COPILOT_LB_DNS") {
            Some(variable) => Ok(Addresses { https, names: vec![variable.value.clone()], path }),
            None => Ok(Addresses { https: false, names: self.balancer(output), path }),
        }
    }

    /// Names of the environment's load balancer.
    fn balancer(&self, output: Option<&str>) -> Vec<String> {
        let outputs = &self.surroundings.outputs;
        // Environments from before that output have a load balancer that everybody reaches.
        let accessible = outputs.get("PublicALBAccessible").is_none_or(|accessible| accessible == "true");
        let own = output.filter(|_| accessible).and_then(|output| outputs.get(output));
        own.into_iter().chain(outputs.get("CloudFrontDomainName")).cloned().collect()
    }

    /// Host names in the conditions of rules, sorted.
    async fn hosts(&self, rules: Vec<String>) -> Result<Vec<String>, Error> {
        if rules.is_empty() {
            return Ok(Vec::new());
        }
        let request = Client::new(self.found.config()).describe_rules().set_rule_arns(Some(rules));
        let answer = request.send().await;
        let answer = answer.map_err(|error| Error::aws("elasticloadbalancing:DescribeRules", &error))?;
        let mut names: Vec<String> = Vec::new();
        for condition in answer.rules().iter().flat_map(Rule::conditions) {
            if condition.field() == Some("host-header") {
                names.extend(condition.values().iter().cloned());
                let hosts = condition.host_header_config();
                names.extend(hosts.into_iter().flat_map(|hosts| hosts.values().iter().cloned()));
            }
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Names of the service's own network load balancer, each with its port.
    fn network(&self) -> Vec<String> {
        let port = self.parameter("NLBPort");
        if port.is_empty() {
            return Vec::new();
        }
        let outputs = &self.surroundings.outputs;
        let aliases = self.parameter("NLBAliases");
        let names: Vec<String> = if self.parameter("DNSDelegated") != "true" {
            self.own.outputs.get("PublicNetworkLoadBalancerDNSName").into_iter().cloned().collect()
        } else if aliases.is_empty() {
            let domain = outputs.get("EnvironmentSubdomain").map(String::as_str).unwrap_or_default();
            vec![format!("{}-nlb.{domain}", self.found.name)]
        } else {
            aliases.split(',').map(str::to_owned).collect()
        };
        names.into_iter().map(|name| format!("{name}:{port}")).collect()
    }
}
