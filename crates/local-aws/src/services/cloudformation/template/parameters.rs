//! Parameters: declared, given, kept from before, looked up.

use indexmap::IndexMap;
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{scalar, section};
use crate::core::input::Input;
use crate::core::world::World;
use crate::error::AwsError;

/// A parameter's value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Value {
    /// As it was given.
    pub(crate) given: String,
    /// What a parameter of an SSM type stands for.
    pub(crate) resolved: Option<String>,
    /// Whether it is a list.
    pub(crate) list: bool,
    /// Whether it may not be shown.
    pub(crate) secret: bool,
}

/// The values of all declared parameters.
pub(crate) type Values = IndexMap<String, Value>;

impl Value {
    /// What `Ref` gives.
    pub(crate) fn json(&self) -> Json {
        let text = self.resolved.as_ref().unwrap_or(&self.given);
        if self.list {
            return text.split(',').map(|item| Json::from(item.trim())).collect();
        }
        Json::from(text.clone())
    }

    /// The text shown when the stack is described.
    pub(crate) fn shown(&self) -> &str {
        if self.secret { "****" } else { &self.given }
    }
}

/// Works out the values from what a request gives and what the stack had before.
pub(crate) fn resolve(
    world: &World,
    scope: &str,
    template: &Json,
    given: &[Json],
    before: Option<&Values>,
) -> Result<Values, AwsError> {
    let declared: IndexMap<&String, &Json> = section(template, "Parameters").collect();
    let foreign: Vec<&str> = given
        .iter()
        .filter_map(|parameter| parameter.text("ParameterKey"))
        .filter(|key| !declared.keys().any(|name| name == key))
        .collect();
    if !foreign.is_empty() {
        return Err(AwsError::validation(format!(
            "Parameters: [{}] do not exist in the template",
            foreign.join(", ")
        )));
    }
    let mut values = Values::new();
    let mut missing = Vec::new();
    for (name, declaration) in declared {
        let asked = given.iter().find(|parameter| parameter.text("ParameterKey") == Some(name));
        let previous = asked.is_some_and(|parameter| parameter.flag("UsePreviousValue"));
        let text = if previous {
            before.and_then(|before| before.get(name)).map(|value| value.given.clone())
        } else {
            asked.and_then(|parameter| parameter.text("ParameterValue")).map(str::to_owned)
        };
        let Some(text) = text.or_else(|| declaration.get("Default").and_then(scalar)) else {
            missing.push(name.as_str());
            continue;
        };
        constraints(name, declaration, &text)?;
        let value = typed(world, scope, name, declaration, text)?;
        values.insert(name.clone(), value);
    }
    if missing.is_empty() {
        return Ok(values);
    }
    Err(AwsError::validation(format!("Parameters: [{}] must have values", missing.join(", "))))
}

fn typed(
    world: &World,
    scope: &str,
    name: &str,
    declaration: &Json,
    given: String,
) -> Result<Value, AwsError> {
    let kind = declaration.text("Type").unwrap_or("String");
    let secret = declaration.flag("NoEcho");
    let inner = kind.strip_prefix("AWS::SSM::Parameter::Value<").and_then(|kind| kind.strip_suffix('>'));
    let list = |kind: &str| kind == "CommaDelimitedList" || kind.starts_with("List<");
    let Some(inner) = inner else {
        return Ok(Value { given, resolved: None, list: list(kind), secret });
    };
    let found = world.state.regional.get(scope).and_then(|here| here.parameters.get(&given));
    let found = found.ok_or_else(|| {
        AwsError::validation(format!(
            "Unable to fetch parameters [{given}] from parameter store for this account."
        ))
    })?;
    if found.kind == "SecureString" {
        return Err(AwsError::validation(format!(
            "Parameters [{given}] referenced by template have types not supported by CloudFormation. ({name})"
        )));
    }
    Ok(Value { given, resolved: Some(found.value.clone()), list: list(inner), secret })
}

fn constraints(name: &str, declaration: &Json, text: &str) -> Result<(), AwsError> {
    let described = declaration.text("ConstraintDescription");
    let broken = |rule: String| {
        Err(AwsError::validation(match described {
            Some(text) => format!("Parameter {name} failed to satisfy constraint: {text}"),
            None => rule,
        }))
    };
    let allowed: Vec<String> = declaration.list("AllowedValues").iter().filter_map(scalar).collect();
    if !allowed.is_empty() && !allowed.iter().any(|value| value == text) {
        return broken(format!("Parameter '{name}' must be one of AllowedValues"));
    }
    if let Some(pattern) = declaration.text("AllowedPattern")
        && let Ok(regex) = Regex::new(&format!("^(?:{pattern})$"))
        && !regex.is_match(text)
    {
        return broken(format!("Parameter '{name}' must match pattern {pattern}"));
    }
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    if declaration.number("MinLength").is_some_and(|least| length < least) {
        return broken(format!(
            "Parameter '{name}' must contain at least {} characters",
            declaration["MinLength"]
        ));
    }
    if declaration.number("MaxLength").is_some_and(|most| length > most) {
        return broken(format!(
            "Parameter '{name}' must contain at most {} characters",
            declaration["MaxLength"]
        ));
    }
    if declaration.text("Type") == Some("Number") {
        let Ok(number) = text.parse::<f64>() else {
            return broken(format!("Parameter '{name}' must be a number"));
        };
        let bound =
            |key: &str| declaration.get(key).and_then(scalar).and_then(|text| text.parse::<f64>().ok());
        if bound("MinValue").is_some_and(|least| number < least) {
            return broken(format!(
                "Parameter '{name}' must be a number not less than {}",
                declaration["MinValue"]
            ));
        }
        if bound("MaxValue").is_some_and(|most| number > most) {
            return broken(format!(
                "Parameter '{name}' must be a number not greater than {}",
                declaration["MaxValue"]
            ));
        }
    }
    Ok(())
}

/// The values as stacks and change sets are described with.
pub(crate) fn shape(values: &Values) -> Json {
    values
        .iter()
        .map(|(name, value)| {
            json!({"ParameterKey": name, "ParameterValue": value.shown(), "ResolvedValue": value.resolved})
        })
        .collect()
}

/// The declarations as `ValidateTemplate` and `GetTemplateSummary` show them.
pub(crate) fn declarations(template: &Json, summary: bool) -> Json {
    section(template, "Parameters")
        .map(|(name, declaration)| {
            let mut shape = json!({
                "ParameterKey": name,
                "DefaultValue": declaration.get("Default").and_then(scalar),
                "NoEcho": declaration.flag("NoEcho"),
                "Description": declaration.text("Description"),
            });
            if summary {
                shape["ParameterType"] = json!(declaration.text("Type").unwrap_or("String"));
                let allowed: Vec<String> =
                    declaration.list("AllowedValues").iter().filter_map(scalar).collect();
                shape["ParameterConstraints"] = json!({"AllowedValues": allowed});
            }
            shape
        })
        .collect()
}
