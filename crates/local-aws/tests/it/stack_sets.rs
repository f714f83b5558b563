//! StackSets: instances with real stacks, operations that end well or not.

use crate::client::{ACCOUNT, Client, REGION, start};

const TEMPLATE: &str = "
Resources:
  Bucket: {Type: 'AWS::S3::Bucket'}
  Key: {Type: 'AWS::KMS::Key'}
Outputs:
  Bucket: {Value: !Ref Bucket}
  Key: {Value: !GetAtt Key.Arn, Export: {Name: app-ArtifactKey}}
";

async fn operation(client: &Client, id: &str) -> String {
    for _ in 0..200 {
        let fields = [("StackSetName", "app-infrastructure"), ("OperationId", id)];
        let status = client.cfn("DescribeStackSetOperation", &fields).await.xml("Status");
        if status != "RUNNING" {
            return status;
        }
    }
    panic!("the operation never ends");
}

async fn instances(client: &Client, action: &str, regions: &[&str]) -> String {
    let keys: Vec<String> = (1..=regions.len()).map(|n| format!("Regions.member.{n}")).collect();
    let mut fields = vec![
        ("StackSetName", "app-infrastructure"),
        ("Accounts.member.1", ACCOUNT),
        ("OperationPreferences.RegionConcurrencyType", "PARALLEL"),
    ];
    fields.extend(keys.iter().map(String::as_str).zip(regions.iter().copied()));
    if action == "DeleteStackInstances" {
        fields.push(("RetainStacks", "false"));
    }
    let answer = client.cfn(action, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.xml("OperationId")
}

#[tokio::test]
async fn instances_are_stacks_in_their_regions() {
    let (aws, client) = start().await;
    let roles = [
        ("AdministrationRoleARN", "arn:aws:iam::123456789012:role/app-adminrole"),
        ("ExecutionRoleName", "app-executionrole"),
    ];
    let fields = [&[("StackSetName", "app-infrastructure"), ("TemplateBody", TEMPLATE)], &roles[..]].concat();
    assert_eq!(client.cfn("CreateStackSet", &fields).await.status, 200);

    // Without the roles nothing can be done in the account, and the answer says so.
    let id = instances(&client, "CreateStackInstances", &[REGION]).await;
    assert_eq!(operation(&client, &id).await, "FAILED");
    let listed = client.cfn("ListStackInstances", &[("StackSetName", "app-infrastructure")]).await;
    assert_eq!(
        listed.xml("StatusReason"),
        "Account 123456789012 should have 'app-executionrole' role with trust relationship to Role 'app-adminrole'."
    );

    aws.with_state(|state| {
        state.add_role(ACCOUNT, "app-adminrole", ACCOUNT);
        state.add_role(ACCOUNT, "app-executionrole", ACCOUNT);
    });
    let id = instances(&client, "CreateStackInstances", &[REGION, "eu-west-1"]).await;
    let busy = client
        .cfn("UpdateStackSet", &[("StackSetName", "app-infrastructure"), ("UsePreviousTemplate", "true")])
        .await;
    assert_eq!(busy.xml("Code"), "OperationInProgressException");
    assert_eq!(operation(&client, &id).await, "SUCCEEDED");
    let listed = client.cfn("ListStackInstances", &[("StackSetName", "app-infrastructure")]).await;
    assert_eq!(listed.all("Region"), [REGION, "eu-west-1"]);
    assert_eq!(listed.all("Status"), ["CURRENT", "CURRENT"]);
    aws.with_state(|state| {
        assert_eq!(state.buckets().len(), 2);
        let europe = state.region(ACCOUNT, "eu-west-1");
        assert_eq!(europe.stacks().len(), 1);
        assert!(europe.stacks()[0].starts_with("StackSet-app-infrastructure-"));
    });

    // The operation's id is the version that others lock by.
    let update = [
        ("StackSetName", "app-infrastructure"),
        ("UsePreviousTemplate", "true"),
        ("OperationId", "2"),
        ("Tags.member.1.Key", "a"),
        ("Tags.member.1.Value", "b"),
    ];
    assert_eq!(client.cfn("UpdateStackSet", &update).await.xml("OperationId"), "2");
    assert_eq!(operation(&client, "2").await, "SUCCEEDED");
    assert_eq!(client.cfn("UpdateStackSet", &update).await.xml("Code"), "OperationIdAlreadyExistsException");

    let full = client.cfn("DeleteStackSet", &[("StackSetName", "app-infrastructure")]).await;
    assert_eq!(full.xml("Code"), "StackSetNotEmptyException");
    let id = instances(&client, "DeleteStackInstances", &[REGION, "eu-west-1"]).await;
    assert_eq!(operation(&client, &id).await, "SUCCEEDED");
    assert_eq!(client.cfn("DeleteStackSet", &[("StackSetName", "app-infrastructure")]).await.status, 200);
    aws.with_state(|state| assert!(state.buckets().is_empty()));
}
