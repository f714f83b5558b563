//! The program of `examples/compare.rs` does what its text promises.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the tests call what `main` calls")]
#[path = "../../examples/compare.rs"]
mod compare;

const SHORT: &str = "Description: A queue.
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: !Sub '${App}-events', DelaySeconds: 5}
";
const LONG: &str = r#"{"Description": "A queue.", "Resources": {"Queue": {"Properties":
    {"DelaySeconds": "5", "QueueName": {"Fn::Sub": "${App}-events"}}, "Type": "AWS::SQS::Queue"}}}"#;

fn run(old: &str, new: &str, option: Option<&str>) -> (Result<bool, String>, String) {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = [("old", old), ("new", new)].map(|(name, text)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    });
    let mut arguments = vec![old.as_str(), &new];
    arguments.extend(option);
    let mut out = Vec::new();
    let result = compare::run(&arguments, &mut out).map_err(|error| error.to_string());
    (result, String::from_utf8(out).unwrap())
}

#[test]
fn what_means_the_same_is_the_same() {
    assert_eq!(run(SHORT, LONG, None), (Ok(true), String::new()));
    let described = SHORT.replace("A queue", "Another");
    assert_eq!(run(SHORT, &described, Some("--behaviour")), (Ok(true), String::new()));
    assert_eq!(run(SHORT, &described, None).0, Ok(false));
}

#[test]
fn what_differs_is_shown() {
    let (result, text) = run(SHORT, &LONG.replace("\"5\"", "50"), None);
    assert_eq!(result, Ok(false));
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_no_template_is_trouble() {
    let (result, text) = run(SHORT, "Resources: [\n", None);
    assert!(result.unwrap_err().contains("copilot::yaml::"));
    assert_eq!(text, "");
    assert!(run(SHORT, LONG, Some("--else")).0.unwrap_err().starts_with("usage: "));
}
