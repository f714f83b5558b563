use copilot_local_aws::{ResourceAction, ResourceFault};

use super::Cloud;

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
    assert_eq!(cloud.run(&["deploy"]).code, 1);
    // The workspace tells its name.
    let done = cloud.run(&["delete", "--yes"]);
    insta::assert_snapshot!("deleted_remains", cloud.show(&done));
    assert_eq!(cloud.stack_status(), None);
}
