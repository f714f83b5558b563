//! What the pipeline itself may do.

use copilot_cfn::intrinsic::{reference, sub};
use copilot_cfn::{Resource, Template, Value, cfn};
use copilot_manifest::pipeline::Repository;

use super::roles::{document, prefixed, role};
use super::{Parts, artifact_store};
use crate::Error;

const ROLE: &str = "PipelineRole";

pub(super) fn add(template: &mut Template, parts: &Parts<'_>) -> Result<(), Error> {
    template.insert_resource(ROLE, role("codepipeline.amazonaws.com", parts))?;
    let policy = Resource::new("AWS::IAM::Policy").properties(cfn!({
        "PolicyName": sub("${AWS::StackName}-CodepipelinePolicy"),
        "PolicyDocument": document(statements(parts)),
        "Roles": [reference(ROLE)],
    }));
    Ok(template.insert_resource("PipelineRolePolicy", policy)?)
}

fn statements(parts: &Parts<'_>) -> Value {
    let connected = parts.connection.is_some();
    let managers = parts.stages.iter().map(|target| target.named_manager_role.clone());
    cfn!([
        { "Effect": "Allow", "Action": general_actions(parts), "Resource": ["*"] },
        ..connection(parts),
        {
            "Effect": "Allow",
            "Action": prefixed("kms", &["Decrypt", "Encrypt", "GenerateDataKey"]),
            "Resource": artifact_store::key_arns(&parts.stores),
        },
        {
            "Effect": "Allow",
            "Action": [
                ..prefixed("s3", &["PutObject", "GetBucketPolicy", "GetObject", "ListBucket"]),
                // A full clone is handed on with an access list.
                ..connected.then_some("s3:PutObjectAcl"),
                ..connected.then_some("s3:GetObjectAcl"),
            ],
            "Resource": artifact_store::bucket_arns(&parts.stores),
        },
        { "Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": managers.collect::<Value>() },
    ])
}

fn general_actions(parts: &Parts<'_>) -> Value {
    let with_format = matches!(parts.source.repository, Repository::CodeCommit { format: Some(_), .. });
    cfn!([
        "codepipeline:*",
        ..prefixed(
            "codecommit",
            &["GetBranch", "GetCommit", "UploadArchive", "GetUploadArchiveStatus", "CancelUploadArchive",]
        ),
        ..with_format.then_some("codecommit:GetRepository"),
        "iam:ListRoles",
        "cloudformation:Describe*",
        // Spelt as in deployed stacks; IAM takes any case.
        "cloudFormation:List*",
        ..prefixed("codebuild", &["BatchGetBuilds", "StartBuild"]),
        ..prefixed(
            "cloudformation",
            &[
                "CreateStack",
                "DeleteStack",
                "DescribeStacks",
                "UpdateStack",
                "CreateChangeSet",
                "DeleteChangeSet",
                "DescribeChangeSet",
                "ExecuteChangeSet",
                "SetStackPolicy",
                "ValidateTemplate",
            ]
        ),
        "iam:PassRole",
        "s3:ListAllMyBuckets",
        "s3:GetBucketLocation",
    ])
}

fn connection(parts: &Parts<'_>) -> Option<Value> {
    let connection = parts.connection.as_ref()?;
    Some(cfn!({
        "Effect": "Allow",
        "Action": connection.actions(&[
            "CreateConnection", "DeleteConnection", "GetConnection", "ListConnections", "GetIndividualAccessToken",
            "GetInstallationUrl", "ListInstallationTargets", "StartOAuthHandshake", "UpdateConnectionInstallation",
            "UseConnection", "RegisterAppCode", "StartAppRegistrationHandshake", "StartUploadArchiveToS3",
            "GetUploadArchiveToS3Status", "PassConnection", "PassedToService",
        ]),
        "Resource": [connection.arn()],
    }))
}
