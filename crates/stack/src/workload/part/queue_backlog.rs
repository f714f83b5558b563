//! The backlog per task of a worker's queues: a function counts it every minute, scaling policies keep it.

use copilot_cfn::intrinsic::{get_att, join, reference, sub};
use copilot_cfn::{Resource, Value, cfn};

use super::autoscaling::scaling_policy;
use crate::template::About as _;
use crate::template::function::Function;
use crate::workload::context::Context;
use crate::workload::iam::{function_role, in_cluster, policy};
use crate::workload::model::{EcsWorkload, QueueDelay, Scaling};
use crate::workload::stack::{Stack, env_import};

const FUNCTION: Function = Function {
    id: "BacklogPerTaskCalculatorFunction",
    role: "BacklogPerTaskCalculatorRole",
    handler: "index.handler",
    timeout: 600,
};

/// Adds the function with its rule, and a policy for each queue.
pub(super) fn add(stack: &mut Stack, workload: &EcsWorkload<'_>, delay: QueueDelay, cx: &Context<'_>) {
    let queues = queues(workload);
    add_function(stack, &queues, cx);
    add_rule(stack);
    #[expect(clippy::cast_precision_loss, reason = "a backlog of 2^53 messages does not exist")]
    let scaling = Scaling { target: delay.backlog_per_task as f64, cooldown: delay.cooldown };
    for queue in queues {
        let queue_name = || get_att(queue.clone(), "QueueName");
        let metric = cfn!({
            "CustomizedMetricSpecification": {
                "Namespace": sub("${AppName}-${EnvName}-${WorkloadName}"),
                "MetricName": "BacklogPerTask",
                "Statistic": "Average",
                "Dimensions": [{ "Name": "QueueName", "Value": queue_name() }],
                "Unit": "Count",
            },
        });
        let name = cfn!([reference("WorkloadName"), "BacklogPerTask", queue_name()]);
        let about = format!("Scaling by {queue}: {} messages for each task", delay.backlog_per_task);
        let policy = scaling_policy(name, metric, scaling).about(about);
        stack.resource(format!("AutoScalingPolicy{queue}"), policy);
    }
}

/// Logical IDs of the worker's queue and of those that topics have to themselves.
fn queues(workload: &EcsWorkload<'_>) -> Vec<String> {
    let topics = workload.subscribe.iter().flat_map(|subscribe| &subscribe.topics);
    let own = topics.filter(|topic| topic.has_own_queue());
    std::iter::once(String::new())
        .chain(own.map(crate::workload::model::Subscription::id_prefix))
        .map(|prefix| format!("{prefix}EventsQueue"))
        .collect()
}

fn add_function(stack: &mut Stack, queues: &[String], cx: &Context<'_>) {
    let attribute = |attribute: &'static str| -> Vec<Value> {
        queues.iter().map(|queue| get_att(queue.clone(), attribute)).collect()
    };
    let function = FUNCTION.resource(cx).property(
        "Environment",
        cfn!({
            "Variables": {
                "CLUSTER_NAME": env_import("ClusterId"),
                "SERVICE_NAME": reference("Service"),
                "NAMESPACE": sub("${AppName}-${EnvName}-${WorkloadName}"),
                "QUEUE_NAMES": join(",", attribute("QueueName")),
            },
        }),
    );
    let statements = cfn!([
        {
            "Sid": "ECS",
            "Effect": "Allow",
            "Action": ["ecs:DescribeServices"],
            "Resource": "*",
            "Condition": in_cluster("ClusterName"),
        },
        {
            "Sid": "SQS",
            "Effect": "Allow",
            "Action": ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
            "Resource": attribute("Arn"),
        },
    ]);
    let logs = Resource::new("AWS::Logs::LogGroup").properties(cfn!({
        "LogGroupName":
            join("/", cfn!(["/aws", "lambda", sub("${BacklogPerTaskCalculatorFunction}")])),
        "RetentionInDays": 3,
    }));
    stack.resource("BacklogPerTaskCalculatorLogGroup", logs);
    stack.resource(FUNCTION.id, function.about("Function that measures the backlog of each task"));
    let role = function_role(cx, cfn!([policy("BacklogPerTaskCalculatorAccess", statements)]));
    stack.resource(FUNCTION.role, role.about("Role of the function that measures the backlog"));
}

fn add_rule(stack: &mut Stack) {
    let rule =
        Resource::new("AWS::Events::Rule").about("Clock that has the backlog measured").properties(cfn!({
            "ScheduleExpression": "rate(1 minute)",
            "State": "ENABLED",
            "Targets": [{ "Arn": FUNCTION.arn(), "Id": "BacklogPerTaskCalculatorFunctionTrigger" }],
        }));
    stack.resource_after("BacklogPerTaskScheduledRule", ["BacklogPerTaskCalculatorLogGroup"], rule);
    let permission = Resource::new("AWS::Lambda::Permission").properties(cfn!({
        "FunctionName": reference(FUNCTION.id),
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
        "SourceArn": get_att("BacklogPerTaskScheduledRule", "Arn"),
    }));
    stack.resource("PermissionToInvokeBacklogPerTaskCalculatorLambda", permission);
}
