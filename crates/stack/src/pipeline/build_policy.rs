//! What builds may do: report, read and write artifacts, log, push images, and clone.

use copilot_cfn::intrinsic::{sub, sub_literal};
use copilot_cfn::{Value, cfn};
use copilot_manifest::pipeline::Repository;

use super::roles::prefixed;
use super::{Parts, artifact_store};

/// The statements of the policy of every build.
pub(super) fn statements(parts: &Parts<'_>) -> Value {
    let application = &parts.application.name;
    let partition = parts.partition;
    let reports = sub(format!(
        "arn:{partition}:codebuild:${{AWS::Region}}:${{AWS::AccountId}}:report-group/pipeline-{}-*",
        sub_literal(application)
    ));
    cfn!([
        {
            "Effect": "Allow",
            "Action": prefixed("codebuild", &[
                "CreateReportGroup", "CreateReport", "UpdateReport", "BatchPutTestCases", "BatchPutCodeCoverages",
            ]),
            "Resource": reports,
        },
        {
            "Effect": "Allow",
            "Action": prefixed("s3", &["PutObject", "GetObject", "GetObjectVersion"]),
            "Resource": artifact_store::bucket_arns(&parts.stores),
        },
        {
            "Effect": "Allow",
            "Action": ["kms:*"],
            "Resource": artifact_store::key_arns(&parts.stores),
        },
        {
            "Effect": "Allow",
            "Action": prefixed("logs", &["CreateLogGroup", "CreateLogStream", "PutLogEvents"]),
            "Resource": format!("arn:{partition}:logs:*:*:*"),
        },
        { "Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": "*" },
        {
            "Effect": "Allow",
            "Action": prefixed("ecr", &[
                "DescribeImageScanFindings", "GetLifecyclePolicyPreview", "GetDownloadUrlForLayer", "BatchGetImage",
                "DescribeImages", "ListTagsForResource", "BatchCheckLayerAvailability", "GetLifecyclePolicy",
                "GetRepositoryPolicy", "PutImage", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload",
            ]),
            "Resource": "*",
            "Condition": { "StringEquals": { "ecr:ResourceTag/copilot-application": application } },
        },
        ..clone(parts),
    ])
}

/// A build that gets a full clone fetches it itself.
fn clone(parts: &Parts<'_>) -> Option<Value> {
    if !parts.full_clone() {
        return None;
    }
    let (actions, resource) = match (&parts.source.repository, &parts.connection) {
        (Repository::CodeCommit { name, .. }, _) => {
            let name = sub_literal(name);
            let arn = "arn:${AWS::Partition}:codecommit:${AWS::Region}:${AWS::AccountId}:";
            (prefixed("codecommit", &["GitPull"]), sub(format!("{arn}{name}")))
        }
        (_, connection) => {
            let connection = connection.as_ref()?;
            (connection.actions(&["UseConnection"]), connection.arn())
        }
    };
    Some(cfn!({ "Effect": "Allow", "Action": actions, "Resource": resource }))
}
