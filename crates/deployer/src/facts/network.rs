//! Subnets, load balancers and topics of an environment.

use aws_config::SdkConfig;
use aws_sdk_elasticloadbalancingv2 as elbv2;
use aws_sdk_elasticloadbalancingv2::types::{ActionTypeEnum, Rule};
use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, Tag, TagFilter};
use copilot_stack::{facts, stack_name};
use futures::future::try_join_all;

use crate::application::Environment;
use crate::ec2;
use crate::error::Error;
use crate::session::Session;
use crate::stack;

/// The tagged subnets of the environment's region, sorted by id so that every run lists them alike. EC2 itself is asked: the
/// tagging service leaves out those that other accounts share, and keeps some that are gone.
pub(super) async fn subnets(config: &SdkConfig) -> Result<Vec<facts::Subnet>, Error> {
    let mut found = ec2::subnets(config).await?;
    found.retain(|subnet| !subnet.tags.is_empty());
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

pub(crate) async fn tagged(
    config: &SdkConfig,
    kind: &str,
    filters: Vec<TagFilter>,
) -> Result<Vec<ResourceTagMapping>, Error> {
    let client = aws_sdk_resourcegroupstagging::Client::new(config);
    let request = client.get_resources().resource_type_filters(kind).set_tag_filters(Some(filters));
    let mut pages = request.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| Error::aws("tag:GetResources", &e))?;
        found.extend(page.resource_tag_mapping_list.unwrap_or_default());
    }
    Ok(found)
}

/// The topics of an environment as `service/topic`, found by tags.
pub(super) async fn topics(config: &SdkConfig, app: &str, env: &str) -> Result<Vec<String>, Error> {
    let filter = |key: &str, value: &str| TagFilter::builder().key(key).values(value).build();
    let filters = vec![filter("copilot-application", app), filter("copilot-environment", env)];
    let mut found = Vec::new();
    for resource in tagged(config, "sns", filters).await? {
        let service = resource.tags().iter().find(|tag| tag.key() == "copilot-service");
        let Some((arn, service)) = resource.resource_arn().zip(service.map(Tag::value)) else { continue };
        found.extend(topic_of(arn, app, env, service));
    }
    found.sort();
    Ok(found)
}

/// Topics are named `APP-ENV-SERVICE-TOPIC`.
fn topic_of(arn: &str, app: &str, env: &str, service: &str) -> Option<String> {
    let name = arn.rsplit(':').next()?;
    let topic = name.strip_prefix(&format!("{app}-{env}-{service}-"))?;
    Some(format!("{service}/{topic}"))
}

/// A load balancer by name or ARN, with its listeners.
pub(super) async fn load_balancer(
    session: &Session,
    env: &Environment,
    name: &str,
) -> Result<facts::LoadBalancer, Error> {
    let config = session.assume(&env.manager_role_arn, &env.region).await?;
    let client = elbv2::Client::new(&config);
    let request = client.describe_load_balancers();
    let request =
        if name.starts_with("arn:") { request.load_balancer_arns(name) } else { request.names(name) };
    let answer = request.send().await;
    let answer = answer.map_err(|e| Error::aws("elasticloadbalancing:DescribeLoadBalancers", &e))?;
    let Some(found) = answer.load_balancers.unwrap_or_default().into_iter().next() else {
        return Err(Error::Nothing(format!("no load balancer `{name}` in {}", env.region)));
    };
    let arn = found.load_balancer_arn.unwrap_or_default();
    Ok(facts::LoadBalancer {
        listeners: listeners(&client, &arn).await?,
        name: found.load_balancer_name.unwrap_or_default(),
        dns_name: found.dns_name.unwrap_or_default(),
        hosted_zone_id: found.canonical_hosted_zone_id.unwrap_or_default(),
        scheme: found.scheme.map(|scheme| scheme.as_str().to_owned()),
        security_groups: found.security_groups.unwrap_or_default(),
        arn,
    })
}

async fn listeners(client: &elbv2::Client, arn: &str) -> Result<Vec<facts::Listener>, Error> {
    let mut pages = client.describe_listeners().load_balancer_arn(arn).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| Error::aws("elasticloadbalancing:DescribeListeners", &e))?;
        for listener in page.listeners.unwrap_or_default() {
            found.push(facts::Listener {
                arn: listener.listener_arn.unwrap_or_default(),
                port: listener.port.and_then(|port| u16::try_from(port).ok()).unwrap_or_default(),
                protocol: listener.protocol.map(|p| p.as_str().to_owned()).unwrap_or_default(),
            });
        }
    }
    Ok(found)
}

/// Logical ID of the rule by which a service with an alias is reached over HTTP.
const HTTP_RULE: &str = "HTTPListenerRuleWithDomain";

/// Those of the services in a list with commas whose rule for HTTP redirects to HTTPS.
pub(super) async fn redirecting(
    config: &SdkConfig,
    app: &str,
    env: &str,
    services: &str,
) -> Result<Vec<String>, Error> {
    let (stacks, rules) = (stack::Stacks::new(config), elbv2::Client::new(config));
    let asked = services.split(',').filter(|name| !name.is_empty()).map(|name| {
        let (stacks, rules) = (&stacks, &rules);
        async move {
            let stack = stack_name::workload(app, env, name);
            let resources = stack::resources(stacks, &stack).await?;
            let rule = resources.into_iter().find(|resource| resource.logical_id == HTTP_RULE);
            let redirects = match rule {
                Some(rule) => redirects(rules, &rule.physical_id).await?,
                None => false,
            };
            Ok::<_, Error>(redirects.then(|| name.to_owned()))
        }
    });
    Ok(try_join_all(asked).await?.into_iter().flatten().collect())
}

/// Whether a rule of a listener redirects. One that is gone does not.
async fn redirects(client: &elbv2::Client, rule: &str) -> Result<bool, Error> {
    match client.describe_rules().rule_arns(rule).send().await {
        Ok(answer) => {
            let mut actions = answer.rules().iter().flat_map(Rule::actions);
            Ok(actions.any(|action| action.r#type() == Some(&ActionTypeEnum::Redirect)))
        }
        Err(error) => match Error::aws("elasticloadbalancing:DescribeRules", &error) {
            error if error.code() == Some("RuleNotFound") => Ok(false),
            error => Err(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::topic_of;

    #[test]
    fn topics_are_named_by_their_service() {
        let arn = "arn:aws:sns:us-west-2:1:shop-test-api-orders.fifo";
        assert_eq!(topic_of(arn, "shop", "test", "api").as_deref(), Some("api/orders.fifo"));
        assert_eq!(topic_of(arn, "shop", "prod", "api"), None);
    }
}
