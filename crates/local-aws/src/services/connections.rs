//! Connections to source providers, under both names of the service: what one makes the other lists.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::tags::{self, Tags};
use crate::core::caller::Caller;
use crate::core::input::{Input, page, page_size};
use crate::core::options::Handshake;
use crate::core::world::World;
use crate::error::{Answer, AwsError};

/// A connection.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Connection {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) provider: String,
    pub(crate) owner: String,
    pub(crate) host: Option<String>,
    /// `PENDING`, `AVAILABLE` or `ERROR`.
    pub(crate) status: String,
    /// Ticks since it was made.
    pub(crate) age: u32,
    pub(crate) tags: Tags,
}

/// A connection's name for the ARNs of both services.
fn id(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Makes a connection, `PENDING` until someone completes it, and says its ARN.
pub(crate) fn new_connection(
    world: &mut World,
    caller: &Caller,
    service: &str,
    name: &str,
    provider: Option<&str>,
    host: Option<&str>,
    tags: Tags,
) -> Result<String, AwsError> {
    let providers =
        ["Bitbucket", "GitHub", "GitHubEnterpriseServer", "GitLab", "GitLabSelfManaged", "AzureDevOps"];
    if name.is_empty() || name.len() > 32 {
        return Err(AwsError::invalid(format!(
            "1 validation error detected: Value '{name}' at 'connectionName' failed to satisfy constraint: Member must have length less than or equal to 32"
        )));
    }
    if let Some(unknown) = provider.filter(|provider| !providers.contains(provider)) {
        return Err(AwsError::invalid(format!(
            "1 validation error detected: Value '{unknown}' at 'providerType' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
            providers.join(", ")
        )));
    }
    let id = world.state.ids.uuid();
    let arn = caller.arn(service, &format!("connection/{id}"));
    let connection = Connection {
        name: name.into(),
        arn: arn.clone(),
        provider: provider.unwrap_or("GitHubEnterpriseServer").into(),
        owner: caller.account.clone(),
        host: host.map(str::to_owned),
        status: "PENDING".into(),
        age: 0,
        tags,
    };
    world.state.at(&caller.scope()).connections.insert(id, connection);
    Ok(arn)
}

/// The status of the connection with this ARN.
pub(crate) fn status(world: &World, scope: &str, arn: &str) -> Option<String> {
    let connection = world.state.regional.get(scope)?.connections.get(id(arn))?;
    Some(connection.status.clone())
}

/// Completes handshakes that complete by themselves.
pub(crate) fn tick(world: &mut World) -> bool {
    let Handshake::AfterTicks(ticks) = world.options.handshake else { return false };
    let mut moved = false;
    for regional in world.state.regional.values_mut() {
        for connection in
            regional.connections.values_mut().filter(|connection| connection.status == "PENDING")
        {
            connection.age += 1;
            moved = true;
            if connection.age >= ticks {
                connection.status = "AVAILABLE".into();
            }
        }
    }
    moved
}

fn shape(connection: &Connection) -> Json {
    json!({
        "ConnectionName": connection.name, "ConnectionArn": connection.arn, "ProviderType": connection.provider,
        "OwnerAccountId": connection.owner, "ConnectionStatus": connection.status, "HostArn": connection.host,
    })
}

fn not_found(arn: &str) -> AwsError {
    AwsError::new("ResourceNotFoundException", format!("Connection not found: {arn}"))
}

pub(crate) fn call(
    world: &mut World,
    caller: &Caller,
    service: &str,
    operation: &str,
    input: &Json,
) -> Answer {
    let scope = caller.scope();
    match operation {
        "CreateConnection" => {
            let (name, host) = (input.need("ConnectionName")?, input.text("HostArn"));
            let tags = tags::read(input.list("Tags"));
            let provider = input.text("ProviderType");
            if provider.is_none() && host.is_none() {
                return Err(AwsError::invalid("Either ProviderType or HostArn must be specified"));
            }
            let arn = new_connection(world, caller, service, name, provider, host, tags)?;
            Ok(json!({"ConnectionArn": arn, "Tags": input.get("Tags")}))
        }
        "ListConnections" => {
            let provider = input.text("ProviderTypeFilter");
            let host = input.text("HostArnFilter");
            let all: Vec<Json> = world
                .state
                .at(&scope)
                .connections
                .values()
                .filter(|connection| provider.is_none_or(|provider| provider == connection.provider))
                .filter(|connection| host.is_none_or(|host| connection.host.as_deref() == Some(host)))
                .map(shape)
                .collect();
            let (page, next) = page(&all, input.text("NextToken"), page_size(input, "MaxResults", 100));
            Ok(json!({"Connections": page, "NextToken": next}))
        }
        "GetConnection" | "DeleteConnection" => {
            let arn = input.need("ConnectionArn")?;
            let connections = &mut world.state.at(&scope).connections;
            if operation == "DeleteConnection" {
                return connections.remove(id(arn)).map(|_| json!({})).ok_or_else(|| not_found(arn));
            }
            let connection = connections.get(id(arn)).ok_or_else(|| not_found(arn))?;
            Ok(json!({"Connection": shape(connection)}))
        }
        "ListHosts" => Ok(json!({"Hosts": []})),
        "TagResource" | "UntagResource" | "ListTagsForResource" => {
            let arn = input.need("ResourceArn")?;
            let connection =
                world.state.at(&scope).connections.get_mut(id(arn)).ok_or_else(|| not_found(arn))?;
            match operation {
                "TagResource" => connection.tags.extend(tags::read(input.list("Tags"))),
                "UntagResource" => tags::remove(&mut connection.tags, input, "TagKeys"),
                _ => return Ok(json!({"Tags": tags::write(&connection.tags)})),
            }
            Ok(json!({}))
        }
        _ => Err(AwsError::unknown_operation(service, operation)),
    }
}
