//! The role with which CloudFormation changes the environment's stacks and those of its workloads.

use copilot_cfn::intrinsic::sub;
use copilot_cfn::{Policy, Value, cfn};

use super::settings::Settings;
use crate::template::About as _;
use crate::template::{Stack, iam};

/// Its logical ID.
pub(super) const ID: &str = "CloudformationExecutionRole";

/// Adds the role. It outlives the stack, which could not be deleted without it.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    let trust = iam::trust_in_list("cloudformation.amazonaws.com");
    let role = iam::role(trust, settings.boundary).about("Role with which CloudFormation works here");
    let role = role.deletion_policy(Policy::Retain).properties(cfn!({
        "RoleName": sub("${AWS::StackName}-CFNExecutionRole"),
        "Path": "/",
        "Policies": [iam::policy("executeCfn", statements())],
    }));
    stack.resource(ID, role);
}

/// Everything but the account and its organization.
fn statements() -> Value {
    cfn!([
        { "Effect": "Allow", "NotAction": ["organizations:*", "account:*"], "Resource": "*" },
        {
            "Effect": "Allow",
            "Action": ["organizations:DescribeOrganization", "account:ListRegions"],
            "Resource": "*",
        },
    ])
}
