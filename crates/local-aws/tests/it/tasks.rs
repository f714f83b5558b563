//! Tasks that no service wants.

use copilot_local_aws::{LocalAws, TaskScript};
use serde_json::{Value, json};

use crate::client::{ACCOUNT, REGION, ecs, start};

const TEMPLATE: &str = r#"{"Resources": {
    "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "shop"}},
    "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {
        "Family": "shop-test-web", "ContainerDefinitions": [{"Name": "web", "Image": "registry/web:1"}]
    }}
}}"#;

fn fail(aws: &LocalAws, script: TaskScript) {
    aws.with_state(|state| state.region(ACCOUNT, REGION).script_task(script));
}

#[tokio::test]
async fn a_task_runs_once_and_says_how_it_ended() {
    let (aws, client) = start().await;
    client.cfn("CreateStack", &[("StackName", "web"), ("TemplateBody", TEMPLATE)]).await;
    assert_eq!(client.settle("web").await, "CREATE_COMPLETE");
    let wanted = json!({
        "cluster": "shop", "taskDefinition": "shop-test-web", "startedBy": "me", "enableExecuteCommand": true,
        "overrides": {"containerOverrides": [{"name": "web", "command": ["./migrate"]}]},
        "tags": [{"key": "a", "value": "b"}],
    });
    let made = ecs(&client, "RunTask", wanted.clone()).await["tasks"][0].clone();
    assert_eq!(
        (&made["lastStatus"], &made["group"]),
        (&json!("PROVISIONING"), &json!("family:shop-test-web"))
    );
    assert_eq!(made["overrides"]["containerOverrides"][0]["command"], json!(["./migrate"]));
    let describe = json!({"cluster": "shop", "tasks": [made["taskArn"]]});
    let mut seen = Vec::new();
    for _ in 0..8 {
        let found = ecs(&client, "DescribeTasks", describe.clone()).await["tasks"][0].clone();
        if found["lastStatus"] == "RUNNING" {
            let command =
                json!({"cluster": "shop", "task": made["taskArn"], "command": "ls", "interactive": true});
            let session = ecs(&client, "ExecuteCommand", command).await;
            assert!(session["session"]["streamUrl"].as_str().unwrap().starts_with("wss://"), "{session}");
        }
        seen.push((found["lastStatus"].clone(), found["containers"][0]["exitCode"].clone()));
    }
    seen.dedup();
    assert_eq!(
        seen,
        [(json!("PENDING"), Value::Null), (json!("RUNNING"), Value::Null), (json!("STOPPED"), json!(0))]
    );
    let listed =
        ecs(&client, "ListTasks", json!({"cluster": "shop", "startedBy": "me", "desiredStatus": "STOPPED"}))
            .await;
    assert_eq!(listed["taskArns"], json!([made["taskArn"]]));
    fail(
        &aws,
        TaskScript { family: Some("shop-test-web".into()), exit_code: Some(9), ..TaskScript::default() },
    );
    let made = ecs(&client, "RunTask", wanted).await["tasks"][0].clone();
    let describe = json!({"cluster": "shop", "tasks": [made["taskArn"]]});
    for _ in 0..6 {
        ecs(&client, "DescribeTasks", describe.clone()).await;
    }
    let ended = ecs(&client, "DescribeTasks", describe).await["tasks"][0].clone();
    assert_eq!(
        (&ended["containers"][0]["exitCode"], &ended["stopCode"]),
        (&json!(9), &json!("EssentialContainerExited"))
    );
    let (status, refused) =
        client.json("ecs", "RunTask", &json!({"cluster": "shop", "taskDefinition": "none"})).await;
    assert_eq!((status, &refused["__type"]), (400, &json!("ClientException")));
}

#[tokio::test]
async fn a_definition_is_registered_and_runs_until_it_is_stopped() {
    let (aws, client) = start().await;
    ecs(&client, "CreateCluster", json!({})).await;
    let definition = json!({"family": "once", "containerDefinitions": [{"name": "a", "image": "busybox"}]});
    let made = ecs(&client, "RegisterTaskDefinition", definition.clone()).await["taskDefinition"].clone();
    assert_eq!(made["revision"], 1);
    assert_eq!(ecs(&client, "RegisterTaskDefinition", definition).await["taskDefinition"]["revision"], 2);
    fail(&aws, TaskScript { family: Some("once:2".into()), ..TaskScript::default() });
    let task = ecs(&client, "RunTask", json!({"taskDefinition": "once"})).await["tasks"][0].clone();
    for _ in 0..10 {
        ecs(&client, "ListTasks", json!({"family": "once"})).await;
    }
    assert_eq!(
        ecs(&client, "ListTasks", json!({"family": "once"})).await["taskArns"],
        json!([task["taskArn"]])
    );
    ecs(&client, "StopTask", json!({"task": task["taskArn"], "reason": "enough"})).await;
    for _ in 0..4 {
        ecs(&client, "ListTasks", json!({})).await;
    }
    let ended = ecs(&client, "DescribeTasks", json!({"tasks": [task["taskArn"]]})).await["tasks"][0].clone();
    assert_eq!(
        (&ended["lastStatus"], &ended["stoppedReason"], &ended["stopCode"]),
        (&json!("STOPPED"), &json!("enough"), &json!("UserInitiated"))
    );
}
