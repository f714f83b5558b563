//! What is written reads back the same, whoever reads it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use copilot_cfn::intrinsic::{
    base64, cond_if, condition, equals, get_att, import_value, join, no_value, reference, select, sub,
    sub_with,
};
use copilot_cfn::read::read;
use copilot_cfn::write::{to_json, to_json_compact, to_yaml};
use copilot_cfn::{Map, Value, cfn};
use copilot_yaml::{Diagnostics, Source};
use proptest::prelude::*;

use crate::hostile::{HOSTILE, text, value};

fn read_back(text: &str) -> Value {
    let mut diagnostics = Diagnostics::default();
    let document = read(&Source::new("template.yml", text), &mut diagnostics);
    assert!(diagnostics.is_empty(), "{text}\n{diagnostics:?}");
    document.expect("a document").value
}

/// What an independent reader of YAML 1.2 reads, with its tags brought to long form.
fn other_reader(text: &str) -> Value {
    fn convert(value: serde_yaml::Value) -> Value {
        match value {
            serde_yaml::Value::Null => Value::Null,
            serde_yaml::Value::Bool(truth) => Value::Bool(truth),
            serde_yaml::Value::Number(number) => {
                number.as_i64().map_or_else(|| number.to_string().into(), Value::Int)
            }
            serde_yaml::Value::String(text) => Value::from(text),
            serde_yaml::Value::Sequence(items) => items.into_iter().map(convert).collect(),
            serde_yaml::Value::Mapping(entries) => Value::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| (key.as_str().expect("text").to_owned(), convert(value)))
                    .collect(),
            ),
            serde_yaml::Value::Tagged(tagged) => {
                let name = tagged.tag.to_string().trim_start_matches('!').to_owned();
                let argument = match (name.as_str(), convert(tagged.value)) {
                    ("GetAtt", Value::String(text)) => {
                        let (resource, attribute) = text.split_once('.').expect("a dot");
                        Value::from([resource.to_owned(), attribute.to_owned()])
                    }
                    (_, argument) => argument,
                };
                let name = if name == "Ref" { name } else { format!("Fn::{name}") };
                Value::Map(Map::from([(name, argument)]))
            }
        }
    }
    convert(serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}")))
}

/// The same value without what only the reader of this crate keeps.
fn without_plain(value: &Value) -> Value {
    match value {
        Value::Plain(_) => Value::Null,
        Value::List(items) => items.iter().map(without_plain).collect(),
        Value::Map(map) => {
            Value::Map(map.iter().map(|(key, value)| (key.to_owned(), without_plain(value))).collect())
        }
        other => other.clone(),
    }
}

#[test]
fn hostile_strings_survive_two_readers_everywhere() {
    for text in HOSTILE {
        let value = cfn!({
            "Value": *text,
            (*text): [*text, { (*text): *text }, [*text]],
            "Tagged": [sub(*text), reference(*text), select(0, [*text, "b"])],
            "Nested": { "Deeper": { "Literal": *text, "Joined": join(*text, [get_att("A", "B"), sub(*text)]) } },
        });
        let yaml = to_yaml(&value);
        assert_eq!(read_back(&yaml), value, "{text:?}\n{yaml}");
        assert_eq!(other_reader(&yaml), value, "{text:?}\n{yaml}");
        assert_eq!(read_back(&to_json(&value)), value, "{text:?}");
        assert_eq!(
            to_yaml(&Value::from(*text)).trim_end(),
            to_yaml(&read_back(&to_yaml(&Value::from(*text)))).trim_end()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn yaml_reads_back_the_same(value in value()) {
        let yaml = to_yaml(&value);
        prop_assert_eq!(read_back(&yaml), value, "{}", yaml);
    }

    #[test]
    fn yaml_reads_back_the_same_elsewhere(value in value()) {
        let value = without_plain(&value);
        let yaml = to_yaml(&value);
        prop_assert_eq!(other_reader(&yaml), value, "{}", yaml);
    }

    #[test]
    fn json_reads_back_the_same(value in value()) {
        let value = without_plain(&value);
        prop_assert_eq!(read_back(&to_json(&cfn!([&value]))), cfn!([&value]));
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&to_json_compact(&value)).unwrap(), serde_json::to_value(&value).unwrap());
    }

    #[test]
    fn any_text_survives(text in text()) {
        for value in [Value::from(text.clone()), cfn!({ "Key": &text }), cfn!([[&text]]), cfn!({ (text.clone()): 1 })] {
            let yaml = to_yaml(&value);
            prop_assert_eq!(&read_back(&yaml), &value, "{}", yaml);
            prop_assert_eq!(&other_reader(&yaml), &value, "{}", yaml);
        }
    }
}

/// Reads documents from standard input, one JSON string a line, with the rules of YAML 1.1; writes one JSON value a line.
const PYTHON: &str = r#"
import json, sys, yaml
class Loader(yaml.SafeLoader): pass
def tag(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode): value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode): value = loader.construct_sequence(node, deep=True)
    else: value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str): value = value.split(".", 1)
    return {suffix if suffix == "Ref" else "Fn::" + suffix: value}
yaml.add_multi_constructor("!", tag, Loader=Loader)
for line in sys.stdin:
    print(json.dumps(yaml.load(json.loads(line), Loader=Loader)))
"#;

#[test]
fn a_reader_of_yaml_1_1_agrees() {
    let probe = Command::new("python3").args(["-c", "import yaml"]).stderr(Stdio::null()).status();
    if !probe.is_ok_and(|status| status.success()) {
        return crate::reference::left_out("no reader of YAML 1.1: no python3 with PyYAML");
    }
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut values: Vec<Value> = HOSTILE
        .iter()
        .map(|text| cfn!({ "Key": *text, "List": [*text], "Sub": sub(*text), (*text): 1 }))
        .collect();
    for _ in 0..800 {
        let tree = value().new_tree(&mut runner).expect("a value");
        values.push(without_plain(&proptest::strategy::ValueTree::current(&tree)));
    }
    let mut python = Command::new("python3")
        .args(["-c", PYTHON])
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut stdin = python.stdin.take().expect("piped");
    let documents: String =
        values.iter().map(|value| serde_json::to_string(&to_yaml(value)).expect("text") + "\n").collect();
    let writer = std::thread::spawn(move || stdin.write_all(documents.as_bytes()));
    let output = python.wait_with_output().expect("python3 ends");
    writer.join().expect("no panic").expect("all was read");
    let answers: Vec<&str> = std::str::from_utf8(&output.stdout).expect("text").lines().collect();
    for (value, answer) in values.iter().zip(&answers) {
        let read: serde_json::Value = serde_json::from_str(answer).expect("JSON");
        assert_eq!(read, serde_json::to_value(value).expect("JSON"), "{}", to_yaml(value));
    }
    assert_eq!(answers.len(), values.len(), "the reader refused\n{}", to_yaml(&values[answers.len()]));
    println!("PyYAML read {} documents as they were meant", values.len());
}

#[test]
fn intrinsics_take_the_form_that_fits() {
    let policy = "{\n  \"Version\": \"2012-10-17\"\n}\n";
    let value = cfn!({
        "Name": sub("${App}-${Env}"),
        "Version": "2012-10-17",
        "Port": 443,
        "Quoted": "443",
        "Arn": get_att("EnvironmentManagerRole", "Arn"),
        "Nested": import_value(sub("${App}-VpcId")),
        "UserData": base64(sub_with("#!/bin/sh\necho ${Name}\n", [("Name", reference("Name"))])),
        "If": cond_if("HasAddons", get_att("Addons", "Outputs.Secret"), no_value()),
        "Long": cond_if("HasAddons", sub("a".repeat(60)), sub("b".repeat(60))),
        "Block": cond_if("HasAddons", cfn!({ "A": 1, "B": [] }), cfn!([join("", ["a", "b"]), { "C": {} }])),
        "Policy": policy,
        "Condition": { "Fn::And": [condition("A"), equals(reference("B"), "")] },
        "Empty": "",
        "Matrix": [[1, 2], ["a", null], []],
        "Transform": { "Fn::Transform": { "Name": "AWS::Include", "Parameters": { "Location": "s3://b/k" } } },
        "Number": { "Fn::GetAZs": 5 },
    });
    insta::assert_snapshot!(to_yaml(&value));
    assert_eq!(read_back(&to_yaml(&value)), value);
    insta::assert_snapshot!(to_json(&value));
}
