//! Jobs: executions of state machines that run a task. And what reads the logs, App Runner, parameters and secrets.

use copilot_local_aws::TaskScript;
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Client, REGION, ask, start};

const TEMPLATE: &str = r#"{"Resources": {
    "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "shop"}},
    "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/copilot/nightly", "RetentionInDays": 30}},
    "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {
        "Family": "nightly", "ContainerDefinitions": [{"Name": "nightly", "Image": "nightly:1", "LogConfiguration": {
            "LogDriver": "awslogs", "Options": {"awslogs-group": {"Ref": "Logs"}, "awslogs-stream-prefix": "copilot"}
        }}]
    }},
    "Runner": {"Type": "AWS::AppRunner::Service", "Properties": {"ServiceName": "front"}},
    "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {
        "StateMachineName": "nightly", "RoleArn": "r",
        "LoggingConfiguration": {"Level": "ALL", "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Logs", "Arn"]}}}]},
        "DefinitionSubstitutions": {"Cluster": {"Ref": "Cluster"}, "TaskDefinition": {"Ref": "Task"}},
        "DefinitionString": "{\"StartAt\": \"Run\", \"TimeoutSeconds\": 3600, \"States\": {\"Run\": {\"Type\": \"Task\", \"Parameters\": {\"Cluster\": \"${Cluster}\", \"TaskDefinition\": \"${TaskDefinition}\", \"Group.$\": \"$$.Execution.Name\"}, \"Retry\": [{\"IntervalSeconds\": 10, \"MaxAttempts\": 1}], \"End\": true}}}"
    }}
}, "Outputs": {"Machine": {"Value": {"Ref": "Machine"}}, "Runner": {"Value": {"Ref": "Runner"}}}}"#;

async fn deployed() -> (copilot_local_aws::LocalAws, Client) {
    let (aws, client) = start().await;
    client.cfn("CreateStack", &[("StackName", "jobs"), ("TemplateBody", TEMPLATE)]).await;
    assert_eq!(client.settle("jobs").await, "CREATE_COMPLETE");
    (aws, client)
}

#[tokio::test]
async fn an_execution_runs_the_task_of_its_job() {
    let (aws, client) = deployed().await;
    let machine =
        aws.with_state(|state| state.region(ACCOUNT, REGION).stack("jobs")).unwrap().outputs["Machine"]
            .clone();
    let run = async |name: &str| {
        let started =
            ask(&client, "states", "StartExecution", json!({"stateMachineArn": machine, "name": name})).await;
        let asked = json!({"executionArn": started["executionArn"]});
        for _ in 0..60 {
            let now = ask(&client, "states", "DescribeExecution", asked.clone()).await;
            if now["status"] != "RUNNING" {
                return now;
            }
        }
        panic!("{name} never ends");
    };
    let well = run("one").await;
    assert_eq!(well["status"], "SUCCEEDED");
    let history =
        ask(&client, "states", "GetExecutionHistory", json!({"executionArn": well["executionArn"]})).await;
    let kinds: Vec<&str> =
        history["events"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "ExecutionStarted",
            "TaskStateEntered",
            "TaskScheduled",
            "TaskStarted",
            "TaskSubmitted",
            "TaskSucceeded",
            "TaskStateExited",
            "ExecutionSucceeded"
        ]
    );
    let script = TaskScript {
        family: Some("nightly".into()),
        exit_code: Some(4),
        lines: vec!["no disk".into()],
        ..TaskScript::default()
    };
    aws.with_state(|state| state.region(ACCOUNT, REGION).script_task(script));
    let ill = run("two").await;
    assert_eq!((&ill["status"], &ill["error"]), (&json!("FAILED"), &json!("States.TaskFailed")));
    assert!(ill["cause"].as_str().unwrap().contains("\"ExitCode\":4"), "{ill}");
    let listed = ask(&client, "states", "ListExecutions", json!({"stateMachineArn": machine})).await;
    let names: Vec<&Value> =
        listed["executions"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["two", "one"]);
    // It was tried twice; tasks and machine write to the same group.
    let stopped = ask(
        &client,
        "ecs",
        "ListTasks",
        json!({"cluster": "shop", "family": "nightly", "desiredStatus": "STOPPED"}),
    )
    .await;
    assert_eq!(stopped["taskArns"].as_array().unwrap().len(), 3);
    let group = json!({"logGroupName": "/copilot/nightly", "orderBy": "LastEventTime", "descending": true, "limit": 2});
    let page = ask(&client, "logs", "DescribeLogStreams", group.clone()).await;
    assert_eq!(page["logStreams"].as_array().unwrap().len(), 2);
    assert!(
        page["logStreams"][0]["logStreamName"].as_str().unwrap().starts_with("states/nightly/"),
        "{page}"
    );
    let mut next = group;
    next["nextToken"] = page["nextToken"].clone();
    assert!(
        !ask(&client, "logs", "DescribeLogStreams", next).await["logStreams"].as_array().unwrap().is_empty()
    );
    let asked = json!({"logGroupName": "/copilot/nightly", "logStreamNamePrefix": "copilot/nightly/", "filterPattern": "\"no disk\"", "limit": 1});
    let found = ask(&client, "logs", "FilterLogEvents", asked.clone()).await;
    assert_eq!(
        (&found["events"][0]["message"], found["events"].as_array().unwrap().len()),
        (&json!("no disk"), 1)
    );
    let mut rest = asked;
    rest["nextToken"] = found["nextToken"].clone();
    let rest = ask(&client, "logs", "FilterLogEvents", rest).await;
    assert_ne!(rest["events"][0]["eventId"], found["events"][0]["eventId"]);
    assert_eq!(rest["nextToken"], Value::Null);
    let groups = ask(&client, "logs", "DescribeLogGroups", json!({"logGroupNamePrefix": "/copilot/"})).await;
    assert_eq!(groups["logGroups"][0]["retentionInDays"], 30);
}

#[tokio::test]
async fn a_service_of_app_runner_is_paused_and_resumed() {
    let (aws, client) = deployed().await;
    let arn = aws.with_state(|state| state.region(ACCOUNT, REGION).stack("jobs")).unwrap().outputs["Runner"]
        .clone();
    let asked = json!({"ServiceArn": arn});
    let settle = async |id: &Value| {
        for _ in 0..20 {
            let found =
                ask(&client, "apprunner", "ListOperations", asked.clone()).await["OperationSummaryList"]
                    .clone();
            assert_eq!(&found[0]["Id"], id);
            if found[0]["Status"] == "SUCCEEDED" {
                return ask(&client, "apprunner", "DescribeService", asked.clone()).await["Service"]["Status"].clone();
            }
        }
        panic!("it never ends");
    };
    let paused = ask(&client, "apprunner", "PauseService", asked.clone()).await;
    assert_eq!(paused["Service"]["Status"], "OPERATION_IN_PROGRESS");
    assert_eq!(settle(&paused["OperationId"]).await, "PAUSED");
    let (status, refused) = client.json("apprunner", "PauseService", &asked).await;
    assert_eq!((status, &refused["__type"]), (400, &json!("InvalidStateException")));
    let resumed = ask(&client, "apprunner", "ResumeService", asked.clone()).await;
    assert_eq!(settle(&resumed["OperationId"]).await, "RUNNING");
    let again = ask(&client, "apprunner", "StartDeployment", asked.clone()).await;
    assert_eq!(settle(&again["OperationId"]).await, "RUNNING");
    let id = arn.rsplit('/').next().unwrap();
    let group = json!({"logGroupName": format!("/aws/apprunner/front/{id}/application")});
    let said = ask(&client, "logs", "FilterLogEvents", group).await;
    assert!(said["events"][0]["message"].as_str().unwrap().contains("is not run"), "{said}");
}

#[tokio::test]
async fn parameters_and_secrets_are_listed_by_their_tags() {
    let (_aws, client) = start().await;
    let tags = json!([{"Key": "copilot-environment", "Value": "test"}]);
    let put = json!({"Name": "/copilot/shop/test/secrets/token", "Value": "s3cr3t", "Type": "SecureString", "Tags": tags});
    assert_eq!(ask(&client, "ssm", "PutParameter", put.clone()).await["Version"], 1);
    assert_eq!(client.json("ssm", "PutParameter", &put).await.1["__type"], "ParameterAlreadyExists");
    let over = json!({"Name": "/copilot/shop/test/secrets/token", "Value": "new", "Type": "SecureString", "Overwrite": true});
    assert_eq!(ask(&client, "ssm", "PutParameter", over).await["Version"], 2);
    let big = json!({"Name": "/big", "Value": "x".repeat(5000), "Type": "String"});
    assert_eq!(client.json("ssm", "PutParameter", &big).await.1["__type"], "ValidationException");
    for (filter, count) in [
        (json!({"Key": "tag:copilot-environment", "Values": ["test"]}), 1),
        (json!({"Key": "tag:copilot-environment", "Values": ["prod"]}), 0),
        (json!({"Key": "Path", "Option": "Recursive", "Values": ["/copilot/shop/"]}), 1),
        (json!({"Key": "Path", "Option": "OneLevel", "Values": ["/copilot/shop/"]}), 0),
        (json!({"Key": "Type", "Values": ["SecureString"]}), 1),
    ] {
        let found = ask(&client, "ssm", "DescribeParameters", json!({"ParameterFilters": [filter]})).await;
        assert_eq!(found["Parameters"].as_array().unwrap().len(), count, "{filter}");
        assert!(!found.to_string().contains("new\""), "{found}");
    }
    let made = json!({"Name": "token", "SecretString": "s3cr3t", "Tags": tags});
    ask(&client, "secretsmanager", "CreateSecret", made).await;
    for (key, count) in [("copilot-environment", 1), ("other", 0)] {
        let filters = json!({"Filters": [{"Key": "tag-key", "Values": [key]}]});
        let found = ask(&client, "secretsmanager", "ListSecrets", filters).await;
        assert_eq!(found["SecretList"].as_array().unwrap().len(), count);
    }
}
