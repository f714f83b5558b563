//! The made-up application on a local AWS.

use std::collections::BTreeSet;

use crate::{Folder, copilot, root};

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

#[test]
fn steps_of_the_local_aws_have_a_length_that_can_be_set() {
    let folder = Folder::new();
    let variables = [("COPILOT_LOCAL_STEP_MS".to_owned(), "soon".to_owned())].into();
    let done = crate::with(&folder.path, &["demo"], variables, None);
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("COPILOT_LOCAL_STEP_MS is to be a number"), "{}", done.stderr);
}
