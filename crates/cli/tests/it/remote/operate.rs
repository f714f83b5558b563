use super::Cloud;

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
