//! Functions other than references and conditions.

use std::net::Ipv4Addr;

use serde_json::Value as Json;

use super::evaluate::{Evaluator, UNKNOWN};
use super::scalar;
use super::walk::placeholders;
use crate::core::input::{Input, base64};
use crate::services::cloudformation::exports;

/// The value of `Fn::Name` with this argument.
pub(super) fn call(on: &Evaluator, name: &str, argument: &Json) -> Result<Json, String> {
    match name {
        "Fn::Sub" => substitute(on, argument).map(Json::from),
        "Fn::Join" => join(on, argument).map(Json::from),
        "Fn::Select" => select(on, argument),
        "Fn::Split" => {
            let [separator, text] = pair(argument, name)?;
            let (separator, text) = (on.text(separator, name)?, on.text(text, name)?);
            Ok(text.split(separator.as_str()).map(Json::from).collect())
        }
        "Fn::FindInMap" => find_in_map(on, argument),
        "Fn::ImportValue" => {
            let export = on.text(argument, name)?;
            if export.contains(UNKNOWN) {
                return Ok(Json::from(UNKNOWN));
            }
            exports::value(on.world, &on.caller.scope(), &export)
                .map(Json::from)
                .ok_or_else(|| format!("No export named {export} found."))
        }
        "Fn::Base64" => Ok(Json::from(base64(on.text(argument, name)?.as_bytes()))),
        "Fn::GetAZs" => {
            let region = on.text(argument, name)?;
            let region = if region.is_empty() { on.caller.region.clone() } else { region };
            Ok(["a", "b", "c"].iter().map(|zone| Json::from(format!("{region}{zone}"))).collect())
        }
        "Fn::Cidr" => cidr(on, argument),
        "Fn::Length" => Ok(Json::from(on.items(argument, name)?.len())),
        "Fn::ToJsonString" => {
            let value = on.value(argument)?.unwrap_or(Json::Null);
            Ok(Json::from(value.to_string()))
        }
        "Fn::Transform" => Err("Template error: transforms are not evaluated by the local AWS".into()),
        "Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Equals" => {
            Err(format!("Template validation error: {name} is only allowed in conditions"))
        }
        _ => Err(format!("Template error: {name} is not a function")),
    }
}

fn pair<'a>(argument: &'a Json, name: &str) -> Result<[&'a Json; 2], String> {
    match argument.as_array().map(Vec::as_slice) {
        Some([one, other]) => Ok([one, other]),
        _ => Err(format!("Template error: {name} requires a list argument with two elements")),
    }
}

fn substitute(on: &Evaluator, argument: &Json) -> Result<String, String> {
    let (text, own) = match argument {
        Json::String(text) => (text.as_str(), None),
        Json::Array(parts) => match parts.as_slice() {
            [Json::String(text), own] => (text.as_str(), Some(own)),
            [Json::String(text)] => (text.as_str(), None),
            _ => return Err(
                "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments."
                    .into(),
            ),
        },
        _ => {
            return Err(
                "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments."
                    .into(),
            );
        }
    };
    let mut names = placeholders(text);
    names.sort_unstable();
    names.dedup();
    let mut values = Vec::new();
    for name in names {
        let value = match own.and_then(|own| own.get(name)) {
            Some(value) => on.text(value, "Fn::Sub")?,
            None => match name.split_once('.') {
                Some((resource, attribute)) => listed(&on.attribute(resource, attribute)?),
                None => on.reference(name)?.as_ref().map(listed).unwrap_or_default(),
            },
        };
        values.push((name, value));
    }
    // In one pass, so that a value with `${` in it is not looked at again.
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        result.push_str(&rest[..start]);
        let after = &rest[start + 2..];
        let Some(end) = after.find('}') else {
            rest = &rest[start..];
            break;
        };
        let name = &after[..end];
        if let Some(literal) = name.strip_prefix('!') {
            result.push_str("${");
            result.push_str(literal);
            result.push('}');
        } else if let Some((_, value)) = values.iter().find(|(known, _)| *known == name.trim()) {
            result.push_str(value);
        }
        rest = &after[end + 1..];
    }
    result.push_str(rest);
    if result.contains("{{resolve:") { dynamic_references(on, &result) } else { Ok(result) }
}

fn listed(value: &Json) -> String {
    match value {
        Json::Array(items) => items.iter().filter_map(scalar).collect::<Vec<_>>().join(","),
        other => scalar(other).unwrap_or_default(),
    }
}

fn join(on: &Evaluator, argument: &Json) -> Result<String, String> {
    let [separator, items] = pair(argument, "Fn::Join")?;
    let separator = on.text(separator, "Fn::Join")?;
    let items = on.items(items, "Fn::Join")?;
    let texts: Option<Vec<String>> = items.iter().map(scalar).collect();
    let joined =
        texts.ok_or("Template error: every value of the list in Fn::Join must be a string")?.join(&separator);
    if joined.contains("{{resolve:") { dynamic_references(on, &joined) } else { Ok(joined) }
}

fn select(on: &Evaluator, argument: &Json) -> Result<Json, String> {
    let [index, items] = pair(argument, "Fn::Select")?;
    let index = on.text(index, "Fn::Select")?;
    let items = on.items(items, "Fn::Select")?;
    if items.len() == 1 && items[0] == UNKNOWN {
        return Ok(Json::from(UNKNOWN));
    }
    let found = index.parse::<usize>().ok().and_then(|index| items.get(index));
    found
        .cloned()
        .ok_or_else(|| format!("Template error: Fn::Select cannot select nonexistent value at index {index}"))
}

fn find_in_map(on: &Evaluator, argument: &Json) -> Result<Json, String> {
    let parts = argument.as_array().map_or(&[][..], Vec::as_slice);
    let [map, first, second, rest @ ..] = parts else {
        return Err("Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value".into());
    };
    let name = "Fn::FindInMap";
    let (map, first, second) = (on.text(map, name)?, on.text(first, name)?, on.text(second, name)?);
    let found = on
        .template
        .get("Mappings")
        .and_then(|maps| maps.get(&map)?.get(&first)?.get(&second))
        .or_else(|| rest.first().and_then(|options| options.get("DefaultValue")));
    match found {
        Some(value) => on.value(value).map(Option::unwrap_or_default),
        None => Err(format!("Template error: Unable to get mapping for {map}::{first}::{second}")),
    }
}

/// `[block, count, bits]`: `count` blocks with `bits` host bits each, from the start of `block`.
fn cidr(on: &Evaluator, argument: &Json) -> Result<Json, String> {
    let broken =
        || "Template error: Fn::Cidr requires an address block, a count and a number of bits".to_owned();
    let parts = argument.as_array().ok_or_else(broken)?;
    let [block, count, rest @ ..] = parts.as_slice() else { return Err(broken()) };
    let block = on.text(block, "Fn::Cidr")?;
    let count: u32 = on.text(count, "Fn::Cidr")?.parse().map_err(|_| broken())?;
    let bits: u32 = match rest.first() {
        Some(bits) => on.text(bits, "Fn::Cidr")?.parse().map_err(|_| broken())?,
        None => 8,
    };
    let (address, prefix) = block.split_once('/').ok_or_else(broken)?;
    let base = u32::from(address.parse::<Ipv4Addr>().map_err(|_| broken())?);
    let prefix: u32 = prefix.parse().map_err(|_| broken())?;
    let room = 32_u32.checked_sub(prefix).filter(|room| bits <= *room && *room <= 32).ok_or_else(broken)?;
    if count == 0 || count > 256 || u64::from(count) > 1_u64 << (room - bits) {
        return Err(format!(
            "Template error: Fn::Cidr cannot make {count} blocks of {bits} bits from {block}"
        ));
    }
    Ok((0..count)
        .map(|n| Json::from(format!("{}/{}", Ipv4Addr::from(base.wrapping_add(n << bits)), 32 - bits)))
        .collect())
}

/// Replaces `{{resolve:service:...}}` by what it stands for.
pub(super) fn dynamic_references(on: &Evaluator, text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{resolve:") {
        out.push_str(&rest[..start]);
        let after = &rest[start + "{{resolve:".len()..];
        let Some(end) = after.find("}}") else { break };
        out.push_str(&resolved(on, &after[..end])?);
        rest = &after[end + 2..];
    }
    out.push_str(rest);
    Ok(out)
}

fn resolved(on: &Evaluator, reference: &str) -> Result<String, String> {
    let here = on.world.state.regional.get(&on.caller.scope());
    let (service, rest) = reference.split_once(':').unwrap_or((reference, ""));
    match service {
        "ssm" | "ssm-secure" => {
            let name = rest
                .rsplit_once(':')
                .filter(|(_, version)| version.parse::<u64>().is_ok())
                .map_or(rest, |(name, _)| name);
            here.and_then(|here| here.parameters.get(name))
                .map(|parameter| parameter.value.clone())
                .ok_or_else(|| format!("Parameters: [{service}:{name}] cannot be found."))
        }
        "secretsmanager" => {
            // An ARN has seven parts, a name one; then follow `SecretString`, a JSON key, a stage and a version.
            let parts: Vec<&str> = rest.split(':').collect();
            let length = if rest.starts_with("arn:") { 7 } else { 1 };
            let id = parts.get(..length.min(parts.len())).unwrap_or_default().join(":");
            let missing = || format!("Secrets Manager can't find the specified secret. ({id})");
            let secret = here
                .and_then(|here| here.secrets.iter().find(|(name, secret)| **name == id || secret.arn == id))
                .ok_or_else(missing)?
                .1;
            let text = secret.text.clone().unwrap_or_default();
            match parts.get(length + 1).filter(|key| !key.is_empty()) {
                None => Ok(text),
                Some(key) => {
                    let object: Json = serde_json::from_str(&text).unwrap_or(Json::Null);
                    object.text(key).map(str::to_owned).ok_or_else(|| {
                        format!("Could not find a value associated with JSONKey in SecretString ({key})")
                    })
                }
            }
        }
        _ => Err(format!("Dynamic reference {service} is not supported")),
    }
}
