//! Deployments that shift traffic: blue/green, linear and canary, with pauses, alarms and a way back.

use copilot_local_aws::{LocalAws, TaskScript};
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Client, REGION, ecs, start};

/// A service with two target groups behind one rule; `CONFIGURATION` stands for how it is deployed.
const TEMPLATE: &str = r#"{
    "Parameters": {"Image": {"Type": "String"}},
    "Resources": {
    "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "shop"}},
    "Blue": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"Port": 8080}},
    "Green": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"Port": 8080}},
    "Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer"},
    "Listener": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "Balancer"}, "Port": 80, "Protocol": "HTTP"}},
    "Rule": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {
        "ListenerArn": {"Ref": "Listener"}, "Priority": 1,
        "Actions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Blue"}}]
    }},
    "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {
        "Family": "web", "ContainerDefinitions": [{"Name": "web", "Image": {"Ref": "Image"}}]
    }},
    "Service": {"Type": "AWS::ECS::Service", "Properties": {
        "ServiceName": "web", "Cluster": {"Ref": "Cluster"}, "TaskDefinition": {"Ref": "Task"}, "DesiredCount": 2,
        "DeploymentConfiguration": CONFIGURATION,
        "LoadBalancers": [{
            "TargetGroupArn": {"Ref": "Blue"}, "ContainerName": "web", "ContainerPort": 8080,
            "AdvancedConfiguration": {
                "AlternateTargetGroupArn": {"Ref": "Green"}, "ProductionListenerRule": {"Ref": "Rule"}, "RoleArn": "arn:aws:iam::1:role/r"
            }
        }]
    }}
}, "Outputs": {"Rule": {"Value": {"Ref": "Rule"}}, "Blue": {"Value": {"Ref": "Blue"}}, "Green": {"Value": {"Ref": "Green"}}}}"#;

const ROLLING: &str =
    r#"{"Strategy": "ROLLING", "DeploymentCircuitBreaker": {"Enable": true, "Rollback": true}}"#;

async fn change(client: &Client, action: &str, image: &str, configuration: &str) {
    let template = TEMPLATE.replace("CONFIGURATION", configuration);
    let fields = [
        ("StackName", "web"),
        ("TemplateBody", template.as_str()),
        ("Parameters.member.1.ParameterKey", "Image"),
        ("Parameters.member.1.ParameterValue", image),
    ];
    let answer = client.cfn(action, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

async fn deployment(client: &Client) -> Value {
    let listed = ecs(client, "ListServiceDeployments", json!({"cluster": "shop", "service": "web"})).await;
    let arns = json!({"serviceDeploymentArns": [listed["serviceDeployments"][0]["serviceDeploymentArn"]]});
    ecs(client, "DescribeServiceDeployments", arns).await["serviceDeployments"][0].clone()
}

/// Stage and share of the traffic, one line for each that was seen, until the stack is at rest.
async fn watch(client: &Client) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..200 {
        let now = deployment(client).await;
        let line = format!(
            "{} {} {}%",
            now["status"].as_str().unwrap(),
            now["lifecycleStage"].as_str().unwrap_or("-"),
            now["targetServiceRevision"]["requestedProductionTrafficWeight"]
        );
        if seen.last() != Some(&line) {
            seen.push(line);
        }
        let status = client.cfn("DescribeStacks", &[("StackName", "web")]).await.xml("StackStatus");
        if !status.ends_with("IN_PROGRESS") {
            seen.push(status);
            return seen;
        }
    }
    panic!("it never rests: {seen:?}");
}

fn output(aws: &LocalAws, name: &str) -> String {
    aws.with_state(|state| state.region(ACCOUNT, REGION).stack("web")).unwrap().outputs[name].clone()
}

/// Where the rule forwards to: pairs of `Blue` or `Green` and the weight.
async fn forwarded(aws: &LocalAws, client: &Client) -> Vec<(&'static str, String)> {
    let fields = [("RuleArns.member.1", output(aws, "Rule"))];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let rules = client.query("elasticloadbalancing", "DescribeRules", &fields).await;
    let green = output(aws, "Green");
    let names =
        rules.all("TargetGroupArn").into_iter().map(|arn| if arn == green { "Green" } else { "Blue" });
    names.zip(rules.all("Weight")).collect()
}

#[tokio::test]
async fn a_blue_green_deployment_waits_for_a_person() {
    let (aws, client) = start().await;
    change(&client, "CreateStack", "web:1", ROLLING).await;
    assert_eq!(client.settle("web").await, "CREATE_COMPLETE");
    let paused = r#"{"Strategy": "BLUE_GREEN", "BakeTimeInMinutes": 1, "LifecycleHooks": [
        {"TargetType": "PAUSE", "LifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"], "TimeoutConfiguration": {"TimeoutInMinutes": 60, "Action": "ROLLBACK"}},
        {"TargetType": "AWS_LAMBDA", "HookTargetArn": "arn:aws:lambda:us-west-2:1:function:check", "LifecycleStages": ["PRE_SCALE_UP"]}
    ]}"#;
    change(&client, "UpdateStack", "web:2", paused).await;
    let mut now = deployment(&client).await;
    while now["lifecycleHookDetails"]
        .as_array()
        .unwrap()
        .iter()
        .all(|hook| hook["status"] != "AWAITING_ACTION")
    {
        now = deployment(&client).await;
    }
    for _ in 0..10 {
        now = deployment(&client).await;
    }
    assert_eq!(now["lifecycleStage"], "POST_TEST_TRAFFIC_SHIFT");
    let weights = |revision: &Value| {
        (revision["requestedTestTrafficWeight"].clone(), revision["requestedProductionTrafficWeight"].clone())
    };
    assert_eq!(weights(&now["targetServiceRevision"]), (json!(100.0), json!(0.0)));
    assert_eq!(weights(&now["sourceServiceRevisions"][0]), (json!(0.0), json!(100.0)));
    assert_eq!(now["lifecycleHookDetails"][0]["status"], "SUCCEEDED");
    let service =
        ecs(&client, "DescribeServices", json!({"cluster": "shop", "services": ["web"]})).await["services"]
            [0]
        .clone();
    assert_eq!((&service["runningCount"], service["deployments"].as_array().unwrap().len()), (&json!(4), 2));
    let hook = now["lifecycleHookDetails"][1]["hookId"].clone();
    let go_on = json!({"serviceDeploymentArn": now["serviceDeploymentArn"], "hookId": hook});
    ecs(&client, "ContinueServiceDeployment", go_on.clone()).await;
    let (status, refused) = client.json("ecs", "ContinueServiceDeployment", &go_on).await;
    assert_eq!((status, &refused["__type"]), (400, &json!("ConflictException")));
    let seen = watch(&client).await;
    assert!(seen.contains(&"IN_PROGRESS BAKE_TIME 100.0%".to_owned()), "{seen:?}");
    assert_eq!(seen.last().unwrap(), "UPDATE_COMPLETE");
    assert_eq!(forwarded(&aws, &client).await, [("Green", "100".to_owned()), ("Blue", "0".to_owned())]);
    // The tasks behind the group that has no traffic are gone; the next deployment goes back to it.
    let (blue, green) = (output(&aws, "Blue"), output(&aws, "Green"));
    let healthy = async |group: &str| {
        let health =
            client.query("elasticloadbalancing", "DescribeTargetHealth", &[("TargetGroupArn", group)]).await;
        health.all("State").len()
    };
    assert_eq!((healthy(&blue).await, healthy(&green).await), (0, 2));
    change(&client, "UpdateStack", "web:3", r#"{"Strategy": "BLUE_GREEN"}"#).await;
    assert_eq!(client.settle("web").await, "UPDATE_COMPLETE");
    assert_eq!((healthy(&blue).await, healthy(&green).await), (2, 0));
}

#[tokio::test]
async fn a_pause_is_answered_with_a_way_back_or_runs_out() {
    let (aws, client) = start().await;
    change(&client, "CreateStack", "web:1", ROLLING).await;
    assert_eq!(client.settle("web").await, "CREATE_COMPLETE");
    let paused = |minutes: i64| {
        format!(
            r#"{{"Strategy": "BLUE_GREEN", "LifecycleHooks": [{{"TargetType": "PAUSE", "LifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"], "TimeoutConfiguration": {{"TimeoutInMinutes": {minutes}}}}}]}}"#
        )
    };
    change(&client, "UpdateStack", "web:2", &paused(60)).await;
    let mut now = deployment(&client).await;
    while now["lifecycleHookDetails"][0]["status"] != "AWAITING_ACTION" {
        now = deployment(&client).await;
    }
    let hook = now["lifecycleHookDetails"][0]["hookId"].clone();
    let back =
        json!({"serviceDeploymentArn": now["serviceDeploymentArn"], "hookId": hook, "action": "ROLLBACK"});
    ecs(&client, "ContinueServiceDeployment", back).await;
    assert_eq!(client.settle("web").await, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(deployment(&client).await["status"], "ROLLBACK_SUCCESSFUL");
    change(&client, "UpdateStack", "web:2", &paused(2)).await;
    assert_eq!(client.settle("web").await, "UPDATE_ROLLBACK_COMPLETE");
    let listed = ecs(
        &client,
        "ListServiceDeployments",
        json!({"cluster": "shop", "service": "web", "status": ["ROLLBACK_SUCCESSFUL"]}),
    )
    .await;
    let reason = listed["serviceDeployments"][0]["statusReason"].as_str().unwrap();
    assert!(
        reason.ends_with("because a lifecycle hook timed out in stage POST_TEST_TRAFFIC_SHIFT."),
        "{reason}"
    );
    aws.with_state(|state| state.region(ACCOUNT, REGION).script_hook("function:check", "FAILED"));
    let checked = r#"{"Strategy": "BLUE_GREEN", "LifecycleHooks": [{"TargetType": "AWS_LAMBDA", "HookTargetArn": "arn:aws:lambda:us-west-2:1:function:check", "LifecycleStages": ["POST_SCALE_UP"]}]}"#;
    change(&client, "UpdateStack", "web:2", checked).await;
    assert_eq!(client.settle("web").await, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(forwarded(&aws, &client).await[0].1, "100");
}

#[tokio::test]
async fn traffic_is_shifted_in_steps_and_a_canary_is_taken_back_by_an_alarm() {
    let (aws, client) = start().await;
    let linear =
        r#"{"Strategy": "LINEAR", "LinearConfiguration": {"StepPercent": 40, "StepBakeTimeInMinutes": 1}}"#;
    change(&client, "CreateStack", "web:1", linear).await;
    assert_eq!(client.settle("web").await, "CREATE_COMPLETE");
    change(&client, "UpdateStack", "web:2", linear).await;
    let seen = watch(&client).await;
    let shifts = seen.iter().filter_map(|line| line.split(" PRODUCTION_TRAFFIC_SHIFT ").nth(1));
    // Nobody may have looked before the first shift.
    let shifts: Vec<&str> = shifts.filter(|share| *share != "0.0%").collect();
    assert_eq!(shifts, ["40.0%", "80.0%"], "{seen:?}");
    let canary = r#"{"Strategy": "CANARY", "CanaryConfiguration": {"CanaryPercent": 5, "CanaryBakeTimeInMinutes": 4},
        "Alarms": {"AlarmNames": ["errors"], "Enable": true, "Rollback": true}}"#;
    change(&client, "UpdateStack", "web:3", canary).await;
    let mut now = deployment(&client).await;
    while now["targetServiceRevision"]["requestedProductionTrafficWeight"] != json!(5.0) {
        now = deployment(&client).await;
    }
    assert_eq!(
        forwarded(&aws, &client).await.into_iter().map(|(_, weight)| weight).collect::<Vec<_>>(),
        ["5", "95"]
    );
    aws.with_state(|state| state.region(ACCOUNT, REGION).set_alarm("errors", "ALARM"));
    assert_eq!(client.settle("web").await, "UPDATE_ROLLBACK_COMPLETE");
    let done = deployment(&client).await;
    assert_eq!(
        (&done["status"], &done["alarms"]["status"]),
        (&json!("ROLLBACK_SUCCESSFUL"), &json!("TRIGGERED"))
    );
    assert_eq!(done["sourceServiceRevisions"][0]["requestedProductionTrafficWeight"], json!(100.0));
    let service =
        ecs(&client, "DescribeServices", json!({"cluster": "shop", "services": ["web"]})).await["services"]
            [0]
        .clone();
    assert_eq!((&service["runningCount"], service["deployments"].as_array().unwrap().len()), (&json!(2), 1));
}

#[tokio::test]
async fn a_green_version_that_crashes_never_gets_traffic() {
    let (aws, client) = start().await;
    let breaker = r#"{"Strategy": "BLUE_GREEN", "DeploymentCircuitBreaker": {"Enable": true, "Rollback": true, "ThresholdConfiguration": {"Type": "COUNT", "Value": 2}}}"#;
    change(&client, "CreateStack", "web:1", breaker).await;
    assert_eq!(client.settle("web").await, "CREATE_COMPLETE");
    let script = TaskScript { image: Some("web:2".into()), exit_code: Some(1), ..TaskScript::default() };
    aws.with_state(|state| state.region(ACCOUNT, REGION).script_task(script));
    change(&client, "UpdateStack", "web:2", breaker).await;
    let seen = watch(&client).await;
    let mut own = seen.iter().filter(|line| line.contains("_PROGRESS ") || line.starts_with("ROLLBACK"));
    assert!(own.all(|line| line.ends_with(" 0.0%")), "{seen:?}");
    assert_eq!(seen.last().unwrap(), "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(
        deployment(&client).await["deploymentCircuitBreaker"],
        json!({"status": "TRIGGERED", "failureCount": 2, "threshold": 2})
    );
}

#[tokio::test]
async fn a_strategy_needs_what_its_load_balancers_lack() {
    let (_aws, client) = start().await;
    let plain = TEMPLATE
        .replace("CONFIGURATION", ROLLING)
        .replace("\"AdvancedConfiguration\"", "\"X\"")
        .replace("{\"Ref\": \"Rule\"}, \"RoleArn\": \"arn:aws:iam::1:role/r\"", "\"r\"");
    // Without the key, since nothing here is called `X`.
    let start = plain.find(", \"ContainerPort\": 8080,\n            \"X\"").unwrap();
    let end = plain[start..].find("}]").unwrap() + start;
    let plain = format!("{}, \"ContainerPort\": 8080{}", &plain[..start], &plain[end..]);
    let fields = |template: &str, action: &str| {
        (
            action.to_owned(),
            vec![
                ("StackName".to_owned(), "web".to_owned()),
                ("TemplateBody".to_owned(), template.to_owned()),
                ("Parameters.member.1.ParameterKey".to_owned(), "Image".to_owned()),
                ("Parameters.member.1.ParameterValue".to_owned(), "web:1".to_owned()),
            ],
        )
    };
    for (template, action, status) in [
        (plain.clone(), "CreateStack", "CREATE_COMPLETE"),
        (
            TEMPLATE.replace("CONFIGURATION", r#"{"Strategy": "BLUE_GREEN"}"#),
            "UpdateStack",
            "UPDATE_ROLLBACK_COMPLETE",
        ),
        (TEMPLATE.replace("CONFIGURATION", ROLLING), "UpdateStack", "UPDATE_COMPLETE"),
        (
            TEMPLATE.replace("CONFIGURATION", r#"{"Strategy": "BLUE_GREEN"}"#),
            "UpdateStack",
            "UPDATE_COMPLETE",
        ),
    ] {
        let (action, fields) = fields(&template, action);
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let answer = client.cfn(&action, &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(client.settle("web").await, status, "{}", client.events("web").await);
    }
}
