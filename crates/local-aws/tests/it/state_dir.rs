//! What is kept on disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use camino::Utf8PathBuf;
use copilot_local_aws::{Clock, Error, LocalAws, Options, Pace};
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
async fn objects_survive_and_two_with_one_folder_see_what_the_other_does() {
    let (_keep, dir) = folder();
    let aws = LocalAws::start(in_dir(&dir)).await.unwrap();
    let client = Client::new(aws.endpoint());
    let location = "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>";
    client.s3("PUT", "/bkt", "", location.as_bytes()).await;
    client.s3("PUT", "/bkt/k", "", b"content").await;

    let second = LocalAws::start(in_dir(&dir)).await.unwrap();
    let other = Client::new(second.endpoint());
    assert_eq!(other.s3("GET", "/bkt/k", "", b"").await.text(), "content");
    other.s3("PUT", "/bkt/k", "", b"changed").await;
    assert_eq!(client.s3("GET", "/bkt/k", "", b"").await.text(), "changed");
    aws.stop().await.unwrap();
    assert_eq!(second.object("bkt", "k").unwrap(), "changed");
}

#[tokio::test]
async fn what_was_answered_is_saved_even_if_the_process_is_killed() {
    let (_keep, dir) = folder();
    let aws = LocalAws::start(in_dir(&dir)).await.unwrap();
    let client = Client::new(aws.endpoint());
    client.json("ssm", "PutParameter", &json!({"Name": "a", "Value": "x", "Type": "String"})).await;
    // A killed process drops nothing and saves nothing more.
    std::mem::forget(aws);
    let aws = LocalAws::start(in_dir(&dir)).await.unwrap();
    let client = Client::new(aws.endpoint());
    assert_eq!(client.json("ssm", "GetParameter", &json!({"Name": "a"})).await.1["Parameter"]["Value"], "x");
}

#[tokio::test]
async fn time_passes_while_no_process_runs() {
    let (_keep, dir) = folder();
    let time = Arc::new(AtomicI64::new(1_795_474_321_000));
    let clock = {
        let time = Arc::clone(&time);
        Clock::new(move || time.load(Ordering::Relaxed))
    };
    let options = Options { pace: Pace::Every(Duration::from_millis(100)), clock, ..in_dir(&dir) };
    let aws = LocalAws::start(options.clone()).await.unwrap();
    let client = Client::new(aws.endpoint());
    let template =
        "Resources: {A: {Type: 'AWS::SSM::Parameter', Properties: {Name: a, Type: String, Value: x}}}";
    client.cfn("CreateStack", &[("StackName", "s"), ("TemplateBody", template)]).await;
    let status =
        |aws: &LocalAws| aws.with_state(|state| state.region(ACCOUNT, REGION).stack("s").unwrap().status);
    assert_eq!(status(&aws), "CREATE_IN_PROGRESS");
    aws.stop().await.unwrap();

    time.fetch_add(3_600_000, Ordering::Relaxed);
    let aws = LocalAws::start(options).await.unwrap();
    assert_eq!(status(&aws), "CREATE_COMPLETE");
    let events = Client::new(aws.endpoint()).cfn("DescribeStackEvents", &[("StackName", "s")]).await;
    let newest = events.xml("Timestamp");
    assert!(newest.starts_with("2026-11-23T22:52:0"), "it was done soon after the start, not now: {newest}");
}

#[tokio::test]
async fn what_cannot_be_saved_is_not_acknowledged() {
    let (_keep, dir) = folder();
    let aws = LocalAws::start(in_dir(&dir)).await.unwrap();
    let client = Client::new(aws.endpoint());
    let put = |name: &'static str| {
        let client = client.clone();
        async move {
            client.json("ssm", "PutParameter", &json!({"Name": name, "Value": "x", "Type": "String"})).await
        }
    };
    assert_eq!(put("a").await.0, 200);
    // No more room than a folder that is gone has.
    let aside = dir.with_file_name("aside");
    std::fs::rename(&dir, &aside).unwrap();
    let headers = format!("{}X-Amz-Target: Service.PutParameter\r\n", client.signature("ssm"));
    let input = json!({"Name": "b", "Value": "x", "Type": "String"}).to_string();
    let answer = client.raw("POST", "/", &headers, input.as_bytes()).await.unwrap();
    assert_eq!(answer.status, 500, "{}", answer.text());
    assert!(answer.text().contains("state directory"), "{}", answer.text());

    std::fs::rename(&aside, &dir).unwrap();
    let names = client.json("ssm", "GetParameters", &json!({"Names": ["a", "b"]})).await.1;
    assert_eq!(names["InvalidParameters"], json!(["b"]), "what was refused has not happened: {names}");
    assert_eq!(put("b").await.0, 200);
    aws.stop().await.unwrap();
}

#[tokio::test]
async fn a_first_change_that_cannot_be_saved_leaves_nothing() {
    let (_keep, dir) = folder();
    let aws = LocalAws::start(in_dir(&dir)).await.unwrap();
    let client = Client::new(aws.endpoint());
    let aside = dir.with_file_name("aside");
    std::fs::rename(&dir, &aside).unwrap();
    let headers = format!("{}X-Amz-Target: Service.PutParameter\r\n", client.signature("ssm"));
    let input = json!({"Name": "a", "Value": "x", "Type": "String"}).to_string();
    assert_eq!(client.raw("POST", "/", &headers, input.as_bytes()).await.unwrap().status, 500);
    std::fs::rename(&aside, &dir).unwrap();
    assert_eq!(client.json("ssm", "GetParameter", &json!({"Name": "a"})).await.0, 400);
}

#[tokio::test]
async fn what_killed_processes_left_half_written_is_removed() {
    let (_keep, dir) = folder();
    let aws = LocalAws::start(in_dir(&dir)).await.unwrap();
    let client = Client::new(aws.endpoint());
    client.json("ssm", "PutParameter", &json!({"Name": "a", "Value": "x", "Type": "String"})).await;
    let leftovers = [dir.join(".tmpAbCdEf"), dir.join("blobs/.tmp123456")];
    for path in &leftovers {
        std::fs::write(path, "half").unwrap();
    }
    let second = LocalAws::start(in_dir(&dir)).await.unwrap();
    assert!(leftovers.iter().all(|path| !path.exists()));
    assert_eq!(
        Client::new(second.endpoint()).json("ssm", "GetParameter", &json!({"Name": "a"})).await.0,
        200
    );
}

#[tokio::test]
async fn a_state_that_becomes_unreadable_is_said_to_be_so_and_kept() {
    let (_keep, dir) = folder();
    let aws = LocalAws::start(in_dir(&dir)).await.unwrap();
    let client = Client::new(aws.endpoint());
    std::fs::write(dir.join("state.json"), "{\"ids\": ").unwrap();
    std::fs::write(dir.join("turn"), "7").unwrap();
    let answer = client.cfn("ListStacks", &[]).await;
    assert_eq!(answer.status, 500);
    assert!(answer.text().contains("is not a saved state"), "{}", answer.text());
    assert!(matches!(aws.stop().await, Err(Error::Unreadable { .. })));
    assert_eq!(std::fs::read_to_string(dir.join("state.json")).unwrap(), "{\"ids\": ");
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
