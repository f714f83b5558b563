//! Policy documents and roles.

use copilot_cfn::intrinsic::{sub, sub_with};
use copilot_cfn::{Map, Resource, Value, cfn};

use super::context::Context;
use super::stack::env_import;

/// A policy document.
pub fn document(statements: Value) -> Value {
    cfn!({ "Version": "2012-10-17", "Statement": statements })
}

/// An inline policy.
pub fn policy(name: impl Into<Value>, statements: Value) -> Value {
    cfn!({ "PolicyName": name.into(), "PolicyDocument": document(statements) })
}

/// Who may assume a role: a service, named as a lone text.
pub fn trust(service: &'static str) -> Value {
    document(cfn!([{ "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole" }]))
}

/// Who may assume a role: a service, named in a list of one.
pub fn trust_in_list(service: &'static str) -> Value {
    document(cfn!([{ "Effect": "Allow", "Principal": { "Service": [service] }, "Action": "sts:AssumeRole" }]))
}

/// Who may assume the role of a function.
pub fn lambda_trust() -> Value {
    document(cfn!([{
        "Effect": "Allow",
        "Principal": { "Service": ["lambda.amazonaws.com"] },
        "Action": ["sts:AssumeRole"],
    }]))
}

/// A role with the application's permissions boundary.
pub fn role(cx: &Context<'_>, trust: Value) -> Resource {
    Resource::new("AWS::IAM::Role")
        .property("AssumeRolePolicyDocument", trust)
        .property_opt("PermissionsBoundary", boundary(cx))
}

/// The role of a function that may write logs, with its policies.
pub fn function_role(cx: &Context<'_>, policies: Value) -> Resource {
    role(cx, lambda_trust()).properties(cfn!({
        "Path": "/",
        "ManagedPolicyArns": [sub("arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")],
        "Policies": policies,
    }))
}

fn boundary(cx: &Context<'_>) -> Option<Value> {
    let name = cx.facts.application.permissions_boundary.as_deref()?;
    Some(sub(format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:policy/{name}")))
}

/// A condition on the tags that say to which application and environment a resource belongs.
pub fn tagged_for_environment(prefix: &str) -> Value {
    cfn!({ "StringEquals": (tags(prefix, &TAGS[..2])) })
}

/// A condition on the tags that say to which workload a resource belongs.
pub fn tagged_for_workload(prefix: &str) -> Value {
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
pub fn in_cluster(placeholder: &'static str) -> Value {
    let arn = format!(
        "arn:${{AWS::Partition}}:ecs:${{AWS::Region}}:${{AWS::AccountId}}:cluster/${{{placeholder}}}"
    );
    cfn!({ "ArnEquals": { "ecs:cluster": sub_with(arn, [(placeholder, env_import("ClusterId"))]) } })
}
