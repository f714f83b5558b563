//! Topics that a workload publishes to.

use copilot_cfn::intrinsic::{reference, sub};
use copilot_cfn::{Resource, cfn};

use crate::template::About as _;
use crate::template::names::logical_id;
use crate::workload::iam::document;
use crate::workload::model::Topic;
use crate::workload::stack::Stack;

/// Logical ID of a topic.
pub(crate) fn topic_id(topic: &Topic) -> String {
    format!("{}SNSTopic", logical_id(&topic.name))
}

/// Adds each topic with its policy: whoever may act in the account may subscribe queues.
pub(crate) fn add(stack: &mut Stack, topics: &[Topic]) {
    for topic in topics {
        let id = topic_id(topic);
        let fifo = topic.fifo.is_some().then_some(true);
        let resource = Resource::new("AWS::SNS::Topic").properties(cfn!({
            "TopicName": sub(format!("${{AWS::StackName}}-{}", topic.name)),
            "FifoTopic"?: fifo,
            "ContentBasedDeduplication"?: topic.fifo.flatten(),
            "KmsMasterKeyId": "alias/aws/sns",
        }));
        let statements = cfn!([{
            "Effect": "Allow",
            "Principal": { "AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root") },
            "Action": ["sns:Subscribe"],
            "Resource": reference(id.clone()),
            "Condition": { "StringEquals": { "sns:Protocol": "sqs" } },
        }]);
        let policy = Resource::new("AWS::SNS::TopicPolicy").depends_on(id.clone()).properties(cfn!({
            "Topics": [reference(id.clone())],
            "PolicyDocument": document(statements),
        }));
        stack.resource(format!("{id}Policy"), policy);
        let kind = if fifo.is_some() { "FIFO topic" } else { "Topic" };
        stack.resource(id, resource.about(format!("{kind} for events of {}", topic.name)));
    }
}
