use std::collections::BTreeMap;

use super::{condition, resources};
use crate::cfn;
use crate::diff::Side;
use crate::intrinsic::{
    cond_if, find_in_map, get_att, join, no_value, reference, select, split, sub, sub_with,
};
use crate::{Value, intrinsic};

fn template(properties: Value) -> Value {
    cfn!({
        "Parameters": {
            "App": { "Type": "String" },
            "Count": { "Type": "Number", "Default": 2 },
            "Subnets": { "Type": "CommaDelimitedList", "Default": "a, b" },
            "Secret": { "Type": "String", "NoEcho": true },
            "Image": { "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/image" },
        },
        "Mappings": { "Sizes": { "shop": { "Cpu": 256 } } },
        "Conditions": {
            "IsShop": intrinsic::equals(reference("App"), "shop"),
            "IsOther": intrinsic::not(intrinsic::condition("IsShop")),
            "IsHere": intrinsic::equals(reference("AWS::Region"), "eu-west-1"),
            "Both": intrinsic::and([intrinsic::condition("IsHere"), intrinsic::condition("IsOther")]),
            "Either": intrinsic::or([intrinsic::condition("IsHere"), intrinsic::condition("IsShop")]),
            "Loop": intrinsic::not(intrinsic::condition("Loop")),
        },
        "Resources": {
            "R": { "Type": "T", "Condition": "IsShop", "Properties": properties },
            "Gone": { "Type": "T", "Condition": "IsOther" },
            "Perhaps": { "Type": "T", "Condition": "IsHere" },
        },
    })
}

fn resolved(properties: Value) -> Value {
    let parameters =
        BTreeMap::from([("App".to_owned(), "shop".to_owned()), ("Secret".to_owned(), "****".to_owned())]);
    let template = template(properties);
    let side = Side { template: &template, parameters: &parameters, tags: &BTreeMap::new() };
    for (name, expected) in [
        ("IsShop", Some(true)),
        ("IsOther", Some(false)),
        ("IsHere", None),
        ("Both", Some(false)),
        ("Either", Some(true)),
        ("Loop", None),
        ("Missing", None),
    ] {
        assert_eq!(condition(side, name), expected, "{name}");
    }
    resources(side)
}

#[test]
fn what_is_known_is_put_in() {
    let pairs = [
        (reference("App"), cfn!("shop")),
        (reference("Count"), cfn!("2")),
        (reference("Subnets"), cfn!(["a", "b"])),
        (reference("Secret"), reference("Secret")),
        (reference("Image"), cfn!({ "Fn::SsmParameter": "/image" })),
        (reference("AWS::Region"), reference("AWS::Region")),
        (sub("${App}-${Count}-${!App}"), cfn!("shop-2-${App}")),
        (sub("${App}-${AWS::Region}"), sub("shop-${AWS::Region}")),
        (
            sub_with("${A}-${B}", [("A", reference("App")), ("B", get_att("R", "Arn"))]),
            sub_with("shop-${B}", [("B", get_att("R", "Arn"))]),
        ),
        (join("-", cfn!([reference("App"), "x", no_value()])), cfn!("shop-x")),
        (join("-", reference("Subnets")), cfn!("a-b")),
        (select(1, reference("Subnets")), cfn!("b")),
        (select(0, split("-", sub("${App}-x"))), cfn!("shop")),
        (find_in_map("Sizes", reference("App"), "Cpu"), cfn!(256)),
        (cond_if("IsShop", "yes", reference("App")), cfn!("yes")),
        (cond_if("IsOther", "yes", reference("App")), cfn!("shop")),
        (cond_if("IsHere", reference("App"), no_value()), cond_if("IsHere", "shop", no_value())),
        (cfn!({ "A": cond_if("IsOther", 1, no_value()), "B": [no_value(), 1] }), cfn!({ "B": [1] })),
    ];
    for (written, expected) in pairs {
        let found = resolved(cfn!({ "P": written.clone() }));
        let resources = found.get("Resources").unwrap();
        assert_eq!(resources.at("R/Properties/P"), Some(&expected), "{written:?}");
        assert!(resources.get("Gone").is_none());
        assert_eq!(resources.at("Perhaps/Condition"), Some(&cfn!("IsHere")));
        assert!(resources.at("R/Condition").is_none());
    }
}

#[test]
fn values_are_put_in_up_to_a_size() {
    let long = "x".repeat(4096);
    let parameters = BTreeMap::from([("App".to_owned(), long)]);
    let template = template(cfn!({ "P": sub("${App}".repeat(5000)) }));
    let found = resources(Side { template: &template, parameters: &parameters, tags: &BTreeMap::new() });
    assert!(size(&found) < 3 * super::LARGEST);
}

fn size(value: &Value) -> usize {
    crate::write::to_yaml(value).len()
}
