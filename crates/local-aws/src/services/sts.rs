//! Security Token Service: who one is, and roles that can be assumed or not.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::iam;
use crate::core::caller::{Caller, global_arn};
use crate::core::input::{Input, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};
use crate::http::guard::session_proof;

/// Temporary credentials of an assumed role.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) account: String,
    pub(crate) role: String,
    pub(crate) arn: String,
    pub(crate) user_id: String,
    pub(crate) token: String,
    /// Milliseconds since 1970.
    pub(crate) expires: i64,
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "GetCallerIdentity" => {
            Ok(json!({"Arn": caller.arn, "UserId": caller.user_id, "Account": caller.account}))
        }
        "AssumeRole" => assume(world, caller, input),
        _ => Err(AwsError::unknown_operation("sts", operation)),
    }
}

/// The account and name in a role's ARN.
pub(crate) fn role_of(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let account = parts.nth(4)?;
    let role = parts.next()?.strip_prefix("role/")?;
    Some((account, role.rsplit('/').next()?))
}

fn assume(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let role_arn = input.need("RoleArn")?;
    let session_name = input.need("RoleSessionName")?;
    let denied = || {
        AwsError::new(
            "AccessDenied",
            format!(
                "User: {} is not authorized to perform: sts:AssumeRole on resource: {role_arn}",
                caller.arn
            ),
        )
        .status(403)
    };
    let (account, name) =
        role_of(role_arn).ok_or_else(|| AwsError::validation(format!("{role_arn} is invalid")))?;
    let role = world.state.iam.get(account).and_then(|iam| iam.roles.get(name)).ok_or_else(denied)?;
    if world.state.refused_roles.contains(role_arn) || !iam::trusts(&role.trust, caller) {
        return Err(denied());
    }
    let seconds = input.number("DurationSeconds").unwrap_or(3600);
    if seconds < 900 || seconds > role.max_session {
        return Err(AwsError::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    let role_id = role.id.clone();
    let expires = world.now() + seconds * 1000;
    let access_key = format!("ASIA{}", world.state.ids.upper(16));
    let key = world.options.access_key.as_ref();
    let session = Session {
        account: account.to_owned(),
        role: name.to_owned(),
        arn: global_arn("sts", &caller.region, account, &format!("assumed-role/{name}/{session_name}")),
        user_id: format!("{role_id}:{session_name}"),
        token: format!("local-session-{}{}", world.state.ids.hex(40), session_proof(key, &access_key)),
        expires,
    };
    let answer = json!({
        "AssumedRoleUser": {"Arn": session.arn, "AssumedRoleId": session.user_id},
        "Credentials": {
            "AccessKeyId": access_key, "SecretAccessKey": world.state.ids.hex(40),
            "SessionToken": session.token, "Expiration": timestamp(expires),
        },
        "PackedPolicySize": 6,
    });
    let now = world.now();
    world.state.sessions.retain(|_, session| session.expires > now - 3_600_000);
    world.state.sessions.insert(access_key, session);
    Ok(answer)
}
