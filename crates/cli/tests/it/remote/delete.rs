use copilot_local_aws::{ResourceAction, ResourceFault};

use super::{ACCOUNT, Cloud, REGION};

#[test]
fn a_pipeline_is_deleted_once_it_is_agreed_to() {
    let cloud = Cloud::deployed();
    let asked = cloud.run(&["delete", "--name", "main"]);
    insta::assert_snapshot!("not_asked", cloud.show(&asked));
    let declined = cloud.answering(&["no"], &["pipeline", "delete"]);
    assert_eq!(declined.code, 1);
    assert!(declined.stderr.contains("pipeline delete cancelled - no changes made"), "{declined:?}");
    assert_eq!(cloud.stack_status().as_deref(), Some("CREATE_COMPLETE"));
    let done = cloud.elsewhere(&["delete", "--app", "shop", "--name", "main", "--yes"]);
    insta::assert_snapshot!("deleted", cloud.show(&done));
    assert_eq!(cloud.stack_status(), None);
    let again = cloud.run(&["delete", "--name", "main", "--yes"]);
    insta::assert_snapshot!("deleted_twice", cloud.show(&again));
}

#[test]
fn row_12b_what_a_failed_creation_leaves_is_deleted() {
    let cloud = Cloud::new();
    cloud.aws.inject_resource(ResourceFault {
        target: "Pipeline".into(),
        stack: None,
        action: ResourceAction::Create,
        reason: "no".into(),
        times: Some(1),
    });
    assert_eq!(cloud.run(&["deploy", "--yes"]).code, 1);
    // The workspace tells its name.
    let done = cloud.run(&["delete", "--yes"]);
    insta::assert_snapshot!("deleted_remains", cloud.show(&done));
    assert_eq!(cloud.stack_status(), None);
}

#[test]
fn row_23_and_38_the_secret_goes_last_and_only_if_told() {
    let cloud = Cloud::deployed();
    let secret = r#"{"Name": "github-token-shop-main", "SecretString": "ghp_secret",
        "Tags": [{"Key": "copilot-application", "Value": "Mon Nov 23 22:52:01 UTC 2026"}]}"#;
    cloud.call("secretsmanager", "CreateSecret", secret);
    let has =
        || cloud.aws.with_state(|state| state.region(ACCOUNT, REGION).has_secret("github-token-shop-main"));
    let failure = ResourceFault {
        target: "BuildProject".into(),
        stack: None,
        action: ResourceAction::Delete,
        reason: "A build is running".into(),
        times: Some(1),
    };
    cloud.aws.inject_resource(failure);
    let failed = cloud.run(&["delete", "--yes", "--delete-secret"]);
    insta::assert_snapshot!("failed_deletion", cloud.show(&failed));
    assert!(has(), "a stack that can't be deleted keeps its token");
    let kept = cloud.run(&["delete", "--name", "main", "--yes"]);
    assert!(kept.code == 0 && kept.stderr.contains("is kept"), "{kept:?}");
    assert!(has());
}

#[test]
fn the_secret_is_deleted_on_request() {
    let cloud = Cloud::deployed();
    let secret = r#"{"Name": "github-token-main", "SecretString": "ghp_secret",
        "Tags": [{"Key": "copilot-application", "Value": "shop"}]}"#;
    cloud.call("secretsmanager", "CreateSecret", secret);
    let done = cloud.run(&["delete", "--yes", "--delete-secret"]);
    assert!(done.stderr.contains("deleted secret github-token-main"), "{done:?}");
    assert!(!cloud.aws.with_state(|state| state.region(ACCOUNT, REGION).has_secret("github-token-main")));
}
