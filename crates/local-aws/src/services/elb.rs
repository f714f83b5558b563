//! Elastic Load Balancing v2: describing load balancers, listeners, rules and the tasks behind target groups.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::tags::{self, Tags};
use super::{cloudformation, ecs};
use crate::core::caller::Caller;
use crate::core::input::{Input, page, page_size};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

/// Load balancers and listeners of a region by ARN, in the shape in which they are described.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct LoadBalancing {
    pub(crate) balancers: BTreeMap<String, Json>,
    /// Each names its `LoadBalancerArn`.
    pub(crate) listeners: BTreeMap<String, Json>,
    pub(crate) tags: BTreeMap<String, Tags>,
    /// Rules of listeners.
    #[serde(default)]
    pub(crate) rules: BTreeMap<String, Json>,
}

/// The rules of a listener: those of stacks, and the one for all that they don't match.
fn rules(world: &World, caller: &Caller, listener: &str) -> Vec<Json> {
    let here = world.state.regional.get(&caller.scope());
    let stacks = here.into_iter().flat_map(|here| here.stacks.live());
    let made = stacks.flat_map(|stack| stack.resources.values()).filter(|rule| {
        rule.kind == "AWS::ElasticLoadBalancingV2::ListenerRule"
            && rule.physical_id.is_some()
            && rule.status != "DELETE_COMPLETE"
            && rule.properties.text("ListenerArn") == Some(listener)
    });
    let shape = |rule: &cloudformation::Resource| {
        json!({
            "RuleArn": rule.physical_id, "IsDefault": false,
            "Priority": rule.properties.number("Priority").unwrap_or_default().to_string(),
        })
    };
    let default = json!({"RuleArn": format!("{listener}/default"), "Priority": "default", "IsDefault": true});
    made.map(shape).chain(std::iter::once(default)).collect()
}

/// The tasks behind a target group.
fn target_health(world: &World, caller: &Caller, input: &Json) -> Answer {
    let found: Json = ecs::targets(world, caller, input.need("TargetGroupArn")?)
        .into_iter()
        .map(|ecs::Target { address, port, state }| {
            let (reason, why) = match state {
                "initial" => (Some("Elb.RegistrationInProgress"), Some("Target registration is in progress")),
                "unhealthy" => (Some("Target.FailedHealthChecks"), Some("Health checks failed")),
                "draining" => {
                    (Some("Target.DeregistrationInProgress"), Some("Target deregistration is in progress"))
                }
                _ => (None, None),
            };
            json!({
                "Target": {"Id": address, "Port": port}, "HealthCheckPort": port.to_string(),
                "TargetHealth": {"State": state, "Reason": reason, "Description": why},
            })
        })
        .collect();
    Ok(json!({"TargetHealthDescriptions": found}))
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    if let Some(listener) = input.text("ListenerArn").filter(|_| operation == "DescribeRules") {
        return Ok(json!({"Rules": rules(world, caller, listener)}));
    }
    if operation == "DescribeTargetHealth" {
        return target_health(world, caller, input);
    }
    let balancing = &mut world.state.at(&caller.scope()).load_balancers;
    match operation {
        "DescribeLoadBalancers" => {
            let (names, arns) = (input.texts("Names"), input.texts("LoadBalancerArns"));
            let found: Vec<Json> = balancing
                .balancers
                .values()
                .filter(|balancer| {
                    let is = |list: &[String], key| {
                        balancer.text(key).is_some_and(|value| list.iter().any(|item| item == value))
                    };
                    names.is_empty() && arns.is_empty()
                        || is(&names, "LoadBalancerName")
                        || is(&arns, "LoadBalancerArn")
                })
                .cloned()
                .collect();
            let asked = names.len() + arns.len();
            if asked > 0 && found.len() < asked {
                let message = format!("Load balancers '[{}]' not found", [names, arns].concat().join(", "));
                return Err(AwsError::new("LoadBalancerNotFound", message));
            }
            let (page, next) = page(&found, input.text("Marker"), page_size(input, "PageSize", 400));
            Ok(json!({"LoadBalancers": page, "NextMarker": next}))
        }
        "DescribeListeners" => {
            let arns = input.texts("ListenerArns");
            let found: Vec<Json> = balancing
                .listeners
                .values()
                .filter(|listener| match input.text("LoadBalancerArn") {
                    Some(arn) => listener.text("LoadBalancerArn") == Some(arn),
                    None => listener.text("ListenerArn").is_some_and(|arn| arns.iter().any(|a| a == arn)),
                })
                .cloned()
                .collect();
            if let Some(arn) = input.text("LoadBalancerArn")
                && !balancing.balancers.contains_key(arn)
            {
                return Err(AwsError::new(
                    "LoadBalancerNotFound",
                    format!("Load balancers '[{arn}]' not found"),
                ));
            }
            let (page, next) = page(&found, input.text("Marker"), page_size(input, "PageSize", 400));
            Ok(json!({"Listeners": page, "NextMarker": next}))
        }
        "DescribeRules" => {
            let arns = input.texts("RuleArns");
            if let Some(missing) = arns.iter().find(|arn| !balancing.rules.contains_key(*arn)) {
                return Err(AwsError::new(
                    "RuleNotFound",
                    format!("One or more rules not found: '{missing}'"),
                ));
            }
            let found = balancing.rules.iter().filter(|(arn, _)| arns.contains(arn));
            Ok(json!({"Rules": found.map(|(_, rule)| rule.clone()).collect::<Json>()}))
        }
        "DescribeTags" => {
            let list: Json = input
                .texts("ResourceArns")
                .into_iter()
                .map(|arn| {
                    let tags = balancing.tags.get(&arn).map_or_else(|| json!([]), tags::write);
                    json!({"ResourceArn": arn, "Tags": tags})
                })
                .collect();
            Ok(json!({"TagDescriptions": list}))
        }
        _ => Err(AwsError::unknown_operation("elasticloadbalancing", operation)),
    }
}
