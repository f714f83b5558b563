//! Roles and permissions of workloads.

use copilot_cfn::intrinsic::{sub, sub_with};
use copilot_cfn::{Map, Resource, Value, cfn};

use super::context::Context;
use super::stack::env_import;
use crate::template::iam;

pub(crate) use crate::template::iam::{document, policy, trust, trust_in_list};

/// A role with the application's permissions boundary.
pub(crate) fn role(cx: &Context<'_>, trust: Value) -> Resource {
    iam::role(trust, cx.facts.application.permissions_boundary.as_deref())
}

/// The role of a function that may write logs, with its policies.
pub(crate) fn function_role(cx: &Context<'_>, policies: Value) -> Resource {
    iam::with_logs(role(cx, iam::lambda_trust())).property("Policies", policies)
}

/// A condition on the tags that say to which application and environment a resource belongs.
pub(crate) fn tagged_for_environment(prefix: &str) -> Value {
    cfn!({ "StringEquals": (tags(prefix, &TAGS[..2])) })
}

/// A condition on the tags that say to which workload a resource belongs.
pub(crate) fn tagged_for_workload(prefix: &str) -> Value {
    cfn!({ "StringEquals": (tags(prefix, &TAGS)) })
}

const TAGS: [(&str, &str); 3] =
    [("application", "${AppName}"), ("environment", "${EnvName}"), ("service", "${WorkloadName}")];

fn tags(prefix: &str, tags: &[(&str, &'static str)]) -> Map {
    tags.iter().map(|(tag, value)| (format!("{prefix}:ResourceTag/copilot-{tag}"), sub(*value))).collect()
}

/// A condition that the call is about the environment's cluster.
///
/// The placeholder's name is part of deployed templates.
pub(crate) fn in_cluster(placeholder: &'static str) -> Value {
    let arn = format!(
        "arn:${{AWS::Partition}}:ecs:${{AWS::Region}}:${{AWS::AccountId}}:cluster/${{{placeholder}}}"
    );
    cfn!({ "ArnEquals": { "ecs:cluster": sub_with(arn, [(placeholder, env_import("ClusterId"))]) } })
}
