//! Pipelines: executions that go through their stages, wait, fail and are retried.

use copilot_local_aws::{BuildScript, LocalAws};
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Client, REGION, start};

/// Source with a connection, a build, and a stage with an approval before a deployment.
async fn arrange(aws: &LocalAws, client: &Client) {
    let role = aws.with_state(|state| state.add_role(ACCOUNT, "pipeline", ACCOUNT));
    let (_, connection) = client
        .json(
            "codestar-connections",
            "CreateConnection",
            &json!({"ProviderType": "GitHub", "ConnectionName": "gh"}),
        )
        .await;
    let project = json!({
        "name": "build", "source": {"type": "CODEPIPELINE"}, "artifacts": {"type": "CODEPIPELINE"},
        "environment": {"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"},
        "serviceRole": role,
    });
    assert_eq!(client.json("codebuild", "CreateProject", &project).await.0, 200);
    let action = |name: &str, category: &str, provider: &str, order: i64, configuration: Value| {
        json!({
            "name": name, "runOrder": order, "configuration": configuration,
            "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"},
        })
    };
    let mut source = action(
        "Source",
        "Source",
        "CodeStarSourceConnection",
        1,
        json!({"ConnectionArn": connection["ConnectionArn"], "FullRepositoryId": "o/r"}),
    );
    source["outputArtifacts"] = json!([{"name": "S"}]);
    let mut build = action("Build", "Build", "CodeBuild", 1, json!({"ProjectName": "build"}));
    build["inputArtifacts"] = json!([{"name": "S"}]);
    let definition = json!({
        "name": "p", "roleArn": role, "artifactStore": {"type": "S3", "location": "b"},
        "stages": [
            {"name": "Source", "actions": [source]},
            {"name": "Build", "actions": [build]},
            {"name": "DeployTo-test", "actions": [
                action("Approve", "Approval", "Manual", 1, json!({})),
                action("Deploy", "Deploy", "CloudFormation", 2, json!({"StackName": "app-test-api"})),
            ]},
        ],
    });
    let (status, body) =
        client.json("codepipeline", "CreatePipeline", &json!({"pipeline": definition})).await;
    assert_eq!(status, 200, "{body}");
}

/// Asks until `done` likes the statuses of the latest execution's actions.
async fn until(client: &Client, done: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..200 {
        let (_, state) = client.json("codepipeline", "GetPipelineState", &json!({"name": "p"})).await;
        if done(&state) {
            return state;
        }
    }
    panic!("never");
}

fn status(answer: &Value, stage: usize, run: usize) -> &str {
    answer["stageStates"][stage]["actionStates"][run]["latestExecution"]["status"].as_str().unwrap_or("")
}

fn execution(aws: &LocalAws) -> (String, String) {
    aws.with_state(|state| state.region(ACCOUNT, REGION).executions("p").pop().unwrap())
}

async fn retry(client: &Client, aws: &LocalAws, stage: &str) -> (u16, Value) {
    let input = json!({
        "pipelineName": "p", "stageName": stage, "pipelineExecutionId": execution(aws).0, "retryMode": "FAILED_ACTIONS",
    });
    client.json("codepipeline", "RetryStageExecution", &input).await
}

#[tokio::test]
async fn from_a_pending_connection_to_the_deployment() {
    let (aws, client) = start().await;
    arrange(&aws, &client).await;
    let state = until(&client, |state| status(state, 0, 0) == "Failed").await;
    let error = &state["stageStates"][0]["actionStates"][0]["latestExecution"]["errorDetails"];
    assert!(error["message"].as_str().unwrap().contains("its status is PENDING"), "{error}");
    assert_eq!(execution(&aws).1, "Failed");

    aws.with_state(|state| assert_eq!(state.authorize_connection("gh"), 1));
    assert_eq!(retry(&client, &aws, "Source").await.0, 200);
    let state = until(&client, |state| status(state, 2, 0) == "InProgress").await;
    assert_eq!(status(&state, 1, 0), "Succeeded");
    assert_eq!(status(&state, 2, 1), "", "the deployment waits for the approval");
    let token = state["stageStates"][2]["actionStates"][0]["latestExecution"]["token"].as_str().unwrap();
    let mut approval = json!({
        "pipelineName": "p", "stageName": "DeployTo-test", "actionName": "Approve",
        "result": {"status": "Approved", "summary": "fine"}, "token": "wrong",
    });
    let (_, refused) = client.json("codepipeline", "PutApprovalResult", &approval).await;
    assert_eq!(refused["__type"], "InvalidApprovalTokenException");
    approval["token"] = json!(token);
    assert_eq!(client.json("codepipeline", "PutApprovalResult", &approval).await.0, 200);
    until(&client, |state| status(state, 2, 1) == "Succeeded").await;
    assert_eq!(execution(&aws).1, "Succeeded");
    assert_eq!(retry(&client, &aws, "Source").await.1["__type"], "StageNotRetryableException");
}

#[tokio::test]
async fn a_failed_build_leaves_its_log() {
    let (aws, client) = start().await;
    aws.with_state(|state| {
        let script = BuildScript {
            lines: vec!["error: no such manifest\n".into()],
            fails_in: Some("BUILD".into()),
            message: "Error while executing command: make".into(),
            times: Some(1),
        };
        state.region(ACCOUNT, REGION).script_build("build", script);
    });
    arrange(&aws, &client).await;
    aws.with_state(|state| assert_eq!(state.authorize_connection("gh"), 1));
    until(&client, |state| status(state, 0, 0) == "Failed" || status(state, 0, 0) == "Succeeded").await;
    if execution(&aws).1 == "Failed" {
        retry(&client, &aws, "Source").await;
    }
    let state = until(&client, |state| status(state, 1, 0) == "Failed").await;
    let run = &state["stageStates"][1]["actionStates"][0]["latestExecution"];
    assert!(run["errorDetails"]["message"].as_str().unwrap().contains("Error while executing command: make"));
    let id = run["externalExecutionId"].as_str().unwrap();
    let (_, builds) = client.json("codebuild", "BatchGetBuilds", &json!({"ids": [id]})).await;
    let build = &builds["builds"][0];
    assert_eq!(build["buildStatus"], "FAILED");
    let place = json!({
        "logGroupName": build["logs"]["groupName"], "logStreamName": build["logs"]["streamName"],
        "startFromHead": true,
    });
    let (_, log) = client.json("logs", "GetLogEvents", &place).await;
    assert!(log["events"].to_string().contains("error: no such manifest"), "{log}");
    assert_eq!(retry(&client, &aws, "Build").await.0, 200);
    until(&client, |state| status(state, 1, 0) == "Succeeded").await;
}

#[tokio::test]
async fn executions_can_be_stopped_and_overtake_one_another_only_while_they_wait() {
    let (aws, client) = start().await;
    arrange(&aws, &client).await;
    aws.with_state(|state| state.authorize_connection("gh"));
    let transition = json!({
        "pipelineName": "p", "stageName": "Build", "transitionType": "Inbound", "reason": "hold on",
    });
    client.json("codepipeline", "DisableStageTransition", &transition).await;
    for _ in 0..2 {
        client.json("codepipeline", "StartPipelineExecution", &json!({"name": "p"})).await;
        for _ in 0..10 {
            aws.tick();
        }
    }
    let statuses = |aws: &LocalAws| -> Vec<String> {
        aws.with_state(|state| {
            state.region(ACCOUNT, REGION).executions("p").into_iter().map(|(_, status)| status).collect()
        })
    };
    let before = statuses(&aws);
    assert_eq!(before[1..], ["Superseded", "InProgress"], "{before:?}");
    let (_, state) = client.json("codepipeline", "GetPipelineState", &json!({"name": "p"})).await;
    let inbound = &state["stageStates"][1]["inboundTransitionState"];
    assert_eq!(
        (inbound["enabled"].as_bool(), inbound["disabledReason"].as_str()),
        (Some(false), Some("hold on"))
    );
    let stop = json!({"pipelineName": "p", "pipelineExecutionId": execution(&aws).0, "abandon": true});
    assert_eq!(client.json("codepipeline", "StopPipelineExecution", &stop).await.0, 200);
    assert_eq!(execution(&aws).1, "Stopped");
    let again = client.json("codepipeline", "StopPipelineExecution", &stop).await;
    assert_eq!(again.1["__type"], "PipelineExecutionNotStoppableException");
}
