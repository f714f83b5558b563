use std::collections::BTreeMap;

use copilot_deployer::stack::{self, ChangeSet, Manner, Stacks, Template};
use copilot_deployer::workload::{self, Platform};
use copilot_deployer::{Error, Session, application};
use serde_json::{Value, json};

use crate::{PATIENCE, calls, shop, start};

/// Has a workload's stack made in an environment, by the environment's manager.
async fn deploy(session: &Session, environment: &str, name: &str, stack: &str, resources: Value) {
    let record = application::environment(session, "shop", environment).await.unwrap();
    let config = session.assume(&record.manager_role_arn, &record.region).await.unwrap();
    let tags = [("application", "shop"), ("environment", environment), ("service", name)];
    let change = ChangeSet {
        stack: stack.to_owned(),
        template: Template::Body(json!({ "Resources": resources }).to_string()),
        parameters: BTreeMap::new(),
        tags: tags.into_iter().map(|(key, value)| (format!("copilot-{key}"), value.to_owned())).collect(),
        name: "made".into(),
        recreate: false,
        wait: false,
        manner: Manner::default(),
    };
    stack::deploy(&Stacks::new(&config), &change, PATIENCE, &|_| {}).await.unwrap();
}

fn service() -> Value {
    json!({
        "LogGroup": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/copilot/shop-prod-api"}},
        "TaskDefinition": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {"Family": "shop-prod-api", "ContainerDefinitions": [{"Name": "api", "Image": "i"}]},
        },
        "Service": {
            "Type": "AWS::ECS::Service",
            "Properties": {
                "Cluster": {"Fn::ImportValue": "shop-prod-ClusterId"},
                "TaskDefinition": {"Ref": "TaskDefinition"}, "DesiredCount": 1,
            },
        },
    })
}

#[tokio::test]
async fn a_workload_is_found_by_its_stack() {
    let (aws, session) = start(&shop()).await;
    let error = workload::find(&session, "shop", "prod", "api").await.unwrap_err();
    assert_eq!(error.to_string(), "`api` is not deployed in the environment `prod`");
    deploy(&session, "prod", "api", "shop-prod-api", service()).await;
    aws.reset_calls();
    let found = workload::find(&session, "shop", "prod", "api").await.unwrap();
    insta::assert_snapshot!(calls(&aws), @r"
    1 cloudformation:DescribeStackResources
    1 ssm:GetParameter
    ");
    assert_eq!((found.region(), found.platform()), ("eu-west-1", Platform::Service));
    let service = found.service().unwrap();
    assert!(service.name.starts_with("shop-prod-api-Service-"), "{service:?}");
    assert_eq!(service.cluster, Some(found.cluster().await.unwrap()));
    assert!(found.task_definition().unwrap().contains(":task-definition/shop-prod-api:"));
    assert_eq!(found.log_group().unwrap(), "/copilot/shop-prod-api");
    let error = found.state_machine().unwrap_err();
    assert_eq!(error.to_string(), "the stack shop-prod-api has no state machine");
}

#[tokio::test]
async fn other_platforms_are_told_by_their_stacks_too() {
    let (_aws, session) = start(&shop()).await;
    let machine = json!({
        "StateMachine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {
            "StateMachineName": "shop-test-job", "DefinitionString": "{}", "RoleArn": "arn:aws:iam::1:role/r"}},
    });
    deploy(&session, "test", "job", "shop-test-job", machine).await;
    let job = workload::find(&session, "shop", "test", "job").await.unwrap();
    assert_eq!(job.platform(), Platform::Job);
    assert!(job.state_machine().unwrap().ends_with(":stateMachine:shop-test-job"));
    assert!(job.cluster().await.unwrap().starts_with("shop-test-"));
    // A pipeline's manifest gave the stack a name of its own.
    deploy(&session, "test", "site", "my-site", json!({"Bucket": {"Type": "AWS::S3::Bucket"}})).await;
    let site = workload::find(&session, "shop", "test", "site").await.unwrap();
    assert_eq!((site.platform(), site.stack.as_str()), (Platform::StaticSite, "my-site"));
    assert!(site.bucket().unwrap().starts_with("my-site-bucket-"));
    assert!(matches!(site.distribution(), Err(Error::NotThere { .. })));
}

#[tokio::test]
async fn what_is_deployed_everywhere_is_told_by_environment() {
    let (_aws, session) = start(&shop().workload("web", "Backend Service")).await;
    deploy(&session, "prod", "api", "shop-prod-api", service()).await;
    let found = workload::everywhere(&session, "shop").await.unwrap();
    let told: Vec<String> = found
        .iter()
        .map(|found| {
            let names = found.workloads.as_ref().unwrap().iter().map(|(workload, _)| workload.name.as_str());
            format!("{}: {}", found.environment.name, names.collect::<Vec<_>>().join(", "))
        })
        .collect();
    assert_eq!(told, ["prod: api", "test: "]);
}
