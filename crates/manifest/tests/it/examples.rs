//! The program of `examples/check.rs` says what its text promises.

#[expect(dead_code, reason = "the tests call what `main` calls")]
#[path = "../../examples/check.rs"]
mod check;

use crate::shared::storefront;

fn run(files: &[&str]) -> (Result<bool, String>, String) {
    let files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
    let mut out = Vec::new();
    let good = check::run(&files, &mut out).map_err(|error| error.to_string());
    (good, String::from_utf8(out).unwrap())
}

#[test]
fn good_manifests_are_passed_over_in_silence() {
    let Some(storefront) = storefront() else {
        return crate::reference::left_out("no example: this is no checkout of the whole repository");
    };
    let of = |path: &str| storefront.join(path).to_str().unwrap().to_owned();
    let files = [
        of("copilot/api/manifest.yml"),
        of("copilot/environments/prod/manifest.yml"),
        of("copilot/pipelines/storefront-main/manifest.yml"),
    ];
    assert_eq!(run(&files.each_ref().map(String::as_str)), (Ok(true), String::new()));
}

#[test]
fn problems_are_told_with_place_code_and_help() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs_err::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let service = "name: api\ntype: Backend Service\nimage: {location: nginx}\ncpus: 256\n\
                   environments:\n  prod: {count: many}\n";
    let files = [
        write("service.yml", service),
        write("type.yml", "name: api\ntype: Backend Servce\n"),
        write("env.yml", "name: test\ntype: Environment\nnetwork: {vpc: {id: 7, cidr: 10.0.0.0/16}}\n"),
        write("pipe.yml", "name: release\nversion: 1\nstages: []\n"),
        write("broken.yml", "name: [\n"),
    ];
    let (good, text) = run(&files.each_ref().map(String::as_str));
    assert_eq!(good, Ok(false));
    let text = text.replace(&format!("{}/", folder.path().display()), "");
    insta::assert_snapshot!(text);
}

#[test]
fn files_that_are_not_there() {
    assert_eq!(run(&[]).0, Err("usage: check FILE...".to_owned()));
    let (result, _) = run(&["/nowhere/manifest.yml"]);
    assert!(result.unwrap_err().starts_with("can't read `/nowhere/manifest.yml`: "));
}
