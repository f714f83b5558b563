//! What functions ask AWS for.

use serde_json::{Value as Json, json};

use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::world::World;
use crate::error::{Answer, AwsError};
use crate::services::{self, s3, sts};

/// Answers a call of a function, which may be one of a role that it takes on.
pub(super) fn answer(world: &mut World, caller: &Caller, call: &Json) -> Answer {
    let (service, operation) = (call.need("service")?, call.need("operation")?);
    let caller = Caller { region: call.text("region").unwrap_or(&caller.region).into(), ..caller.clone() };
    let caller = match call.text("role") {
        None => caller,
        Some(role) => assumed(world, &caller, role)?,
    };
    let input = call.get("input").unwrap_or(&Json::Null);
    match (service, operation) {
        ("s3", "ListObjectVersions") => s3::versions(world, input),
        ("s3", "DeleteObjects") => s3::delete_versions(world, input),
        // A function would ask for what is not there again and again if it took that for an outage.
        _ => services::call(world, &caller, service, operation, input)
            .map_err(|error| if error.status == 501 { error.status(400) } else { error }),
    }
}

/// The caller in a role.
fn assumed(world: &mut World, caller: &Caller, role: &str) -> Result<Caller, AwsError> {
    let input = json!({"RoleArn": role, "RoleSessionName": "function"});
    let given = sts::call(world, caller, "AssumeRole", &input)?;
    let (account, name) = sts::role_of(role).unwrap_or_default();
    Ok(Caller {
        account: account.to_owned(),
        region: caller.region.clone(),
        arn: given["AssumedRoleUser"]["Arn"].as_str().unwrap_or_default().to_owned(),
        user_id: given["AssumedRoleUser"]["AssumedRoleId"].as_str().unwrap_or_default().to_owned(),
        role: Some(name.to_owned()),
    })
}
