//! What lets state machines of the environment's jobs and sites write logs.

use copilot_cfn::intrinsic::sub;
use copilot_cfn::{Resource, cfn};

use crate::template::About as _;
use crate::template::Stack;

/// CloudFormation takes this policy as text, and any other text, even in its blanks, would be a change.
const DOCUMENT: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "StateMachineToCloudWatchLogs",
      "Effect": "Allow",
      "Principal": {
        "Service": ["delivery.logs.amazonaws.com"]
      },
      "Action": [
        "logs:CreateLogStream",
        "logs:PutLogEvents"
      ],
      "Resource": [
        "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/copilot/${AppName}-${EnvironmentName}-*:log-stream:*"
      ],
      "Condition": {
        "StringEquals": {
          "aws:SourceAccount": "${AWS::AccountId}"
        },
        "ArnLike": {
          "aws:SourceArn": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*"
        }
      }
    }
  ]
}
"#;

/// Adds the policy. An account has room for ten of them in each region.
pub(super) fn add(stack: &mut Stack) {
    let policy = Resource::new("AWS::Logs::ResourcePolicy").properties(cfn!({
        "PolicyName": sub("${AppName}-${EnvironmentName}-LogResourcePolicy"),
        "PolicyDocument": sub(DOCUMENT),
    }));
    stack
        .resource("LogResourcePolicy", policy.about("Policy that lets AWS services write logs of workloads"));
}
