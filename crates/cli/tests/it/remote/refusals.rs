//! What `deploy` refuses or asks before anything is changed.

use super::{Cloud, MANIFEST};

const BUILDSPEC: &str = "copilot/pipelines/main/buildspec.yml";

/// Refused, with nothing changed at AWS.
fn refused(cloud: &Cloud, arguments: &[&str]) -> String {
    let done = cloud.run(arguments);
    assert_eq!(done.code, 1, "{arguments:?}: {done:?}");
    assert_eq!(cloud.aws.calls().count("cloudformation", "CreateChangeSet"), 0, "{done:?}");
    assert_eq!(cloud.stack_status(), None);
    done.stderr
}

#[test]
fn the_first_deployment_is_asked_about() {
    let cloud = Cloud::new();
    let said = refused(&cloud, &["deploy"]);
    assert!(said.contains("cannot prompt: not a terminal (Create the pipeline?)"), "{said}");
    assert!(said.contains("pass `--yes`"), "{said}");
    let declined = cloud.answering(&["no"], &["deploy"]);
    assert!(declined.code == 0 && declined.stderr.contains("nothing was changed"), "{declined:?}");
    assert_eq!(cloud.stack_status(), None);
    let agreed = cloud.answering(&["yes"], &["deploy"]);
    assert_eq!((agreed.code, cloud.stack_status().as_deref()), (0, Some("CREATE_COMPLETE")), "{agreed:?}");
}

#[test]
fn a_buildspec_that_no_build_can_run_stops_it() {
    let cloud = Cloud::new();
    for (text, expected) in [
        ("version: 0.2\nphases:\n  build:\n    commands: [\"echo 'a\"]\n", "a single quote is not closed"),
        ("version: 0.2\nphases:\n  build:\n    commands:\n      - echo a: b\n", "a command is a text"),
        ("version: 0.2\nphases: [\n", "not well-formed YAML"),
        (
            "version: 0.2\nphases:\n  build:\n    commands:\n      - copilot-pipeline biuld --tag \"$TAG\"\n",
            "`copilot-pipeline` would refuse this: unrecognized subcommand 'biuld'",
        ),
        (
            "version: 0.2\nenv: {variables: {COPILOT_PIPELINE_SHA256_ARM64: latest}}\nphases: {}\n",
            "is not a SHA-256",
        ),
    ] {
        cloud.folder.write(BUILDSPEC, text);
        let said = refused(&cloud, &["deploy", "--yes"]);
        assert!(said.contains(expected), "{said}");
        let validated = crate::copilot(&cloud.folder.path, &["validate"]);
        assert!(validated.code == 1 && validated.stderr.contains(expected), "{validated:?}");
    }
    fs_err::remove_file(cloud.folder.path.join(BUILDSPEC)).unwrap();
    let said = refused(&cloud, &["deploy", "--yes"]);
    assert!(said.contains(&format!("the project has no file `{BUILDSPEC}`")), "{said}");
}

#[test]
fn buildspecs_that_run_are_left_alone() {
    let cloud = Cloud::new();
    for command in [
        "copilot-pipeline build --name main --tag \"${CODEBUILD_BUILD_ID##*:}\" --jobs $JOBS",
        "copilot-pipeline build $FLAGS --app \"$APP\"",
        "copilot-pipeline --version",
        "copilot-pipeline svc package --help",
    ] {
        cloud
            .folder
            .write(BUILDSPEC, format!("version: 0.2\nphases: {{build: {{commands: ['{command}']}}}}\n"));
        let validated = crate::copilot(&cloud.folder.path, &["validate"]);
        assert_eq!(validated.code, 0, "{command}: {validated:?}");
        assert!(validated.stderr.contains("0 errors, 0 warnings"), "{command}: {validated:?}");
    }
    let old = "version: 0.2\nphases:\n  install:\n    commands:\n      - wget -q https://ecs-cli-v2-release.s3.amazonaws.com/copilot-linux-v1.34.0\n";
    cloud.folder.write(BUILDSPEC, old);
    let validated = crate::copilot(&cloud.folder.path, &["validate"]);
    assert!(
        validated.code == 0 && validated.stderr.contains("downloads AWS Copilot v1.34.0"),
        "{validated:?}"
    );
    let deployed = cloud.run(&["deploy", "--yes"]);
    assert!(deployed.code == 0 && deployed.stderr.contains("downloads AWS Copilot v1.34.0"), "{deployed:?}");
}

#[test]
fn a_repository_of_another_region_is_refused() {
    let cloud = Cloud::new();
    let address = "https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/shop/browse";
    let manifest = MANIFEST.replace("GitHub", "CodeCommit").replace("https://github.com/acme/shop", address);
    cloud.folder.write("copilot/pipelines/main/manifest.yml", manifest);
    for command in [&["deploy", "--yes"][..], &["package"]] {
        let said = refused(&cloud, command);
        assert!(
            said.contains(
                "the CodeCommit repository is in eu-west-1, but the pipeline would be in us-west-2"
            ),
            "{said}"
        );
    }
    let init = "init --name new --url codecommit::eu-west-1://shop --git-branch main --pipeline-type Workloads --environments test";
    let said = refused(&cloud, &init.split(' ').collect::<Vec<_>>());
    assert!(said.contains("is in eu-west-1"), "{said}");
    assert!(!cloud.folder.path.join("copilot/pipelines/new").exists());
}

#[test]
fn images_for_windows_are_warned_of() {
    let cloud = Cloud::new();
    let manifest = "name: api\ntype: Backend Service\nimage:\n  build: Dockerfile\nplatform: windows/amd64\n";
    cloud.folder.write("copilot/api/manifest.yml", manifest);
    cloud.folder.write("Dockerfile", "FROM scratch\n");
    let init =
        "init --name new --url acme/shop --git-branch main --pipeline-type Workloads --environments test";
    for command in ["validate", "package --name main", init, "deploy --yes --name main"] {
        let done = cloud.run(&command.split(' ').collect::<Vec<_>>());
        assert_eq!(done.code, 0, "{command}: {done:?}");
        let told = done.stderr.matches("a pipeline can't build images for Windows").count();
        assert_eq!(told, 1, "{command}: {done:?}");
    }
    let located = manifest.replace("build: Dockerfile", "location: acme/api");
    cloud.folder.write("copilot/api/manifest.yml", located);
    let done = cloud.run(&["validate"]);
    assert!(!done.stderr.contains("Windows"), "{done:?}");
}

#[test]
fn commands_that_nobody_ran_are_not_shown_as_done() {
    let cloud = Cloud::new();
    let manifest = MANIFEST.replace("  - name: test\n", "  - name: test\n    test_commands: [make test]\n");
    cloud.folder.write("copilot/pipelines/main/manifest.yml", manifest);
    assert_eq!(cloud.run(&["deploy", "--yes"]).code, 0);
    cloud.settle();
    let status = cloud.run(&["status"]);
    assert!(status.stdout.contains("---  TestCommands"), "{}", status.stdout);
    assert!(!status.stdout.contains("ok   TestCommands"), "{}", status.stdout);
}
