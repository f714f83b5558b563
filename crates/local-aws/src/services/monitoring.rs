//! CloudWatch: alarms of stacks, none of which ever goes off, and policies of Application Auto Scaling.

use serde_json::{Value as Json, json};

use super::deployed::{Deployed, deployed};
use crate::core::caller::Caller;
use crate::core::input::{Input, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

/// The ARN of an alarm.
pub(crate) fn arn(caller: &Caller, name: &str) -> String {
    caller.arn("cloudwatch", &format!("alarm:{name}"))
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    if operation != "DescribeAlarms" {
        return Err(AwsError::unknown_operation("monitoring", operation));
    }
    let (names, prefix) = (input.texts("AlarmNames"), input.text("AlarmNamePrefix").unwrap_or_default());
    let found: Vec<Json> = deployed(world, caller, "AWS::CloudWatch::Alarm")
        .filter(|alarm| {
            let name = alarm.physical();
            name.starts_with(prefix) && (names.is_empty() || names.iter().any(|wanted| wanted == name))
        })
        .map(|alarm| shape(caller, &alarm))
        .collect();
    Ok(json!({"MetricAlarms": found, "CompositeAlarms": []}))
}

fn shape(caller: &Caller, alarm: &Deployed) -> Json {
    let changed = timestamp(alarm.resource.changed);
    let mut shape = json!({
        "AlarmName": alarm.physical(), "AlarmArn": arn(caller, alarm.physical()), "StateValue": "OK",
        "StateUpdatedTimestamp": changed, "AlarmConfigurationUpdatedTimestamp": changed,
    });
    for key in [
        "AlarmDescription",
        "ComparisonOperator",
        "Dimensions",
        "EvaluationPeriods",
        "DatapointsToAlarm",
        "MetricName",
        "Namespace",
        "Period",
        "Statistic",
        "Threshold",
        "TreatMissingData",
    ] {
        shape[key] = alarm.resource.properties.get(key).cloned().unwrap_or_default();
    }
    shape
}

/// Policies of Application Auto Scaling.
pub(crate) fn scaling(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    if operation != "DescribeScalingPolicies" {
        return Err(AwsError::unknown_operation("application-autoscaling", operation));
    }
    let scalable = |target: &str| {
        deployed(world, caller, "AWS::ApplicationAutoScaling::ScalableTarget")
            .find(|found| found.physical() == target)
            .and_then(|found| found.text("ResourceId"))
    };
    let wanted = input.text("ResourceId");
    let found: Json = deployed(world, caller, "AWS::ApplicationAutoScaling::ScalingPolicy")
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
        .collect();
    Ok(json!({"ScalingPolicies": found}))
}
