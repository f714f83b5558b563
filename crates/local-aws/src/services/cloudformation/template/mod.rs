//! Templates: reading, checking, parameters, evaluating.

pub(crate) mod check;
pub(crate) mod evaluate;
pub(crate) mod functions;
pub(crate) mod parameters;
pub(crate) mod walk;

use copilot_yaml::{Diagnostics, Source};
use serde_json::{Map, Value as Json};

use crate::core::input::Input;
use crate::error::AwsError;

/// A template as JSON with long intrinsics.
pub(crate) fn read(text: &str) -> Result<Json, AwsError> {
    let mut diagnostics = Diagnostics::default();
    let document = copilot_cfn::read::read(&Source::new("template", text), &mut diagnostics);
    let format = if text.trim_start().starts_with('{') { "JSON" } else { "YAML" };
    let error = diagnostics.iter().find(|diagnostic| diagnostic.is_error());
    let (Some(document), None) = (document, error) else {
        let why = error.map(|error| format!(" ({})", error.message)).unwrap_or_default();
        return Err(AwsError::validation(format!("Template format error: {format} not well-formed.{why}")));
    };
    let json = copilot_cfn::write::to_json_compact(&document.value);
    let value: Json = serde_json::from_str(&json)
        .map_err(|error| AwsError::validation(format!("Template format error: {error}")))?;
    if !value.is_object() {
        return Err(AwsError::validation("Template format error: unsupported structure."));
    }
    Ok(value)
}

/// The members of a section; none if it is absent.
pub(crate) fn section<'a>(
    template: &'a Json,
    name: &str,
) -> impl Iterator<Item = (&'a String, &'a Json)> + use<'a> {
    template.get(name).and_then(Json::as_object).into_iter().flatten()
}

/// The resources.
pub(crate) fn resources(template: &Json) -> Option<&Map<String, Json>> {
    template.get("Resources").and_then(Json::as_object)
}

/// The types of all resources, each once, in order.
pub(crate) fn types(template: &Json) -> Vec<String> {
    let mut types: Vec<String> = Vec::new();
    for (_, resource) in section(template, "Resources") {
        if let Some(kind) = resource.text("Type")
            && !types.iter().any(|known| known == kind)
        {
            types.push(kind.to_owned());
        }
    }
    types
}

/// The capability that creating the template's resources needs, and why.
pub(crate) fn capability(template: &Json) -> Option<(&'static str, String)> {
    let mut plain: Vec<&str> = Vec::new();
    let mut named = false;
    for (_, resource) in section(template, "Resources") {
        let kind = resource.text("Type").unwrap_or_default();
        let name = match kind {
            "AWS::IAM::Role" => "RoleName",
            "AWS::IAM::User" => "UserName",
            "AWS::IAM::Group" => "GroupName",
            "AWS::IAM::ManagedPolicy" => "ManagedPolicyName",
            "AWS::IAM::InstanceProfile" => "InstanceProfileName",
            "AWS::IAM::Policy" | "AWS::IAM::AccessKey" | "AWS::IAM::UserToGroupAddition" => "",
            _ => continue,
        };
        named |= resource.get("Properties").is_some_and(|properties| properties.get(name).is_some());
        if !plain.contains(&kind) {
            plain.push(kind);
        }
    }
    let reason = format!("The following resource(s) require capabilities: [{}]", plain.join(", "));
    match (plain.is_empty(), named) {
        (true, _) => None,
        (false, true) => Some(("CAPABILITY_NAMED_IAM", reason)),
        (false, false) => Some(("CAPABILITY_IAM", reason)),
    }
}

/// Refuses a template that needs more capabilities than were acknowledged.
pub(crate) fn acknowledged(template: &Json, given: &[String]) -> Result<(), AwsError> {
    let has = |name: &str| given.iter().any(|capability| capability == name);
    let transforms = template.get("Transform").is_some();
    if transforms && !has("CAPABILITY_AUTO_EXPAND") {
        return Err(AwsError::new(
            "InsufficientCapabilitiesException",
            "Requires capabilities : [CAPABILITY_AUTO_EXPAND]",
        ));
    }
    match capability(template) {
        Some(("CAPABILITY_IAM", _)) if has("CAPABILITY_IAM") || has("CAPABILITY_NAMED_IAM") => Ok(()),
        Some(("CAPABILITY_NAMED_IAM", _)) if has("CAPABILITY_NAMED_IAM") => Ok(()),
        Some((needed, _)) => Err(AwsError::new(
            "InsufficientCapabilitiesException",
            format!("Requires capabilities : [{needed}]"),
        )),
        None => Ok(()),
    }
}

/// Text of a scalar as CloudFormation passes it on; none for lists and objects.
pub(crate) fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// Whether two property values are the same: `443` and `"443"` are.
pub(crate) fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        _ => match (scalar(one), scalar(other)) {
            (Some(one), Some(other)) => one == other,
            _ => one == other,
        },
    }
}
