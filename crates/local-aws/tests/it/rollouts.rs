//! Services that roll out: step by step, with tasks that fail, and back.

use copilot_local_aws::{LocalAws, TaskScript};
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Client, REGION, ecs, start};

/// A service of two tasks whose image and breaker are parameters.
const TEMPLATE: &str = r#"{
    "Parameters": {"Image": {"Type": "String"}, "Count": {"Type": "String", "Default": "2"}, "Enable": {"Type": "String", "Default": "true"}},
    "Resources": {
    "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "shop"}},
    "Group": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"Port": 8080}},
    "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "errors", "Threshold": 80}},
    "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/copilot/shop-test-web"}},
    "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {
        "Family": "shop-test-web", "Cpu": "256", "Memory": "512",
        "ContainerDefinitions": [{"Name": "web", "Image": {"Ref": "Image"}, "LogConfiguration": {
            "LogDriver": "awslogs", "Options": {"awslogs-group": {"Ref": "Logs"}, "awslogs-stream-prefix": "copilot"}
        }}]
    }},
    "Service": {"Type": "AWS::ECS::Service", "Properties": {
        "ServiceName": "web", "Cluster": {"Ref": "Cluster"}, "TaskDefinition": {"Ref": "Task"}, "DesiredCount": {"Ref": "Count"},
        "LaunchType": "FARGATE", "EnableExecuteCommand": true, "PropagateTags": "SERVICE",
        "DeploymentConfiguration": {
            "DeploymentCircuitBreaker": {"Enable": {"Ref": "Enable"}, "Rollback": true},
            "MinimumHealthyPercent": 100, "MaximumPercent": 200,
            "Alarms": {"AlarmNames": ["errors"], "Enable": true, "Rollback": true}
        },
        "LoadBalancers": [{"TargetGroupArn": {"Ref": "Group"}, "ContainerName": "web", "ContainerPort": 8080}]
    }}
}, "Outputs": {"Group": {"Value": {"Ref": "Group"}}}}"#;

async fn change(client: &Client, action: &str, image: &str, more: &[(&str, &str)]) {
    let mut fields = vec![
        ("StackName", "web"),
        ("TemplateBody", TEMPLATE),
        ("Tags.member.1.Key", "copilot-service"),
        ("Tags.member.1.Value", "web"),
        ("Parameters.member.1.ParameterKey", "Image"),
        ("Parameters.member.1.ParameterValue", image),
    ];
    for pair in more {
        fields.push(("Parameters.member.2.ParameterKey", pair.0));
        fields.push(("Parameters.member.2.ParameterValue", pair.1));
    }
    let answer = client.cfn(action, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

async fn service(client: &Client) -> Value {
    ecs(client, "DescribeServices", json!({"cluster": "shop", "services": ["web"]})).await["services"][0]
        .clone()
}

/// The newest service deployment.
async fn deployment(client: &Client) -> Value {
    let listed = ecs(client, "ListServiceDeployments", json!({"cluster": "shop", "service": "web"})).await;
    let arns = json!({"serviceDeploymentArns": [listed["serviceDeployments"][0]["serviceDeploymentArn"]]});
    ecs(client, "DescribeServiceDeployments", arns).await["serviceDeployments"][0].clone()
}

async fn tasks(client: &Client, status: &str) -> Vec<Value> {
    let asked = json!({"cluster": "shop", "serviceName": "web", "desiredStatus": status});
    let arns = ecs(client, "ListTasks", asked).await["taskArns"].clone();
    if arns == json!([]) {
        return Vec::new();
    }
    let found =
        ecs(client, "DescribeTasks", json!({"cluster": "shop", "tasks": arns, "include": ["TAGS"]})).await;
    found["tasks"].as_array().unwrap().clone()
}

fn fail(aws: &LocalAws, script: TaskScript) {
    aws.with_state(|state| state.region(ACCOUNT, REGION).script_task(script));
}

/// What the service's events say, the oldest first, without names that are made up.
fn events(service: &Value) -> Vec<String> {
    let events = service["events"].as_array().unwrap().iter().rev();
    let said = events.map(|event| event["message"].as_str().unwrap().to_owned());
    let plain = |text: String| {
        let mut words: Vec<&str> = text.split(' ').collect();
        for at in 1..words.len() {
            if words[at - 1] == "(task" || words[at].starts_with("ecs-svc/") {
                words[at] = if words[at].ends_with(").") { "X)." } else { "X)" };
            }
        }
        words.join(" ")
    };
    said.map(plain).collect()
}

#[tokio::test]
async fn a_service_is_complete_when_its_tasks_are_well() {
    let (aws, client) = start().await;
    change(&client, "CreateStack", "registry/web:1", &[]).await;
    let mut seen = Vec::new();
    while client.cfn("DescribeStacks", &[("StackName", "web")]).await.xml("StackStatus")
        == "CREATE_IN_PROGRESS"
    {
        let found = aws.with_state(|state| state.region(ACCOUNT, REGION).services());
        seen.extend(
            found.into_iter().map(|one| format!("{} of {} run, {}", one.running, one.desired, one.state)),
        );
    }
    seen.dedup();
    assert_eq!(seen, ["0 of 2 run, IN_PROGRESS", "2 of 2 run, IN_PROGRESS", "2 of 2 run, COMPLETED"]);
    let made = service(&client).await;
    assert_eq!(made["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(made["taskDefinition"], made["deployments"][0]["taskDefinition"]);
    assert_eq!(
        events(&made),
        [
            "(service web) has started 2 tasks: (task X) (task X).",
            "(service web) has reached a steady state.",
            "(service web) (deployment X) deployment completed."
        ]
    );
    let done = deployment(&client).await;
    assert_eq!((&done["status"], &done["lifecycleStage"]), (&json!("SUCCESSFUL"), &Value::Null));
    assert_eq!(
        done["deploymentCircuitBreaker"],
        json!({"status": "MONITORING_COMPLETE", "failureCount": 0, "threshold": 3})
    );
    let revision = json!({"serviceRevisionArns": [done["targetServiceRevision"]["arn"]]});
    let revision = ecs(&client, "DescribeServiceRevisions", revision).await["serviceRevisions"][0].clone();
    assert_eq!(revision["containerImages"][0]["image"], "registry/web:1");
    let running = tasks(&client, "RUNNING").await;
    assert_eq!(running[0]["tags"], json!([{"key": "copilot-service", "value": "web"}]));
    // What is not run for real says so.
    assert_eq!(
        running[0]["attributes"],
        json!([{"name": "copilot-local-aws.containers", "value": "pretended"}])
    );
    let id = running[0]["taskArn"].as_str().unwrap().rsplit('/').next().unwrap();
    let stream =
        json!({"logGroupName": "/copilot/shop-test-web", "logStreamName": format!("copilot/web/{id}")});
    let (_, logged) = client.json("logs", "GetLogEvents", &stream).await;
    assert!(logged["events"][0]["message"].as_str().unwrap().contains("is not run"), "{logged}");
    let events = client.events("web").await;
    assert!(
        events.contains("Service CREATE_IN_PROGRESS: Resource creation Initiated\nService CREATE_COMPLETE"),
        "{events}"
    );
}

#[tokio::test]
async fn an_update_starts_new_tasks_before_it_stops_the_old_ones() {
    let (_aws, client) = start().await;
    change(&client, "CreateStack", "registry/web:1", &[]).await;
    assert_eq!(client.settle("web").await, "CREATE_COMPLETE");
    let before = service(&client).await;
    change(&client, "UpdateStack", "registry/web:2", &[]).await;
    let mut fewest = 2;
    let mut deployments = 0;
    while client.cfn("DescribeStacks", &[("StackName", "web")]).await.xml("StackStatus")
        == "UPDATE_IN_PROGRESS"
    {
        let now = service(&client).await;
        fewest = fewest.min(now["runningCount"].as_i64().unwrap());
        deployments = deployments.max(now["deployments"].as_array().unwrap().len());
    }
    assert_eq!((client.settle("web").await.as_str(), fewest, deployments), ("UPDATE_COMPLETE", 2, 2));
    let after = service(&client).await;
    assert_ne!(before["taskDefinition"], after["taskDefinition"]);
    let stopped = tasks(&client, "STOPPED").await;
    assert_eq!(stopped.len(), 2);
    assert_eq!(
        (&stopped[0]["stopCode"], &stopped[0]["containers"][0]["exitCode"]),
        (&json!("ServiceSchedulerInitiated"), &json!(0))
    );
    let reason = stopped[0]["stoppedReason"].as_str().unwrap();
    assert!(reason.starts_with("Scaling activity initiated by (deployment ecs-svc/"), "{reason}");
    // The former revision is inactive, as it is no longer the stack's.
    let old =
        ecs(&client, "DescribeTaskDefinition", json!({"taskDefinition": before["taskDefinition"]})).await;
    assert_eq!(old["taskDefinition"]["status"], "INACTIVE");
    // Only the number of tasks changes: no deployment begins.
    change(&client, "UpdateStack", "registry/web:2", &[("Count", "3")]).await;
    assert_eq!(client.settle("web").await, "UPDATE_COMPLETE");
    let scaled = service(&client).await;
    assert_eq!(
        (&scaled["runningCount"], &scaled["deployments"][0]["id"]),
        (&json!(3), &after["deployments"][0]["id"])
    );
    // A forced deployment has the same definition and new tasks.
    ecs(&client, "UpdateService", json!({"cluster": "shop", "service": "web", "forceNewDeployment": true}))
        .await;
    for _ in 0..20 {
        service(&client).await;
    }
    let forced = service(&client).await;
    assert_eq!(
        (&forced["runningCount"], &forced["deployments"][0]["rolloutState"]),
        (&json!(3), &json!("COMPLETED"))
    );
    assert_eq!(
        (forced["deployments"].as_array().unwrap().len(), &forced["taskDefinition"]),
        (1, &scaled["taskDefinition"])
    );
    assert_ne!(forced["deployments"][0]["id"], scaled["deployments"][0]["id"]);
}

#[tokio::test]
async fn a_version_that_crashes_trips_the_breaker_and_the_old_one_serves_on() {
    let (aws, client) = start().await;
    change(&client, "CreateStack", "registry/web:1", &[]).await;
    assert_eq!(client.settle("web").await, "CREATE_COMPLETE");
    let before = service(&client).await;
    fail(
        &aws,
        TaskScript {
            image: Some("web:2".into()),
            exit_code: Some(3),
            lines: vec!["no DATABASE_URL".into()],
            ..TaskScript::default()
        },
    );
    change(&client, "UpdateStack", "registry/web:2", &[]).await;
    assert_eq!(client.settle("web").await, "UPDATE_ROLLBACK_COMPLETE");
    let events = client.events("web").await;
    let said = "Service UPDATE_FAILED: Resource handler returned message: &quot;Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.&quot; (RequestToken: ";
    assert!(events.contains(said), "{events}");
    let after = service(&client).await;
    assert_eq!((&after["taskDefinition"], &after["runningCount"]), (&before["taskDefinition"], &json!(2)));
    assert_eq!(after["deployments"].as_array().unwrap().len(), 1);
    let done = deployment(&client).await;
    assert_eq!(done["status"], "ROLLBACK_SUCCESSFUL");
    assert_eq!(done["deploymentCircuitBreaker"]["status"], "TRIGGERED");
    assert_eq!(done["rollback"]["serviceRevisionArn"], done["sourceServiceRevisions"][0]["arn"]);
    let stopped = tasks(&client, "STOPPED").await;
    let crashed: Vec<&Value> = stopped.iter().filter(|task| task["containers"][0]["exitCode"] == 3).collect();
    assert!(crashed.len() >= 3, "{stopped:?}");
    assert_eq!(
        (&crashed[0]["stopCode"], &crashed[0]["stoppedReason"]),
        (&json!("EssentialContainerExited"), &json!("Essential container in task exited"))
    );
    let id = crashed[0]["taskArn"].as_str().unwrap().rsplit('/').next().unwrap();
    let stream =
        json!({"logGroupName": "/copilot/shop-test-web", "logStreamName": format!("copilot/web/{id}")});
    let (_, logged) = client.json("logs", "GetLogEvents", &stream).await;
    assert_eq!(logged["events"][0]["message"], "no DATABASE_URL");
}

#[tokio::test]
async fn a_first_version_that_cannot_start_leaves_nothing_behind() {
    let (aws, client) = start().await;
    let reason = "CannotPullContainerError: pull image manifest has been retried 1 time(s): not found";
    fail(&aws, TaskScript { cannot_start: Some(reason.into()), ..TaskScript::default() });
    change(&client, "CreateStack", "registry/web:1", &[]).await;
    let mut told = Vec::new();
    for _ in 0..40 {
        let found = aws.with_state(|state| state.region(ACCOUNT, REGION).services());
        told.extend(found.into_iter().flat_map(|one| one.events));
        client.cfn("DescribeStacks", &[("StackName", "web")]).await;
    }
    assert_eq!(client.settle("web").await, "ROLLBACK_COMPLETE");
    assert!(
        told.iter().any(|event| event.contains("was unable to place a task. Reason: CannotPull")),
        "{told:?}"
    );
    assert!(
        told.iter().any(|event| event.ends_with("deployment failed: tasks failed to start.")),
        "{told:?}"
    );
    assert!(aws.with_state(|state| state.region(ACCOUNT, REGION).services()).is_empty());
}

#[tokio::test]
async fn without_a_breaker_cloudformation_waits_until_somebody_gives_up() {
    let (aws, client) = start().await;
    change(&client, "CreateStack", "registry/web:1", &[("Enable", "false")]).await;
    assert_eq!(client.settle("web").await, "CREATE_COMPLETE");
    fail(&aws, TaskScript { image: Some("web:2".into()), unhealthy_target: true, ..TaskScript::default() });
    change(&client, "UpdateStack", "registry/web:2", &[("Enable", "false")]).await;
    for _ in 0..60 {
        assert_eq!(
            client.cfn("DescribeStacks", &[("StackName", "web")]).await.xml("StackStatus"),
            "UPDATE_IN_PROGRESS"
        );
    }
    let now = service(&client).await;
    assert!(now["deployments"][0]["failedTasks"].as_i64().unwrap() > 3, "{now}");
    assert!(events(&now).iter().any(|event| event.contains("is unhealthy in (target-group arn:")), "{now}");
    let group =
        aws.with_state(|state| state.region(ACCOUNT, REGION).stack("web")).unwrap().outputs["Group"].clone();
    let health =
        client.query("elasticloadbalancing", "DescribeTargetHealth", &[("TargetGroupArn", &group)]).await;
    assert_eq!(health.all("State").iter().filter(|state| *state == "healthy").count(), 2);
    client.cfn("CancelUpdateStack", &[("StackName", "web")]).await;
    assert_eq!(client.settle("web").await, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(service(&client).await["runningCount"], 2);
}

#[tokio::test]
async fn an_alarm_during_a_deployment_takes_it_back() {
    let (aws, client) = start().await;
    change(&client, "CreateStack", "registry/web:1", &[]).await;
    assert_eq!(client.settle("web").await, "CREATE_COMPLETE");
    change(&client, "UpdateStack", "registry/web:2", &[]).await;
    let mut primary = json!("IN_PROGRESS");
    while primary == "IN_PROGRESS" && tasks(&client, "RUNNING").await.len() != 4 {
        primary = service(&client).await["deployments"][0]["rolloutState"].clone();
    }
    let fields = [("AlarmName", "errors"), ("StateValue", "ALARM"), ("StateReason", "by hand")];
    assert_eq!(client.query("monitoring", "SetAlarmState", &fields).await.status, 200);
    assert_eq!(client.query("monitoring", "DescribeAlarms", &[]).await.xml("StateValue"), "ALARM");
    assert_eq!(client.settle("web").await, "UPDATE_ROLLBACK_COMPLETE");
    let done = deployment(&client).await;
    assert_eq!(
        done["alarms"],
        json!({"status": "TRIGGERED", "alarmNames": ["errors"], "triggeredAlarmNames": ["errors"]})
    );
    assert!(
        events(&service(&client).await)
            .contains(&"(service web) (deployment X) deployment failed: alarm detected.".to_owned())
    );
    // With the alarm on already, the next deployment does not heed it.
    aws.with_state(|state| state.region(ACCOUNT, REGION).set_alarm("errors", "ALARM"));
    change(&client, "UpdateStack", "registry/web:3", &[]).await;
    assert_eq!(client.settle("web").await, "UPDATE_COMPLETE");
}

#[tokio::test]
async fn a_deployment_is_stopped_and_rolled_back_by_a_call() {
    let (aws, client) = start().await;
    change(&client, "CreateStack", "registry/web:1", &[]).await;
    assert_eq!(client.settle("web").await, "CREATE_COMPLETE");
    fail(&aws, TaskScript { image: Some("web:2".into()), unhealthy_target: true, ..TaskScript::default() });
    change(&client, "UpdateStack", "registry/web:2", &[]).await;
    let mut running = deployment(&client).await;
    while running["status"] != "IN_PROGRESS" {
        running = deployment(&client).await;
    }
    let arn = json!({"serviceDeploymentArn": running["serviceDeploymentArn"], "stopType": "ROLLBACK"});
    ecs(&client, "StopServiceDeployment", arn.clone()).await;
    let (status, refused) = client.json("ecs", "StopServiceDeployment", &arn).await;
    assert_eq!((status, &refused["__type"]), (400, &json!("ConflictException")));
    assert_eq!(client.settle("web").await, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(service(&client).await["runningCount"], 2);
}
