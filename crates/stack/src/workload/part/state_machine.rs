//! The state machine that runs a job's task and waits for it.

use std::fmt::Write as _;

use copilot_cfn::intrinsic::{get_att, join, reference, split, sub};
use copilot_cfn::{Resource, Value, cfn};

use super::service::{assign_public_ip, security_groups};
use crate::template::About as _;
use crate::template::as_written::all_as_written;
use crate::workload::context::Context;
use crate::workload::iam::{in_cluster, policy, role, trust};
use crate::workload::model::{EcsWorkload, Job, Network, Placement, Platform};
use crate::workload::stack::{Stack, env_import};

/// Between two items of a list inside a JSON text.
const JSON_SEPARATOR: &str = "\",\"";

/// Adds the state machine and its role.
pub(crate) fn add(stack: &mut Stack, workload: &EcsWorkload<'_>, job: &Job, cx: &Context<'_>) {
    let network = &workload.network;
    let groups = security_groups(network, !network.deny_default_group, cx);
    // A list of nothing can't be deployed; validation warns of it.
    let groups = if groups.is_empty() { Value::Null } else { groups.into() };
    let machine = Resource::new("AWS::StepFunctions::StateMachine").properties(cfn!({
        "StateMachineName": sub("${AppName}-${EnvName}-${WorkloadName}"),
        "RoleArn": get_att("StateMachineRole", "Arn"),
        "LoggingConfiguration": {
            "Destinations": [{ "CloudWatchLogsLogGroup": { "LogGroupArn": get_att("LogGroup", "Arn") } }],
            "IncludeExecutionData": true,
            "Level": "ALL",
        },
        "DefinitionSubstitutions": {
            "ContainerName": reference("WorkloadName"),
            "Cluster": env_import("ClusterId"),
            "TaskDefinition": reference("TaskDefinition"),
            "Partition": reference("AWS::Partition"),
            "Subnets": join(JSON_SEPARATOR, subnets(network)),
            "AssignPublicIp": assign_public_ip(network),
            "SecurityGroups": join(JSON_SEPARATOR, groups),
        },
        "DefinitionString": definition(job, workload.platform),
    }));
    stack.resource("StateMachine", machine.about("Run of the job, with its retries and its time limit"));
    let role = role(cx, trust("states.amazonaws.com"))
        .property("Policies", cfn!([policy("StateMachine", statements())]));
    stack.resource("StateMachineRole", role.about("Role with which the job's tasks are started"));
}

fn subnets(network: &Network<'_>) -> Value {
    match &network.placement {
        Placement::Public => split(",", env_import("PublicSubnets")),
        Placement::Private => split(",", env_import("PrivateSubnets")),
        Placement::Subnets(ids) => all_as_written(ids).into(),
    }
}

/// The definition, to the letter as it is deployed: CloudFormation updates a state machine when a blank of it changes.
fn definition(job: &Job, platform: Platform) -> String {
    let mut text = String::with_capacity(1024);
    text.push_str("{\n  \"Version\": \"1.0\",\n  \"Comment\": \"Run AWS Fargate task\",\n");
    if let Some(seconds) = job.timeout {
        let _ = writeln!(text, "  \"TimeoutSeconds\": {seconds},");
    }
    text.push_str(concat!(
        "  \"StartAt\": \"Run Fargate Task\",\n",
        "  \"States\": {\n",
        "    \"Run Fargate Task\": {\n",
        "      \"Type\": \"Task\",\n",
        "      \"Resource\": \"arn:${Partition}:states:::ecs:runTask.sync\",\n",
        "      \"Parameters\": {\n",
        "        \"LaunchType\": \"FARGATE\",\n",
    ));
    let _ = writeln!(text, "        \"PlatformVersion\": \"{}\",", platform.fargate_version());
    text.push_str(concat!(
        "        \"Cluster\": \"${Cluster}\",\n",
        "        \"TaskDefinition\": \"${TaskDefinition}\",\n",
        "        \"PropagateTags\": \"TASK_DEFINITION\",\n",
        "        \"Group.$\": \"$$.Execution.Name\",\n",
        "        \"NetworkConfiguration\": {\n",
        "          \"AwsvpcConfiguration\": {\n",
        "            \"Subnets\": [\"${Subnets}\"],\n",
        "            \"AssignPublicIp\": \"${AssignPublicIp}\",\n",
        "            \"SecurityGroups\": [\"${SecurityGroups}\"]\n",
        "          }\n",
        "        }\n",
        "      },\n",
    ));
    if let Some(retries) = job.retries {
        text.push_str(concat!(
            "      \"Retry\": [\n",
            "        {\n",
            "          \"ErrorEquals\": [\n",
            "            \"States.ALL\"\n",
            "          ],\n",
            "          \"IntervalSeconds\": 10,\n",
        ));
        let _ = writeln!(text, "          \"MaxAttempts\": {retries},");
        text.push_str("          \"BackoffRate\": 1.5\n        }\n      ],\n");
    }
    text.push_str("      \"End\": true\n    }\n  }\n}      ");
    text
}

fn statements() -> Value {
    cfn!([
        {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": [get_att("ExecutionRole", "Arn"), get_att("TaskRole", "Arn")],
        },
        {
            "Effect": "Allow",
            "Action": "ecs:RunTask",
            "Resource": reference("TaskDefinition"),
            "Condition": in_cluster("ClusterID"),
        },
        {
            "Effect": "Allow",
            "Action": ["ecs:StopTask", "ecs:DescribeTasks"],
            "Resource": "*",
            "Condition": in_cluster("ClusterID"),
        },
        {
            "Effect": "Allow",
            "Action": [
                "logs:CreateLogDelivery",
                "logs:GetLogDelivery",
                "logs:UpdateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:DescribeResourcePolicies",
                "logs:DescribeLogGroups",
            ],
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Action": ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
            "Resource": sub(
                "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/StepFunctionsGetEventsForECSTaskRule",
            ),
        },
    ])
}

#[cfg(test)]
mod tests {
    use copilot_manifest::workload::Schedule;
    use sha2::{Digest, Sha256};

    use super::definition;
    use crate::workload::model::{Job, Platform};

    #[test]
    fn the_definition_is_that_of_deployed_jobs() {
        let job = Job { schedule: Schedule::Manual, timeout: None, retries: None };
        let text = definition(&job, Platform::default());
        assert_eq!(text.len(), 751);
        assert_eq!(Sha256::digest(text.as_bytes())[..5], [0x72, 0xe0, 0x27, 0x23, 0xaa]);
    }
}
