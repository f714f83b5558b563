//! Alarms that roll a deployment back.

use copilot_cfn::intrinsic::{get_att, reference, select, split};
use copilot_cfn::{Resource, Value, cfn};

use crate::template::About as _;
use crate::template::as_written::as_written;
use crate::template::names::cut;
use crate::workload::context::Context;
use crate::workload::model::{CustomAlarms, Deployment, RollbackAlarms};
use crate::workload::stack::{Stack, env_import};

const CPU: &str = "CopilotRollbackCPUAlarm";
const MEMORY: &str = "CopilotRollbackMemAlarm";
const MESSAGES: &str = "CopilotRollbackMsgsDelayedAlarm";

/// Names of the alarms that the stack makes, in the order in which the service lists them.
pub(crate) fn names(alarms: CustomAlarms, cx: &Context<'_>) -> impl Iterator<Item = String> {
    let kinds =
        [alarms.cpu.map(|_| CPU), alarms.memory.map(|_| MEMORY), alarms.messages_delayed.map(|_| MESSAGES)];
    kinds.into_iter().flatten().map(|kind| name(cx, kind))
}

/// `APP-ENV-WORKLOAD-KIND`. The first three are cut when all four have more than 255 letters.
fn name(cx: &Context<'_>, kind: &str) -> String {
    let (mut app, mut env, mut workload) = (cx.app, cx.env, cx.name);
    if app.len() + env.len() + workload.len() + kind.len() > 255 {
        let share = (255 - kind.len() - 3) / 3;
        (app, env, workload) = (cut(app, share), cut(env, share), cut(workload, share));
    }
    format!("{app}-{env}-{workload}-{kind}")
}

/// Adds the alarms.
pub(crate) fn add(stack: &mut Stack, deployment: &Deployment<'_>, cx: &Context<'_>) {
    let RollbackAlarms::Custom(alarms) = deployment.alarms else { return };
    let of_service = || {
        cfn!([
            { "Name": "ClusterName", "Value": env_import("ClusterId") },
            { "Name": "ServiceName", "Value": select(2, split("/", reference("Service"))) },
        ])
    };
    let utilization = |what: &str, limit: &Value| {
        format!(
            "Roll back ECS service if {what} utilization is greater than or equal to {}% twice in 3 minutes.",
            text(limit)
        )
    };
    if let Some(limit) = alarms.cpu.map(Value::from) {
        let watched = cfn!({
            "AlarmDescription": utilization("CPU", &limit),
            "Namespace": "AWS/ECS",
            "MetricName": "CPUUtilization",
            "Unit": "Percent",
            "Dimensions": of_service(),
        });
        let alarm = alarm(&name(cx, CPU), limit, watched);
        stack.resource("CPURollbackAlarm", alarm.about("Alarm on CPU that rolls a deployment back"));
    }
    if let Some(limit) = alarms.memory.map(Value::from) {
        let watched = cfn!({
            "AlarmDescription": utilization("memory", &limit),
            "Namespace": "AWS/ECS",
            "MetricName": "MemoryUtilization",
            "Unit": "Percent",
            "Dimensions": of_service(),
        });
        let alarm = alarm(&name(cx, MEMORY), limit, watched);
        stack.resource("MemoryRollbackAlarm", alarm.about("Alarm on memory that rolls a deployment back"));
    }
    if let Some(limit) = alarms.messages_delayed {
        let description = format!(
            "Roll back worker service if number of messages delayed is greater than or equal to {limit} twice in 3 minutes."
        );
        let watched = cfn!({
            "AlarmDescription": description,
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesDelayed",
            "Unit": "Count",
            "Dimensions": [{ "Name": "QueueName", "Value": get_att("EventsQueue", "QueueName") }],
        });
        let alarm = alarm(&name(cx, MESSAGES), limit.into(), watched)
            .about("Alarm on delayed messages that rolls a deployment back");
        stack.resource("MessagesDelayedRollbackAlarm", alarm);
    }
}

fn text(limit: &Value) -> String {
    limit.scalar_text().unwrap_or_default().into_owned()
}

fn alarm(name: &str, limit: Value, watched: Value) -> Resource {
    Resource::new("AWS::CloudWatch::Alarm").properties(watched).properties(cfn!({
        "AlarmName": as_written(name),
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "DatapointsToAlarm": 2,
        "EvaluationPeriods": 3,
        "Period": 60,
        "Statistic": "Average",
        "Threshold": limit,
    }))
}
