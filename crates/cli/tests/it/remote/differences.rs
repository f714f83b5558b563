//! `package --diff` and `svc package --diff`: what a deployment would change.

use std::collections::BTreeMap;

use copilot_local_aws::{Effect, Fault};

use super::{ACCOUNT, Cloud, MANIFEST, REGION};
use crate::Done;

fn answer(done: &Done) -> (u8, &str) {
    (done.code, done.stdout.as_str())
}

#[test]
fn a_pipeline_is_compared_with_what_is_deployed() {
    let cloud = Cloud::new();
    let new = cloud.run(&["package", "--diff"]);
    assert!(new.code == 1 && new.stdout.contains("+ BuildProject (AWS::CodeBuild::Project)"), "{new:?}");
    assert_eq!(cloud.run(&["deploy", "--yes"]).code, 0);
    assert_eq!(answer(&cloud.run(&["package", "--diff"])), (0, "No changes.\n"));
    let manifest = MANIFEST.replace("branch: main", "branch: next");
    cloud.folder.write("copilot/pipelines/main/manifest.yml", manifest);
    let changed = cloud.run(&["package", "--diff"]);
    assert!(changed.code == 1 && changed.stdout.contains("main -> next"), "{changed:?}");
    cloud.folder.write("copilot/pipelines/main/manifest.yml", MANIFEST);
    let record = format!(r#"{{"name": "shop", "account": "{ACCOUNT}", "tags": {{"team": "red"}}}}"#);
    cloud.aws.with_state(|state| {
        state.region(ACCOUNT, REGION).put_parameter("/copilot/applications/shop", &record, &[]);
    });
    let tagged = "Tags of the stack\n  + team: red\n";
    assert_eq!(answer(&cloud.run(&["package", "--diff"])), (1, tagged));
    let deployed = cloud.run(&["deploy", "--diff", "--yes"]);
    assert!(deployed.code == 0 && deployed.stdout.contains("parameter    team: + red"), "{deployed:?}");
    assert_eq!(answer(&cloud.run(&["package", "--diff"])), (0, "No changes.\n"));
}

#[test]
fn a_pipeline_is_compared_with_a_file_as_well() {
    let cloud = Cloud::deployed();
    cloud.folder.write("old.yml", cloud.run(&["package"]).stdout);
    cloud.folder.write("facts.yml", cloud.run(&["facts"]).stdout);
    let same = ["package", "--facts", "facts.yml", "--diff", "old.yml"];
    assert_eq!(answer(&cloud.run(&same)), (0, "No changes.\n"));
    let without = cloud.run(&["package", "--facts", "facts.yml", "--diff"]);
    assert!(
        without.code == 1 && without.stderr.contains("`facts.yml` doesn't know what is deployed"),
        "{without:?}"
    );
}

#[test]
fn a_difference_that_can_not_be_told_has_a_code_of_its_own() {
    let cloud = Cloud::deployed();
    cloud.aws.inject(Fault::new(Effect::AccessDenied).on("cloudformation:GetTemplate"));
    let refused = cloud.run(&["package", "--diff"]);
    assert!(
        refused.code == 2 && refused.stderr.contains("cloudformation:GetTemplate was refused"),
        "{refused:?}"
    );
    let service = cloud.run(&["svc", "package", "--name", "api", "--env", "test", "--diff"]);
    assert_eq!(service.code, 1, "a stack that is not there is no stack that can't be read: {service:?}");
}

#[test]
fn a_service_is_compared_with_its_stack() {
    const SERVICE: [&str; 6] = ["svc", "package", "--name", "api", "--env", "test"];
    let cloud = Cloud::new();
    let difference = || cloud.run(&[&SERVICE[..], &["--diff"]].concat());
    let new = difference();
    assert!(new.code == 1 && new.stdout.contains("+ Service (AWS::ECS::Service)"), "{new:?}");
    assert!(new.stdout.contains("Values of parameters\n"), "{new:?}");
    let written = cloud.run(&[&SERVICE[..], &["--output-dir", "out"]].concat());
    assert_eq!(written.code, 0, "{written:?}");
    let values: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_str(&cloud.folder.read("out/api-test.params.json")).unwrap();
    let (mut parameters, tags) = (values["Parameters"].clone(), values["Tags"].clone());
    parameters.insert("TaskCPU".into(), "512".into());
    cloud.create_stack_with("shop-test-api", &cloud.folder.read("out/api-test.stack.yml"), parameters, tags);
    let values = difference();
    assert_eq!(answer(&values), (1, "Values of parameters\n  ~ TaskCPU: '512' -> '256'\n"), "{values:?}");
    let manifest = cloud.folder.read("copilot/api/manifest.yml");
    cloud.folder.write("copilot/api/manifest.yml", format!("{manifest}cpu: 512\n"));
    let same = difference();
    assert_eq!(answer(&same), (0, "No changes.\n"), "{same:?}");
    cloud.folder.write("copilot/api/manifest.yml", format!("{manifest}cpu: 512\ncommand: serve\n"));
    let changed = difference();
    assert!(changed.code == 1 && changed.stdout.contains("Command"), "{changed:?}");
}
