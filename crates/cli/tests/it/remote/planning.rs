//! `plan` against a local AWS, and carrying out a plan that was saved.

use super::{Cloud, MANIFEST};

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
