//! CloudWatch: alarms of stacks, which go off when they are told to, and policies of Application Auto Scaling.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::deployed::{Deployed, deployed};
use crate::core::caller::Caller;
use crate::core::input::{Input, page, page_size, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

/// The state that an alarm was put into.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Alarm {
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub(crate) state: String,
    pub(crate) reason: String,
    /// When; if nobody knows, when it was deployed.
    pub(crate) time: Option<i64>,
}

/// The ARN of an alarm.
pub(crate) fn arn(caller: &Caller, name: &str) -> String {
    caller.arn("cloudwatch", &format!("alarm:{name}"))
}

/// Which of these alarms have gone off.
pub(crate) fn alarmed(world: &World, caller: &Caller, names: &[String]) -> Vec<String> {
    let Some(here) = world.state.regional.get(&caller.scope()) else { return Vec::new() };
    let off = |name: &&String| here.alarms.get(*name).is_some_and(|alarm| alarm.state == "ALARM");
    names.iter().filter(off).cloned().collect()
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "DescribeAlarms" => Ok(describe(world, caller, input)),
        "SetAlarmState" => {
            let (name, state) = (input.need("AlarmName")?, input.need("StateValue")?);
            let exists =
                deployed(world, caller, "AWS::CloudWatch::Alarm").any(|alarm| alarm.physical() == name);
            if !exists && !world.state.at(&caller.scope()).alarms.contains_key(name) {
                return Err(AwsError::new("ResourceNotFound", format!("{name} does not exist")).status(404));
            }
            if !matches!(state, "OK" | "ALARM" | "INSUFFICIENT_DATA") {
                return Err(AwsError::validation(format!("{state} is no state of an alarm")));
            }
            let reason = input.text("StateReason").unwrap_or_default().to_owned();
            let alarm = Alarm { state: state.to_owned(), reason, time: Some(world.now()) };
            world.state.at(&caller.scope()).alarms.insert(name.to_owned(), alarm);
            Ok(json!({}))
        }
        _ => Err(AwsError::unknown_operation("monitoring", operation)),
    }
}

fn describe(world: &mut World, caller: &Caller, input: &Json) -> Json {
    let (names, prefix) = (input.texts("AlarmNames"), input.text("AlarmNamePrefix").unwrap_or_default());
    let wanted = input.text("StateValue");
    let here = world.state.regional.get(&caller.scope());
    let found: Vec<Json> = deployed(world, caller, "AWS::CloudWatch::Alarm")
        .filter(|alarm| {
            let name = alarm.physical();
            name.starts_with(prefix) && (names.is_empty() || names.iter().any(|wanted| wanted == name))
        })
        .map(|alarm| shape(caller, &alarm, here.and_then(|here| here.alarms.get(alarm.physical()))))
        .filter(|alarm| wanted.is_none_or(|wanted| alarm.text("StateValue") == Some(wanted)))
        .collect();
    let (found, next) = page(&found, input.text("NextToken"), page_size(input, "MaxRecords", 100));
    json!({"MetricAlarms": found, "CompositeAlarms": [], "NextToken": next})
}

fn shape(caller: &Caller, alarm: &Deployed, known: Option<&Alarm>) -> Json {
    let changed = timestamp(alarm.resource.changed);
    let state = known.map_or("OK", |known| known.state.as_str());
    let updated = known.and_then(|known| known.time).map_or_else(|| changed.clone(), timestamp);
    let properties = &alarm.resource.properties;
    let mut shape = json!({
        "AlarmName": alarm.physical(), "AlarmArn": arn(caller, alarm.physical()), "StateValue": state,
        "StateReason": known.map(|known| &known.reason), "ActionsEnabled": true,
        "StateUpdatedTimestamp": updated, "AlarmConfigurationUpdatedTimestamp": changed,
    });
    for key in [
        "AlarmActions",
        "AlarmDescription",
        "ComparisonOperator",
        "Dimensions",
        "MetricName",
        "Metrics",
        "Namespace",
        "Statistic",
        "TreatMissingData",
    ] {
        shape[key] = properties.get(key).cloned().unwrap_or_default();
    }
    for key in ["EvaluationPeriods", "DatapointsToAlarm", "Period"] {
        shape[key] = json!(properties.number(key));
    }
    let threshold = properties.get("Threshold");
    let number = threshold.and_then(|found| found.as_f64().or_else(|| found.as_str()?.parse().ok()));
    // Other services and the query protocol have whole numbers as whole numbers.
    shape["Threshold"] = match properties.number("Threshold") {
        Some(whole) => json!(whole),
        None => json!(number),
    };
    shape
}

/// Policies of Application Auto Scaling.
pub(crate) fn scaling(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    let wanted = input.text("ResourceId");
    match operation {
        "DescribeScalingPolicies" => Ok(json!({"ScalingPolicies": policies(world, caller, wanted)})),
        "DescribeScalableTargets" => {
            let ids = input.texts("ResourceIds");
            let found: Json = deployed(world, caller, "AWS::ApplicationAutoScaling::ScalableTarget")
                .filter(|target| {
                    let id = target.text("ResourceId").unwrap_or_default();
                    ids.is_empty() || ids.iter().any(|wanted| wanted == id)
                })
                .map(|target| {
                    let properties = &target.resource.properties;
                    json!({
                        "ServiceNamespace": "ecs", "ResourceId": target.text("ResourceId"),
                        "ScalableDimension": "ecs:service:DesiredCount", "RoleARN": target.text("RoleARN"),
                        "MinCapacity": properties.number("MinCapacity"),
                        "MaxCapacity": properties.number("MaxCapacity"),
                        "CreationTime": timestamp(target.stack.created),
                    })
                })
                .collect();
            Ok(json!({"ScalableTargets": found}))
        }
        _ => Err(AwsError::unknown_operation("application-autoscaling", operation)),
    }
}

fn policies(world: &World, caller: &Caller, wanted: Option<&str>) -> Json {
    let scalable = |target: &str| {
        deployed(world, caller, "AWS::ApplicationAutoScaling::ScalableTarget")
            .find(|found| found.physical() == target)
            .and_then(|found| found.text("ResourceId"))
    };
    deployed(world, caller, "AWS::ApplicationAutoScaling::ScalingPolicy")
        .filter_map(|policy| {
            let target =
                policy.text("ScalingTargetId").and_then(scalable).or_else(|| policy.text("ResourceId"))?;
            wanted.is_none_or(|wanted| wanted == target).then(|| {
                json!({
                    "PolicyName": policy.text("PolicyName"), "PolicyARN": policy.physical(),
                    "PolicyType": policy.text("PolicyType"), "ResourceId": target, "ServiceNamespace": "ecs",
                    "ScalableDimension": "ecs:service:DesiredCount", "Alarms": [],
                    "CreationTime": timestamp(policy.stack.created),
                })
            })
        })
        .collect()
}
