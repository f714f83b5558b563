//! What differences do.

use std::collections::BTreeMap;

use copilot_cfn::classes::{SCHEMA_DATE, Update, is_known, update};
use copilot_cfn::diff::{Side, Step};
use copilot_cfn::effect::{Cause, Class, Effect, Remark, effects};
use copilot_cfn::intrinsic::{self, cond_if, get_att, no_value, reference, sub};
use copilot_cfn::{Value, cfn};

type Values = BTreeMap<String, String>;

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn between(old: &Value, new: &Value, before: &[(&str, &str)], after: &[(&str, &str)]) -> Vec<Effect> {
    let (before, after) = (values(before), values(after));
    let none = Values::new();
    effects(
        Side { template: old, parameters: &before, tags: &none },
        Side { template: new, parameters: &after, tags: &none },
    )
}

/// Each effect as a line.
fn lines(effects: &[Effect]) -> Vec<String> {
    effects
        .iter()
        .map(|effect| {
            let change = &effect.change;
            let cause = match &effect.cause {
                None => String::new(),
                Some(Cause::Values) => " by values".to_owned(),
                Some(Cause::Follows(name)) => format!(" follows {name}"),
            };
            let remark = effect.remark.map(|remark| format!(" ({remark:?})")).unwrap_or_default();
            format!("{:?} {} {}{cause}{remark}", effect.class, change.name, change.path_text())
        })
        .collect()
}

fn service(count: &'static str, image: Value) -> Value {
    cfn!({
        "Description": "A service.",
        "Parameters": { "Image": { "Type": "String" }, "Addons": { "Type": "String", "Default": "" } },
        "Conditions": { "HasAddons": intrinsic::not(intrinsic::equals(reference("Addons"), "")) },
        "Resources": {
            "Task": { "Type": "AWS::ECS::TaskDefinition", "Properties": {
                "Family": "web", "ContainerDefinitions": [{ "Name": "web", "Image": image }] } },
            "Service": { "Type": "AWS::ECS::Service", "Properties": {
                "Cluster": "c", "DesiredCount": count, "TaskDefinition": reference("Task"),
                "HealthCheckGracePeriodSeconds": cond_if("HasAddons", 60, no_value()) } },
            "Addons": { "Type": "AWS::CloudFormation::Stack", "Condition": "HasAddons", "DeletionPolicy": "Retain",
                "Properties": { "TemplateURL": reference("Addons") } },
            "Alarm": { "Type": "AWS::CloudWatch::Alarm", "Properties": {
                "Dimensions": [{ "Name": "ServiceName", "Value": get_att("Service", "Name") }] } },
        },
    })
}

#[test]
fn a_parameter_is_shown_where_it_acts() {
    let template = service("1", reference("Image"));
    let found = between(&template, &template, &[("Image", "a")], &[("Image", "b")]);
    insta::assert_snapshot!(lines(&found).join("\n"));
    let found = between(&template, &template, &[("Image", "a"), ("Addons", "url")], &[("Image", "a")]);
    insta::assert_snapshot!(lines(&found).join("\n"));
    assert!(between(&template, &template, &[("Image", "a")], &[("Image", "a")]).is_empty());
}

#[test]
fn what_refers_to_a_replaced_resource_follows() {
    let old = service("1", reference("Image"));
    let mut new = service("2", reference("Image"));
    *new.at_mut("Resources/Service/Properties/Cluster").unwrap() = "d".into();
    let found = between(&old, &new, &[("Image", "a")], &[("Image", "a")]);
    insta::assert_snapshot!(lines(&found).join("\n"));
}

#[test]
fn what_changes_nothing_is_text() {
    let old = service("1", reference("Image"));
    let mut new = service("1", cfn!("a"));
    *new.at_mut("Description").unwrap() = "Another.".into();
    *new.at_mut("Resources/Service/Properties/HealthCheckGracePeriodSeconds").unwrap() =
        cond_if("HasAddons", 70, no_value());
    new.at_mut("Resources/Service").unwrap().as_map_mut().unwrap().insert("DependsOn", "Task");
    let found = between(&old, &new, &[("Image", "a")], &[("Image", "a")]);
    assert!(found.iter().all(|effect| effect.class == Class::Text), "{:?}", lines(&found));
    assert_eq!(found.len(), 4);
    // With addons, the branch is taken.
    let found = between(&old, &new, &[("Image", "a"), ("Addons", "x")], &[("Image", "a"), ("Addons", "x")]);
    assert_eq!(found.iter().filter(|effect| effect.class == Class::InPlace).count(), 1);
}

#[test]
fn losses_say_what_is_kept() {
    let resource = |policy: Option<&'static str>| {
        cfn!({ "Resources": { "Table": {
        "Type": "AWS::DynamoDB::Table", "DeletionPolicy"?: policy, "UpdateReplacePolicy"?: policy,
        "Properties": { "TableName": sub("${AWS::StackName}-t"), "KeySchema": [{ "AttributeName": "a", "KeyType": "HASH" }] } } } })
    };
    let (kept, bare, empty) = (resource(Some("Retain")), resource(None), cfn!({ "Resources": {} }));
    assert_eq!(lines(&between(&kept, &empty, &[], &[])), ["Removal Table  (Kept)"]);
    assert_eq!(lines(&between(&bare, &empty, &[], &[])), ["Removal Table "]);
    let mut renamed = kept.clone();
    *renamed.at_mut("Resources/Table/Properties/TableName").unwrap() = "t".into();
    let found = between(&kept, &renamed, &[], &[]);
    assert_eq!((found[0].class, found[0].remark), (Class::Replacement, Some(Remark::Kept)));
    let mut other = kept.clone();
    *other.at_mut("Resources/Table/Type").unwrap() = "AWS::SQS::Queue".into();
    assert_eq!(between(&kept, &other, &[], &[])[0].remark, Some(Remark::TypeChanged));
}

#[test]
fn the_table_tells_what_an_update_does() {
    let key = |names: &[&str]| names.iter().map(|name| Step::Key((*name).to_owned())).collect::<Vec<_>>();
    let of = |kind: &str, names: &[&str]| update(kind, &key(names), None, Some(&Value::Null));
    assert_eq!(SCHEMA_DATE.len(), "2026-01-01".len());
    assert_eq!(of("AWS::ECS::Service", &["DesiredCount"]), Update::InPlace);
    assert_eq!(of("AWS::ECS::Service", &["ServiceName"]), Update::Replacement);
    assert_eq!(of("AWS::ECS::Service", &["LaunchType"]), Update::MayReplace);
    assert_eq!(of("AWS::RDS::DBInstance", &["DBInstanceClass"]), Update::Interruption);
    assert_eq!(of("AWS::Robots::Arm", &["Length"]), Update::Unknown);
    assert_eq!(of("Custom::Thing", &["Length"]), Update::InPlace);
    assert_eq!(of("AWS::ECS::TaskDefinition", &["ContainerDefinitions", "Image"]), Update::Replacement);
    // Below a path that is shorter than that of the table, the values tell.
    let properties = |name: &'static str| cfn!({ "ServiceName": name, "DesiredCount": 1 });
    let whole = |old: Value, new: Value| update("AWS::ECS::Service", &[], Some(&old), Some(&new));
    assert_eq!(whole(properties("a"), properties("b")), Update::Replacement);
    assert_eq!(whole(properties("a"), properties("a")), Update::InPlace);
    for kind in
        ["AWS::CodePipeline::Pipeline", "AWS::IAM::Role", "AWS::AppRunner::Service", "AWS::EFS::FileSystem"]
    {
        assert!(is_known(kind), "{kind}");
    }
}

#[test]
fn a_pipeline_loses_what_it_could_roll_back_to() {
    let pipeline = |name: &'static str, tag: &'static str| {
        cfn!({ "Resources": { "Pipeline": {
        "Type": "AWS::CodePipeline::Pipeline", "Properties": {
            "Stages": [{ "Name": "Source" }, { "Name": name }], "Tags": [{ "Key": "a", "Value": tag }] } } } })
    };
    let found = between(&pipeline("a", "1"), &pipeline("b", "2"), &[], &[]);
    let classes: Vec<_> = found.iter().map(|effect| effect.class).collect();
    assert_eq!(classes, [Class::Structure, Class::Structure, Class::InPlace], "{:?}", lines(&found));
}
