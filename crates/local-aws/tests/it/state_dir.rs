//! What is kept on disk.

use camino::Utf8PathBuf;
use copilot_local_aws::{Error, LocalAws, Options};
use serde_json::json;

use crate::client::{ACCOUNT, Client, REGION, options};

fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::from_path_buf(dir.path().join("state")).unwrap();
    (dir, path)
}

fn in_dir(dir: &Utf8PathBuf) -> Options {
    Options { state_dir: Some(dir.clone()), ..options() }
}

#[tokio::test]
async fn a_stack_under_way_goes_on_after_a_restart() {
    let (_keep, dir) = folder();
    let aws = LocalAws::start(in_dir(&dir)).await.unwrap();
    let client = Client::new(aws.endpoint());
    let template =
        "Resources: {A: {Type: 'AWS::SSM::Parameter', Properties: {Name: a, Type: String, Value: x}}}";
    client.cfn("CreateStack", &[("StackName", "s"), ("TemplateBody", template)]).await;
    aws.stop().await.unwrap();

    let aws = LocalAws::start(in_dir(&dir)).await.unwrap();
    aws.with_state(|state| {
        assert_eq!(state.region(ACCOUNT, REGION).stack("s").unwrap().status, "CREATE_IN_PROGRESS");
    });
    let client = Client::new(aws.endpoint());
    assert_eq!(client.settle("s").await, "CREATE_COMPLETE");
    assert_eq!(client.json("ssm", "GetParameter", &json!({"Name": "a"})).await.1["Parameter"]["Value"], "x");
}

#[tokio::test]
async fn objects_survive_and_only_one_process_has_the_folder() {
    let (_keep, dir) = folder();
    let aws = LocalAws::start(in_dir(&dir)).await.unwrap();
    let client = Client::new(aws.endpoint());
    let location = "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>";
    client.s3("PUT", "/bkt", "", location.as_bytes()).await;
    client.s3("PUT", "/bkt/k", "", b"content").await;
    let endpoint = aws.endpoint().to_owned();
    match LocalAws::start(in_dir(&dir)).await {
        Err(Error::InUse { endpoint: other, .. }) => assert_eq!(other, Some(endpoint)),
        other => panic!("{other:?}"),
    }
    aws.stop().await.unwrap();
    let aws = LocalAws::start(in_dir(&dir)).await.unwrap();
    assert_eq!(aws.object("bkt", "k").unwrap(), "content");
}

#[tokio::test]
async fn changes_are_saved_soon_without_being_asked_to() {
    let (_keep, dir) = folder();
    let aws = LocalAws::start(in_dir(&dir)).await.unwrap();
    let client = Client::new(aws.endpoint());
    client.json("ssm", "PutParameter", &json!({"Name": "a", "Value": "x", "Type": "String"})).await;
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    let saved = std::fs::read_to_string(dir.join("state.json")).unwrap();
    assert!(saved.contains("\"a\""), "{saved}");
}

#[tokio::test]
async fn a_state_that_cannot_be_read_is_not_overwritten() {
    let (_keep, dir) = folder();
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("state.json"), "{\"ids\": ").unwrap();
    let error = LocalAws::start(in_dir(&dir)).await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
    assert_eq!(std::fs::read_to_string(dir.join("state.json")).unwrap(), "{\"ids\": ");
}
