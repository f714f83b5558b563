//! The program of `examples/render.rs` does what its text promises.

use std::path::PathBuf;

#[expect(dead_code, reason = "the tests call what `main` calls")]
#[path = "../../examples/render.rs"]
mod render;

fn run(arguments: &[&str]) -> Result<String, String> {
    let mut out = Vec::new();
    let result = render::run(arguments, &mut out);
    result.map(|()| String::from_utf8(out).unwrap()).map_err(|error| {
        let cause = error.source().map(|cause| format!("\n{cause}"));
        format!("{error}{}", cause.unwrap_or_default())
    })
}

#[test]
fn a_service_of_the_examples_is_rendered() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/storefront");
    if !folder.is_dir() {
        eprintln!("the examples are not here: nothing to render");
        return;
    }
    let [facts, manifest] =
        ["facts.yml", "copilot/api/manifest.yml"].map(|file| folder.join(file).to_str().unwrap().to_owned());
    let written = tempfile::tempdir().unwrap();
    let file = written.path().join("api.params.json");
    let template = run(&[&facts, &manifest, "prod", file.to_str().unwrap()]).unwrap();
    assert!(template.contains("Type: AWS::ECS::Service"), "{template}");
    assert!(template.contains("functions/EnvControllerFunction.zip"), "{template}");
    let parameters = std::fs::read_to_string(file).unwrap();
    assert!(parameters.contains("\"TaskCount\": \"2\""), "{parameters}");
    assert_eq!(run(&[&facts, &manifest, "prod"]).unwrap(), template);
    let wrong = run(&[&facts, &manifest, "nowhere"]).unwrap_err();
    assert_eq!(wrong, "the application `storefront` has no environment `nowhere`");
}

#[test]
fn what_can_not_be_rendered_is_told_with_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let facts = "application: {name: shop, account_id: '1'}\n\
                 environments: {test: {account_id: '1', region: eu-west-1, topics: []}}\n";
    let facts = write("facts.yml", facts);
    let worker = "name: mailer\ntype: Worker Service\nimage: {location: nginx}\n\
                  subscribe: {topics: [{name: orders, service: web}]}\n";
    let worker = write("worker.yml", worker);
    let broken = write("broken.yml", "name: mailer\ntype: Worker Service\ncpu: many\n");
    let shown = [[&worker, "test"], [&broken, "test"]].map(|[manifest, environment]| {
        run(&[&facts, manifest, environment])
            .unwrap_err()
            .replace(&format!("{}/", folder.path().display()), "")
    });
    insta::assert_snapshot!(shown.join("\n\n"));
    assert!(run(&["facts.yml"]).unwrap_err().starts_with("usage: "));
    assert!(run(&["/nowhere/facts.yml", &worker, "test"]).unwrap_err().starts_with("can't read `/nowhere/"));
}
