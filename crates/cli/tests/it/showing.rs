use crate::{copilot, root};

#[test]
fn the_example_is_shown_in_every_form() {
    let example = root().join("examples/storefront");
    for (name, arguments) in [
        ("table", &["show", "--local"][..]),
        ("json", &["pipeline", "show", "--local", "--json", "-n", "storefront-main"]),
        ("mermaid", &["show", "--local", "--graph", "mermaid"]),
        ("dot", &["show", "--local", "--graph", "dot"]),
        ("validate", &["validate", "--strict"]),
        ("validate_json", &["validate", "--json"]),
    ] {
        insta::assert_snapshot!(name, copilot(&example, arguments).shown(&example));
    }
}

#[test]
fn the_example_is_packaged_the_same_way_each_time() {
    let example = root().join("examples/storefront");
    let printed = copilot(&example, &["package", "--facts", "facts.yml"]);
    assert_eq!(printed.code, 0, "{printed:?}");
    insta::assert_snapshot!("storefront_stack", printed.stdout);
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("new/infrastructure");
    let written = copilot(
        &example,
        &[
            "package",
            "-n",
            "storefront-main",
            "--facts",
            "facts.yml",
            "--output-dir",
            folder.to_str().unwrap(),
        ],
    );
    assert_eq!(written.code, 0, "{written:?}");
    assert_eq!(written.stdout, copilot(&example, &["show", "--local"]).stdout, "it prints what it will do");
    assert_eq!(fs_err::read_to_string(folder.join("storefront-main.stack.yml")).unwrap(), printed.stdout);
}

#[test]
fn what_is_missing_is_said() {
    let example = root().join("examples/storefront");
    for (name, arguments) in [
        ("wrong_name", &["package", "-n", "storefront-mian", "--facts", "facts.yml"][..]),
        ("no_facts_file", &["package", "--facts", "nowhere.yml"]),
        ("wrong_facts_file", &["package", "--facts", "README.md"]),
        ("other_application", &["show", "--local", "--app", "other"]),
    ] {
        insta::assert_snapshot!(name, copilot(&example, arguments).shown(&example));
    }
}
