//! The bucket that holds the files of a site, and who may do what with it.

use copilot_cfn::intrinsic::{reference, sub, sub_with};
use copilot_cfn::{Resource, Value, cfn};

use super::distribution::DISTRIBUTION;
use crate::template::About as _;
use crate::workload::iam::document;
use crate::workload::stack::Stack;

/// Logical ID of the bucket.
pub(crate) const BUCKET: &str = "Bucket";
/// Logical ID of its policy.
pub(crate) const POLICY: &str = "BucketPolicyForCloudFront";
/// Logical ID of what the environment's manager may do with it.
pub(crate) const MANAGER_ACCESS: &str = "EnvManagerS3Access";

/// Adds the bucket, which only the distribution reads, and lets the environment's manager empty it.
pub(crate) fn add(stack: &mut Stack) {
    let encryption = cfn!([{ "ServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } }]);
    let bucket = Resource::new("AWS::S3::Bucket").properties(cfn!({
        "VersioningConfiguration": { "Status": "Enabled" },
        "AccessControl": "Private",
        "BucketEncryption": { "ServerSideEncryptionConfiguration": encryption },
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": true,
            "BlockPublicPolicy": true,
            "IgnorePublicAcls": true,
            "RestrictPublicBuckets": true,
        },
        "OwnershipControls": { "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] },
    }));
    stack.resource(BUCKET, bucket.about("Bucket with the files of the site"));
    let policy = Resource::new("AWS::S3::BucketPolicy").properties(cfn!({
        "Bucket": reference(BUCKET),
        "PolicyDocument": document(cfn!([force_https(), read_by_distribution()])),
    }));
    stack.resource(POLICY, policy.about("Policy that lets only CloudFront read the bucket"));
    let access = Resource::new("AWS::IAM::Policy").properties(cfn!({
        "Roles": [sub("${AppName}-${EnvName}-EnvManagerRole")],
        "PolicyName": sub("${WorkloadName}-S3Access"),
        "PolicyDocument": document(cfn!([{
            "Effect": "Allow",
            "Action":
                ["s3:ListBucket", "s3:ListBucketVersions", "s3:DeleteObject", "s3:DeleteObjectVersion"],
            "Resource": [sub("arn:aws:s3:::${Bucket}"), sub("arn:aws:s3:::${Bucket}/*")],
        }])),
    }));
    let access = access.about("Policy that lets the environment's manager role empty the bucket");
    stack.resource(MANAGER_ACCESS, access);
}

fn force_https() -> Value {
    cfn!({
        "Sid": "ForceHTTPS",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [sub("${Bucket.Arn}"), sub("${Bucket.Arn}/*")],
        "Condition": { "Bool": { "aws:SecureTransport": false } },
    })
}

fn read_by_distribution() -> Value {
    let of_bucket = |rest: &str| {
        sub_with(format!("arn:${{AWS::Partition}}:s3:::${{bucket}}{rest}"), [("bucket", reference(BUCKET))])
    };
    let distribution = sub_with(
        "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${cfDistributionID}",
        [("cfDistributionID", reference(DISTRIBUTION))],
    );
    cfn!({
        "Sid": "AllowCloudFrontServicePrincipalReadOnly",
        "Effect": "Allow",
        "Principal": { "Service": "cloudfront.amazonaws.com" },
        "Action": "s3:GetObject",
        "Resource": [of_bucket(""), of_bucket("/*")],
        "Condition": { "StringEquals": { "AWS:SourceArn": distribution } },
    })
}
