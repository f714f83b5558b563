//! Stacks: created, updated, failed, turned back, deleted.

use copilot_local_aws::{ResourceAction, ResourceFault};
use insta::assert_snapshot;

use crate::client::{ACCOUNT, REGION, start};

const TWO: &str = "
Parameters: {Value: {Type: String, Default: one}}
Resources:
  First: {Type: 'AWS::SSM::Parameter', Properties: {Name: first, Type: String, Value: !Ref Value}}
  Second: {Type: 'AWS::SSM::Parameter', Properties: {Name: second, Type: String, Value: !Sub '${First}-${First.Value}'}}
Outputs:
  Second: {Value: !GetAtt Second.Value, Export: {Name: !Sub '${AWS::StackName}-second'}}
";

#[tokio::test]
async fn a_stack_is_created_in_the_order_of_its_references() {
    let (aws, client) = start().await;
    let answer = client.cfn("CreateStack", &[("StackName", "two"), ("TemplateBody", TWO)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(client.settle("two").await, "CREATE_COMPLETE");
    assert_snapshot!(client.events("two").await, @r"
    two CREATE_IN_PROGRESS: User Initiated
    First CREATE_IN_PROGRESS
    First CREATE_IN_PROGRESS: Resource creation Initiated
    First CREATE_COMPLETE
    Second CREATE_IN_PROGRESS
    Second CREATE_IN_PROGRESS: Resource creation Initiated
    Second CREATE_COMPLETE
    two CREATE_COMPLETE
    ");
    aws.with_state(|state| {
        let here = state.region(ACCOUNT, REGION);
        assert_eq!(here.parameter("second").as_deref(), Some("first-one"));
        assert_eq!(here.stack("two").unwrap().outputs["Second"], "first-one");
    });
}

#[tokio::test]
async fn a_failed_creation_is_taken_back_and_cannot_be_updated() {
    let (aws, client) = start().await;
    aws.inject_resource(ResourceFault {
        target: "Second".into(),
        stack: None,
        action: ResourceAction::Create,
        reason: "no luck today".into(),
        times: Some(1),
    });
    client.cfn("CreateStack", &[("StackName", "two"), ("TemplateBody", TWO)]).await;
    assert_eq!(client.settle("two").await, "ROLLBACK_COMPLETE");
    assert_snapshot!(client.events("two").await, @r"
    two CREATE_IN_PROGRESS: User Initiated
    First CREATE_IN_PROGRESS
    First CREATE_IN_PROGRESS: Resource creation Initiated
    First CREATE_COMPLETE
    Second CREATE_IN_PROGRESS
    Second CREATE_FAILED: no luck today
    two ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [Second]. Rollback requested by user.
    First DELETE_IN_PROGRESS
    First DELETE_COMPLETE
    two ROLLBACK_COMPLETE
    ");
    aws.with_state(|state| assert_eq!(state.region(ACCOUNT, REGION).parameter("first"), None));
    let answer = client.cfn("UpdateStack", &[("StackName", "two"), ("TemplateBody", TWO)]).await;
    assert!(answer.xml("Message").ends_with("is in ROLLBACK_COMPLETE state and can not be updated."));
    client.cfn("DeleteStack", &[("StackName", "two")]).await;
    assert_eq!(client.settle("two").await, "Stack with id two does not exist");
    client.cfn("CreateStack", &[("StackName", "two"), ("TemplateBody", TWO)]).await;
    assert_eq!(client.settle("two").await, "CREATE_COMPLETE");
}

#[tokio::test]
async fn a_failed_update_is_turned_back() {
    let (aws, client) = start().await;
    client.cfn("CreateStack", &[("StackName", "two"), ("TemplateBody", TWO)]).await;
    client.settle("two").await;
    aws.inject_resource(ResourceFault {
        target: "Third".into(),
        stack: Some("two".into()),
        action: ResourceAction::Create,
        reason: "quota".into(),
        times: None,
    });
    let more = TWO.replace(
        "Outputs:",
        "  Third: {Type: 'AWS::SQS::Queue', DependsOn: [Second], Properties: {QueueName: q}}\nOutputs:",
    );
    let fields = [
        ("StackName", "two"),
        ("TemplateBody", more.as_str()),
        ("Parameters.member.1.ParameterKey", "Value"),
        ("Parameters.member.1.ParameterValue", "two"),
    ];
    client.cfn("UpdateStack", &fields).await;
    assert_eq!(client.settle("two").await, "UPDATE_ROLLBACK_COMPLETE");
    let events = client.events("two").await;
    assert_snapshot!(events.split_once("two CREATE_COMPLETE\n").unwrap().1, @r"
    two UPDATE_IN_PROGRESS: User Initiated
    First UPDATE_IN_PROGRESS
    First UPDATE_COMPLETE
    Second UPDATE_IN_PROGRESS
    Second UPDATE_COMPLETE
    Third CREATE_IN_PROGRESS
    Third CREATE_FAILED: quota
    two UPDATE_ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [Third].
    Second UPDATE_IN_PROGRESS
    Second UPDATE_COMPLETE
    First UPDATE_IN_PROGRESS
    First UPDATE_COMPLETE
    two UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS
    two UPDATE_ROLLBACK_COMPLETE
    ");
    aws.with_state(|state| {
        let here = state.region(ACCOUNT, REGION);
        assert_eq!(here.parameter("second").as_deref(), Some("first-one"));
        let stack = here.stack("two").unwrap();
        assert_eq!(stack.parameters["Value"], "one");
        assert_eq!(stack.template, TWO);
        assert!(!stack.resources.contains_key("Third"));
    });
}

#[tokio::test]
async fn replacing_removing_and_retaining() {
    let (aws, client) = start().await;
    let old = "
Resources:
  Moved: {Type: 'AWS::SSM::Parameter', Properties: {Name: before, Type: String, Value: x}}
  Gone: {Type: 'AWS::SSM::Parameter', Properties: {Name: gone, Type: String, Value: x}}
  Kept: {Type: 'AWS::SSM::Parameter', DeletionPolicy: Retain, Properties: {Name: kept, Type: String, Value: x}}
";
    let new = "
Resources:
  Moved: {Type: 'AWS::SSM::Parameter', Properties: {Name: after, Type: String, Value: x}}
";
    client.cfn("CreateStack", &[("StackName", "s"), ("TemplateBody", old)]).await;
    client.settle("s").await;
    client.cfn("UpdateStack", &[("StackName", "s"), ("TemplateBody", new)]).await;
    assert_eq!(client.settle("s").await, "UPDATE_COMPLETE");
    aws.with_state(|state| {
        let here = state.region(ACCOUNT, REGION);
        let there = |name: &str| here.parameter(name).is_some();
        assert_eq!(
            ["before", "after", "gone", "kept"].map(there),
            [false, true, false, true],
            "before is replaced by after, gone removed, kept retained"
        );
    });
}

#[tokio::test]
async fn an_empty_change_set_fails_and_one_with_changes_says_which() {
    let (_aws, client) = start().await;
    client.cfn("CreateStack", &[("StackName", "two"), ("TemplateBody", TWO)]).await;
    client.settle("two").await;
    let described = async |name: &str, value: &str| {
        let fields = [
            ("StackName", "two"),
            ("ChangeSetName", name),
            ("TemplateBody", TWO),
            ("Parameters.member.1.ParameterKey", "Value"),
            ("Parameters.member.1.ParameterValue", value),
        ];
        let id = client.cfn("CreateChangeSet", &fields).await.xml("Id");
        for _ in 0..10 {
            let answer = client.cfn("DescribeChangeSet", &[("ChangeSetName", id.as_str())]).await;
            if !answer.text().contains("<Status>CREATE_PENDING")
                && !answer.text().contains("<Status>CREATE_IN_PROGRESS")
            {
                return answer;
            }
        }
        panic!("the change set is never worked out");
    };
    let empty = described("empty", "one").await;
    assert_eq!(empty.xml("Status"), "FAILED");
    assert_eq!(empty.xml("ExecutionStatus"), "UNAVAILABLE");
    assert!(empty.xml("StatusReason").starts_with("The submitted information didn't contain changes."));
    let refused = client.cfn("ExecuteChangeSet", &[("ChangeSetName", "empty"), ("StackName", "two")]).await;
    assert_eq!(refused.xml("Code"), "InvalidChangeSetStatus");
    let full = described("full", "other").await;
    assert_eq!(full.xml("ExecutionStatus"), "AVAILABLE");
    assert_eq!(full.all("LogicalResourceId"), ["First"]);
    assert_eq!(full.xml("Replacement"), "False");
    client.cfn("ExecuteChangeSet", &[("ChangeSetName", "full"), ("StackName", "two")]).await;
    assert_eq!(client.settle("two").await, "UPDATE_COMPLETE");
    // Who looks for events since then finds those of this execution only.
    let executed =
        client.cfn("DescribeChangeSet", &[("ChangeSetName", full.xml("ChangeSetId").as_str())]).await;
    assert_eq!(executed.xml("ExecutionStatus"), "EXECUTE_COMPLETE");
    for kept in ["CreationTime", "Changes", "Parameters"] {
        assert_eq!(executed.xml(kept), full.xml(kept));
    }
    assert!(executed.xml("CreationTime").starts_with("2026-"), "{}", executed.xml("CreationTime"));
}

#[tokio::test]
async fn an_export_in_use_keeps_its_stack() {
    let (_aws, client) = start().await;
    client.cfn("CreateStack", &[("StackName", "two"), ("TemplateBody", TWO)]).await;
    client.settle("two").await;
    let user = "Resources: {T: {Type: 'AWS::SSM::Parameter', Properties: {Name: user, Type: String, Value: !ImportValue two-second}}}";
    client.cfn("CreateStack", &[("StackName", "user"), ("TemplateBody", user)]).await;
    assert_eq!(client.settle("user").await, "CREATE_COMPLETE");
    client.cfn("DeleteStack", &[("StackName", "two")]).await;
    assert_eq!(client.settle("two").await, "DELETE_FAILED");
    assert!(
        client
            .events("two")
            .await
            .ends_with("two DELETE_FAILED: Export two-second cannot be deleted as it is in use by user")
    );
    client.cfn("DeleteStack", &[("StackName", "user")]).await;
    client.settle("user").await;
    client.cfn("DeleteStack", &[("StackName", "two")]).await;
    assert_eq!(client.settle("two").await, "Stack with id two does not exist");
}

#[tokio::test]
async fn a_nested_stack_that_fails_takes_its_parent_along() {
    let (aws, client) = start().await;
    let location = "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(client.s3("PUT", "/templates", "", location.as_bytes()).await.status, 200);
    assert_eq!(client.s3("PUT", "/templates/two.yml", "", TWO.as_bytes()).await.status, 200);
    let parent = "
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: 'https://templates.s3.us-west-2.amazonaws.com/two.yml', Parameters: {Value: nested}}
Outputs: {Second: {Value: !GetAtt Child.Outputs.Second}}
";
    client.cfn("CreateStack", &[("StackName", "good"), ("TemplateBody", parent)]).await;
    assert_eq!(client.settle("good").await, "CREATE_COMPLETE");
    aws.with_state(|state| {
        let good = state.region(ACCOUNT, REGION).stack("good").unwrap();
        assert_eq!(good.outputs["Second"], "first-nested");
    });
    // The names in the nested stack are taken now.
    client.cfn("CreateStack", &[("StackName", "bad"), ("TemplateBody", parent)]).await;
    assert_eq!(client.settle("bad").await, "ROLLBACK_COMPLETE");
    assert!(client.events("bad").await.contains("Child CREATE_FAILED: Embedded stack"));
    client.cfn("DeleteStack", &[("StackName", "good")]).await;
    client.settle("good").await;
    aws.with_state(|state| assert_eq!(state.region(ACCOUNT, REGION).stacks(), ["bad"]));
}
