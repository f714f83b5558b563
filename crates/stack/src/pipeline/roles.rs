//! What the roles of a pipeline have in common.

use copilot_cfn::intrinsic::{sub, sub_literal};
use copilot_cfn::{Resource, Value, cfn};

use super::Parts;

/// A role that a service takes on, within the application's permissions boundary.
pub(super) fn role(service: &'static str, parts: &Parts<'_>) -> Resource {
    let boundary = parts.application.permissions_boundary.as_deref().map(|name| {
        sub(format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:policy/{}", sub_literal(name)))
    });
    Resource::new("AWS::IAM::Role").properties(cfn!({
        "Path": "/",
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": [service] },
                "Action": ["sts:AssumeRole"],
            }],
        },
        "PermissionsBoundary"?: boundary,
    }))
}

/// A role for builds. They read parameters and stacks to find out what to deploy.
pub(super) fn build_role(parts: &Parts<'_>, policies: Vec<Value>) -> Resource {
    let managed = ["AmazonSSMReadOnlyAccess", "AWSCloudFormationReadOnlyAccess"]
        .map(|name| format!("arn:{}:iam::aws:policy/{name}", parts.partition));
    role("codebuild.amazonaws.com", parts).properties(cfn!({
        "ManagedPolicyArns": managed,
        "Policies": policies,
    }))
}

/// A permission to take on the roles that deploy into environments, as an inline policy.
pub(super) fn assume_env_managers<'r>(roles: impl Iterator<Item = &'r str>) -> Value {
    let statements = roles
        .map(|role| cfn!({ "Effect": "Allow", "Resource": role.to_owned(), "Action": ["sts:AssumeRole"] }));
    inline("assume-env-manager", statements.collect())
}

/// An inline policy.
pub(super) fn inline(name: &'static str, statements: Value) -> Value {
    cfn!({ "PolicyName": name, "PolicyDocument": document(statements) })
}

/// A policy document.
pub(super) fn document(statements: Value) -> Value {
    cfn!({ "Version": "2012-10-17", "Statement": statements })
}

/// The names of actions of one service.
pub(super) fn prefixed(service: &str, actions: &[&str]) -> Vec<String> {
    actions.iter().map(|action| format!("{service}:{action}")).collect()
}
