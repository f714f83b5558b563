//! The made-up application on a local AWS.

mod environments;

use std::collections::BTreeSet;

use copilot_local_aws::{LocalAws, Options, Pace, StackView};

use crate::support::left_out;
use crate::{Done, Folder, copilot, root, with};

#[test]
fn it_is_set_up_once_and_says_what_to_type_next() {
    let folder = Folder::new();
    let done = copilot(&folder.path, &["demo", "shop"]);
    insta::assert_snapshot!(done.shown(&folder.path));
    assert!(folder.content().contains_key("shop/.aws/state.json"));
    let again = copilot(&folder.path, &["demo", "shop"]);
    insta::assert_snapshot!(again.shown(&folder.path));
}

#[test]
fn a_state_that_has_the_application_is_not_touched() {
    let folder = Folder::new();
    assert_eq!(copilot(&folder.path, &["--local", "aws", "demo", "one"]).code, 0);
    let before = folder.content();
    let done = copilot(&folder.path, &["--local", "aws", "demo", "two"]);
    assert_eq!(done.code, 1);
    assert!(
        done.stderr.contains("AlreadyExists") || done.stderr.contains("already exists"),
        "{}",
        done.stderr
    );
    let names =
        |content: std::collections::BTreeMap<String, Vec<u8>>| content.into_keys().collect::<BTreeSet<_>>();
    assert_eq!(names(folder.content()), names(before));
}

#[test]
fn the_workspace_is_that_of_the_example_without_its_pipeline() {
    let folder = Folder::new();
    assert_eq!(copilot(&folder.path, &["--local", "aws", "demo", "shop"]).code, 0);
    let example = root().join("examples/storefront");
    let mut count = 0;
    for (path, bytes) in folder.content().iter().filter(|(path, _)| !path.starts_with("aws/")) {
        let same = example.join(path.strip_prefix("shop/").unwrap());
        assert_eq!(&fs_err::read(&same).unwrap(), bytes, "{path}");
        count += 1;
    }
    assert_eq!(count, 19);
    assert_eq!(copilot(&folder.path.join("shop"), &["validate"]).code, 0);
}

/// A stack of an account.
fn stack(folder: &Folder, account: &str, name: &str) -> StackView {
    aws(folder).with_state(|state| state.region(account, "eu-west-1").stack(name)).unwrap()
}

#[test]
fn environments_are_as_they_are_rendered() {
    let folder = Folder::new();
    assert_eq!(copilot(&folder.path, &["demo", "."]).code, 0);
    for (name, account) in [("test", "111122223333"), ("prod", "444455556666")] {
        let done = quickly(&folder, &["env", "package", "-n", name, "--diff"]);
        assert_eq!((done.code, done.stdout.as_str()), (0, "No changes.\n"), "{}", done.stderr);
        let done = quickly(&folder, &["env", "package", "-n", name, "--output-dir", "out"]);
        assert_eq!(done.code, 0, "{}", done.stderr);
        let written = folder.read(&format!("out/{name}.env.params.json"));
        let written: serde_json::Value = serde_json::from_str(&written).unwrap();
        let deployed = stack(&folder, account, &format!("storefront-{name}"));
        assert_eq!(deployed.status, "CREATE_COMPLETE");
        assert_eq!(written["Parameters"], serde_json::json!(deployed.parameters));
        assert_eq!(written["Tags"], serde_json::json!(deployed.tags));
    }
}

#[test]
fn functions_of_environments_are_where_their_stacks_say() {
    let folder = Folder::new();
    assert_eq!(copilot(&folder.path, &["demo", "."]).code, 0);
    let template = stack(&folder, "111122223333", "storefront-test").template;
    let value = |key: &str| {
        let found = template.lines().find_map(|line| line.trim_start().strip_prefix(key));
        found.unwrap_or_else(|| panic!("the template has no {key}")).trim().to_owned()
    };
    let zip = aws(&folder).object(&value("S3Bucket:"), &value("S3Key:")).unwrap();
    assert!(zip.starts_with(b"PK"));
}

/// A pipeline with a stage for each environment, deployed to a local AWS; its folder.
fn deployed() -> Folder {
    deployed_with("")
}

/// The same with a Node.js.
fn deployed_with(node: &str) -> Folder {
    let folder = Folder::new();
    assert_eq!(copilot(&folder.path, &["demo", "."]).code, 0);
    let init = "--local .aws init --name shop --url https://github.com/storefront-example/storefront --git-branch main \
                --pipeline-type Workloads --environments test,prod --require-approval prod";
    assert_eq!(copilot(&folder.path, &init.split_whitespace().collect::<Vec<_>>()).code, 0);
    let done = quickly_with(node, &folder, &["deploy", "--yes"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stderr.contains("here that takes a few seconds"), "{}", done.stderr);
    folder
}

/// A command on the local AWS, whose time flies.
fn quickly(folder: &Folder, arguments: &[&str]) -> Done {
    quickly_with("", folder, arguments)
}

/// The same with a Node.js.
fn quickly_with(node: &str, folder: &Folder, arguments: &[&str]) -> Done {
    let variables =
        [("COPILOT_LOCAL_STEP_MS", "5"), ("COPILOT_LOCAL_NODE", node), ("COPILOT_LOCAL_ENGINE", "")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    with(&folder.path, &[&["--local", ".aws"], arguments].concat(), variables, None)
}

/// Asks for the status of a pipeline until `wanted` is in it.
fn until(folder: &Folder, pipeline: &str, wanted: &str) -> Done {
    until_with("", folder, pipeline, wanted)
}

/// The same with a Node.js.
fn until_with(node: &str, folder: &Folder, pipeline: &str, wanted: &str) -> Done {
    let mut last = String::new();
    for _ in 0..600 {
        let done = quickly_with(node, folder, &["status", "--name", pipeline]);
        assert_eq!(done.code, 0, "{}", done.stderr);
        if done.stdout.contains(wanted) {
            return done;
        }
        last = done.stdout;
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the status never has `{wanted}`: {last}");
}

/// The local AWS, whose time stands still.
fn aws(folder: &Folder) -> LocalAws {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options =
        Options { state_dir: Some(folder.path.join(".aws")), pace: Pace::Manual, ..Options::default() };
    runtime.block_on(LocalAws::start(options)).unwrap()
}

/// Names of the stacks of an account.
fn stacks(folder: &Folder, account: &str) -> Vec<(String, String)> {
    aws(folder).with_state(|state| {
        let region = state.region(account, "eu-west-1");
        let view = |name: String| region.stack(&name).map(|stack| (name, stack.status));
        region.stacks().into_iter().filter_map(view).collect()
    })
}

#[test]
fn a_pipeline_goes_through_its_stages_and_deploys_what_it_builds() {
    let folder = deployed();
    let done = until(&folder, "shop", "waits for approval:");
    assert!(done.stdout.contains("approve --name shop"), "{}", done.stdout);
    let made = |account: &str, prefix: &str| -> Vec<String> {
        let own = stacks(&folder, account).into_iter().filter(|(name, _)| name.starts_with(prefix));
        own.map(|(name, status)| format!("{name} {status}")).collect()
    };
    let all = ["api", "cleanup", "frontend", "worker"];
    assert_eq!(
        made("111122223333", "storefront-test-"),
        all.map(|name| format!("storefront-test-{name} CREATE_COMPLETE"))
    );
    assert_eq!(stack(&folder, "111122223333", "storefront-test").parameters["ALBWorkloads"], "frontend");
    assert_eq!(made("444455556666", "storefront-prod-"), Vec::<String>::new(), "nobody has approved");
    assert_eq!(quickly(&folder, &["delete", "--yes"]).code, 0);
    assert_eq!(made("111122223333", "pipeline-"), Vec::<String>::new());
    assert_eq!(made("111122223333", "storefront-test-").len(), 4, "the workloads are not the pipeline's");
}

/// What stacks refer to is uploaded by the build.
#[test]
fn addons_and_environment_files_are_where_their_stacks_say() {
    let folder = Folder::new();
    assert_eq!(copilot(&folder.path, &["demo", "."]).code, 0);
    folder.write("copilot/api/addons/orders.yml", "Parameters:\n  App: {Type: String}\n  Env: {Type: String}\n  Name: {Type: String}\nResources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: !Sub '${App}-${Env}-${Name}-orders'}\n");
    let manifest = folder.read("copilot/api/manifest.yml");
    folder.write("copilot/api/manifest.yml", manifest.replace("cpu: 256", "cpu: 256\nenv_file: api.env"));
    folder.write("api.env", "LOG_LEVEL=info\n");
    let init = "--local .aws init --name shop --url https://github.com/storefront-example/storefront --git-branch main \
                --pipeline-type Workloads --environments test";
    assert_eq!(copilot(&folder.path, &init.split_whitespace().collect::<Vec<_>>()).code, 0);
    assert_eq!(quickly(&folder, &["deploy", "--yes"]).code, 0);
    until(&folder, "shop", "succeeded in all stages");
    let api = stack(&folder, "111122223333", "storefront-test-api");
    let (kind, nested, status) = &api.resources["AddonsStack"];
    assert_eq!((kind.as_str(), status.as_str()), ("AWS::CloudFormation::Stack", "CREATE_COMPLETE"));
    let nested = stack(&folder, "111122223333", nested.as_deref().unwrap());
    assert!(nested.resources.contains_key("Topic"), "{nested:?}");
    let file = api.parameters["EnvFileARN"].trim_start_matches("arn:aws:s3:::").to_owned();
    let (bucket, key) = file.split_once('/').unwrap();
    assert_eq!(aws(&folder).object(bucket, key).unwrap(), "LOG_LEVEL=info\n".as_bytes());
    let plan = quickly(&folder, &["plan", "--all"]);
    assert_eq!(plan.code, 0, "{plan:?}");
}

#[test]
fn functions_of_custom_resources_run_where_there_is_node() {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut programs = std::env::split_paths(&folders).map(|folder| folder.join("node"));
    let Some(node) = programs.find(|program| program.is_file()) else {
        return left_out("functions of custom resources in Node.js");
    };
    let node = node.to_str().unwrap();
    let folder = deployed_with(node);
    until_with(node, &folder, "shop", "waits for approval:");
    for name in ["api", "cleanup", "frontend", "worker"] {
        let stack = stack(&folder, "111122223333", &format!("storefront-test-{name}"));
        assert_eq!(stack.status, "CREATE_COMPLETE", "{name}");
    }
    let environment = stack(&folder, "111122223333", "storefront-test");
    assert_eq!(environment.parameters["ALBWorkloads"], "frontend");
    let state = folder.read(".aws/state.json");
    assert!(state.matches("its function ran in Node.js v").count() >= 4, "functions have run");
    assert!(!state.contains("its function was not run"), "and no other way was taken");
    assert!(state.contains("Create EnvControllerAction"), "what they log is kept");
}

#[test]
fn a_workspace_that_cannot_be_built_fails_the_build() {
    let folder = deployed();
    // On a busy machine the first build is over before `deploy` is: only one that begins later surely sees the manifest.
    until(&folder, "shop", "waits for approval:");
    folder.write("copilot/api/manifest.yml", "name: api\ntype: Backend Service\nimage: [\n");
    assert_eq!(quickly(&folder, &["start"]).code, 0);
    let done = until(&folder, "shop", "failed");
    assert!(done.stdout.contains("can't be rendered"), "{}", done.stdout);
}

#[test]
fn steps_of_the_local_aws_have_a_length_that_can_be_set() {
    let folder = Folder::new();
    let variables = [("COPILOT_LOCAL_STEP_MS".to_owned(), "soon".to_owned())].into();
    let done = with(&folder.path, &["demo"], variables, None);
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("COPILOT_LOCAL_STEP_MS is to be a number"), "{}", done.stderr);
}

#[test]
fn a_folder_without_a_local_aws_is_not_made_one_in_silence() {
    let folder = Folder::workspace();
    let done = copilot(&folder.path, &["--local", "aws", "ls"]);
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("`copilot-pipeline --local aws demo` makes one"), "{}", done.stderr);
    assert!(!folder.path.join("aws").exists());
}
