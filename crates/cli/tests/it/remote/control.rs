use copilot_local_aws::BuildScript;

use super::{ACCOUNT, Cloud, REGION};

/// With a build that fails, up to that point.
fn broken() -> Cloud {
    let cloud = Cloud::deployed();
    cloud.aws.with_state(|state| {
        let script = BuildScript {
            lines: vec!["compiling".into(), "error: the disk is full".into()],
            fails_in: Some("BUILD".into()),
            message: "Error while executing command: make. Reason: exit status 2".into(),
            times: Some(1),
        };
        state.region(ACCOUNT, REGION).script_build("pipeline-shop-main-BuildProject", script);
    });
    cloud.settle();
    cloud
}

#[test]
fn row_43_a_failure_is_explained_and_retried() {
    let cloud = broken();
    let watched = cloud.run(&["status", "--watch"]);
    insta::assert_snapshot!("failed_status", cloud.show(&watched));
    insta::assert_snapshot!("failed_logs", cloud.show(&cloud.run(&["logs"])));
    let json = cloud.run(&["logs", "--json", "--lines", "2"]);
    assert_eq!(json.code, 0, "{json:?}");
    assert!(json.stdout.starts_with("[{\"stage\":\"Build\",\"action\":\"Build\","), "{json:?}");
    insta::assert_snapshot!("retried", cloud.show(&cloud.run(&["retry"])));
    let after = cloud.run(&["status", "--watch"]);
    assert_eq!(after.code, 0, "{after:?}");
    let nothing = cloud.run(&["retry"]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (1, ""));
    assert!(nothing.stderr.contains("no stage of main has failed"), "{nothing:?}");
}

#[test]
fn row_43_approvals_are_answered() {
    let cloud = Cloud::deployed();
    let early = cloud.run(&["approve"]);
    assert_eq!(early.code, 1, "{early:?}");
    cloud.settle();
    insta::assert_snapshot!("approved", cloud.show(&cloud.run(&["approve", "--stage", "prod"])));
    cloud.settle();
    insta::assert_snapshot!("history", cloud.show(&cloud.run(&["history"])));
    let started = cloud.run(&["pipeline", "start", "-n", "main"]);
    assert_eq!((started.code, started.stdout.len()), (0, 37), "the id alone is data: {started:?}");
    cloud.settle();
    insta::assert_snapshot!("rejected", cloud.show(&cloud.run(&["reject", "--summary", "not on a Friday"])));
    cloud.settle();
    let status = cloud.run(&["status"]);
    assert!(status.stdout.contains("FAIL ApprovePromotionTo-prod"), "{status:?}");
    let history = cloud.run(&["history", "--json", "--limit", "1"]);
    assert!(history.stdout.contains("\"status\":\"Failed\""), "{history:?}");
}

#[test]
fn executions_are_stopped() {
    let cloud = Cloud::deployed();
    let stopped = cloud.run(&["stop", "--abandon", "--reason", "wrong branch"]);
    insta::assert_snapshot!("stopped", cloud.show(&stopped));
    cloud.settle();
    let again = cloud.run(&["stop"]);
    insta::assert_snapshot!("nothing_to_stop", cloud.show(&again));
}

#[test]
fn facts_are_saved_for_later() {
    let cloud = Cloud::deployed();
    let live = cloud.run(&["package"]);
    let saved = cloud.run(&["facts", "--output", "facts.yml"]);
    assert_eq!(saved.code, 0, "{saved:?}");
    insta::assert_snapshot!("facts", cloud.folder.read("facts.yml"));
    let offline = cloud.run(&["package", "--facts", "facts.yml"]);
    assert_eq!(offline.stdout, live.stdout, "both ways render the same");
}

#[test]
fn row_51_a_failed_deployment_names_its_cause() {
    let cloud = Cloud::deployed();
    let (pipeline, action) = (cloud.pipeline(), "CreateOrUpdate-api-test");
    let message = "Stack shop-test-api is in UPDATE_ROLLBACK_FAILED state and can not be updated.";
    cloud.aws.with_state(|state| state.region(ACCOUNT, REGION).fail_action(&pipeline, action, message, 1));
    let watched = cloud.run(&["status", "--watch"]);
    assert!(watched.code == 1 && watched.stdout.contains(message), "{watched:?}");
    insta::assert_snapshot!("failed_deployment", cloud.show(&cloud.run(&["logs", "--action", action])));
}
