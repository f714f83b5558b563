use std::collections::BTreeSet;
use std::fmt::Write;

use copilot_functions::{Function, Stack};

#[test]
fn functions_of_every_kind_of_stack() {
    let listed = Stack::ALL.into_iter().fold(String::new(), |mut text, stack| {
        writeln!(text, "{stack:?}").unwrap();
        for resource in stack.functions() {
            let (function, seconds) = (resource.function, resource.function.timeout().as_secs());
            writeln!(text, "  {} {function} {} {seconds}", resource.logical_id, function.handler()).unwrap();
        }
        text
    });
    insta::assert_snapshot!(listed);
}

#[test]
fn every_function_has_a_stack() {
    let used: BTreeSet<_> =
        Stack::ALL.iter().flat_map(|stack| stack.functions()).map(|resource| resource.function).collect();
    assert_eq!(used, Function::ALL.into());
}

#[test]
fn keys_are_those_of_the_bucket_layout() {
    let resource = Stack::Environment.functions()[5];
    assert_eq!(
        resource.key(),
        format!(
            "manual/scripts/custom-resources/uniquejsonvaluesfunction/{}.zip",
            Function::UniqueJsonValues.content_hash()
        )
    );
}

#[test]
fn names_are_sorted_and_distinct() {
    let names = Function::ALL.map(Function::name);
    assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
}
