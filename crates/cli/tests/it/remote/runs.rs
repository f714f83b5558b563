//! Several executions of one pipeline: what each did is told of it alone.

use std::fmt::Write as _;

use super::{ACCOUNT, Cloud, REGION};
use crate::Done;

/// With a first execution that has gone through all stages.
fn succeeded() -> Cloud {
    let cloud = Cloud::deployed();
    cloud.settle();
    approve(&cloud);
    cloud
}

fn approve(cloud: &Cloud) {
    let done = cloud.run(&["approve"]);
    assert_eq!(done.code, 0, "{done:?}");
    cloud.settle();
}

fn start(cloud: &Cloud) -> Done {
    let done = cloud.run(&["start"]);
    assert_eq!(done.code, 0, "{done:?}");
    done
}

/// Lets the next run of an action fail.
fn doom(cloud: &Cloud, action: &str) {
    let pipeline = cloud.pipeline();
    cloud.aws.with_state(|state| state.region(ACCOUNT, REGION).fail_action(&pipeline, action, "no disk", 1));
}

#[test]
fn what_an_earlier_execution_did_is_not_shown_as_done() {
    let cloud = succeeded();
    insta::assert_snapshot!("finished", cloud.show(&cloud.run(&["status"])));
    start(&cloud);
    cloud.settle();
    insta::assert_snapshot!("stale_results", cloud.show(&cloud.run(&["status"])));
    let watched = cloud.run(&["status", "--watch"]);
    assert!(!watched.stderr.contains("CreateOrUpdate-api-prod"), "{watched:?}");
    let json: serde_json::Value = serde_json::from_str(&cloud.run(&["status", "--json"]).stdout).unwrap();
    let prod = &json["stageStates"][3]["actions"];
    assert_eq!(prod[0]["earlier"], serde_json::Value::Null, "the approval waits now: {prod}");
    assert_eq!(prod[1]["earlier"], true, "{prod}");
    assert_eq!(json["execution"]["status"], "InProgress", "{json}");
}

#[test]
fn what_failed_in_an_earlier_execution_is_over() {
    let cloud = succeeded();
    doom(&cloud, "CreateOrUpdate-api-prod");
    start(&cloud);
    cloud.settle();
    approve(&cloud);
    let failed = cloud.run(&["status"]);
    assert!(failed.stdout.contains("failed: CreateOrUpdate-api-prod in DeployTo-prod"), "{failed:?}");
    assert!(failed.stdout.contains("retry --name main"), "{failed:?}");
    start(&cloud);
    cloud.settle();
    insta::assert_snapshot!("failed_before", cloud.show(&cloud.run(&["status"])));
    insta::assert_snapshot!("no_logs", cloud.show(&cloud.run(&["logs"])));
    let earlier = cloud.run(&["logs", "--action", "CreateOrUpdate-api-prod"]);
    assert!(earlier.stdout.contains("in DeployTo-prod, in an earlier execution\n  no disk"), "{earlier:?}");
    insta::assert_snapshot!("no_retry", cloud.show(&cloud.run(&["retry"])));
}

#[test]
fn an_earlier_execution_that_still_waits_is_shown_as_what_it_is() {
    let cloud = Cloud::deployed();
    cloud.settle();
    start(&cloud);
    cloud.settle();
    let watched = cloud.run(&["status", "--watch"]);
    insta::assert_snapshot!("behind", cloud.show(&watched));
    let stopped = cloud.run(&["stop", "--abandon"]);
    assert_eq!(stopped.code, 0, "{stopped:?}");
}

#[test]
fn a_closed_way_is_no_success_to_wait_for() {
    let cloud = succeeded();
    let input = format!(
        r#"{{"pipelineName": "{}", "stageName": "Build", "transitionType": "Inbound", "reason": "freeze"}}"#,
        cloud.pipeline()
    );
    cloud.call("codepipeline", "DisableStageTransition", &input);
    start(&cloud);
    cloud.settle();
    insta::assert_snapshot!("closed", cloud.show(&cloud.run(&["status", "--watch"])));
}

#[test]
fn a_stopped_execution_is_no_success() {
    let cloud = succeeded();
    start(&cloud);
    let done = cloud.run(&["stop", "--abandon", "--reason", "wrong branch"]);
    assert_eq!(done.code, 0, "{done:?}");
    let watched = cloud.run(&["status", "--watch"]);
    assert_eq!(watched.code, 1, "{watched:?}");
    assert!(watched.stdout.contains("\nstopped: wrong branch\n"), "{watched:?}");
    let nothing = cloud.run(&["stop"]);
    assert!(nothing.stderr.contains("was stopped"), "{nothing:?}");
}

#[test]
fn a_rejection_is_an_answer_and_no_failure() {
    let cloud = Cloud::deployed();
    cloud.settle();
    let done = cloud.run(&["reject", "--summary", "not on a Friday"]);
    assert_eq!(done.code, 0, "{done:?}");
    cloud.settle();
    let watched = cloud.run(&["status", "--watch"]);
    insta::assert_snapshot!("rejected_status", cloud.show(&watched));
    insta::assert_snapshot!("rejected_logs", cloud.show(&cloud.run(&["logs"])));
    insta::assert_snapshot!("rejected_retry", cloud.show(&cloud.run(&["retry"])));
    let again = cloud.run(&["retry", "--stage", "prod"]);
    assert!(again.code == 0 && again.stderr.contains("stage DeployTo-prod runs again"), "{again:?}");
    approve(&cloud);
    assert_eq!(cloud.run(&["status", "--watch"]).code, 0);
}

#[test]
fn what_is_not_there_is_answered_with_what_is() {
    let cloud = succeeded();
    let mut found = String::new();
    let mut tried = |cloud: &Cloud, arguments: &[&str]| {
        let done = cloud.run(arguments);
        assert_eq!((done.code, done.stdout.as_str()), (1, ""), "{done:?}");
        let shown = done.stderr.replace("the pipeline is `main`, the only one that is deployed\n", "");
        let _ = write!(found, "{}\n{shown}", arguments.join(" "));
    };
    tried(&cloud, &["approve"]);
    tried(&cloud, &["approve", "--stage", "nope"]);
    tried(&cloud, &["retry"]);
    tried(&cloud, &["retry", "--stage", "test"]);
    tried(&cloud, &["retry", "--stage", "DeployTo-tset"]);
    tried(&cloud, &["logs"]);
    tried(&cloud, &["logs", "--action", "nope"]);
    tried(&cloud, &["logs", "--action", "CreateOrUpdate-api-tets"]);
    start(&cloud);
    cloud.settle();
    tried(&cloud, &["approve", "--stage", "test"]);
    let without_ids: Vec<&str> = found
        .split_inclusive(' ')
        .map(|word| if word.len() == 38 && word.ends_with(", ") { "[ID], " } else { word })
        .collect();
    insta::assert_snapshot!("refusals", without_ids.concat());
}
