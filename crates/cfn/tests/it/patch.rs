//! Patches: what they do, and how they are refused.

use copilot_cfn::patch::{Patches, remark_in_description};
use copilot_cfn::read::read;
use copilot_cfn::write::to_yaml;
use copilot_cfn::{Value, cfn};
use copilot_yaml::{Diagnostics, Severity, Source};
use proptest::prelude::*;

fn template() -> Value {
    let text = "
Description: A service.
Resources:
  Service:
    Type: AWS::ECS::Service
    Properties:
      Count: 1
      Tags: [a, b]
      Subnets: !If [Public, !Ref One, {List: [x]}]
      Role: !GetAtt Role.Arn
      a/b~c: 1
      Name: !Sub x
";
    read(&Source::new("t", text), &mut Diagnostics::default()).expect("a template").value
}

fn patches(text: &str) -> Result<Patches, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    Patches::read(&Source::new("cfn.patches.yml", text), &mut diagnostics).ok_or(diagnostics)
}

fn properties(text: &str) -> Value {
    let patched = patches(text).expect("well-formed").apply(template()).expect("applies");
    patched["Resources"]["Service"]["Properties"].clone()
}

type Change = fn(&mut Value);

const AT: &str = "/Resources/Service/Properties";

#[test]
fn operations_on_maps_lists_and_functions() {
    let before = template()["Resources"]["Service"]["Properties"].clone();
    let cases: [(&str, &str, &str, Change); 17] = [
        ("add", "/New", "!Ref X", |p| p["New"] = cfn!({ "Ref": "X" })),
        ("add", "/Count", "2", |p| p["Count"] = 2.into()),
        ("add", "/Tags/-", "c", |p| p["Tags"].as_list_mut().expect("tags").push("c".into())),
        ("add", "/Tags/2", "c", |p| p["Tags"].as_list_mut().expect("tags").push("c".into())),
        ("add", "/Tags/0", "c", |p| p["Tags"].as_list_mut().expect("tags").insert(0, "c".into())),
        ("add", "/New", "null", |p| p["New"] = Value::Null),
        ("remove", "/Count", "", |p| drop(p.as_map_mut().expect("a map").remove("Count"))),
        ("remove", "/Tags/0", "", |p| drop(p["Tags"].as_list_mut().expect("tags").remove(0))),
        ("replace", "/Tags/1", "{k: !Sub v}", |p| {
            *p.at_mut("Tags/1").expect("a tag") = cfn!({ "k": { "Fn::Sub": "v" } });
        }),
        ("replace", "/a~1b~0c", "2", |p| p["a/b~c"] = 2.into()),
        ("replace", "/Role", "!GetAtt Other.Arn", |p| p["Role"]["Fn::GetAtt"] = cfn!(["Other", "Arn"])),
        ("replace", "/Subnets/1", "z", |p| *p.at_mut("Subnets/Fn::If/1").expect("one") = "z".into()),
        ("replace", "/Subnets/Fn::If/1", "z", |p| *p.at_mut("Subnets/Fn::If/1").expect("one") = "z".into()),
        ("add", "/Subnets/2/List/-", "z", |p| {
            *p.at_mut("Subnets/Fn::If/2/List").expect("a list") = cfn!(["x", "z"]);
        }),
        ("replace", "/Name/Fn::Sub", "z", |p| p["Name"]["Fn::Sub"] = "z".into()),
        ("add", "/Empty~1", "{}", |p| p["Empty/"] = cfn!({})),
        ("add", "/", "1", |p| p[""] = 1.into()),
    ];
    for (operation, path, value, change) in cases {
        let value = if operation == "remove" { String::new() } else { format!("  value: {value}\n") };
        let mut expected = before.clone();
        change(&mut expected);
        let text = format!("- op: {operation}\n  path: {AT}{path}\n{value}");
        assert_eq!(properties(&text), expected, "{text}");
    }
}

#[test]
fn patches_build_on_each_other_and_keep_the_order_of_keys() {
    let text = format!(
        "
- {{op: add, path: {AT}/Volumes, value: []}}
- {{op: add, path: {AT}/Volumes/-, value: {{Name: one}}}}
- {{op: replace, path: {AT}/Volumes/0/Name, value: two}}
- {{op: remove, path: {AT}/Tags}}
"
    );
    let patched = properties(&text);
    assert_eq!(patched["Volumes"], cfn!([{ "Name": "two" }]));
    let keys: Vec<&str> = patched.as_map().expect("a map").keys().collect();
    assert_eq!(keys, ["Count", "Subnets", "Role", "a/b~c", "Name", "Volumes"]);
    assert_eq!(
        patches("- {op: replace, path: '', value: {a: 1}}").unwrap().apply(template()).unwrap(),
        cfn!({ "a": 1 })
    );
    for nothing in ["", "# only a comment\n", "[]", "---\n"] {
        assert!(patches(nothing).expect("well-formed").is_empty(), "{nothing:?}");
    }
}

#[test]
fn a_path_that_leads_nowhere_is_shown() {
    let mut report = Vec::new();
    for (operation, path) in [
        ("remove", "/Resources/Servise"),
        ("add", "/Resources/Queue/Properties/Name"),
        ("replace", "/Resources/Service/Properties/Missing"),
        ("add", "/Resources/Service/Properties/Tags/3"),
        ("remove", "/Resources/Service/Properties/Tags/-"),
        ("replace", "/Resources/Service/Properties/Tags/2"),
        ("replace", "/Resources/Service/Properties/Tags/x"),
        ("replace", "/Resources/Service/Properties/Tags/-1"),
        ("add", "/Resources/Service/Properties/Count/x"),
        ("add", "/Resources/Service/Properties/Name/x"),
        ("add", "/Resources/Service/Properties/Role/Fn::GetAtt/7/x"),
        ("remove", "/Resources/Service/Properties/Name/Fn::Sub"),
        ("remove", "''"),
    ] {
        let text =
            format!("- {{op: add, path: /First, value: 1}}\n- op: {operation}\n  path: {path}\n  value: 1\n");
        let error = patches(&text).expect("well-formed").apply(template()).expect_err("leads nowhere");
        assert_eq!(error.path, "[1].path");
        report.push(error.to_string());
        if let Some(help) = error.help {
            report.push(format!("    help: {help}"));
        }
    }
    insta::assert_snapshot!(report.join("\n"));
}

#[test]
fn everything_wrong_with_a_file_is_reported() {
    let mut report = Vec::new();
    for text in [
        "op: add\npath: /a\n",
        "- add\n- {}\n",
        "- op: move\n  path: a/b\n  from: /c\n- op: replace\n  path: /x\n  valeu: 1\n- {op: [add], path: }\n",
        &format!("- {{op: remove, path: '{}'}}", "/a".repeat(200)),
        "- op: add\n  op: remove\n  path: '/a'\n",
        "- [",
    ] {
        let found = patches(text).expect_err("refused");
        for diagnostic in &found {
            let kind = if diagnostic.severity == Severity::Error { "error" } else { "warning" };
            report.push(format!("{kind}[{}] {diagnostic}", diagnostic.code.id));
        }
        report.push(String::new());
    }
    insta::assert_snapshot!(report.join("\n"));
}

#[test]
fn the_description_says_what_was_done() {
    let remark = " with patches.";
    for (before, after) in
        [("A service.", "A service with patches."), ("A..", "A. with patches."), ("", " with patches.")]
    {
        let mut template = cfn!({ "Description": before });
        remark_in_description(&mut template, remark);
        assert_eq!(template["Description"], after.into());
    }
    let mut template = cfn!({ "Resources": {} });
    remark_in_description(&mut template, remark);
    assert_eq!(template, cfn!({ "Resources": {} }));
}

#[test]
fn codes_are_unique() {
    let mut ids: Vec<&str> =
        copilot_cfn::ALL_CODES.iter().chain(copilot_yaml::ALL_CODES).map(|code| code.id).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Into::into),
        (0..5_i64).prop_map(Into::into),
        "[ab]{0,2}".prop_map(Into::into),
        Just(serde_json::Value::Null)
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            proptest::collection::vec((key(), inner), 0..4)
                .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    proptest::sample::select(&["a", "b", "", "0", "1", "-", "a/b", "~", "~1", "é", "a b"][..])
        .prop_map(str::to_owned)
}

/// A path that leads somewhere in the document, or close to it.
fn path_in(document: &serde_json::Value, turns: &[usize], extra: Option<&str>) -> String {
    let mut path = String::new();
    let mut at = document;
    for turn in turns {
        let (token, next) = match at {
            serde_json::Value::Object(map) if !map.is_empty() => {
                let (key, value) = map.iter().nth(turn % map.len()).expect("within");
                (key.replace('~', "~0").replace('/', "~1"), value)
            }
            serde_json::Value::Array(items) if !items.is_empty() => {
                let place = turn % items.len();
                (place.to_string(), &items[place])
            }
            _ => break,
        };
        path = format!("{path}/{token}");
        at = next;
    }
    match extra {
        Some(token) => format!("{path}/{}", token.replace('~', "~0").replace('/', "~1")),
        None => path,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn patches_do_what_another_implementation_does(
        document in json(),
        steps in proptest::collection::vec((0..3_usize, proptest::collection::vec(0..4_usize, 0..4), proptest::option::of(key()), json()), 1..5),
    ) {
        let mut other = document.clone();
        let mut ours = read(&Source::new("t", document.to_string()), &mut Diagnostics::default()).expect("JSON").value;
        for (operation, turns, extra, value) in steps {
            let operation = ["add", "remove", "replace"][operation];
            let path = path_in(&other, &turns, extra.as_deref());
            if operation == "remove" && path.is_empty() {
                continue;
            }
            let patch = serde_json::json!([{ "op": operation, "path": path, "value": value }]);
            let theirs: json_patch::Patch = serde_json::from_value(patch.clone()).expect("a patch");
            let expected = json_patch::patch(&mut other, &theirs);
            match patches(&patch.to_string()).expect("well-formed").apply(ours.clone()) {
                Ok(patched) => {
                    prop_assert!(expected.is_ok(), "{} {}: only we accept", operation, path);
                    ours = patched;
                }
                Err(error) => prop_assert!(expected.is_err(), "{}", error),
            }
            prop_assert_eq!(serde_json::to_value(&ours).expect("JSON"), other.clone());
        }
    }

    #[test]
    fn no_patches_file_makes_it_panic(text in r"(- \{?(op|path|value|x): ?(add|remove|replace|/Resources|/-|/a/0|!Sub a|\[\]|\{\}|~)?[,}\n ]*){0,4}") {
        if let Ok(patches) = patches(&text)
            && let Ok(patched) = patches.apply(template())
        {
            to_yaml(&patched);
        }
    }
}
