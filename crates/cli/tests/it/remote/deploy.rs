use copilot_local_aws::{Application, Handshake, ResourceAction, ResourceFault};

use super::{ACCOUNT, Cloud, MANIFEST, REGION, STACK};

#[test]
fn a_pipeline_is_created_updated_and_left_alone() {
    let cloud = Cloud::new();
    let created = cloud.run(&["deploy", "--yes"]);
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
    cloud.run(&["deploy", "--yes"]);
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
    assert_eq!(uploaded(&cloud), [packaged.stdout]);
}

/// Of two deployments at once none may be given the other's template.
#[test]
fn each_template_has_a_place_of_its_own() {
    let cloud = Cloud::deployed();
    let mut templates = vec![cloud.run(&["package"]).stdout];
    let manifest = cloud.folder.read("copilot/pipelines/main/manifest.yml");
    cloud
        .folder
        .write("copilot/pipelines/main/manifest.yml", manifest.replace("branch: main", "branch: next"));
    templates.push(cloud.run(&["package"]).stdout);
    assert_ne!(templates[0], templates[1]);
    for _ in 0..2 {
        assert_eq!(cloud.run(&["deploy", "--yes"]).code, 0);
    }
    let mut uploaded = uploaded(&cloud);
    uploaded.sort();
    templates.sort();
    assert_eq!(uploaded, templates, "the first is still there, and nothing is there twice");
}

/// The templates in the application's bucket.
fn uploaded(cloud: &Cloud) -> Vec<String> {
    let objects = cloud.aws.with_state(|state| {
        let bucket = state.buckets().first().map(|name| (*name).to_owned()).unwrap();
        let keys: Vec<String> = state.keys(&bucket).into_iter().map(str::to_owned).collect();
        keys.into_iter().map(|key| (bucket.clone(), key)).collect::<Vec<_>>()
    });
    let text = |(bucket, key): (String, String)| {
        assert!(key.starts_with("manual/templates/pipeline-shop-main/"), "{key}");
        String::from_utf8(cloud.aws.object(&bucket, &key).unwrap().to_vec()).unwrap()
    };
    objects.into_iter().map(text).collect()
}

/// Deploys as a program that lies in this file of the workspace.
#[cfg(target_os = "linux")]
fn deploy_by(cloud: &Cloud, program: &str) -> crate::Done {
    let program = Some(cloud.folder.path.join(program));
    crate::with_io(&cloud.folder.path, &["deploy", "--yes"], |io| {
        io.with_variables(cloud.variables.clone()).with_program(program)
    })
}

#[test]
#[cfg(target_os = "linux")]
fn builds_find_the_program_that_they_run() {
    use crate::support::fake_program;

    const BUILDSPEC: &str = "copilot/pipelines/main/buildspec.yml";
    let lines = "COPILOT_PIPELINE_SHA256_AMD64: \"\"\n    COPILOT_PIPELINE_SHA256_ARM64: \"\"\n";
    let cloud = Cloud::new();
    cloud.folder.write(BUILDSPEC, format!("version: 0.2\nphases: {{}}\nenv:\n  variables:\n    {lines}"));
    let empty = cloud.folder.read(BUILDSPEC);
    cloud.folder.write("arm64", fake_program(0xb7));
    cloud.folder.write("amd64", fake_program(0x3e));
    for other in ["arm64", BUILDSPEC] {
        let done = deploy_by(&cloud, other);
        assert_eq!(done.code, 0, "{}", done.stderr);
        assert!(done.stderr.contains("builds on amd64 will not find the program"), "{}", done.stderr);
        assert_eq!(cloud.folder.read(BUILDSPEC), empty);
    }
    let done = deploy_by(&cloud, "amd64");
    assert!(done.code == 0 && !done.stderr.contains("will not find"), "{}", done.stderr);
    let sha256 = copilot_artifact::sha256_hex(fake_program(0x3e));
    let pinned = empty.replace("AMD64: \"\"", &format!("AMD64: \"{sha256}\""));
    assert_eq!(cloud.folder.read(BUILDSPEC), pinned);
    let bucket = cloud.aws.with_state(|state| state.buckets()[0].to_owned());
    let key = format!("copilot-pipeline/{sha256}/copilot-pipeline-linux-amd64");
    assert_eq!(cloud.aws.object(&bucket, &key).unwrap(), fake_program(0x3e));

    // What the buildspec pins is there: whoever deploys next may run another program.
    let again = deploy_by(&cloud, "arm64");
    assert!(again.code == 0 && !again.stderr.contains("will not find"), "{}", again.stderr);
    cloud.folder.write(BUILDSPEC, pinned.replace(&sha256, &copilot_artifact::sha256_hex("lost")));
    let lost = deploy_by(&cloud, "amd64");
    assert!(lost.code == 0 && lost.stderr.contains("will not find the program"), "{}", lost.stderr);
}

/// S3 answers with 403 for what is not there where the bucket may not be listed.
#[test]
#[cfg(target_os = "linux")]
fn a_bucket_that_may_not_be_listed_gets_the_program_all_the_same() {
    use crate::support::fake_program;

    const BUILDSPEC: &str = "copilot/pipelines/main/buildspec.yml";
    let cloud = Cloud::new();
    let bucket = cloud.aws.with_state(|state| {
        let bucket = state.buckets()[0].to_owned();
        state.refuse_listing(&bucket);
        bucket
    });
    let sha256 = copilot_artifact::sha256_hex(fake_program(0x3e));
    let pinned = format!("env:\n  variables:\n    COPILOT_PIPELINE_SHA256_AMD64: \"{sha256}\"\n");
    cloud.folder.write(BUILDSPEC, format!("version: 0.2\n{pinned}"));
    cloud.folder.write("amd64", fake_program(0x3e));
    cloud.folder.write("arm64", fake_program(0xb7));
    let other = deploy_by(&cloud, "arm64");
    assert_eq!(other.code, 0, "{}", other.stderr);
    assert!(other.stderr.contains("can't be seen: the bucket may not be listed"), "{}", other.stderr);
    let done = deploy_by(&cloud, "amd64");
    assert!(done.code == 0 && !done.stderr.contains("warning"), "{}", done.stderr);
    let key = format!("copilot-pipeline/{sha256}/copilot-pipeline-linux-amd64");
    assert_eq!(cloud.aws.object(&bucket, &key).unwrap(), fake_program(0x3e));
    let again = deploy_by(&cloud, "arm64");
    assert!(again.code == 0 && !again.stderr.contains("warning"), "{}", again.stderr);
}

#[test]
fn row_1_the_bucket_of_the_own_region_is_made_first() {
    let application = Application::new("shop", ACCOUNT, REGION)
        .environment("test", "eu-west-1")
        .environment("prod", "eu-west-1");
    let cloud = Cloud::with(&application.workload("api", "Backend Service"), Handshake::AfterTicks(1));
    let declined = cloud.answering(&["no"], &["deploy", "--diff"]);
    assert!(declined.stdout.contains("pipeline-shop-main (pipeline main): created"), "{declined:?}");
    assert_eq!(declined.code, 0);
    assert_eq!(cloud.aws.calls().count("cloudformation", "CreateStackInstances"), 0, "nothing was changed");
    let done = cloud.run(&["deploy", "--yes"]);
    insta::assert_snapshot!("bootstrap", cloud.show(&done));
    let template = cloud.aws.with_state(|state| state.region(ACCOUNT, REGION).stack(STACK).unwrap().template);
    assert!(template.contains("Region: us-west-2") && template.contains("Region: eu-west-1"), "{template}");
}

#[test]
fn row_1_a_bucket_that_could_not_be_made_is_made_anew() {
    let application = Application::new("shop", ACCOUNT, REGION)
        .environment("test", "eu-west-1")
        .environment("prod", "eu-west-1");
    let cloud = Cloud::with(&application.workload("api", "Backend Service"), Handshake::AfterTicks(1));
    cloud.aws.inject_resource(ResourceFault {
        target: "PipelineBuiltArtifactBucket".into(),
        stack: None,
        action: ResourceAction::Create,
        reason: "The bucket limit of this account is reached".into(),
        times: Some(1),
    });
    insta::assert_snapshot!("failed_bootstrap", cloud.show(&cloud.run(&["deploy", "--yes"])));
    let asked = cloud.run(&["deploy"]);
    assert_eq!(asked.code, 1);
    assert!(
        asked.stderr.contains("was left in ROLLBACK_COMPLETE by a failed operation. Delete it"),
        "{asked:?}"
    );
    let declined = cloud.answering(&["no"], &["deploy"]);
    assert!(declined.code == 0 && declined.stderr.contains("nothing was changed"), "{declined:?}");
    assert_eq!(cloud.aws.calls().count("cloudformation", "DeleteStackInstances"), 0);
    insta::assert_snapshot!("bootstrap_anew", cloud.show(&cloud.answering(&["yes"], &["deploy"])));
    assert_eq!(cloud.stack_status().as_deref(), Some("CREATE_COMPLETE"));
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
    let failed = cloud.run(&["deploy", "--yes"]);
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

/// With a connection that a person completes after the pipeline asked for it.
fn handshake(ticks: u32) -> Cloud {
    let application = Application::new("shop", ACCOUNT, REGION)
        .environment("test", REGION)
        .environment("prod", REGION)
        .workload("api", "Backend Service");
    Cloud::with(&application, Handshake::AfterTicks(ticks))
}

#[test]
fn row_27_a_new_connection_on_update_is_waited_for() {
    let cloud = handshake(40);
    let codecommit = MANIFEST.replace("GitHub", "CodeCommit").replace(
        "https://github.com/acme/shop",
        "https://us-west-2.console.aws.amazon.com/codesuite/codecommit/repositories/shop/browse",
    );
    cloud.folder.write("copilot/pipelines/main/manifest.yml", codecommit);
    let first = cloud.run(&["deploy", "--yes"]);
    assert!(first.code == 0 && !first.stderr.contains("connection"), "{first:?}");
    cloud.folder.write("copilot/pipelines/main/manifest.yml", MANIFEST);
    let second = cloud.run(&["deploy", "--yes"]);
    insta::assert_snapshot!("new_connection_on_update", cloud.show(&second));
}

#[test]
fn row_33_a_pending_connection_of_others_is_told_at_once() {
    let cloud = handshake(60);
    let connection = r#"{"ConnectionName": "ours", "ProviderType": "GitHub"}"#;
    cloud.call("codestar-connections", "CreateConnection", connection);
    let manifest = MANIFEST.replace("    branch:", "    connection_name: ours\n    branch:");
    cloud.folder.write("copilot/pipelines/main/manifest.yml", &manifest);
    let done = cloud.run(&["deploy", "--yes"]);
    insta::assert_snapshot!("pending_connection", cloud.show(&done));
    // Once it is available nothing is waited for, and a source that did not fail is left alone.
    let retries = || cloud.aws.calls().count("codepipeline", "RetryStageExecution");
    let before = retries();
    cloud.settle();
    let again = cloud.run(&["deploy", "--yes"]);
    assert!(again.code == 0 && !again.stderr.contains("waits for you"), "{again:?}");
    assert_eq!(retries(), before);
}

#[test]
fn row_18_a_workload_that_the_application_does_not_know_is_named() {
    let cloud = handshake(1);
    let worker = "name: worker\ntype: Worker Service\nimage:\n  location: shop/worker\n";
    cloud.folder.write("copilot/worker/manifest.yml", worker);
    let done = cloud.run(&["package"]);
    assert!(done.stderr.contains("`worker` is left out of the pipeline"), "{done:?}");
    assert!(done.stderr.contains("`copilot svc init --name worker` registers it"), "{done:?}");
    assert!(!done.stdout.contains("shop-test-worker"), "{}", done.stdout);
}

#[test]
fn row_18_a_build_leaves_out_what_the_pipeline_leaves_out() {
    let cloud = handshake(1);
    let nightly =
        "name: nightly\ntype: Scheduled Job\non:\n  schedule: '@daily'\nimage:\n  build: Dockerfile\n";
    cloud.folder.write("copilot/nightly/manifest.yml", nightly);
    cloud.folder.write("Dockerfile", "FROM scratch\n");
    let done = cloud.run(&["build", "--no-upload"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stderr.contains("`nightly` is left out of the pipeline"), "{done:?}");
    assert!(done.stderr.contains("`copilot job init --name nightly` registers it"), "{done:?}");
    assert!(cloud.folder.content().contains_key("infrastructure/api-test.stack.yml"));
    assert!(!cloud.folder.content().contains_key("infrastructure/nightly-test.stack.yml"));
    // Where a stage names it, nothing may be missing without a word.
    let manifest = MANIFEST.replace("- name: test\n", "- name: test\n    deployments: {api: , nightly: }\n");
    cloud.folder.write("copilot/pipelines/main/manifest.yml", manifest);
    let named = cloud.run(&["build", "--no-upload"]);
    assert_eq!(named.code, 1, "{named:?}");
    assert!(named.stderr.contains("the application doesn't know `nightly`"), "{named:?}");
}

#[test]
fn a_pipeline_without_anything_to_deploy_is_refused() {
    let application =
        Application::new("shop", ACCOUNT, REGION).environment("test", REGION).environment("prod", REGION);
    let cloud = Cloud::with(&application, Handshake::AfterTicks(1));
    let unknown = cloud.run(&["deploy", "--yes"]);
    assert_eq!(unknown.code, 1, "{unknown:?}");
    assert!(unknown.stderr.contains("the pipeline `main` would deploy nothing"), "{unknown:?}");
    assert!(unknown.stderr.contains("`copilot svc init --name api` registers it"), "{unknown:?}");
    fs_err::remove_dir_all(cloud.folder.path.join("copilot/api")).unwrap();
    let none = cloud.run(&["deploy", "--yes"]);
    assert_eq!(none.code, 1, "{none:?}");
    assert!(none.stderr.contains("add a service or a job to the workspace"), "{none:?}");
    assert_eq!(cloud.stack_status(), None);
}

#[test]
fn row_40_a_legacy_pipeline_keeps_its_names() {
    let cloud = handshake(1);
    // As an old version deployed it: the stack has the pipeline's name, and no tag with it.
    let facts = "pipelines:\n  main:\n    legacy: true\n";
    let saved = cloud.run(&["facts"]).stdout;
    cloud.folder.write("facts.yml", format!("{saved}{facts}"));
    let template = cloud.run(&["package", "--facts", "facts.yml"]).stdout;
    cloud.create_stack("main", &template, &[("copilot-application", "shop")]);
    assert_eq!(cloud.run(&["ls"]).stdout, "main\n");
    let manifest = MANIFEST.replace("branch: main", "branch: next");
    cloud.folder.write("copilot/pipelines/main/manifest.yml", manifest);
    let done = cloud.run(&["deploy", "--yes"]);
    insta::assert_snapshot!("legacy", cloud.show(&done));
    let stacks = cloud.aws.with_state(|state| state.region(ACCOUNT, REGION).stacks());
    assert!(
        stacks.iter().any(|name| name == "main") && !stacks.iter().any(|name| name == STACK),
        "{stacks:?}"
    );
    let deleted = cloud.run(&["delete", "--yes"]);
    assert!(deleted.stderr.contains("deleted stack main"), "{deleted:?}");
}

#[test]
fn a_newer_stack_is_replaced_only_if_told_so() {
    let cloud = Cloud::new();
    let patches = "- op: replace\n  path: /Metadata/Version\n  value: v1.99.0\n";
    cloud.folder.write("copilot/pipelines/main/overrides/cfn.patches.yml", patches);
    assert_eq!(cloud.run(&["deploy", "--yes"]).code, 0);
    fs_err::remove_dir_all(cloud.folder.path.join("copilot/pipelines/main/overrides")).unwrap();
    insta::assert_snapshot!("downgrade", cloud.show(&cloud.run(&["deploy", "--yes"])));
    let told = cloud.run(&["deploy", "--yes", "--allow-downgrade"]);
    assert_eq!(told.code, 0, "{told:?}");
}
