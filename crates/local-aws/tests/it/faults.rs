//! Failing on request, and counting.

use std::time::{Duration, Instant};

use copilot_local_aws::{Effect, Fault};
use serde_json::json;

use crate::client::start;

#[tokio::test]
async fn each_protocol_has_its_own_words_for_the_same_trouble() {
    let (aws, client) = start().await;
    let expected = [
        (Effect::Throttle, (400, "Throttling"), (400, "ThrottlingException"), (503, "SlowDown")),
        (
            Effect::InternalError,
            (500, "InternalFailure"),
            (500, "InternalServerError"),
            (500, "InternalError"),
        ),
        (
            Effect::Unavailable,
            (503, "ServiceUnavailable"),
            (503, "ServiceUnavailable"),
            (503, "ServiceUnavailable"),
        ),
        (Effect::ExpiredToken, (403, "ExpiredToken"), (400, "ExpiredTokenException"), (400, "ExpiredToken")),
        (Effect::AccessDenied, (403, "AccessDenied"), (400, "AccessDeniedException"), (403, "AccessDenied")),
    ];
    for (effect, query, rpc, s3) in expected {
        aws.clear_faults();
        aws.inject(Fault::new(effect));
        let answer = client.cfn("DescribeStacks", &[]).await;
        assert_eq!((answer.status, answer.xml("Code").as_str()), query);
        let (status, body) = client.json("ssm", "GetParameter", &json!({"Name": "x"})).await;
        assert_eq!((status, body["__type"].as_str().unwrap()), rpc);
        let answer = client.s3("GET", "/", "", b"").await;
        assert_eq!((answer.status, answer.xml("Code").as_str()), s3);
    }
}

#[tokio::test]
async fn rules_strike_where_when_and_as_often_as_they_say() {
    let (aws, client) = start().await;
    aws.inject(Fault::new(Effect::Throttle).on("cloudformation:ListStacks").after(1).times(2));
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(client.cfn("ListStacks", &[]).await.status);
    }
    assert_eq!(statuses, [200, 400, 400, 200, 200]);
    assert_eq!(client.cfn("DescribeStacks", &[]).await.status, 200);
    let calls = aws.calls();
    assert_eq!(calls.count("cloudformation", "ListStacks"), 5);
    assert_eq!(calls.by_operation()["cloudformation:DescribeStacks"], 1);
    assert_eq!(calls.log()[1].error.as_deref(), Some("Throttling"));
    aws.reset_calls();
    assert_eq!(aws.calls().total(), 0);
}

#[tokio::test]
async fn dice_are_seeded() {
    let run = async || {
        let (aws, client) = start().await;
        aws.inject(Fault::new(Effect::Unavailable).per_mille(300));
        let mut hits = Vec::new();
        for _ in 0..40 {
            hits.push(client.cfn("ListStacks", &[]).await.status == 503);
        }
        hits
    };
    let first = run().await;
    assert_eq!(first, run().await);
    let count = first.iter().filter(|hit| **hit).count();
    assert!((4..=20).contains(&count), "{count} of 40");
}

#[tokio::test]
async fn a_cut_answer_is_an_operation_carried_out() {
    let (aws, client) = start().await;
    aws.inject(Fault::new(Effect::CutConnection).on("cloudformation:CreateStack").times(1));
    aws.inject(Fault::new(Effect::CutAnswer).on("cloudformation:CreateStack").times(1));
    let template = "Resources: {Q: {Type: 'AWS::SQS::Queue'}}";
    let fields = [("StackName", "s"), ("TemplateBody", template)];
    assert!(client.try_query("cloudformation", "CreateStack", &fields).await.is_none());
    assert_eq!(client.settle("s").await, "Stack with id s does not exist");
    assert!(client.try_query("cloudformation", "CreateStack", &fields).await.is_none());
    assert_eq!(client.settle("s").await, "CREATE_COMPLETE");
}

#[tokio::test]
async fn slow_answers_are_slow_and_do_not_hold_up_others() {
    let (aws, client) = start().await;
    aws.inject(Fault::new(Effect::Slow(Duration::from_millis(300))).on("sts").times(1));
    let begun = Instant::now();
    let slow = client.query("sts", "GetCallerIdentity", &[]);
    let quick = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        client.cfn("ListStacks", &[]).await;
        begun.elapsed()
    };
    let (slow, quick) = tokio::join!(slow, quick);
    assert_eq!(slow.status, 200);
    assert!(quick < Duration::from_millis(250), "{quick:?}");
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn other_processes_can_set_rules_too() {
    let (aws, client) = start().await;
    let fault = json!({"effect": "throttle", "service": "ssm", "times": 1}).to_string();
    assert_eq!(client.raw("POST", "/_local/faults", "", fault.as_bytes()).await.unwrap().status, 200);
    assert_eq!(
        client.json("ssm", "GetParameter", &json!({"Name": "x"})).await.1["__type"],
        "ThrottlingException"
    );
    let nonsense = client.raw("POST", "/_local/faults", "", b"{\"effect\": \"rain\"}").await.unwrap();
    assert_eq!(nonsense.status, 400);
    let calls = client.raw("GET", "/_local/calls", "", b"").await.unwrap();
    assert!(calls.text().contains("\"ssm:GetParameter\":1"), "{}", calls.text());
    assert_eq!(aws.calls().total(), 1);
}
