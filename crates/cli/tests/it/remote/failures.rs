//! `logs` of a deployment that failed: what failed in the workload's stack, in whichever account that is.

use std::sync::atomic::{AtomicU32, Ordering};

use copilot_local_aws::{
    Application, Builder, Built, Effect, Environment, Fault, Handshake, Options, ResourceAction,
    ResourceFault,
};

use super::{ACCOUNT, Cloud, MANIFEST, REGION};

const OTHER_ACCOUNT: &str = "444455556666";

/// Each build makes a stack of `api` in `test` with two topics, one of which is another each time.
fn topics() -> Builder {
    let builds = AtomicU32::new(0);
    Builder::new(move |_| {
        let number = builds.fetch_add(1, Ordering::Relaxed);
        let template = format!(
            "Resources:\n  Orders:\n    Type: AWS::SNS::Topic\n  Bills:\n    Type: AWS::SNS::Topic\n    \
             DependsOn: Orders\n    Properties: {{DisplayName: build {number}}}\n"
        );
        let file = |name: &str, text: &str| (format!("infrastructure/{name}"), text.as_bytes().to_vec());
        let files = [file("api-test.stack.yml", &template), file("api-test.params.json", "{}")];
        Built { files: files.into(), ..Built::default() }
    })
}

/// A deployed pipeline to `test` alone, which is in `account`; `Bills` can't be made or changed as `action` says.
fn failing(account: &str, action: ResourceAction) -> Cloud {
    let mut application = Application::new("shop", ACCOUNT, REGION)
        .environment("test", REGION)
        .workload("api", "Backend Service");
    let there = |test| Environment { account: account.into(), ..test };
    application.environments = application.environments.into_iter().map(there).collect();
    let options =
        Options { handshake: Handshake::AfterTicks(1), builder: Some(topics()), ..Options::default() };
    let cloud = Cloud::start(&application, options);
    let manifest = MANIFEST.split_once("  - name: prod").unwrap().0;
    cloud.folder.write("copilot/pipelines/main/manifest.yml", manifest);
    cloud.aws.with_state(|state| {
        state
            .region(ACCOUNT, REGION)
            .build_from("pipeline-shop-main-BuildProject", "nothing in particular".into());
    });
    cloud.aws.inject_resource(ResourceFault {
        target: "Bills".into(),
        stack: Some("shop-test-api".into()),
        action,
        reason: "Topic limit of this account is reached".into(),
        times: Some(1),
    });
    let done = cloud.run(&["deploy", "--yes"]);
    assert_eq!(done.code, 0, "{done:?}");
    cloud.settle();
    cloud
}

#[test]
fn a_failed_update_names_what_failed_in_it_alone() {
    let cloud = failing(ACCOUNT, ResourceAction::Update);
    assert_eq!(cloud.run(&["status", "--watch"]).code, 0, "the first build creates the stack");
    assert_eq!(cloud.run(&["start"]).code, 0);
    cloud.settle();
    insta::assert_snapshot!(cloud.show(&cloud.run(&["logs"])));
}

#[test]
fn a_stack_of_another_account_is_read_through_its_manager_role() {
    let cloud = failing(OTHER_ACCOUNT, ResourceAction::Create);
    cloud.aws.reset_calls();
    insta::assert_snapshot!(cloud.show(&cloud.run(&["logs"])));
    assert_eq!(cloud.aws.calls().count("sts", "AssumeRole"), 1);
}

#[test]
fn what_the_pipeline_says_is_told_even_if_the_stack_can_not_be_read() {
    let cloud = failing(OTHER_ACCOUNT, ResourceAction::Create);
    let role = format!("arn:aws:iam::{OTHER_ACCOUNT}:role/shop-test-EnvManagerRole");
    cloud.aws.with_state(|state| state.refuse_role(&role));
    insta::assert_snapshot!("refused_role", cloud.show(&cloud.run(&["logs"])));
    cloud.aws.with_state(|state| state.admit_role(&role));
    cloud.aws.inject(Fault::new(Effect::AccessDenied).on("cloudformation:DescribeStackEvents"));
    insta::assert_snapshot!("refused_events", cloud.show(&cloud.run(&["logs"])));
}
