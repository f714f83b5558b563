use super::{ACCOUNT, Cloud, REGION, STACK};

#[test]
fn deployed_pipelines_are_listed() {
    let cloud = Cloud::deployed();
    for (name, arguments) in [("ls", &["ls"][..]), ("ls_json", &["pipeline", "ls", "--json"])] {
        let done = cloud.elsewhere(&[arguments, &["--app", "shop"]].concat());
        insta::assert_snapshot!(name, cloud.show(&done));
    }
    let empty = Cloud::new();
    assert_eq!(empty.run(&["ls"]).stdout, "");
    assert_eq!(empty.run(&["ls", "--json"]).stdout, "{\"pipelines\":null}\n");
}

#[test]
fn a_deployed_pipeline_is_shown() {
    let cloud = Cloud::deployed();
    for (name, arguments) in [
        ("show", &["show"][..]),
        ("show_resources", &["show", "--resources"]),
        ("show_json", &["show", "--json", "--resources", "-n", "main"]),
    ] {
        insta::assert_snapshot!(name, cloud.show(&cloud.run(arguments)));
    }
}

#[test]
fn the_status_is_watched_until_somebody_has_to_approve() {
    let cloud = Cloud::deployed();
    let watched = cloud.run(&["status", "--watch"]);
    insta::assert_snapshot!("watch", cloud.show(&watched));
    let status = cloud.run(&["status", "-n", "main"]);
    insta::assert_snapshot!("status", cloud.show(&status));
    let json = cloud.run(&["status", "--json"]);
    insta::assert_snapshot!("status_json", cloud.show(&json));
}

/// The tagging service knows of a new pipeline some time after it was made.
#[test]
fn a_pipeline_that_tags_do_not_find_yet_is_found_by_its_stack() {
    let cloud = Cloud::deployed();
    let arn = cloud.aws.with_state(|state| {
        let stack = state.region(ACCOUNT, REGION).stack(STACK).unwrap();
        let name = stack.resources["Pipeline"].1.clone().unwrap();
        format!("arn:aws:codepipeline:{REGION}:{ACCOUNT}:{name}")
    });
    let request =
        format!(r#"{{"resourceArn": "{arn}", "tagKeys": ["copilot-application", "copilot-pipeline"]}}"#);
    let shown = cloud.run(&["show", "--name", "main"]);
    cloud.call("codepipeline", "UntagResource", &request);
    assert!(!cloud.run(&["ls"]).stdout.contains("main"));
    assert_eq!(cloud.run(&["show", "--name", "main"]).stdout, shown.stdout);
    let without_name = cloud.run(&["status"]);
    assert_eq!(without_name.code, 0, "{without_name:?}");
    let other = cloud.run(&["status", "--name", "mian"]);
    assert!(other.code == 1 && other.stderr.contains("no deployed pipeline `mian`"), "{other:?}");
    let gone = cloud.run(&["delete", "--yes"]);
    assert!(gone.code == 0 && !gone.stderr.contains("failed deployment"), "{gone:?}");
}
