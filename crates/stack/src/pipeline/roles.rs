//! What the roles of a pipeline have in common.

use copilot_cfn::{Resource, Value, cfn};

use super::Parts;
use crate::template::iam;

pub(super) use crate::template::iam::{document, policy as inline};

/// A role that a service takes on, within the application's permissions boundary.
pub(super) fn role(service: &'static str, parts: &Parts<'_>) -> Resource {
    let boundary = parts.application.permissions_boundary.as_deref().map(iam::boundary);
    Resource::new("AWS::IAM::Role").properties(cfn!({
        "Path": "/",
        "AssumeRolePolicyDocument": iam::trust_in_lists(service),
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

/// The names of actions of one service.
pub(super) fn prefixed(service: &str, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("{service}:{name}")).collect()
}
