//! Builds that make files, and deployments of what they made.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use copilot_local_aws::{Builder, Built, LocalAws, Options};
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Client, REGION, options};

const TEMPLATE: &str = "Parameters: {Size: {Type: String}}
Resources:
  Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Ref Size}}
Outputs: {Name: {Value: !GetAtt Q.QueueName}}
";

const LOCATION: &[u8] = b"<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>";

/// A pipeline that builds and deploys; its builds make `template` with another parameter each time; they fail without a template.
async fn arrange(template: &'static str) -> (LocalAws, Client) {
    let builds = Arc::new(AtomicUsize::new(0));
    let builder = Builder::new(move |job| {
        assert_eq!((job.project, job.source), ("build", &json!({"from": "here"})));
        assert_eq!(job.variables, BTreeMap::from([("APP".to_owned(), "shop".to_owned())]));
        let count = builds.fetch_add(1, Ordering::Relaxed);
        let parameters =
            format!("{{\"Parameters\": {{\"Size\": \"size-{count}\"}}, \"Tags\": {{\"copilot-x\": \"y\"}}}}");
        let files = [("api.stack.yml", template), ("api.params.json", &parameters)];
        let files = files.map(|(name, text)| (format!("infrastructure/{name}"), text.as_bytes().to_vec()));
        Built {
            lines: vec!["built".into()],
            files: files.into(),
            objects: [(("uploads".to_owned(), "f.zip".to_owned()), b"code".to_vec())].into(),
            failure: template.is_empty().then(|| "nothing to render".into()),
        }
    });
    let aws = LocalAws::start(Options { builder: Some(builder), ..options() }).await.unwrap();
    let client = Client::new(aws.endpoint());
    client.s3("PUT", "/uploads", "", LOCATION).await;
    let role = aws.with_state(|state| state.add_role(ACCOUNT, "pipeline", ACCOUNT));
    aws.with_state(|state| state.region(ACCOUNT, REGION).build_from("build", json!({"from": "here"})));
    let project = json!({
        "name": "build", "source": {"type": "CODEPIPELINE", "buildspec": "b.yml"}, "artifacts": {"type": "CODEPIPELINE"},
        "environment": {
            "type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [{"name": "APP", "value": "shop"}],
        },
        "serviceRole": role,
    });
    assert_eq!(client.json("codebuild", "CreateProject", &project).await.0, 200);
    let action = |name: &str, kind: [&str; 2], configuration: Value, input: Value, output: Value| {
        json!({
            "name": name, "configuration": configuration, "inputArtifacts": input, "outputArtifacts": output,
            "actionTypeId": {"category": kind[0], "owner": "AWS", "provider": kind[1], "version": "1"},
        })
    };
    let deploy = json!({
        "ActionMode": "CREATE_UPDATE", "StackName": "shop-test-api", "Capabilities": "CAPABILITY_IAM,CAPABILITY_NAMED_IAM",
        "TemplatePath": "O::infrastructure/api.stack.yml", "TemplateConfiguration": "O::infrastructure/api.params.json",
        "RoleArn": role,
    });
    let definition = json!({
        "name": "p", "roleArn": role, "artifactStore": {"type": "S3", "location": "b"},
        "stages": [
            {"name": "Source", "actions": [action("S", ["Source", "CodeCommit"], json!({"RepositoryName": "r"}), json!([]), json!([{"name": "I"}]))]},
            {"name": "Build", "actions": [action("B", ["Build", "CodeBuild"], json!({"ProjectName": "build"}), json!([{"name": "I"}]), json!([{"name": "O"}]))]},
            {"name": "Deploy", "actions": [action("D", ["Deploy", "CloudFormation"], deploy, json!([{"name": "O"}]), json!([]))]},
        ],
    });
    let (status, body) =
        client.json("codepipeline", "CreatePipeline", &json!({"pipeline": definition})).await;
    assert_eq!(status, 200, "{body}");
    (aws, client)
}

/// Lets the newest execution come to its end; its status.
fn settle(aws: &LocalAws) -> String {
    for _ in 0..500 {
        if !aws.tick() {
            break;
        }
    }
    aws.with_state(|state| state.region(ACCOUNT, REGION).executions("p").pop().unwrap().1)
}

#[tokio::test]
async fn what_was_built_is_deployed_with_its_parameters_and_updated() {
    let (aws, client) = arrange(TEMPLATE).await;
    assert_eq!(settle(&aws), "Succeeded");
    let stack = |aws: &LocalAws| {
        aws.with_state(|state| state.region(ACCOUNT, REGION).stack("shop-test-api").unwrap())
    };
    let first = stack(&aws);
    assert_eq!((first.status.as_str(), first.outputs["Name"].as_str()), ("CREATE_COMPLETE", "size-0"));
    assert_eq!(first.tags["copilot-x"], "y");
    assert_eq!(aws.object("uploads", "f.zip").as_deref(), Some(&b"code"[..]));

    client.json("codepipeline", "StartPipelineExecution", &json!({"name": "p"})).await;
    assert_eq!(settle(&aws), "Succeeded");
    let second = stack(&aws);
    assert_eq!((second.id, second.outputs["Name"].as_str()), (first.id, "size-1"));
}

#[tokio::test]
async fn a_stack_that_cannot_be_created_fails_its_action_with_the_reason() {
    let (aws, client) = arrange("Parameters: {Size: {Type: String}}\nResources: {Q: {Type: 'AWS::SSM::Parameter', Properties: {Type: String, Name: ''}}}").await;
    assert_eq!(settle(&aws), "Failed");
    let (_, state) = client.json("codepipeline", "GetPipelineState", &json!({"name": "p"})).await;
    let run = &state["stageStates"][2]["actionStates"][0]["latestExecution"];
    assert_eq!(run["status"], "Failed");
    insta::assert_snapshot!(run["errorDetails"]["message"].as_str().unwrap());
}

#[tokio::test]
async fn a_build_that_fails_says_why_and_nothing_is_deployed() {
    let (aws, client) = arrange("").await;
    assert_eq!(settle(&aws), "Failed");
    let (_, state) = client.json("codepipeline", "GetPipelineState", &json!({"name": "p"})).await;
    let run = &state["stageStates"][1]["actionStates"][0]["latestExecution"];
    assert!(run["errorDetails"]["message"].as_str().unwrap().contains("Message: nothing to render"), "{run}");
    aws.with_state(|state| assert!(state.region(ACCOUNT, REGION).stack("shop-test-api").is_none()));
}
