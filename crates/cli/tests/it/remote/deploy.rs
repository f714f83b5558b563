use copilot_local_aws::{Application, Handshake, ResourceAction, ResourceFault};

use super::{ACCOUNT, Cloud, MANIFEST, REGION, STACK};

#[test]
fn a_pipeline_is_created_updated_and_left_alone() {
    let cloud = Cloud::new();
    let created = cloud.run(&["deploy"]);
    insta::assert_snapshot!("created", cloud.show(&created));
    let again = cloud.run(&["deploy", "--yes"]);
    insta::assert_snapshot!("unchanged", cloud.show(&again));
    cloud
        .folder
        .write("copilot/pipelines/main/manifest.yml", MANIFEST.replace("branch: main", "branch: next"));
    let updated = cloud.run(&["pipeline", "deploy", "-n", "main", "--yes", "--diff"]);
    insta::assert_snapshot!("updated", cloud.show(&updated));
}

#[test]
fn each_question_is_asked_once() {
    let cloud = Cloud::new();
    cloud.run(&["deploy"]);
    insta::assert_snapshot!("calls_of_creation", cloud.calls());
    cloud.aws.reset_calls();
    cloud.run(&["deploy", "--yes"]);
    insta::assert_snapshot!("calls_of_no_change", cloud.calls());
    cloud.aws.reset_calls();
    cloud.run(&["package"]);
    insta::assert_snapshot!("calls_of_package", cloud.calls());
}

#[test]
fn it_deploys_what_package_renders() {
    let cloud = Cloud::deployed();
    let packaged = cloud.run(&["package"]);
    assert_eq!(packaged.code, 0, "{packaged:?}");
    let deployed = cloud.aws.with_state(|state| state.region(ACCOUNT, REGION).stack(STACK).unwrap());
    assert_eq!(deployed.template, packaged.stdout);
    let tags: Vec<_> = deployed.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(tags, ["copilot-application=shop", "copilot-pipeline=main"]);
    let object = cloud.aws.with_state(|state| {
        let bucket = state.buckets().first().map(|name| (*name).to_owned()).unwrap();
        let keys: Vec<String> = state.keys(&bucket).into_iter().map(str::to_owned).collect();
        keys
    });
    assert_eq!(object, ["pipeline-shop-main.pipeline.stack.yml"]);
}

#[test]
fn row_1_the_bucket_of_the_own_region_is_made_first() {
    let application = Application::new("shop", ACCOUNT, REGION)
        .environment("test", "eu-west-1")
        .environment("prod", "eu-west-1");
    let cloud = Cloud::with(&application.workload("api", "Backend Service"), Handshake::AfterTicks(1));
    let declined = cloud.answering(&["no"], &["deploy", "--diff"]);
    assert!(declined.stdout.contains("made-by-the-deployment"), "{declined:?}");
    assert_eq!(declined.code, 0);
    assert_eq!(cloud.aws.calls().count("cloudformation", "CreateStackInstances"), 0, "nothing was changed");
    let done = cloud.run(&["deploy"]);
    insta::assert_snapshot!("bootstrap", cloud.show(&done));
    let template = cloud.aws.with_state(|state| state.region(ACCOUNT, REGION).stack(STACK).unwrap().template);
    assert!(template.contains("Region: us-west-2") && template.contains("Region: eu-west-1"), "{template}");
}

#[test]
fn row_12b_a_failed_creation_is_offered_for_deletion() {
    let cloud = Cloud::new();
    cloud.aws.inject_resource(ResourceFault {
        target: "BuildProject".into(),
        stack: None,
        action: ResourceAction::Create,
        reason: "The project limit of this account is reached".into(),
        times: Some(1),
    });
    let failed = cloud.run(&["deploy"]);
    insta::assert_snapshot!("failed_creation", cloud.show(&failed));
    assert_eq!(cloud.stack_status().as_deref(), Some("ROLLBACK_COMPLETE"));
    let asked = cloud.run(&["deploy"]);
    insta::assert_snapshot!("stuck_without_terminal", cloud.show(&asked));
    let declined = cloud.answering(&["no"], &["deploy"]);
    assert_eq!((declined.code, cloud.stack_status().as_deref()), (0, Some("ROLLBACK_COMPLETE")));
    let mended = cloud.answering(&["yes"], &["deploy"]);
    assert_eq!(mended.code, 0, "{mended:?}");
    assert_eq!(cloud.stack_status().as_deref(), Some("CREATE_COMPLETE"));
}
