//! Putting a template together from parts.

use copilot_cfn::{Error, Policy, Resource, Section, Template, Value, cfn};

#[test]
fn sections_come_in_order_and_empty_ones_not_at_all() {
    let mut template = Template::new("A stack.");
    template.insert_output("O", cfn!({ "Value": 1 })).expect("new");
    template.insert_resource("R", Resource::new("T")).expect("new");
    template.insert_condition("C", cfn!({ "Fn::Equals": [1, 1] })).expect("new");
    template.insert_mapping("M", cfn!({ "a": { "b": 1 } })).expect("new");
    template.insert_parameter("P", cfn!({ "Type": "String" })).expect("new");
    template.transform = Some("AWS::LanguageExtensions".into());
    template.other.insert("Hooks", cfn!({}));
    let value = template.clone().into_value();
    let keys: Vec<&str> = value.as_map().expect("a map").keys().collect();
    let order = "AWSTemplateFormatVersion Description Parameters Mappings Conditions Transform Resources Outputs Hooks";
    assert_eq!(keys.join(" "), order);
    assert_eq!(Template::from_value(value), Ok(template));
    let keys = |value: Value| value.as_map().expect("a map").keys().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(keys(Template::default().into_value()), ["Resources"]);
}

#[test]
fn a_name_that_two_parts_use_is_an_error() {
    let mut template = Template::new("A stack.");
    template.insert_resource("R", Resource::new("One")).expect("new");
    let error = template.insert_resource("R", Resource::new("Other")).expect_err("there already");
    assert_eq!(error, Error::Duplicate { section: Section::Resources, name: "R".into() });
    assert_eq!(error.to_string(), "`R` is defined twice in `Resources`");
    assert_eq!(template.resources["R"]["Type"], "One".into());
    template.insert_output("R", cfn!({ "Value": 1 })).expect("another section");
}

#[test]
fn a_part_changes_what_another_has_added() {
    let mut template = Template::new("A stack.");
    template.insert_resource("R", Resource::new("T")).expect("new");
    template.properties_mut("R").expect("there").insert("Name", "x");
    assert_eq!(template.resources["R"], cfn!({ "Type": "T", "Properties": { "Name": "x" } }));
    let missing = Error::Missing { section: Section::Resources, name: "Q".into() };
    assert_eq!(template.properties_mut("Q").expect_err("not there"), missing);
    template.resources.insert("Bad", cfn!({ "Properties": [] }));
    let error = template.properties_mut("Bad").expect_err("a list");
    assert_eq!(error.to_string(), "`Resources/Bad/Properties` must be a map, not a list");
}

#[test]
fn what_is_no_template_is_refused() {
    assert!(Template::from_value(cfn!([1])).is_err());
    let error = Template::from_value(cfn!({ "Resources": "x" })).expect_err("a string");
    assert_eq!(error.to_string(), "`Resources` must be a map, not a string");
    assert_eq!(Template::from_value(cfn!({ "Outputs": null })), Ok(Template::default()));
}

#[test]
fn a_resource_has_its_attributes_in_one_order() {
    let resource = Resource::new("AWS::S3::Bucket")
        .property("A", 1)
        .property_opt("None", None::<i64>)
        .properties(cfn!({ "B": 2 }))
        .depends_on("One")
        .depends_on_all(["Two"])
        .update_replace_policy(Policy::Snapshot)
        .deletion_policy(Policy::Retain)
        .condition("Has")
        .metadata("key", "value")
        .update_policy(cfn!({ "U": 1 }))
        .creation_policy(cfn!({ "C": 1 }));
    insta::assert_snapshot!(copilot_cfn::write::to_yaml(&resource.into()));
}
