//! Functions behind custom resources: run in Node.js, or what they do done without running them.

use camino::Utf8PathBuf;
use copilot_local_aws::{LocalAws, Options};

use crate::client::{ACCOUNT, Client, REGION, options};

/// A function that answers with what it was asked, and when, after it has waited and asked AWS for its own stack.
const CODE: &str = r"
const http = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');
const { CloudFormationClient, DescribeStacksCommand } = require('@aws-sdk/client-cloudformation');
exports.handler = async (event, context) => {
  console.log(event.RequestType, 'of', event.ResourceProperties.Aliases);
  const began = Date.now();
  await sleep(Number(event.ResourceProperties.AdditionalStrings[0]) * 1000);
  const asked = new DescribeStacksCommand({ StackName: event.StackId });
  const { Stacks } = await new CloudFormationClient({}).send(asked);
  const said = event.ResourceProperties.Aliases;
  const seconds = (Date.now() - began) / 1000;
  const whole = [said, event.RequestType, seconds, Stacks[0].StackStatus, Stacks[0].CreationTime instanceof Date];
  const answer = {
    Status: said === 'fail' && event.RequestType === 'Create' ? 'FAILED' : 'SUCCESS', Reason: `it is asked to ${said}`,
    PhysicalResourceId: event.PhysicalResourceId ?? 'made', Data: { UniqueValues: whole.map(String) },
  };
  if (said === 'throw') {
    throw new TypeError('thrown');
  }
  if (said === 'silent') {
    return;
  }
  await new Promise((resolve) => {
    const request = http.request(event.ResponseURL, { method: 'PUT' }, (response) => response.resume().on('end', resolve));
    request.end(JSON.stringify(answer));
  });
};
";

fn template(says: &str, seconds: &str) -> String {
    let code = CODE.replace('\n', "\n          ");
    format!(
        r#"
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs20.x
      Handler: index.handler
      Timeout: 60
      Role: arn:aws:iam::123456789012:role/f
      Code:
        ZipFile: |
          {code}
  Distinct:
    Type: Custom::UniqueJSONValuesFunction
    Properties: {{ServiceToken: !GetAtt Function.Arn, Aliases: {says}, AdditionalStrings: ["{seconds}"]}}
Outputs:
  Values: {{Value: !Join [" ", !GetAtt Distinct.UniqueValues]}}
"#
    )
}

/// Node.js of this machine; without it, what the test would have checked is said to be unchecked.
fn node() -> Option<Utf8PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut programs = std::env::split_paths(&folders).map(|folder| folder.join("node"));
    let found =
        programs.find(|program| program.is_file()).and_then(|path| Utf8PathBuf::from_path_buf(path).ok());
    if found.is_none() {
        let required = std::env::var_os("COPILOT_REQUIRE_ALL").is_some();
        assert!(!required, "everything is required, but Node.js is not installed");
        let line = "NOT RUN: node is not installed, so functions of custom resources are unchecked\n";
        std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).unwrap();
    }
    found
}

async fn start(node: Option<Utf8PathBuf>) -> (LocalAws, Client) {
    let aws = LocalAws::start(Options { node, ..options() }).await.unwrap();
    let client = Client::new(aws.endpoint());
    (aws, client)
}

async fn create(client: &Client, name: &str, says: &str, seconds: &str) -> (String, String) {
    let text = template(says, seconds);
    let answer = client.cfn("CreateStack", &[("StackName", name), ("TemplateBody", &text)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    (client.settle(name).await, client.events(name).await)
}

fn values(aws: &LocalAws, name: &str) -> String {
    aws.with_state(|state| state.region(ACCOUNT, REGION).stack(name).unwrap().outputs["Values"].clone())
}

#[tokio::test]
async fn a_function_runs_and_its_answer_counts() {
    let Some(node) = node() else { return };
    let (aws, client) = start(Some(node)).await;
    let (status, events) = create(&client, "one", "first", "20").await;
    assert_eq!(status, "CREATE_COMPLETE", "{events}");
    assert_eq!(values(&aws, "one"), "first Create 20 CREATE_IN_PROGRESS true");
    assert!(events.contains("Distinct CREATE_COMPLETE: its function ran in Node.js v"), "{events}");
    aws.with_state(|state| {
        let stack = state.region(ACCOUNT, REGION).stack("one").unwrap();
        assert_eq!(stack.resources["Distinct"].1.as_deref(), Some("made"));
    });
    let groups = aws.with_state(|state| {
        state.region(ACCOUNT, REGION).stack("one").unwrap().resources["Function"].1.clone().unwrap()
    });
    let group = serde_json::json!({"logGroupName": format!("/aws/lambda/{groups}")});
    let (_, logged) = client.json("logs", "FilterLogEvents", &group).await;
    assert_eq!(logged["events"][0]["message"], "Create of first", "{logged}");

    let text = template("second", "5");
    client.cfn("UpdateStack", &[("StackName", "one"), ("TemplateBody", &text)]).await;
    assert_eq!(client.settle("one").await, "UPDATE_COMPLETE", "{}", client.events("one").await);
    assert_eq!(values(&aws, "one"), "second Update 5 UPDATE_IN_PROGRESS true");
    client.cfn("DeleteStack", &[("StackName", "one")]).await;
    client.settle("one").await;
    let (_, logged) = client.json("logs", "FilterLogEvents", &group).await;
    assert!(logged.to_string().contains("Delete of second"), "{logged}");
}

#[tokio::test]
async fn a_function_that_refuses_or_does_not_answer_fails_its_resource() {
    let Some(node) = node() else { return };
    let (aws, client) = start(Some(node)).await;
    for (says, seconds, why) in [
        ("fail", "0", "Message returned: it is asked to fail"),
        ("throw", "0", "TypeError: thrown"),
        ("silent", "0", "the function ended without an answer"),
        ("late", "90", "the function did not answer before its time was over"),
    ] {
        let (status, events) = create(&client, says, says, seconds).await;
        assert_eq!(status, "ROLLBACK_COMPLETE", "{says}: {events}");
        assert!(events.contains(why), "{says}: {events}");
    }
    // What a function had made when it failed, it is asked to remove.
    let events = client.events("fail").await;
    assert!(events.contains("Distinct DELETE_COMPLETE"), "{events}");
    assert!(!client.events("silent").await.contains("Distinct DELETE_COMPLETE"));
    drop(aws);
}

#[tokio::test]
async fn without_node_what_functions_do_is_done() {
    for (node, why) in [
        (None, "its function was not run (without Node.js)"),
        (Some("/nowhere/node"), "its function was not run (/nowhere/node can't run it: "),
        (Some("/bin/true"), "its function was not run (/bin/true can't run it: it ends at once)"),
    ] {
        let (aws, client) = start(node.map(Utf8PathBuf::from)).await;
        let (status, events) = create(&client, "one", "\"\"", "x.example.com").await;
        assert_eq!(status, "CREATE_COMPLETE", "{events}");
        assert_eq!(values(&aws, "one"), "x.example.com");
        assert!(events.contains(why), "{events}");
    }
}
