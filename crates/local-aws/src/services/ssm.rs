//! Systems Manager Parameter Store.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::tags::{self, Tags};
use crate::core::caller::{Caller, arn};
use crate::core::input::{Input, page, page_size, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

/// A parameter with its current value.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Parameter {
    pub(crate) kind: String,
    pub(crate) value: String,
    pub(crate) description: Option<String>,
    pub(crate) version: i64,
    pub(crate) modified: i64,
    pub(crate) tags: Tags,
    /// `Standard` unless it says otherwise.
    pub(crate) tier: Option<String>,
    /// The key of a `SecureString`, if not the usual one.
    pub(crate) key: Option<String>,
}

/// The most bytes of a parameter: without a tier of its own, and in the advanced one.
const SIZES: [usize; 2] = [4096, 8192];

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "GetParameter" => get(world, caller, input),
        "GetParameters" => get_many(world, caller, input),
        "GetParametersByPath" => by_path(world, caller, input),
        "PutParameter" => put(world, caller, input),
        "DeleteParameter" => {
            let name = input.need("Name")?;
            let removed = world.state.at(&caller.scope()).parameters.remove(name);
            removed.map(|_| json!({})).ok_or_else(|| not_found(name))
        }
        "DeleteParameters" => Ok(delete_many(world, caller, input)),
        "DescribeParameters" => Ok(describe(world, caller, input)),
        "ListTagsForResource" => Ok(json!({"TagList": tags::write(&tagged(world, caller, input)?.tags)})),
        "AddTagsToResource" => {
            let new = tags::read(input.list("Tags"));
            tagged(world, caller, input)?.tags.extend(new);
            Ok(json!({}))
        }
        "RemoveTagsFromResource" => {
            tags::remove(&mut tagged(world, caller, input)?.tags, input, "TagKeys");
            Ok(json!({}))
        }
        _ => Err(AwsError::unknown_operation("ssm", operation)),
    }
}

fn not_found(name: &str) -> AwsError {
    AwsError::new("ParameterNotFound", format!("Parameter {name} not found."))
}

/// The ARN of a parameter; the name's leading slash is not doubled.
pub(crate) fn parameter_arn(region: &str, account: &str, name: &str) -> String {
    arn("ssm", region, account, &format!("parameter/{}", name.trim_start_matches('/')))
}

fn shape(caller: &Caller, name: &str, parameter: &Parameter, decrypt: bool) -> Json {
    let value = if parameter.kind == "SecureString" && !decrypt {
        // What a caller sees without decryption is a ciphertext.
        crate::core::input::base64(format!("encrypted:{}", parameter.version).as_bytes())
    } else {
        parameter.value.clone()
    };
    json!({
        "Name": name, "Type": parameter.kind, "Value": value, "Version": parameter.version,
        "LastModifiedDate": timestamp(parameter.modified), "DataType": "text",
        "ARN": parameter_arn(&caller.region, &caller.account, name),
    })
}

/// The name in a request, which may be an ARN or carry a version behind a colon.
fn plain_name(name: &str) -> &str {
    if let Some((_, rest)) = name.split_once(":parameter") {
        return rest;
    }
    name.split_once(':').map_or(name, |(name, _)| name)
}

fn get(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let name = plain_name(input.need("Name")?);
    let parameters = &world.state.at(&caller.scope()).parameters;
    let parameter = parameters.get(name).ok_or_else(|| AwsError::new("ParameterNotFound", ""))?;
    Ok(json!({"Parameter": shape(caller, name, parameter, input.flag("WithDecryption"))}))
}

fn get_many(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let names = input.texts("Names");
    if names.is_empty() || names.len() > 10 {
        return Err(AwsError::invalid(
            "1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length less than or equal to 10",
        ));
    }
    let parameters = &world.state.at(&caller.scope()).parameters;
    let (mut found, mut invalid) = (Vec::new(), Vec::new());
    for name in names {
        match parameters.get(plain_name(&name)) {
            Some(parameter) => {
                found.push(shape(caller, plain_name(&name), parameter, input.flag("WithDecryption")));
            }
            None => invalid.push(name),
        }
    }
    Ok(json!({"Parameters": found, "InvalidParameters": invalid}))
}

fn by_path(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let path = input.need("Path")?;
    if !path.starts_with('/') {
        return Err(AwsError::invalid("The parameter path must begin with a forward slash."));
    }
    let prefix = format!("{}/", path.trim_end_matches('/'));
    let recursive = input.flag("Recursive");
    let decrypt = input.flag("WithDecryption");
    let found: Vec<Json> = world
        .state
        .at(&caller.scope())
        .parameters
        .iter()
        .filter(|(name, _)| name.strip_prefix(&prefix).is_some_and(|rest| recursive || !rest.contains('/')))
        .map(|(name, parameter)| shape(caller, name, parameter, decrypt))
        .collect();
    let (page, next) = page(&found, input.text("NextToken"), page_size(input, "MaxResults", 10));
    Ok(json!({"Parameters": page, "NextToken": next}))
}

fn put(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let name = input.need("Name")?;
    let value = input.need("Value")?;
    let now = world.now();
    let parameters = &mut world.state.at(&caller.scope()).parameters;
    let old = parameters.get(name);
    if old.is_some() && !input.flag("Overwrite") {
        return Err(AwsError::new(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
        ));
    }
    let advanced = input.text("Tier").is_some_and(|tier| tier != "Standard");
    if value.len() > SIZES[usize::from(advanced)] {
        return Err(AwsError::invalid(format!(
            "Standard tier parameters support a maximum parameter value of {} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
            SIZES[usize::from(advanced)]
        )));
    }
    let tags = tags::read(input.list("Tags"));
    if old.is_some() && !tags.is_empty() {
        return Err(AwsError::invalid(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag.",
        ));
    }
    let kind = input.text("Type").or(old.map(|old| old.kind.as_str()));
    let kind =
        kind.ok_or_else(|| AwsError::invalid("A parameter type is required when you create a parameter."))?;
    let parameter = Parameter {
        kind: kind.to_owned(),
        value: value.to_owned(),
        description: input.text("Description").map(str::to_owned),
        version: old.map_or(1, |old| old.version + 1),
        modified: now,
        tags: old.map_or(tags, |old| old.tags.clone()),
        tier: advanced.then(|| "Advanced".to_owned()).or_else(|| old.and_then(|old| old.tier.clone())),
        key: input.text("KeyId").map(str::to_owned).or_else(|| old.and_then(|old| old.key.clone())),
    };
    let version = parameter.version;
    let tier = parameter.tier.clone();
    parameters.insert(name.to_owned(), parameter);
    Ok(json!({"Version": version, "Tier": tier.as_deref().unwrap_or("Standard")}))
}

fn delete_many(world: &mut World, caller: &Caller, input: &Json) -> Json {
    let parameters = &mut world.state.at(&caller.scope()).parameters;
    let (deleted, invalid): (Vec<_>, Vec<_>) =
        input.texts("Names").into_iter().partition(|name| parameters.remove(name).is_some());
    json!({"DeletedParameters": deleted, "InvalidParameters": invalid})
}

fn describe(world: &mut World, caller: &Caller, input: &Json) -> Json {
    let filters = input.list("ParameterFilters");
    let matches = |name: &str, parameter: &Parameter| {
        filters.iter().all(|filter| {
            let values = filter.texts("Values");
            let any = |is: &dyn Fn(&str) -> bool| values.iter().any(|value| is(value));
            let option = filter.text("Option");
            match filter.text("Key").unwrap_or_default() {
                "Name" => match option {
                    Some("BeginsWith") => any(&|value| name.starts_with(value)),
                    Some("Contains") => any(&|value| name.contains(value)),
                    _ => any(&|value| value == name),
                },
                "Path" => any(&|value| {
                    let rest = name.strip_prefix(value.trim_end_matches('/'));
                    let rest = rest.and_then(|rest| rest.strip_prefix('/'));
                    rest.is_some_and(|rest| option == Some("Recursive") || !rest.contains('/'))
                }),
                "Type" => any(&|value| value == parameter.kind),
                key => match key.strip_prefix("tag:") {
                    Some(tag) => {
                        let has = parameter.tags.get(tag);
                        has.is_some_and(|has| values.is_empty() || any(&|value| value == has))
                    }
                    None => true,
                },
            }
        })
    };
    let found: Vec<Json> = world
        .state
        .at(&caller.scope())
        .parameters
        .iter()
        .filter(|(name, parameter)| matches(name, parameter))
        .map(|(name, parameter)| {
            json!({
                "Name": name, "Type": parameter.kind, "Version": parameter.version,
                "Tier": parameter.tier.as_deref().unwrap_or("Standard"), "KeyId": key(parameter),
                "Description": parameter.description, "DataType": "text",
                "LastModifiedDate": timestamp(parameter.modified), "LastModifiedUser": caller.arn,
                "ARN": parameter_arn(&caller.region, &caller.account, name),
            })
        })
        .collect();
    let (page, next) = page(&found, input.text("NextToken"), page_size(input, "MaxResults", 50));
    json!({"Parameters": page, "NextToken": next})
}

/// The key that a parameter is encrypted with.
fn key(parameter: &Parameter) -> Option<&str> {
    let secure = parameter.kind == "SecureString";
    secure.then(|| parameter.key.as_deref().unwrap_or("alias/aws/ssm"))
}

/// The value of the parameter with this name or ARN.
pub(crate) fn value(world: &World, caller: &Caller, name: &str) -> Option<String> {
    let parameters = &world.state.regional.get(&caller.scope())?.parameters;
    let name = plain_name(name);
    let found = parameters.get(name).or_else(|| parameters.get(name.trim_start_matches('/')))?;
    Some(found.value.clone())
}

fn tagged<'a>(world: &'a mut World, caller: &Caller, input: &Json) -> Result<&'a mut Parameter, AwsError> {
    let id = input.need("ResourceId")?;
    world.state.at(&caller.scope()).parameters.get_mut(id).ok_or_else(|| {
        AwsError::new(
            "InvalidResourceId",
            "The resource ID is not valid. Verify that you entered the correct ID and try again.",
        )
    })
}
