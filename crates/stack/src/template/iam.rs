//! Policy documents and roles.

use copilot_cfn::intrinsic::{sub, sub_literal};
use copilot_cfn::{Resource, Value, cfn};

/// A policy document.
pub(crate) fn document(statements: Value) -> Value {
    cfn!({ "Version": "2012-10-17", "Statement": statements })
}

/// An inline policy.
pub(crate) fn policy(name: impl Into<Value>, statements: Value) -> Value {
    cfn!({ "PolicyName": name.into(), "PolicyDocument": document(statements) })
}

/// Who may assume a role: a service, named as a lone text.
pub(crate) fn trust(service: &'static str) -> Value {
    document(cfn!([{ "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole" }]))
}

/// Who may assume a role: a service, named in a list of one.
pub(crate) fn trust_in_list(service: &'static str) -> Value {
    document(cfn!([{ "Effect": "Allow", "Principal": { "Service": [service] }, "Action": "sts:AssumeRole" }]))
}

/// Who may assume a role: a service, with service and action in lists of one.
pub(crate) fn trust_in_lists(service: &'static str) -> Value {
    document(cfn!([{
        "Effect": "Allow",
        "Principal": { "Service": [service] },
        "Action": ["sts:AssumeRole"],
    }]))
}

/// Who may assume the role of a function.
pub(crate) fn lambda_trust() -> Value {
    trust_in_lists("lambda.amazonaws.com")
}

/// ARN of the policy with this name that bounds roles.
pub(crate) fn boundary(name: &str) -> Value {
    sub(format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:policy/{}", sub_literal(name)))
}

/// A role that the policy with this name bounds.
pub(crate) fn role(trust: Value, bounded_by: Option<&str>) -> Resource {
    Resource::new("AWS::IAM::Role")
        .property("AssumeRolePolicyDocument", trust)
        .property_opt("PermissionsBoundary", bounded_by.map(boundary))
}

/// Gives a role what functions need to write logs.
pub(crate) fn with_logs(role: Resource) -> Resource {
    let policy = sub("arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole");
    role.properties(cfn!({ "Path": "/", "ManagedPolicyArns": [policy] }))
}
