//! `plan` against a local AWS, and carrying out a plan that was saved.

use copilot_local_aws::{Effect, Fault, Validation};
use serde_json::{Value, json};

use super::{ACCOUNT, Cloud, MANIFEST, REGION, STACK};

#[test]
fn a_plan_is_what_a_deployment_does() {
    let cloud = Cloud::deployed();
    let same = cloud.run(&["plan"]);
    assert_eq!(same.code, 0, "{same:?}");
    assert!(same.stdout.starts_with("Nothing changes in 1 stack."), "{}", same.stdout);
    cloud
        .folder
        .write("copilot/pipelines/main/manifest.yml", MANIFEST.replace("branch: main", "branch: next"));
    let changes = cloud.run(&["plan"]);
    insta::assert_snapshot!("plan", cloud.show(&changes));
    assert_eq!(cloud.run(&["deploy", "--yes"]).code, 0);
    assert_eq!(cloud.run(&["plan"]).code, 0);
}

#[test]
fn a_saved_plan_is_carried_out_unless_something_moved() {
    let cloud = Cloud::deployed();
    let branch = |name: &str| {
        let manifest = MANIFEST.replace("branch: main", &format!("branch: {name}"));
        cloud.folder.write("copilot/pipelines/main/manifest.yml", manifest);
    };
    branch("next");
    assert_eq!(cloud.run(&["plan", "--out", "plan.json"]).code, 2);
    branch("other");
    let moved = cloud.run(&["deploy", "--plan", "plan.json"]);
    assert_eq!(moved.code, 1, "{moved:?}");
    assert!(moved.stderr.contains("what stack pipeline-shop-main is to be has changed"), "{}", moved.stderr);
    branch("next");
    let done = cloud.run(&["deploy", "--plan", "plan.json"]);
    assert_eq!(done.code, 0, "{done:?}");
    // Whoever has several pipelines has to name this one again.
    for next in ["`copilot-pipeline start --name main`", "`copilot-pipeline status --watch --name main`"] {
        assert!(done.stderr.contains(next), "{}", done.stderr);
    }
    let again = cloud.run(&["deploy", "--plan", "plan.json"]);
    assert!(again.stderr.contains("was changed since the plan was made"), "{}", again.stderr);
    cloud.folder.write("other.json", "{}");
    let none = cloud.run(&["deploy", "--plan", "other.json"]);
    assert!(none.stderr.contains("`other.json` is no saved plan"), "{}", none.stderr);
}

#[test]
fn stacks_that_are_not_there_would_be_created() {
    let cloud = Cloud::deployed();
    let all = cloud.run(&["plan", "--all", "--json"]);
    assert_eq!(all.code, 2, "{all:?}");
    let json: serde_json::Value = serde_json::from_str(&all.stdout).unwrap();
    let creates = |name: &str| {
        let stacks = json["stacks"].as_array().unwrap();
        stacks.iter().find(|stack| stack["stack"] == name).map(|stack| stack["creates"] == true)
    };
    assert_eq!(creates("shop-test-api"), Some(true));
    assert_eq!(creates("pipeline-shop-main"), Some(false));
    assert_eq!(creates("shop-test"), Some(false));
}

/// With another branch in the manifest than is deployed.
fn changed() -> Cloud {
    let cloud = Cloud::deployed();
    let manifest = MANIFEST.replace("branch: main", "branch: next");
    cloud.folder.write("copilot/pipelines/main/manifest.yml", manifest);
    cloud
}

/// Nothing was executed, and nothing was left.
fn is_clean(cloud: &Cloud) {
    let calls = cloud.aws.calls();
    assert_eq!(calls.count("cloudformation", "ExecuteChangeSet"), 0);
    cloud.aws.with_state(|state| {
        let mut here = state.region(ACCOUNT, REGION);
        for name in here.stacks() {
            let stack = here.stack(&name).unwrap();
            assert!(stack.change_sets.is_empty() && stack.status != "REVIEW_IN_PROGRESS", "{stack:?}");
        }
        let _ = &mut here;
    });
}

#[test]
fn cloudformation_is_held_against_the_plan() {
    let cloud = changed();
    let agreed = cloud.run(&["plan", "--remote"]);
    assert_eq!(agreed.code, 2, "{agreed:?}");
    assert!(agreed.stdout.contains("CloudFormation says the same of 1 stack."), "{}", agreed.stdout);
    is_clean(&cloud);
    // What this program does not know.
    cloud.aws.with_state(|state| state.region(ACCOUNT, REGION).replace_with(STACK, "Pipeline", "Stages"));
    let differs = cloud.run(&["plan", "--remote"]);
    insta::assert_snapshot!("replaced", cloud.show(&differs));
    assert_eq!(cloud.run(&["plan", "--remote", "--fail-on", "replacement"]).code, 2);
    let json: Value = serde_json::from_str(&cloud.run(&["plan", "--remote", "--json"]).stdout).unwrap();
    let found = &json["stacks"][0]["remote"]["disagreements"][0];
    assert_eq!((&found["ours"], &found["theirs"]), (&json!("changed"), &json!("replaced")), "{json}");
    assert_eq!(json["worst"], "replacement");
    for format in ["markdown", "html"] {
        let page = cloud.run(&["plan", "--remote", "--format", format]).stdout;
        assert!(page.contains("CloudFormation says that it is replaced"), "{page}");
    }
    is_clean(&cloud);
}

#[test]
fn what_cloudformation_would_refuse_is_told_with_its_reasons() {
    let cloud = changed();
    let find = |fails: bool| {
        let validation = Validation {
            resource: "Pipeline".into(),
            name: "PROPERTY_VALIDATION".into(),
            path: "/Resources/Pipeline/Properties/Stages".into(),
            reason: "a stage\nis \u{202e}wrong".into(),
            fails,
        };
        cloud.aws.with_state(|state| state.region(ACCOUNT, REGION).find_invalid(STACK, validation));
    };
    find(false);
    let warned = cloud.run(&["plan", "--remote"]);
    assert_eq!(warned.code, 2, "a warning keeps nobody from deploying: {warned:?}");
    assert!(warned.stdout.contains("warning"), "{}", warned.stdout);
    find(true);
    let refused = cloud.run(&["plan", "--remote"]);
    insta::assert_snapshot!("refused", cloud.show(&refused));
    is_clean(&cloud);
    // So is a deployment.
    let deployed = cloud.run(&["deploy", "--yes"]);
    assert!(deployed.code == 1 && deployed.stderr.contains("PROPERTY_VALIDATION"), "{}", deployed.stderr);
    is_clean(&cloud);
}

#[test]
fn a_change_set_is_deleted_whatever_happens() {
    let cloud = changed();
    for operation in ["DescribeChangeSet", "DescribeEvents"] {
        cloud.aws.clear_faults();
        let denied = Fault::new(Effect::AccessDenied).on(&format!("cloudformation:{operation}"));
        cloud.aws.inject(denied.times(1));
        let done = cloud.run(&["plan", "--remote"]);
        // That validations can't be read keeps nobody from reading the rest.
        assert_eq!(done.code, if operation == "DescribeEvents" { 2 } else { 1 }, "{done:?}");
        is_clean(&cloud);
    }
    cloud.aws.clear_faults();
    cloud.aws.inject(Fault::new(Effect::CutAnswer).on("cloudformation:CreateChangeSet").times(1));
    let again = cloud.run(&["plan", "--remote"]);
    assert_eq!(again.code, 2, "{again:?}");
    is_clean(&cloud);
}

#[test]
fn what_was_changed_outside_is_found() {
    let cloud = Cloud::deployed();
    let none = cloud.run(&["plan", "--drift"]);
    assert_eq!(none.code, 0, "{none:?}");
    assert!(none.stdout.contains("Nothing has drifted in 1 stack."), "{}", none.stdout);
    cloud.aws.with_state(|state| {
        let mut here = state.region(ACCOUNT, REGION);
        here.drift(STACK, "BuildProject", "/TimeoutInMinutes", json!(5));
        here.drift(STACK, "BuildProject", "/Environment/ComputeType", Value::Null);
        here.vanish(STACK, "PipelineRole");
    });
    let found = cloud.run(&["plan", "--drift"]);
    insta::assert_snapshot!("drift", cloud.show(&found));
    assert_eq!(cloud.run(&["plan", "--drift", "--fail-on", "removal"]).code, 0);
    let json: Value = serde_json::from_str(&cloud.run(&["plan", "--drift", "--json"]).stdout).unwrap();
    assert_eq!(json["stacks"][0]["drift"]["resources"].as_array().unwrap().len(), 2, "{json}");
    for operation in ["CreateChangeSet", "ExecuteChangeSet"] {
        assert_eq!(cloud.aws.calls().count("cloudformation", operation), 0);
    }
}

/// Addons of the service, with a table of this billing mode.
fn addons(cloud: &Cloud, class: &str, more: &str) {
    let addons = format!(
        "Parameters:\n  App: {{Type: String}}\n  Env: {{Type: String}}\n  Name: {{Type: String}}\nResources:\n  Table:\n    Type: \
         AWS::DynamoDB::Table\n    Properties:\n      TableName: !Sub '${{App}}-${{Env}}-orders'\n      TableClass: {class}\n      \
         BillingMode: PAY_PER_REQUEST\n      AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]\n      \
         KeySchema: [{{AttributeName: id, KeyType: HASH}}]\n{more}"
    );
    cloud.folder.write("copilot/api/addons/orders.yml", addons);
}

/// The service with its addons as a pipeline deploys it.
fn with_addons() -> Cloud {
    let cloud = Cloud::deployed();
    addons(&cloud, "STANDARD", "");
    let package = ["svc", "package", "-n", "api", "-e", "test", "--output-dir", "out", "--upload-assets"];
    let packaged = cloud.run(&package);
    assert_eq!(packaged.code, 0, "{packaged:?}");
    let values: Value = serde_json::from_str(&cloud.folder.read("out/api-test.params.json")).unwrap();
    let of = |key: &str| serde_json::from_value(values[key].clone()).unwrap();
    let template = cloud.folder.read("out/api-test.stack.yml");
    cloud.create_stack_with("shop-test-api", &template, of("Parameters"), of("Tags"));
    cloud.aws.reset_calls();
    cloud
}

#[test]
fn addons_are_planned_resource_by_resource() {
    let cloud = with_addons();
    let plan = |more: &[&str]| cloud.run(&[&["plan", "--workloads"], more].concat());
    let same: Value = serde_json::from_str(&plan(&["--json"]).stdout).unwrap();
    let stacks = same["stacks"].as_array().unwrap();
    let of_test = |stack: &&Value| stack["subject"]["environment"] == "test";
    for stack in stacks.iter().filter(of_test) {
        assert_eq!(stack["differences"], json!([]), "{stack}");
    }
    assert_eq!(stacks.iter().filter(of_test).count(), 2, "{same}");
    // In place, and anew.
    addons(&cloud, "STANDARD_INFREQUENT_ACCESS", "  Topic: {Type: 'AWS::SNS::Topic'}\n");
    let changed = plan(&["--remote"]);
    // CloudFormation ends the name of a nested stack as it likes.
    let (before, rest) = changed.stdout.split_once("-AddonsStack-").unwrap();
    insta::assert_snapshot!("addons", format!("{before}-AddonsStack-[ID]{}", &rest[12..]));
    is_clean(&cloud);
    let renamed = cloud.folder.read("copilot/api/addons/orders.yml").replace("-orders", "-sales");
    cloud.folder.write("copilot/api/addons/orders.yml", renamed);
    assert_eq!(plan(&["--fail-on", "replacement"]).code, 2);
    // All gone.
    fs_err::remove_dir_all(cloud.folder.path.join("copilot/api/addons")).unwrap();
    let gone = plan(&["--fail-on", "removal"]);
    assert!(
        gone.code == 2 && gone.stdout.contains("Table (AWS::DynamoDB::Table): deleted"),
        "{}",
        gone.stdout
    );
}

/// What is nested is planned to be made, and a change set with it leaves no stack behind in review.
#[test]
fn new_addons_leave_nothing_behind() {
    let cloud = Cloud::deployed();
    let package = ["svc", "package", "-n", "api", "-e", "test", "--output-dir", "out"];
    assert_eq!(cloud.run(&package).code, 0);
    let values: Value = serde_json::from_str(&cloud.folder.read("out/api-test.params.json")).unwrap();
    let of = |key: &str| serde_json::from_value(values[key].clone()).unwrap();
    let template = cloud.folder.read("out/api-test.stack.yml");
    cloud.create_stack_with("shop-test-api", &template, of("Parameters"), of("Tags"));
    addons(&cloud, "STANDARD", "");
    cloud.aws.reset_calls();
    let plan = cloud.run(&["plan", "--workloads", "--remote"]);
    assert_eq!(plan.code, 2, "{plan:?}");
    assert!(plan.stdout.contains("says the same"), "{}", plan.stdout);
    is_clean(&cloud);
    assert_eq!(cloud.aws.calls().count("cloudformation", "DeleteStack"), 1, "of the nested one");
}

#[test]
fn a_plan_asks_at_most_once_for_each_stack_and_environment() {
    let cloud = with_addons();
    let calls = |cloud: &Cloud| cloud.aws.calls().by_operation().values().sum::<usize>();
    assert_eq!(cloud.run(&["facts"]).code, 0);
    let facts = calls(&cloud);
    cloud.aws.reset_calls();
    let all = cloud.run(&["plan", "--all", "--json"]);
    let json: Value = serde_json::from_str(&all.stdout).unwrap();
    let deployed =
        json["stacks"].as_array().unwrap().iter().filter(|stack| stack["creates"] == false).count();
    let (made, environments) = (calls(&cloud), 2);
    assert!(
        made <= facts + deployed + environments,
        "{made} calls, facts make {facts}, {deployed} stacks:\n{}",
        cloud.calls()
    );
}
