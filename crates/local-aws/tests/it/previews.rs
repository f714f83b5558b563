//! What is said of a stack before anything is done: change sets with values and of nested stacks, validations, drift.

use copilot_local_aws::{LocalAws, Validation};
use serde_json::json;

use crate::client::{ACCOUNT, Client, REGION, start};

const GROUP: &str = "
Resources:
  Logs: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: shop, RetentionInDays: 30}}
";

async fn deployed(template: &str) -> (LocalAws, Client) {
    let (aws, client) = start().await;
    client.cfn("CreateStack", &[("StackName", "shop"), ("TemplateBody", template)]).await;
    assert_eq!(client.settle("shop").await, "CREATE_COMPLETE");
    (aws, client)
}

/// Asks until the change set is made or has failed.
async fn described(client: &Client, more: &[(&str, &str)]) -> crate::client::Answer {
    for _ in 0..20 {
        let named = [("StackName", "shop"), ("ChangeSetName", "next")];
        let answer = client.cfn("DescribeChangeSet", &[&named, more].concat()).await;
        if !answer.xml("Status").ends_with("_IN_PROGRESS") && answer.xml("Status") != "CREATE_PENDING" {
            return answer;
        }
    }
    panic!("the change set is never made");
}

async fn change(client: &Client, template: &str) {
    let fields = [
        ("StackName", "shop"),
        ("ChangeSetName", "next"),
        ("TemplateBody", template),
        ("IncludeNestedStacks", "true"),
        ("Capabilities.member.1", "CAPABILITY_IAM"),
    ];
    let answer = client.cfn("CreateChangeSet", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn values_are_told_to_those_who_ask_for_them() {
    let (aws, client) = deployed(GROUP).await;
    aws.with_state(|state| {
        state.region(ACCOUNT, REGION).replace_with("shop", "Logs", "RetentionInDays");
    });
    change(&client, &GROUP.replace("30", "7")).await;
    let refused = client.cfn("DeleteChangeSet", &[("StackName", "shop"), ("ChangeSetName", "next")]).await;
    assert_eq!(refused.xml("Code"), "InvalidChangeSetStatus", "it is still being made");
    let plain = described(&client, &[]).await;
    assert_eq!((plain.xml("Replacement").as_str(), plain.xml("BeforeValue").as_str()), ("True", ""));
    let full = described(&client, &[("IncludePropertyValues", "true")]).await;
    assert_eq!(full.xml("BeforeValue"), "30");
    assert_eq!(full.xml("AfterValue"), "7");
    assert_eq!(full.xml("Path"), "/Properties/RetentionInDays");
}

#[tokio::test]
async fn what_is_invalid_fails_the_change_set_and_is_an_event() {
    let (aws, client) = deployed(GROUP).await;
    aws.with_state(|state| {
        let validation = Validation {
            resource: "Logs".into(),
            name: "PROPERTY_VALIDATION".into(),
            path: "/Resources/Logs/Properties/RetentionInDays".into(),
            reason: "8 is not one of the allowed values".into(),
            fails: true,
        };
        state.region(ACCOUNT, REGION).find_invalid("shop", validation);
    });
    change(&client, &GROUP.replace("30", "8")).await;
    let failed = described(&client, &[]).await;
    assert_eq!(failed.xml("Status"), "FAILED");
    assert!(failed.xml("StatusReason").contains("use the DescribeEvents API"), "{}", failed.text());
    let events = client.cfn("DescribeEvents", &[("StackName", "shop"), ("ChangeSetName", "next")]).await;
    assert_eq!(events.xml("EventType"), "VALIDATION_ERROR");
    assert_eq!(events.xml("ValidationStatusReason"), "8 is not one of the allowed values");
    assert_eq!(events.xml("ResourceType"), "AWS::Logs::LogGroup");
    let all = client.cfn("DescribeEvents", &[("StackName", "shop")]).await;
    assert!(all.all("EventType").iter().all(|kind| kind == "STACK_EVENT"), "{}", all.text());
    assert_eq!(client.cfn("DescribeEvents", &[]).await.status, 400);
}

#[tokio::test]
async fn drift_is_detected_and_described() {
    let (aws, client) = deployed(GROUP).await;
    let detect = async || {
        let id = client.cfn("DetectStackDrift", &[("StackName", "shop")]).await.xml("StackDriftDetectionId");
        let status = async || {
            let asked = [("StackDriftDetectionId", id.as_str())];
            client.cfn("DescribeStackDriftDetectionStatus", &asked).await
        };
        assert_eq!(status().await.xml("DetectionStatus"), "DETECTION_IN_PROGRESS");
        status().await.xml("StackDriftStatus")
    };
    assert_eq!(detect().await, "IN_SYNC");
    aws.with_state(|state| {
        let mut here = state.region(ACCOUNT, REGION);
        here.drift("shop", "Logs", "/RetentionInDays", json!(7));
        here.drift("shop", "Logs", "/KmsKeyId", json!("alias/x"));
    });
    assert_eq!(detect().await, "DRIFTED");
    let asked = [("StackName", "shop"), ("StackResourceDriftStatusFilters.member.1", "MODIFIED")];
    let found = client.cfn("DescribeStackResourceDrifts", &asked).await;
    assert_eq!(found.all("PropertyPath"), ["/RetentionInDays", "/KmsKeyId"]);
    assert_eq!(found.all("DifferenceType"), ["NOT_EQUAL", "ADD"]);
    assert_eq!(found.all("ExpectedValue"), ["30", "null"]);
    assert_eq!(found.all("ActualValue"), ["7", "alias/x"]);
    let gone = [("StackName", "shop"), ("StackResourceDriftStatusFilters.member.1", "DELETED")];
    assert_eq!(client.cfn("DescribeStackResourceDrifts", &gone).await.all("member"), [""; 0]);
    aws.with_state(|state| state.region(ACCOUNT, REGION).vanish("shop", "Logs"));
    let found = client.cfn("DescribeStackResourceDrifts", &[("StackName", "shop")]).await;
    assert_eq!(found.xml("StackResourceDriftStatus"), "DELETED");
}

#[tokio::test]
async fn nested_stacks_have_change_sets_of_their_own() {
    let (aws, client) = start().await;
    let location = "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>";
    client.s3("PUT", "/templates", "", location.as_bytes()).await;
    let other = GROUP.replace("LogGroupName: shop", "LogGroupName: other");
    client.s3("PUT", "/templates/other.yml", "", other.as_bytes()).await;
    client.s3("PUT", "/templates/one.yml", "", GROUP.as_bytes()).await;
    client.s3("PUT", "/templates/two.yml", "", GROUP.replace("30", "7").as_bytes()).await;
    let outer = |file: &str, more: &str| {
        let url = format!("https://templates.s3.us-west-2.amazonaws.com/{file}.yml");
        format!(
            "Resources:\n  Inner: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: '{url}'}}}}\n{more}"
        )
    };
    client.cfn("CreateStack", &[("StackName", "shop"), ("TemplateBody", &outer("one", ""))]).await;
    assert_eq!(client.settle("shop").await, "CREATE_COMPLETE");
    let added = "  Added: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 'https://templates.s3.us-west-2.amazonaws.com/other.yml'}}\n";
    change(&client, &outer("two", added)).await;
    let root = described(&client, &[]).await;
    assert_eq!(root.all("ChangeSetId").len(), 3, "its own and two nested: {}", root.text());
    let inner = root.all("ChangeSetId").into_iter().find(|id| id.contains("Inner")).unwrap();
    let inner = client.cfn("DescribeChangeSet", &[("ChangeSetName", &inner)]).await;
    assert_eq!(inner.xml("LogicalResourceId"), "Logs");
    let stacks = || aws.with_state(|state| state.region(ACCOUNT, REGION).stacks());
    assert!(stacks().iter().any(|name| name.contains("-Added-")), "in review: {:?}", stacks());
    client.cfn("ExecuteChangeSet", &[("StackName", "shop"), ("ChangeSetName", "next")]).await;
    client.settle("shop").await;
    let added = stacks().iter().filter(|name| name.contains("-Added-")).count();
    assert!(added <= 1, "what was in review is gone: {:?}", stacks());
}
