//! A template with the values of its parameters put in, as far as they are known before anything is deployed.
//!
//! Conditions are decided, `Fn::If` is the value of its branch, and what is not there under a condition is gone. What only AWS
//! knows stays as it is written: pseudo parameters, attributes of resources, imports, values that nobody may see.

mod conditions;
mod text;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::diff::Side;
use crate::{Map, Value};

/// Bytes that are put in at most: a template that repeats long values without an end stays as it is written from there on.
const LARGEST: usize = 8_000_000;

/// The resources of a stack as they come to be: a template with the section `Resources` alone.
pub fn resources(stack: Side<'_>) -> Value {
    let resolver = Resolver::new(stack);
    let mut resources = Map::new();
    for (name, resource) in stack.template.get("Resources").and_then(Value::as_map).into_iter().flatten() {
        let condition = resource.get("Condition").and_then(Value::as_str);
        let decided = condition.and_then(|name| resolver.condition(name));
        if decided == Some(false) {
            continue;
        }
        let mut resource = resolver.value(resource);
        if let (Some(true), Some(map)) = (decided, resource.as_map_mut()) {
            map.remove("Condition");
        }
        resources.insert(name.to_owned(), resource);
    }
    Value::Map(Map::from([("Resources", resources)]))
}

/// Whether a condition of a stack holds; `None` if that depends on what only AWS knows, or there is no such condition.
pub fn condition(stack: Side<'_>, name: &str) -> Option<bool> {
    Resolver::new(stack).condition(name)
}

struct Resolver<'a> {
    template: &'a Value,
    parameters: BTreeMap<&'a str, Value>,
    /// Those that were decided already. One that is being decided counts as undecided, so that none waits for itself.
    conditions: RefCell<BTreeMap<String, Option<bool>>>,
    left: Cell<usize>,
}

impl<'a> Resolver<'a> {
    fn new(stack: Side<'a>) -> Self {
        let declared = stack.template.get("Parameters").and_then(Value::as_map);
        let parameters = declared.into_iter().flatten().filter_map(|(name, declaration)| {
            let given = stack.parameters.get(name).map(|given| Cow::Borrowed(given.as_str()));
            let text = given.or_else(|| declaration.get("Default")?.scalar_text())?;
            Some((name, parameter(declaration, &text)?))
        });
        Self {
            template: stack.template,
            parameters: parameters.collect(),
            conditions: RefCell::default(),
            left: Cell::new(LARGEST),
        }
    }

    fn value(&self, value: &Value) -> Value {
        if let Some((name, argument)) = value.as_intrinsic() {
            return self.intrinsic(name, argument, value);
        }
        match value {
            Value::Map(map) => Value::Map(self.map(map)),
            Value::List(items) => Value::List(self.list(items)),
            scalar => scalar.clone(),
        }
    }

    fn map(&self, map: &Map) -> Map {
        let mut out = Map::with_capacity(map.len());
        for (key, value) in map {
            let value = self.value(value);
            if !value.is_no_value() {
                out.insert(key.to_owned(), value);
            }
        }
        out
    }

    fn list(&self, items: &[Value]) -> Vec<Value> {
        items.iter().map(|item| self.value(item)).filter(|item| !item.is_no_value()).collect()
    }

    fn intrinsic(&self, name: &str, argument: &Value, whole: &Value) -> Value {
        let resolved = match name {
            "Ref" => argument.as_str().and_then(|name| self.parameter(name)),
            "Fn::Sub" => return self.sub(argument),
            "Fn::If" => return self.choice(argument),
            "Fn::GetAtt" => None,
            "Fn::Join" => return self.join(argument),
            "Fn::Select" => self.select(argument),
            "Fn::Split" => self.split(argument),
            "Fn::FindInMap" => self.find_in_map(argument),
            _ => return Value::Map(Map::from([(name.to_owned(), self.argument(argument))])),
        };
        resolved.unwrap_or_else(|| match name {
            "Ref" | "Fn::GetAtt" => whole.clone(),
            _ => Value::Map(Map::from([(name.to_owned(), self.argument(argument))])),
        })
    }

    /// An argument, in which `AWS::NoValue` stays, since the place of an item tells what it is.
    fn argument(&self, argument: &Value) -> Value {
        match argument {
            Value::List(items) => Value::List(items.iter().map(|item| self.value(item)).collect()),
            other => self.value(other),
        }
    }

    fn parameter(&self, name: &str) -> Option<Value> {
        let value = self.parameters.get(name)?;
        let bytes = match value {
            Value::List(items) => items.iter().filter_map(Value::as_str).map(str::len).sum(),
            value => value.as_str().map_or(0, str::len),
        };
        self.spend(bytes).then(|| value.clone())
    }

    /// Whether as many bytes may be put in.
    fn spend(&self, bytes: usize) -> bool {
        let left = self.left.get().checked_sub(bytes);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }

    /// `Fn::If`: the branch, or both where the condition is not decided.
    fn choice(&self, argument: &Value) -> Value {
        let undecided = || Value::Map(Map::from([("Fn::If", self.argument(argument))]));
        let Some([condition, then, otherwise]) = argument.as_list() else { return undecided() };
        match condition.as_str().and_then(|name| self.condition(name)) {
            Some(true) => self.value(then),
            Some(false) => self.value(otherwise),
            None => undecided(),
        }
    }
}

/// The value that references to a parameter have; `None` where only AWS knows it.
fn parameter(declaration: &Value, text: &str) -> Option<Value> {
    let kind = declaration.get("Type").and_then(Value::as_str).unwrap_or("String");
    let hidden = !text.is_empty() && text.bytes().all(|byte| byte == b'*');
    if hidden {
        return None;
    }
    if kind.starts_with("AWS::SSM::Parameter::") {
        // The name of what is looked up. As a value it differs where another one is looked up.
        return Some(Value::Map(Map::from([("Fn::SsmParameter", Value::from(text.to_owned()))])));
    }
    let is_list = kind == "CommaDelimitedList" || kind.starts_with("List<");
    Some(if is_list {
        text.split(',').map(|item| Value::from(item.trim().to_owned())).collect()
    } else {
        Value::from(text.to_owned())
    })
}

#[cfg(test)]
mod tests;
