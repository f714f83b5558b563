//! The log of the VPC's traffic.

use copilot_cfn::intrinsic::{get_att, join, reference, sub};
use copilot_cfn::{Resource, Value, cfn};

use super::settings::Settings;
use crate::template::About as _;
use crate::template::{Stack, iam};

const GROUP: &str = "VpcFlowLogGroup";
const ROLE: &str = "FlowLogRole";

/// Adds the log, its group and the role that writes it.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    let Some(days) = settings.flow_logs else { return };
    let group = Resource::new("AWS::Logs::LogGroup").properties(cfn!({
        "LogGroupName": join("-", cfn!([reference("AppName"), reference("EnvironmentName"), "FlowLogs"])),
        "RetentionInDays": days,
    }));
    stack.resource(GROUP, group.about(format!("Log group of the network's traffic, kept for {days} days")));
    let log = Resource::new("AWS::EC2::FlowLog").properties(cfn!({
        "DeliverLogsPermissionArn": get_att(ROLE, "Arn"),
        "LogDestinationType": "cloud-watch-logs",
        "LogGroupName": reference(GROUP),
        "MaxAggregationInterval": 60,
        "ResourceId": settings.vpc.id(),
        "ResourceType": "VPC",
        "TrafficType": "ALL",
    }));
    stack.resource("FlowLog", log.about("Log of the network's traffic"));
    let actions = [
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
    ];
    let statement = cfn!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
    let policy = iam::policy("GrantAccesstoEC2toPublishFlowlogs", cfn!([statement]));
    let role = iam::role(trust(), settings.boundary).property("Policies", cfn!([policy]));
    stack.resource(ROLE, role.about("Role with which the network's traffic is logged"));
}

/// Only flow logs of this account may use the role.
fn trust() -> Value {
    iam::document(cfn!([{
        "Effect": "Allow",
        "Principal": { "Service": "vpc-flow-logs.amazonaws.com" },
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": { "aws:SourceAccount": reference("AWS::AccountId") },
            "ArnLike": {
                "aws:SourceArn": sub("arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:vpc-flow-log/*"),
            },
        },
    }]))
}
