//! Stacks of environments, and the custom resources of theirs and of workloads.

use copilot_local_aws::{LocalAws, ResourceAction, ResourceFault};
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Client, REGION, start};

const TEMPLATE: &str = include_str!("environments.yml");
const PARAMETERS: [(&str, &str); 4] = [
    ("Parameters.member.1.ParameterKey", "AppName"),
    ("Parameters.member.1.ParameterValue", "shop"),
    ("Parameters.member.2.ParameterKey", "EnvironmentName"),
    ("Parameters.member.2.ParameterValue", "test"),
];

/// A workload that needs a load balancer and says its aliases; `broken` if one of its resources cannot be made.
fn workload(name: &str, aliases: &str, broken: bool) -> String {
    let kind = if broken { "AWS::SSM::Parameter" } else { "AWS::ECS::Cluster" };
    let token = "!Sub \"arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:f\"";
    format!(
        r#"
Resources:
  EnvControllerAction:
    Type: Custom::EnvControllerFunction
    Properties:
      ServiceToken: {token}
      Workload: {name}
      EnvStack: shop-test
      Parameters: [ALBWorkloads, Aliases]
      Aliases: {aliases}
  Priorities:
    Type: Custom::RulePriorityFunction
    Properties:
      ServiceToken: {token}
      ListenerArn: !GetAtt EnvControllerAction.HTTPListenerArn
      RulePath: ["/", "/{name}"]
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties: {{ListenerArn: !GetAtt EnvControllerAction.HTTPListenerArn, Priority: !GetAtt Priorities.Priority1}}
  Root:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties: {{ListenerArn: !GetAtt EnvControllerAction.HTTPListenerArn, Priority: !GetAtt Priorities.Priority}}
  Last: {{Type: {kind}, DependsOn: [Rule, Root]}}
Outputs:
  Where: {{Value: !GetAtt EnvControllerAction.PublicLoadBalancerDNSName}}
  Priorities: {{Value: !Sub "${{Priorities.Priority}} ${{Priorities.Priority1}}"}}
"#
    )
}

async fn environment() -> (LocalAws, Client) {
    let (aws, client) = start().await;
    let fields = [&[("StackName", "shop-test"), ("TemplateBody", TEMPLATE)], &PARAMETERS[..]].concat();
    client.cfn("CreateStack", &fields).await;
    assert_eq!(client.settle("shop-test").await, "CREATE_COMPLETE", "{}", client.events("shop-test").await);
    (aws, client)
}

async fn create(client: &Client, name: &str, template: &str) -> String {
    let answer = client.cfn("CreateStack", &[("StackName", name), ("TemplateBody", template)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    client.settle(name).await
}

fn parameter(aws: &LocalAws, name: &str) -> String {
    aws.with_state(|state| state.region(ACCOUNT, REGION).stack("shop-test").unwrap().parameters[name].clone())
}

fn output(aws: &LocalAws, stack: &str, name: &str) -> Option<String> {
    aws.with_state(|state| state.region(ACCOUNT, REGION).stack(stack).unwrap().outputs.get(name).cloned())
}

async fn certificates(client: &Client) -> Vec<String> {
    let (_, answer) = client.json("acm", "ListCertificates", &json!({})).await;
    let list = answer["CertificateSummaryList"].as_array().cloned().unwrap_or_default();
    list.iter().filter_map(|found| found["CertificateArn"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn resources_have_the_ids_and_attributes_of_their_types() {
    let (aws, client) = environment().await;
    let ids = aws.with_state(|state| state.region(ACCOUNT, REGION).stack("shop-test").unwrap().resources);
    for (logical, beginning) in [
        ("Vpc", "vpc-"),
        ("Attachment", "IGW|vpc-"),
        ("OutRoute", "rtb-"),
        ("Associated", "rtbassoc-"),
        ("Inside", "sgr-"),
        ("Flow", "fl-"),
        ("Mount", "fsmt-"),
        ("Endpoint", "vpce-"),
        ("Names", "ns-"),
        ("Zone", "Z"),
        ("Delegation", "test.shop.example.com"),
        ("Certificate", "arn:aws:acm:us-west-2:"),
        ("Replicated", "arn:aws:acm:us-east-1:"),
        ("Cleaner", "bucket-cleaner-Cleaner"),
    ] {
        let id = ids[logical].1.clone().unwrap_or_default();
        assert!(id.starts_with(beginning), "{logical} is {id}");
    }
    assert!(!ids.contains_key("Balancer") && !ids.contains_key("Nat"));
    let servers = output(&aws, "shop-test", "Servers").unwrap();
    assert_eq!(servers.split(',').filter(|name| name.starts_with("ns-")).count(), 4, "{servers}");
    let (_, found) =
        client.json("acm", "DescribeCertificate", &json!({"CertificateArn": ids["Certificate"].1})).await;
    assert_eq!(
        found["Certificate"]["SubjectAlternativeNames"],
        json!(["test.shop.example.com", "*.test.shop.example.com"])
    );
}

#[tokio::test]
async fn workloads_have_the_environment_give_them_what_they_need() {
    let (aws, client) = environment().await;
    assert_eq!(create(&client, "web", &workload("web", "[web.example.com]", false)).await, "CREATE_COMPLETE");
    assert_eq!(parameter(&aws, "ALBWorkloads"), "web");
    assert_eq!(parameter(&aws, "Aliases"), r#"{"web":["web.example.com"]}"#);
    assert_eq!(output(&aws, "web", "Where"), output(&aws, "shop-test", "PublicLoadBalancerDNSName"));
    assert_eq!(output(&aws, "web", "Priorities").as_deref(), Some("50000 1"));
    // The certificate for the former names is gone.
    assert_eq!(certificates(&client).await.len(), 1);

    // Two at once: one waits for the other.
    for name in ["api", "job"] {
        let text = workload(name, "[]", false);
        client.cfn("CreateStack", &[("StackName", name), ("TemplateBody", &text)]).await;
    }
    assert_eq!(client.settle("api").await, "CREATE_COMPLETE");
    assert_eq!(client.settle("job").await, "CREATE_COMPLETE");
    assert_eq!(parameter(&aws, "ALBWorkloads"), "web,api,job");

    // A deployment that has nothing to ask for does not touch the environment.
    let before = client.events("shop-test").await;
    assert_eq!(create(&client, "api2", &workload("api", "[]", false)).await, "CREATE_COMPLETE");
    assert_eq!(client.events("shop-test").await, before);

    for name in ["web", "job", "api2", "api"] {
        client.cfn("DeleteStack", &[("StackName", name)]).await;
        client.settle(name).await;
    }
    assert_eq!((parameter(&aws, "ALBWorkloads"), parameter(&aws, "Aliases")), (String::new(), String::new()));
    assert_eq!(output(&aws, "shop-test", "HTTPListenerArn"), None);
}

#[tokio::test]
async fn a_workload_that_fails_leaves_the_environment_as_it_was() {
    let (aws, client) = environment().await;
    assert_eq!(
        create(&client, "web", &workload("web", "[web.example.com]", true)).await,
        "ROLLBACK_COMPLETE"
    );
    assert_eq!((parameter(&aws, "ALBWorkloads"), parameter(&aws, "Aliases")), (String::new(), String::new()));
}

#[tokio::test]
async fn an_environment_that_fails_fails_the_workload() {
    let (aws, client) = environment().await;
    aws.inject_resource(ResourceFault {
        target: "Balancer".into(),
        stack: None,
        action: ResourceAction::Create,
        reason: "no room".into(),
        times: None,
    });
    assert_eq!(create(&client, "web", &workload("web", "[]", false)).await, "ROLLBACK_COMPLETE");
    let events = client.events("web").await;
    assert!(
        events.contains("the update of environment stack shop-test ended in UPDATE_ROLLBACK_COMPLETE"),
        "{events}"
    );
    assert_eq!(parameter(&aws, "ALBWorkloads"), "");
    let missing = workload("web", "[]", false).replace("shop-test", "shop-prod");
    assert_eq!(create(&client, "other", &missing).await, "ROLLBACK_COMPLETE");
    assert!(client.events("other").await.contains("Cannot find environment stack shop-prod"));
}

#[tokio::test]
async fn an_environment_is_deleted_with_what_is_in_its_bucket() {
    let (aws, client) = environment().await;
    client.s3("PUT", "/access-logs/a", "", b"log").await;
    client.cfn("DeleteStack", &[("StackName", "shop-test")]).await;
    client.settle("shop-test").await;
    aws.with_state(|state| assert!(state.region(ACCOUNT, REGION).stacks().is_empty()));
    assert!(certificates(&client).await.is_empty());
    let (_, elsewhere): (u16, Value) = Client { region: "us-east-1".into(), ..client.clone() }
        .json("acm", "ListCertificates", &json!({}))
        .await;
    assert_eq!(elsewhere["CertificateSummaryList"], json!([]));
}
