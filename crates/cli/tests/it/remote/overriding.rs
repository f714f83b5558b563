use std::fmt::Write as _;

use super::Cloud;

fn written(cloud: &Cloud) -> String {
    let mut text = String::new();
    for (name, bytes) in cloud.folder.content() {
        if let Some(name) = name.strip_prefix("copilot/pipelines/main/overrides/") {
            let _ = write!(text, "== {name}\n{}", String::from_utf8(bytes).unwrap());
        }
    }
    text
}

#[test]
fn patches_get_a_frame_that_changes_nothing() {
    let cloud = Cloud::new();
    let done = cloud.run(&["pipeline", "override", "-n", "main", "--tool", "yamlpatch"]);
    assert_eq!(done.code, 0, "{done:?}");
    insta::assert_snapshot!("patches", format!("{}{}", cloud.show(&done), written(&cloud)));
    assert_eq!(cloud.aws.calls().total(), 0, "patches need nothing of AWS");
    assert_eq!(cloud.run(&["deploy", "--yes"]).code, 0);
    let again = cloud.run(&["override", "--tool", "cdk"]);
    insta::assert_snapshot!("not_empty", cloud.show(&again));
}

#[test]
fn row_52_cdk_works_with_a_named_connection() {
    let cloud = Cloud::deployed();
    let manifest =
        super::MANIFEST.replace("    branch:", "    connection_name: copilot-acme-shop\n    branch:");
    cloud.folder.write("copilot/pipelines/main/manifest.yml", manifest);
    let resources = ["--resource", "BuildProject", "--resource", "Pipeline"];
    let done = cloud.run(&[&["override", "--tool", "cdk"][..], &resources].concat());
    assert_eq!(done.code, 0, "{done:?}");
    insta::assert_snapshot!("cdk", written(&cloud));
}

#[test]
fn what_is_not_said_has_a_flag() {
    let cloud = Cloud::new();
    let mut found = String::new();
    for arguments in [
        &["override"][..],
        &["override", "--tool", "cdk"],
        &["override", "--tool", "cdk", "--resource", "Pipelin"],
        &["override", "--tool", "terraform"],
        &["override", "--cdk-language", "python"],
    ] {
        let _ = writeln!(found, "{arguments:?}: {}", cloud.show(&cloud.run(arguments)));
    }
    insta::assert_snapshot!(found);
    assert_eq!(written(&cloud), "");
}
