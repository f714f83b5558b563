//! Equality by meaning, and what a diff shows.

use copilot_cfn::compare::{Attention, same};
use copilot_cfn::diff::{Kind, TemplateDiff};
use copilot_cfn::intrinsic::{get_att, join, no_value, reference, sub, sub_with};
use copilot_cfn::{Value, cfn};
use proptest::prelude::*;

use crate::hostile::value;

fn in_resource(properties: Value) -> Value {
    cfn!({ "Resources": { "R": { "Type": "T", "Properties": properties } } })
}

fn verdict(one: Value, other: Value, attention: Attention) -> bool {
    let (one, other) = (in_resource(one), in_resource(other));
    assert_eq!(same(&one, &other, attention), same(&other, &one, attention), "symmetric");
    assert_eq!(TemplateDiff::between(&one, &other).is_empty(), same(&one, &other, Attention::Everything));
    same(&one, &other, attention)
}

#[test]
fn what_means_the_same_is_the_same() {
    let statement = |actions: Value, sid: &'static str| {
        cfn!({ "PolicyDocument": { "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Sid": sid, "Action": actions, "Resource": "*" },
            { "Effect": "Deny", "Action": "x", "Resource": ["b", "a"] },
        ] } })
    };
    let same_pairs = [
        (cfn!({ "P": 443 }), cfn!({ "P": "443" })),
        (cfn!({ "P": true }), cfn!({ "P": "true" })),
        (cfn!({ "P": { "Fn::GetAtt": "A.B.C" } }), cfn!({ "P": get_att("A", "B.C") })),
        (cfn!({ "P": sub("${X}") }), cfn!({ "P": reference("X") })),
        (cfn!({ "P": sub("${X.Y}") }), cfn!({ "P": get_att("X", "Y") })),
        (cfn!({ "P": sub("a") }), cfn!({ "P": "a" })),
        (cfn!({ "P": sub("a${X}b") }), cfn!({ "P": join("", cfn!(["a", reference("X"), "b"])) })),
        (cfn!({ "P": join("-", cfn!(["a", no_value(), reference("X")])) }), cfn!({ "P": sub("a-${X}") })),
        (cfn!({ "P": sub_with("${V}-b", [("V", sub("a${X}"))]) }), cfn!({ "P": sub("a${X}-b") })),
        (cfn!({ "P": sub("${!X}") }), cfn!({ "P": "${X}" })),
        (cfn!({ "P": 1, "Q": no_value(), "N": null }), cfn!({ "P": 1 })),
        (cfn!({ "L": ["a", no_value()] }), cfn!({ "L": ["a"] })),
        (
            cfn!({ "Tags": [{ "Key": "a", "Value": 1 }, { "Key": "b", "Value": 2 }] }),
            cfn!({ "Tags": [{ "Key": "b", "Value": 2 }, { "Key": "a", "Value": 1 }] }),
        ),
        (statement(cfn!(["a", "b"]), "One"), statement(cfn!(["b", "a"]), "One")),
        (statement(cfn!("a"), "One"), statement(cfn!(["a"]), "One")),
        (
            cfn!({ "DefinitionString": sub("{\"a\": [1, \"${X}\"], \"b\": 1.0}") }),
            cfn!({ "DefinitionString": join("", cfn!(["{\"b\":1,\"a\":[1,\"", reference("X"), "\"]}"])) }),
        ),
        (
            cfn!({ "Environment": [{ "Name": "COPILOT_SNS", "Value": "{\"a\":1, \"b\":2}" }] }),
            cfn!({ "Environment": [{ "Name": "COPILOT_SNS", "Value": "{\"b\":2,\"a\":1}" }] }),
        ),
    ];
    for (one, other) in same_pairs {
        assert!(verdict(one.clone(), other.clone(), Attention::Everything), "{one:?}\n{other:?}");
    }
    assert!(verdict(statement(cfn!("a"), "One"), statement(cfn!("a"), "Two"), Attention::Behaviour));
}

#[test]
fn what_means_another_is_another() {
    let other_pairs = [
        (cfn!({ "P": "0755" }), cfn!({ "P": 493 })),
        (cfn!({ "P": sub("B") }), cfn!({ "P": reference("B") })),
        (cfn!({ "P": "B" }), cfn!({ "P": reference("B") })),
        (cfn!({ "P": "${X}" }), cfn!({ "P": sub("${X}") })),
        (cfn!({ "P": "" }), cfn!({})),
        (cfn!({ "P": get_att("A", "B") }), cfn!({ "P": get_att("A", "C") })),
        (cfn!({ "L": ["a", "b"] }), cfn!({ "L": ["b", "a"] })),
        (
            cfn!({ "Stages": [{ "Name": "a" }, { "Name": "b" }] }),
            cfn!({ "Stages": [{ "Name": "b" }, { "Name": "a" }] }),
        ),
        (cfn!({ "DefinitionString": "{\"a\": 1}" }), cfn!({ "DefinitionString": "{\"a\": \"1\"}" })),
        (cfn!({ "Text": "{\"a\": 1}" }), cfn!({ "Text": "{\"a\":1}" })),
        (cfn!({ "P": {} }), cfn!({ "P": [] })),
    ];
    for (one, other) in other_pairs {
        assert!(!verdict(one.clone(), other.clone(), Attention::Everything), "{one:?}\n{other:?}");
        assert!(!verdict(one.clone(), other.clone(), Attention::Behaviour), "{one:?}\n{other:?}");
    }
}

#[test]
fn behaviour_leaves_remarks_and_code_locations_out() {
    let template = |text: &'static str| {
        cfn!({
            "Description": text,
            "Metadata": { "Version": text },
            "Parameters": { "P": { "Type": "String", "Description": text } },
            "Resources": {
                "F": { "Type": "AWS::Lambda::Function", "Metadata": { "a": text }, "Properties": { "Code": { "S3Key": text }, "Runtime": format!("nodejs{}.x", text.len()) } },
                "C": { "Type": "Custom::X", "Properties": { "UpdateID": text } },
            },
            "Outputs": { "O": { "Description": text, "Value": 1 } },
        })
    };
    let (one, other) = (template("one"), template("three"));
    assert!(same(&one, &other, Attention::Behaviour));
    assert!(!same(&one, &other, Attention::Everything));
    assert_eq!(
        TemplateDiff::between(&one, &other).summary().to_string(),
        "0 to add, 6 to change, 0 to remove"
    );
}

#[test]
fn a_diff_reads_well() {
    let old = cfn!({
        "Description": "A service.",
        "Metadata": { "Manifest": "old", "Version": "v1.0.0" },
        "Parameters": { "TaskCPU": { "Type": "String" }, "Gone": { "Type": "Number" } },
        "Conditions": { "HasAddons": { "Fn::Not": [{ "Fn::Equals": [reference("AddonsTemplateURL"), ""] }] } },
        "Resources": {
            "Service": {
                "Type": "AWS::ECS::Service",
                "Properties": {
                    "DesiredCount": 1,
                    "Cluster": reference("Cluster"),
                    "Tags": [{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }],
                    "Subnets": ["one", "two", "three"],
                    "Maybe": { "Fn::If": ["HasAddons", { "Deep": { "Deeper": 1 } }, no_value()] },
                },
            },
            "Build": { "Type": "AWS::CodeBuild::Project", "Properties": { "BuildSpec": "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n      - make test\nartifacts:\n  files: []\n" } },
            "Pipeline": { "Type": "AWS::CodePipeline::Pipeline", "Properties": { "Stages": [{ "Name": "test" }, { "Name": "prod" }] } },
            "Topic": { "Type": "AWS::SNS::Topic" },
        },
    });
    let new = cfn!({
        "Description": "A better service.",
        "Metadata": { "Manifest": "new", "Version": "v1.1.0" },
        "Parameters": { "TaskCPU": { "Type": "String", "Default": 256 }, "Added": { "Type": "String" } },
        "Conditions": { "HasAddons": { "Fn::Not": [{ "Fn::Equals": [reference("AddonsTemplateURL"), "none"] }] } },
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Service": {
                "Type": "AWS::ECS::Service",
                "Properties": {
                    "DesiredCount": "2",
                    "Cluster": sub("${Env}-cluster"),
                    "Tags": [{ "Key": "c", "Value": "3" }, { "Key": "b", "Value": "4" }],
                    "Subnets": ["zero", "one", "2", "three"],
                    "Maybe": { "Fn::If": ["HasAddons", { "Deep": { "Deeper": 2 } }, no_value()] },
                    "Policy": { "Statement": [{ "Effect": "Allow" }] },
                },
            },
            "Build": { "Type": "AWS::CodeBuild::Project", "Properties": { "BuildSpec": "version: 0.2\nphases:\n  build:\n    commands:\n      - make all\n      - make test\nartifacts:\n  files: []\n" } },
            "Pipeline": { "Type": "AWS::CodePipeline::Pipeline", "Properties": { "Stages": [{ "Name": "prod" }, { "Name": "test" }] } },
            "Queue": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": sub("${App}-q") } },
        },
    });
    let diff = TemplateDiff::between(&old, &new);
    insta::assert_snapshot!(diff.to_string());
    insta::assert_snapshot!(diff.summary().to_string(), @"3 to add, 7 to change, 2 to remove");
    let reordered = diff.changes.iter().find(|change| change.kind == Kind::Reordered).expect("the stages");
    insta::assert_json_snapshot!(reordered);
    insta::assert_snapshot!(TemplateDiff::between(&Value::Null, &old).to_string());
    assert!(TemplateDiff::between(&old, &old.clone()).is_empty());
}

#[test]
fn text_in_a_diff_can_not_steer_a_terminal_and_its_end_counts() {
    let template = |text: &'static str| cfn!({ "Resources": { "R": { "Properties": { "Text": text } } } });
    let diff = TemplateDiff::between(&template("a\nb\u{1b}[31m\n"), &template("a\nb\u{1b}[32m\r\n"));
    assert!(!diff.to_string().contains(['\u{1b}', '\r']), "{diff:?}");
    let kinds: Vec<Option<Kind>> = diff.lines().into_iter().map(|line| line.kind).collect();
    let (changed, removed, added) = (Some(Kind::Changed), Some(Kind::Removed), Some(Kind::Added));
    assert_eq!(kinds, [None, changed, changed, None, removed, added]);
    let diff = TemplateDiff::between(&template("a\nb\n"), &template("a\nb"));
    assert_eq!(diff.lines().last().and_then(|line| line.kind), removed);
}

proptest! {
    #[test]
    fn a_diff_is_empty_exactly_when_both_mean_the_same(one in value(), other in value()) {
        let (one, other) = (cfn!({ "Resources": { "R": one } }), cfn!({ "Resources": { "R": other } }));
        prop_assert!(same(&one, &one.clone(), Attention::Everything));
        let diff = TemplateDiff::between(&one, &other);
        prop_assert_eq!(diff.is_empty(), same(&one, &other, Attention::Everything), "{}", diff);
        prop_assert_eq!(diff.to_string().is_empty(), diff.is_empty());
    }
}

/// Our phrases about resources are not Copilot's, which are in the templates of deployed stacks.
#[test]
fn a_remark_about_a_resource_is_no_change() {
    let bare = cfn!({ "Resources": { "A": { "Type": "AWS::SNS::Topic" } } });
    let with =
        |metadata: Value| cfn!({ "Resources": { "A": { "Type": "AWS::SNS::Topic", "Metadata": metadata } } });
    let remark = cfn!({ "aws:copilot:description": "A topic" });
    assert!(TemplateDiff::between(&with(remark.clone()), &bare).is_empty());
    assert!(TemplateDiff::between(&bare, &with(remark.clone())).is_empty());
    let ours = cfn!({ "aws:copilot:description": "Topic for events" });
    assert!(TemplateDiff::between(&with(remark.clone()), &with(ours.clone())).is_empty());
    for attention in [Attention::Everything, Attention::Behaviour] {
        assert!(same(&with(remark.clone()), &with(ours.clone()), attention));
        assert!(same(&with(remark.clone()), &bare, attention));
    }
    let more = cfn!({ "aws:copilot:description": "A topic", "Owner": "me" });
    assert!(!same(&with(more.clone()), &bare, Attention::Everything));
    assert_eq!(TemplateDiff::between(&with(more), &bare).changes.len(), 1);
}
