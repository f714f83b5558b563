//! The file system that workloads share. It is there once a workload needs it.

use copilot_cfn::intrinsic::{join, reference, sub};
use copilot_cfn::{Resource, Value, cfn};

use super::parameters::FILE_SYSTEM;
use super::security_groups::{ENVIRONMENT_GROUP, group, ingress};
use super::settings::Settings;
use super::subnets;
use crate::template::About as _;
use crate::template::Stack;

/// Logical ID of the file system.
pub(super) const ID: &str = "FileSystem";
const GROUP: &str = "EFSSecurityGroup";

/// Adds the file system, and a way to it from each private subnet.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    let resource = |kind: &'static str| Resource::new(kind).condition(FILE_SYSTEM);
    let system = resource("AWS::EFS::FileSystem").properties(cfn!({
        "BackupPolicy": { "Status": "ENABLED" },
        "Encrypted": true,
        "FileSystemPolicy": { "Version": "2012-10-17", "Id": "CopilotEFSPolicy", "Statement": statements() },
        "LifecyclePolicies": [{ "TransitionToIA": "AFTER_30_DAYS" }],
        "PerformanceMode": "generalPurpose",
        "ThroughputMode": "bursting",
    }));
    stack.resource(ID, system.about("File system that workloads share"));
    let description = join("", cfn!([reference("AppName"), "-", reference("EnvironmentName"), GROUP]));
    let group = group(settings, description, "-efs").about("Security group of the file system");
    stack.resource(GROUP, group.condition(FILE_SYSTEM));
    let description = "Ingress from containers in the Environment Security Group.";
    let rule = ingress(GROUP, ENVIRONMENT_GROUP, description).condition(FILE_SYSTEM);
    stack.resource("EFSSecurityGroupIngressFromEnvironment", rule);
    for (place, subnet) in subnets::private(&settings.vpc).into_iter().enumerate() {
        let target = resource("AWS::EFS::MountTarget").properties(cfn!({
            "FileSystemId": reference(ID),
            "SubnetId": subnet,
            "SecurityGroups": [reference(GROUP)],
        }));
        stack.resource(format!("MountTarget{}", place + 1), target);
    }
}

/// Workloads of the environment may mount it, and nobody without encryption.
fn statements() -> Value {
    cfn!([
        {
            "Sid": "AllowIAMFromTaggedRoles",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": ["elasticfilesystem:ClientWrite", "elasticfilesystem:ClientMount"],
            "Condition": {
                "Bool": { "elasticfilesystem:AccessedViaMountTarget": true },
                "StringEquals": {
                    "iam:ResourceTag/copilot-application": sub("${AppName}"),
                    "iam:ResourceTag/copilot-environment": sub("${EnvironmentName}"),
                },
            },
        },
        {
            "Sid": "DenyUnencryptedAccess",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "elasticfilesystem:*",
            "Condition": { "Bool": { "aws:SecureTransport": false } },
        },
    ])
}
