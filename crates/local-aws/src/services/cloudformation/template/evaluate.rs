//! Evaluating intrinsics.

use std::cell::RefCell;
use std::collections::HashMap;

use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

use super::functions;
use super::parameters::Values;
use super::scalar;
use crate::core::caller::{Caller, partition};
use crate::core::input::Input;
use crate::core::world::World;
use crate::services::cloudformation::model::Resource;
use crate::services::cloudformation::resources;

/// What a reference gives whose resource does not exist yet, where that is not an error.
pub(crate) const UNKNOWN: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// What intrinsics are evaluated against.
pub(crate) struct Evaluator<'a> {
    pub(crate) world: &'a World,
    pub(crate) caller: &'a Caller,
    pub(crate) stack_name: &'a str,
    pub(crate) stack_id: &'a str,
    pub(crate) template: &'a Json,
    pub(crate) parameters: &'a Values,
    /// The stack's resources as they are now.
    pub(crate) resources: &'a IndexMap<String, Resource>,
    /// Whether a resource that is not there yet gives [`UNKNOWN`].
    pub(crate) lenient: bool,
    /// Logical ids of resources that are about to be replaced: they give [`UNKNOWN`] too.
    pub(crate) replaced: Vec<String>,
    pub(crate) conditions: RefCell<HashMap<String, bool>>,
}

/// A value, or none for `AWS::NoValue`; an error is a sentence for the user.
type Evaluated = Result<Option<Json>, String>;

impl Evaluator<'_> {
    /// The value of any piece of the template.
    pub(crate) fn value(&self, value: &Json) -> Evaluated {
        match value {
            Json::Array(items) => {
                let mut out = Vec::with_capacity(items.len());
                for item in items {
                    out.extend(self.value(item)?);
                }
                Ok(Some(Json::Array(out)))
            }
            Json::Object(members) => {
                if let Some((name, argument)) = intrinsic(members) {
                    return self.intrinsic(name, argument);
                }
                let mut out = Map::new();
                for (key, member) in members {
                    if let Some(member) = self.value(member)? {
                        out.insert(key.clone(), member);
                    }
                }
                Ok(Some(Json::Object(out)))
            }
            Json::String(text) if text.contains("{{resolve:") => {
                functions::dynamic_references(self, text).map(|text| Some(Json::String(text)))
            }
            other => Ok(Some(other.clone())),
        }
    }

    /// The properties of a resource.
    pub(crate) fn properties(&self, resource: &Json) -> Result<Json, String> {
        let properties = resource.get("Properties").map(|properties| self.value(properties)).transpose()?;
        Ok(properties.flatten().unwrap_or_else(|| Json::Object(Map::new())))
    }

    /// The text of a piece that must evaluate to a scalar.
    pub(crate) fn text(&self, value: &Json, of: &str) -> Result<String, String> {
        let value = self.value(value)?.unwrap_or(Json::Null);
        scalar(&value).ok_or_else(|| format!("Template error: {of} must be a string"))
    }

    /// The elements of a piece that must evaluate to a list.
    pub(crate) fn items(&self, value: &Json, of: &str) -> Result<Vec<Json>, String> {
        match self.value(value)? {
            Some(Json::Array(items)) => Ok(items),
            Some(Json::String(text)) if text == UNKNOWN => Ok(vec![Json::from(UNKNOWN)]),
            _ => Err(format!("Template error: {of} must be a list")),
        }
    }

    /// Whether a condition is met.
    pub(crate) fn condition(&self, name: &str) -> Result<bool, String> {
        if let Some(known) = self.conditions.borrow().get(name) {
            return Ok(*known);
        }
        let expression = self.template.get("Conditions").and_then(|conditions| conditions.get(name));
        let expression = expression.ok_or_else(|| format!("Template error: unresolved condition {name}"))?;
        // Assumed while it is evaluated, so that a condition that refers to itself ends.
        self.conditions.borrow_mut().insert(name.to_owned(), false);
        let met = self.truth(expression)?;
        self.conditions.borrow_mut().insert(name.to_owned(), met);
        Ok(met)
    }

    /// Whether a member with an optional `Condition` is there at all.
    pub(crate) fn applies(&self, member: &Json) -> Result<bool, String> {
        member.text("Condition").map_or(Ok(true), |name| self.condition(name))
    }

    fn truth(&self, expression: &Json) -> Result<bool, String> {
        let parts = |value: &Json| value.as_array().cloned().unwrap_or_default();
        let Some((name, argument)) = expression.as_object().and_then(intrinsic) else {
            return scalar(expression)
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| "Template error: a condition must be made of condition functions".to_owned());
        };
        match name {
            "Condition" => self.condition(argument.as_str().unwrap_or_default()),
            "Fn::Equals" => {
                let sides = parts(argument);
                let [one, other] = sides.as_slice() else {
                    return Err("Template error: Fn::Equals must have 2 arguments".into());
                };
                let (one, other) = (self.value(one)?, self.value(other)?);
                Ok(super::same(&one.unwrap_or_default(), &other.unwrap_or_default()))
            }
            "Fn::Not" => parts(argument).first().map_or(Ok(true), |part| self.truth(part).map(|met| !met)),
            "Fn::And" => {
                for part in parts(argument) {
                    if !self.truth(&part)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            "Fn::Or" => {
                for part in parts(argument) {
                    if self.truth(&part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => {
                let text = self.text(expression, "a condition")?;
                Ok(text == "true")
            }
        }
    }

    fn intrinsic(&self, name: &str, argument: &Json) -> Evaluated {
        match name {
            "Ref" => self.reference(argument.as_str().unwrap_or_default()),
            "Fn::GetAtt" => self.get_att(argument).map(Some),
            "Fn::If" => {
                let parts = argument.as_array().map_or(&[][..], Vec::as_slice);
                let [Json::String(condition), then, otherwise] = parts else {
                    return Err("Template error: Fn::If requires a list argument with three elements".into());
                };
                self.value(if self.condition(condition)? { then } else { otherwise })
            }
            "Condition" => {
                self.condition(argument.as_str().unwrap_or_default()).map(|met| Some(Json::from(met)))
            }
            _ => functions::call(self, name, argument).map(Some),
        }
    }

    /// What `Ref` gives.
    pub(crate) fn reference(&self, name: &str) -> Evaluated {
        let region = self.caller.region.as_str();
        let text = |text: &str| Ok(Some(Json::from(text)));
        match name {
            "AWS::AccountId" => return text(&self.caller.account),
            "AWS::NoValue" => return Ok(None),
            "AWS::Partition" => return text(partition(region)),
            "AWS::Region" => return text(region),
            "AWS::StackId" => return text(self.stack_id),
            "AWS::StackName" => return text(self.stack_name),
            "AWS::URLSuffix" => {
                return text(if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" });
            }
            "AWS::NotificationARNs" => return Ok(Some(Json::Array(Vec::new()))),
            _ => {}
        }
        if let Some(value) = self.parameters.get(name) {
            return Ok(Some(value.json()));
        }
        match self.existing(name)? {
            Some(resource) => Ok(Some(Json::from(resources::reference(resource)))),
            None => text(UNKNOWN),
        }
    }

    /// A resource that exists; none where it may be unknown.
    fn existing(&self, name: &str) -> Result<Option<&Resource>, String> {
        if self.replaced.iter().any(|replaced| replaced == name) {
            return Ok(None);
        }
        match self.resources.get(name).filter(|resource| resource.physical_id.is_some()) {
            Some(resource) => Ok(Some(resource)),
            None if self.lenient => Ok(None),
            None => Err(format!(
                "Unresolved resource dependencies [{name}] in the Resources block of the template"
            )),
        }
    }

    /// What `Fn::GetAtt` gives for `[Resource, Attribute]` or `"Resource.Attribute"`.
    fn get_att(&self, argument: &Json) -> Result<Json, String> {
        let (resource, attribute) = match argument {
            Json::String(path) => {
                path.split_once('.').map(|(resource, attribute)| (resource.to_owned(), attribute.to_owned()))
            }
            Json::Array(parts) => match parts.as_slice() {
                [Json::String(resource), attribute] => Some((resource.clone(), self.text(attribute, "Fn::GetAtt")?)),
                _ => None,
            },
            _ => None,
        }
        .ok_or("Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute")?;
        self.attribute(&resource, &attribute)
    }

    /// An attribute of a resource.
    pub(crate) fn attribute(&self, resource: &str, attribute: &str) -> Result<Json, String> {
        match self.existing(resource)? {
            Some(resource) => resources::attribute(self.world, self.caller, resource, attribute),
            None => Ok(Json::from(UNKNOWN)),
        }
    }
}

/// The function and argument of an object that is an intrinsic.
fn intrinsic(members: &Map<String, Json>) -> Option<(&str, &Json)> {
    let (name, argument) = members.iter().next().filter(|_| members.len() == 1)?;
    let is = name == "Ref" || name.starts_with("Fn::") || name == "Condition" && argument.is_string();
    is.then_some((name.as_str(), argument))
}
