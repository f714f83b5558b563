//! Functions that put text together or take it apart.

use super::Resolver;
use crate::intrinsic::sub_literal;
use crate::{Map, Value};

impl Resolver<'_> {
    /// `Fn::Sub` with what is known in its place; text where all is known.
    pub(super) fn sub(&self, argument: &Value) -> Value {
        let (body, variables) = match argument {
            Value::List(parts) => (parts.first(), parts.get(1).and_then(Value::as_map)),
            body => (Some(body), None),
        };
        let Some(body) = body.and_then(Value::as_str) else { return function("Fn::Sub", argument.clone()) };
        let mut text = String::new();
        let mut known = true;
        let mut unknown = Map::new();
        let mut rest = body;
        while let Some(start) = rest.find("${")
            && let Some(len) = rest[start..].find('}')
        {
            text.push_str(&sub_literal(&rest[..start]));
            let (whole, name) = (&rest[start..=start + len], &rest[start + 2..start + len]);
            rest = &rest[start + len + 1..];
            if name.starts_with('!') {
                text.push_str(whole);
                continue;
            }
            let name = name.trim();
            let variable = variables.and_then(|variables| variables.get(name)).map(|value| self.value(value));
            let value = variable.clone().or_else(|| self.parameter(name));
            if let Some(value) = value.as_ref().and_then(Value::scalar_text) {
                text.push_str(&sub_literal(&value));
            } else {
                known = false;
                text.push_str(whole);
                unknown.extend(variable.map(|value| (name.to_owned(), value)));
            }
        }
        text.push_str(&sub_literal(rest));
        match (known, unknown.is_empty()) {
            (true, _) => Value::from(text.replace("${!", "${")),
            (false, true) => function("Fn::Sub", Value::from(text)),
            (false, false) => function("Fn::Sub", Value::List(vec![Value::from(text), Value::Map(unknown)])),
        }
    }

    pub(super) fn join(&self, argument: &Value) -> Value {
        let items = argument.as_list().and_then(|argument| match argument {
            [separator, items] => Some((separator.scalar_text()?, self.value(items))),
            _ => None,
        });
        let joined = items.as_ref().and_then(|(separator, items)| {
            let texts: Option<Vec<_>> = items.as_list()?.iter().map(Value::scalar_text).collect();
            Some(Value::from(texts?.join(separator)))
        });
        joined.unwrap_or_else(|| function("Fn::Join", self.argument(argument)))
    }

    pub(super) fn select(&self, argument: &Value) -> Option<Value> {
        let [place, items] = argument.as_list()? else { return None };
        let place: usize = self.value(place).scalar_text()?.parse().ok()?;
        self.value(items).as_list()?.get(place).cloned()
    }

    pub(super) fn split(&self, argument: &Value) -> Option<Value> {
        let [separator, text] = argument.as_list()? else { return None };
        let (separator, text) = (separator.scalar_text()?, self.value(text));
        let text = text.scalar_text()?;
        Some(text.split(&*separator).map(|item| Value::from(item.to_owned())).collect())
    }

    pub(super) fn find_in_map(&self, argument: &Value) -> Option<Value> {
        let keys: Option<Vec<Value>> =
            argument.as_list().map(|keys| keys.iter().map(|key| self.value(key)).collect());
        let keys = keys.filter(|keys| keys.len() == 3)?;
        let mappings = self.template.get("Mappings")?;
        keys.iter().try_fold(mappings, |found, key| found.get(&key.scalar_text()?)).cloned()
    }
}

fn function(name: &'static str, argument: Value) -> Value {
    Value::Map(Map::from([(name, argument)]))
}
