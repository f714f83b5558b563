//! Access logs of the public load balancer, and the bucket that Copilot makes for them.

use copilot_cfn::intrinsic::{find_in_map, get_att, join, reference, sub, sub_with};
use copilot_cfn::{Map, Resource, Value, cfn};

use super::parameters::PUBLIC_BALANCER;
use super::settings::{AccessLogs, Settings};
use crate::template::About as _;
use crate::template::as_written::as_written;
use crate::template::{Function, Stack, iam};

/// Logical ID of the bucket.
pub(super) const BUCKET: &str = "ELBAccessLogsBucket";
/// Logical ID of what lets load balancers write there.
pub(super) const BUCKET_POLICY: &str = "ELBAccessLogsBucketPolicy";

/// Empties the bucket before it is deleted with the stack.
const CLEANER: Function = Function {
    id: "BucketCleanerFunction",
    role: "ELBAccessLogsBucketCleanerRole",
    handler: "index.handler",
    timeout: 900,
};

/// The table of accounts from which load balancers write, by region.
const TABLE: &str = "RegionalConfigs";

/// The service as which load balancers write where they have no account.
const WRITER: &str = "logdelivery.elasticloadbalancing.amazonaws.com";

/// Regions with the account of their load balancers. In those that were opened since August 2022 they write as a service.
const ACCOUNTS: [(&str, &str); 26] = [
    ("us-east-1", "127311923021"),
    ("us-east-2", "033677994240"),
    ("us-west-1", "027434742980"),
    ("us-west-2", "797873946194"),
    ("af-south-1", "098369216593"),
    ("ca-central-1", "985666609251"),
    ("eu-central-1", "054676820928"),
    ("eu-west-1", "156460612806"),
    ("eu-west-2", "652711504416"),
    ("eu-south-1", "635631232127"),
    ("eu-west-3", "009996457667"),
    ("eu-north-1", "897822967062"),
    ("ap-east-1", "754344448648"),
    ("ap-northeast-1", "582318560864"),
    ("ap-northeast-2", "600734575887"),
    ("ap-northeast-3", "383597477331"),
    ("ap-southeast-1", "114774131450"),
    ("ap-southeast-2", "783225319266"),
    ("ap-southeast-3", "589379963580"),
    ("ap-south-1", "718504428378"),
    ("me-south-1", "076674570225"),
    ("sa-east-1", "507241528517"),
    ("us-gov-west-1", "048591011584"),
    ("us-gov-east-1", "190560391635"),
    ("cn-north-1", "638102146993"),
    ("cn-northwest-1", "037604701340"),
];

/// The attributes of the load balancer that say whether and where it logs.
pub(super) fn attributes(settings: &Settings<'_>) -> Value {
    let attribute = |key: &'static str, value: Value| cfn!({ "Key": key, "Value": value });
    let Some(logs) = settings.public.access_logs else {
        return cfn!([attribute("access_logs.s3.enabled", false.into())]);
    };
    let prefix = logs.prefix.map(|prefix| attribute("access_logs.s3.prefix", as_written(prefix)));
    let bucket = logs.bucket.map_or_else(|| reference(BUCKET), as_written);
    cfn!([
        attribute("access_logs.s3.enabled", true.into()),
        ..prefix,
        attribute("access_logs.s3.bucket", bucket),
    ])
}

/// Adds the bucket unless it exists already. It is there from the first deployment on, the load balancer only with the first
/// workload that needs one.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    let Some(logs) = settings.own_log_bucket() else { return };
    let region = settings.deployed.region.as_str();
    let has_account = ACCOUNTS.iter().any(|(known, _)| *known == region);
    if has_account {
        let accounts = ACCOUNTS.iter().map(|(region, account)| (*region, cfn!({ "ElbAccountId": *account })));
        stack.mapping(TABLE, accounts.collect::<Map>());
    }
    let writer = if has_account { account() } else { cfn!({ "Service": WRITER }) };
    let policy = Resource::new("AWS::S3::BucketPolicy").condition(PUBLIC_BALANCER).depends_on(BUCKET);
    stack.resource(BUCKET_POLICY, policy.properties(bucket_policy(logs, writer)));
    let bucket = Resource::new("AWS::S3::Bucket").properties(cfn!({
        "VersioningConfiguration": { "Status": "Enabled" },
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{ "ServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } }],
        },
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": true,
            "BlockPublicPolicy": true,
            "IgnorePublicAcls": true,
            "RestrictPublicBuckets": true,
        },
    }));
    stack.resource(BUCKET, bucket.about("Bucket for access logs of the load balancer"));
    add_cleaner(stack, settings);
}

/// Whoever writes the logs of load balancers in the stack's region.
fn account() -> Value {
    let account = find_in_map(TABLE, reference("AWS::Region"), "ElbAccountId");
    cfn!({ "AWS": join("", cfn!([sub("arn:${AWS::Partition}:iam::"), account, ":root"])) })
}

fn bucket_policy(logs: AccessLogs<'_>, writer: Value) -> Value {
    let prefix = logs.prefix.map(|prefix| [Value::from("/"), as_written(prefix)]);
    let objects = cfn!([
        "arn:",
        reference("AWS::Partition"),
        ":s3:::",
        reference(BUCKET),
        ..prefix.into_iter().flatten().collect::<Vec<_>>(),
        "/AWSLogs/",
        reference("AWS::AccountId"),
        "/*",
    ]);
    cfn!({
        "Bucket": reference(BUCKET),
        "PolicyDocument": iam::document(cfn!([{
            "Effect": "Allow",
            "Action": ["s3:PutObject"],
            "Resource": [join("", objects)],
            "Principal": writer,
        }])),
    })
}

fn add_cleaner(stack: &mut Stack, settings: &Settings<'_>) {
    let action = CLEANER
        .action()
        .about("Emptying of the bucket for access logs before it is deleted")
        .property("BucketName", reference(BUCKET));
    stack.resource("ELBAccessLogsBucketCleanerAction", action);
    stack.resource(CLEANER.id, CLEANER.resource(settings.artifacts.code));
    // The name in braces with its blanks is that of deployed stacks.
    let objects = sub_with("${ BucketARN }/*", [("BucketARN", get_att(BUCKET, "Arn"))]);
    let statement = cfn!({
        "Effect": "Allow",
        "Action":
            ["s3:ListBucket", "s3:ListBucketVersions", "s3:DeleteObject", "s3:DeleteObjectVersion"],
        "Resource": [get_att(BUCKET, "Arn"), objects],
    });
    let role = iam::with_logs(iam::role(iam::lambda_trust(), settings.boundary))
        .about("Role of the function that empties the bucket")
        .property("Policies", cfn!([iam::policy("CleanELBAccessLogs", cfn!([statement]))]));
    stack.resource(CLEANER.role, role);
}
