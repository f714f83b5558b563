use std::sync::atomic::{AtomicBool, Ordering};

use copilot_deployer::pipeline::{self, DeployedPipeline, End, Progress};
use copilot_deployer::stack::{self, Template};
use copilot_local_aws::LocalAws;
use serde_json::{Value, json};

use crate::stacks::change;
use crate::{ACCOUNT, PATIENCE, REGION, shop, start};

/// A pipeline that fetches its source and asks.
fn template(role: &str) -> Value {
    let kind = |category: &str, provider: &str| json!({"Category": category, "Owner": "AWS", "Provider": provider, "Version": "1"});
    let source = json!({
        "Name": "Fetch", "ActionTypeId": kind("Source", "CodeCommit"), "OutputArtifacts": [{"Name": "code"}],
        "Configuration": {"RepositoryName": "shop", "BranchName": "main"},
    });
    let approval = json!({"Name": "Ask", "ActionTypeId": kind("Approval", "Manual")});
    let properties = json!({
        "Name": "main", "RoleArn": role, "ArtifactStore": {"Type": "S3", "Location": "artifacts"},
        "Stages": [{"Name": "Source", "Actions": [source]}, {"Name": "Gate", "Actions": [approval]}],
    });
    json!({"Resources": {"Pipeline": {"Type": "AWS::CodePipeline::Pipeline", "Properties": properties}}})
}

/// Starts an execution and lets everything come to rest.
fn push(aws: &LocalAws, id: &str) {
    aws.with_state(|state| state.region(ACCOUNT, REGION).push_commit("main", id, "next", 0));
    for _ in 0..20 {
        aws.tick();
    }
}

/// Only the execution that was the newest when watching began is watched, also when another takes its place.
#[tokio::test]
async fn a_superseded_execution_has_ended() {
    let (aws, session) = start(&shop()).await;
    let role = aws.with_state(|state| state.add_role(ACCOUNT, "pipeline", ACCOUNT));
    let body = Template::Body(template(&role).to_string());
    let change = stack::ChangeSet { template: body, ..change("a", &[]) };
    stack::deploy(&stack::client(&session), &change, PATIENCE, &|_| {}).await.unwrap();
    let deployed = DeployedPipeline {
        name: "main".into(),
        resource_name: "main".into(),
        arn: format!("arn:aws:codepipeline:{REGION}:{ACCOUNT}:main"),
        legacy: false,
    };
    for _ in 0..20 {
        aws.tick();
    }
    let first = pipeline::status(&session, &deployed).await.unwrap();
    assert_eq!(first.progress(), Progress::Approval { stage: "Gate" });
    let first = first.execution.unwrap().id;
    aws.with_state(|state| state.region(ACCOUNT, REGION).push_commit("main", "watched", "next", 0));
    let told = AtomicBool::new(false);
    let tell = |_| {
        if !told.swap(true, Ordering::Relaxed) {
            push(&aws, "newest");
        }
    };
    let seen = pipeline::watch(&session, &deployed, PATIENCE, tell).await.unwrap();
    assert_eq!(seen.execution.as_ref().unwrap().id, "watched");
    assert_eq!(seen.progress(), Progress::Ended(End::Superseded));
    let now = pipeline::status(&session, &deployed).await.unwrap();
    assert_eq!(now.progress(), Progress::Behind { stage: "Gate", execution: &first });
}
