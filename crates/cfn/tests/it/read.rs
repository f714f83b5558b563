//! What a text means.

use copilot_cfn::read::{Document, raw_scalar, read};
use copilot_cfn::{Plain, Value, cfn};
use copilot_yaml::{Diagnostics, Source};

fn document(text: &str) -> Document {
    let mut diagnostics = Diagnostics::default();
    let document = read(&Source::new("template.yml", text), &mut diagnostics).expect("a document");
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    document
}

fn plain(text: &'static str) -> Value {
    Plain::new(text).expect("not a string").into()
}

#[test]
fn short_long_and_json_are_one() {
    let expected = cfn!({
        "A": { "Fn::GetAtt": ["Role", "Arn"] },
        "B": { "Fn::GetAtt": ["Addons", "Outputs.Secret"] },
        "C": { "Fn::If": ["Has", { "Fn::Sub": "${X}" }, { "Ref": "AWS::NoValue" }] },
        "D": { "Fn::And": [{ "Condition": "One" }, { "Fn::Equals": [{ "Ref": "X" }, ""] }] },
        "E": { "Fn::Base64": { "Fn::Sub": "x" } },
        "F": { "Fn::Transform": { "Name": "AWS::Include" } },
    });
    let short = "
A: !GetAtt Role.Arn
B: !GetAtt [Addons, Outputs.Secret]
C: !If [Has, !Sub '${X}', !Ref AWS::NoValue]
D: !And [!Condition One, !Equals [!Ref X, '']]
E: !Base64
  Fn::Sub: x
F: !Transform {Name: AWS::Include}
";
    let long = "
A: {Fn::GetAtt: Role.Arn}
B: {Fn::GetAtt: [Addons, Outputs, Secret]}
C: {Fn::If: [Has, {Fn::Sub: '${X}'}, {Ref: AWS::NoValue}]}
D: {Fn::And: [{Condition: One}, {Fn::Equals: [{Ref: X}, '']}]}
E: {Fn::Base64: {Fn::Sub: x}}
F: {Fn::Transform: {Name: AWS::Include}}
";
    assert_eq!(document(short).value, expected);
    assert_eq!(document(long).value, expected);
    assert_eq!(document(&copilot_cfn::write::to_json(&expected)).value, expected);
    assert_eq!(document(r#"{"A": {"Fn::GetAtt": "Role.Arn"}}"#).value["A"], expected["A"]);
}

#[test]
fn scalars_are_typed_where_all_readers_agree() {
    let value = document(
        "[443, -1, true, FALSE, ~, '', null, '443', \"yes\", 2012-10-17, a, 10.0.0.0/16, !!str 1, !Ref 012]",
    );
    let expected = cfn!([
        443, -1, true, false, null, "", null, "443", "yes", "2012-10-17", "a", "10.0.0.0/16", "1", { "Ref": "012" },
    ]);
    assert_eq!(value.value, expected);
}

#[test]
fn other_scalars_stay_as_written() {
    for text in [
        "0755",
        "+1",
        "-0",
        "1.10",
        "1e3",
        "yes",
        "Off",
        "0x1F",
        "1_000",
        "22:22",
        ".inf",
        "18446744073709551616",
    ] {
        let value = document(&format!("Value: {text}\n")).value;
        assert_eq!(value["Value"], plain(text), "{text}");
        assert_eq!(copilot_cfn::write::to_yaml(&value), format!("Value: {text}\n"));
        assert_eq!(raw_scalar(text), Some(plain(text)), "{text}");
    }
}

#[test]
fn json_is_read_as_json() {
    let value = document(
        "{\n\t\"A\": [1, -2, 1.5, true, null, \"\\ud83d\\ude00 \\/\"],\n\t\"B\": 18446744073709551615\n}",
    )
    .value;
    assert_eq!(value, cfn!({ "A": [1, -2, 1.5, true, null, "😀 /"], "B": u64::MAX }));
}

#[test]
fn a_key_that_stands_twice_is_reported_in_json_too() {
    let mut diagnostics = Diagnostics::default();
    read(&Source::new("template.json", r#"{"A": 1, "A": 2}"#), &mut diagnostics);
    assert_eq!(diagnostics.iter().map(|d| d.code.id).collect::<Vec<_>>(), ["copilot::yaml::duplicate_key"]);
}

#[test]
fn a_raw_scalar_means_what_pasting_it_meant() {
    let cases = [
        ("a", Value::from("a")),
        (" a ", "a".into()),
        ("a # b", "a".into()),
        ("'a # b'", "a # b".into()),
        ("\"8080\"", "8080".into()),
        ("8080", 8080.into()),
        ("", Value::Null),
        ("~", Value::Null),
        ("true", true.into()),
        ("a: b", cfn!({ "a": "b" })),
        ("- a", cfn!(["a"])),
        ("-a", "-a".into()),
        ("--flag=1", "--flag=1".into()),
        ("[a, b]", cfn!(["a", "b"])),
        ("!Ref X", cfn!({ "Ref": "X" })),
        ("a b: c d", cfn!({ "a b": "c d" })),
    ];
    for (text, expected) in cases {
        assert_eq!(raw_scalar(text), Some(expected), "{text:?}");
    }
    for broken in ["@a", "`a", "%a", "*a", "[a", "'a", "{a", "a: b: c", "a\nb"] {
        assert_eq!(raw_scalar(broken), None, "{broken:?}");
    }
}

#[test]
fn spans_follow_keys_items_and_tags() {
    let text = "Resources:\n  Queue:\n    Properties:\n      Name: !Sub '${A}'\n      Tags: [a, {Key: b}]\n      Att: !GetAtt [A, B]\n";
    let document = document(text);
    let at = |path: &[&str]| {
        let span = document.span(path);
        &text[span.start..span.end]
    };
    let properties = |rest: &[&'static str]| [&["Resources", "Queue", "Properties"], rest].concat();
    assert_eq!(at(&properties(&["Tags", "1", "Key"])), "b");
    assert_eq!(at(&properties(&["Att", "Fn::GetAtt", "1"])), "B");
    assert!(at(&properties(&["Name", "Fn::Sub"])).contains("'${A}'"));
    assert_eq!(at(&properties(&["Tags", "7", "Key"])), "[a, {Key: b}]");

    let text = r#"{"Resources": {"Queue": {"Type": "T"}}}"#;
    let json = self::document(text);
    let span = json.span(&["Resources", "Queue", "Type"]);
    assert_eq!(&text[span.start..span.end], "\"T\"");
}
