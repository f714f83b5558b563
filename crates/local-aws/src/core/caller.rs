//! Who asks, where and with which rights.

use super::state::State;
use super::world::World;
use crate::error::AwsError;
use crate::services::sts::Session;

/// The identity behind a request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) arn: String,
    pub(crate) user_id: String,
    /// Name of the assumed role.
    pub(crate) role: Option<String>,
}

impl Caller {
    /// Key of the caller's account and region in [`State::regional`].
    pub(crate) fn scope(&self) -> String {
        State::scope(&self.account, &self.region)
    }

    /// `arn:PARTITION:service:region:account:rest`.
    pub(crate) fn arn(&self, service: &str, rest: &str) -> String {
        arn(service, &self.region, &self.account, rest)
    }

    /// CloudFormation, CodePipeline or another service that acts in an account.
    pub(crate) fn service(account: &str, region: &str, service: &str) -> Self {
        Self {
            account: account.into(),
            region: region.into(),
            arn: format!("arn:aws:iam::{account}:root"),
            user_id: service.into(),
            role: None,
        }
    }
}

/// The partition of a region: `aws`, `aws-cn` or `aws-us-gov`.
pub(crate) fn partition(region: &str) -> &'static str {
    match region.split('-').collect::<Vec<_>>().as_slice() {
        ["cn", ..] => "aws-cn",
        ["us", "gov", ..] => "aws-us-gov",
        _ => "aws",
    }
}

/// An ARN in the partition of `region`.
pub(crate) fn arn(service: &str, region: &str, account: &str, rest: &str) -> String {
    format!("arn:{}:{service}:{region}:{account}:{rest}", partition(region))
}

/// An ARN of a service without regions, such as IAM.
pub(crate) fn global_arn(service: &str, region: &str, account: &str, rest: &str) -> String {
    format!("arn:{}:{service}::{account}:{rest}", partition(region))
}

/// The caller with this access key: an assumed role, the user of the account that the key names by its 12 digits,
/// or the user of the account that the server was started for.
pub(crate) fn identify(
    world: &World,
    access_key: &str,
    token: Option<&str>,
    region: &str,
) -> Result<Caller, AwsError> {
    if let Some(session) = world.state.sessions.get(access_key) {
        return assumed(session, token, region, world.now());
    }
    if access_key.starts_with("ASIA") {
        return Err(unknown_token());
    }
    let home = world.state.home.as_ref().map_or(&world.options.account_id, |(account, _)| account);
    let account = if access_key.len() == 12 && access_key.bytes().all(|b| b.is_ascii_digit()) {
        access_key
    } else {
        home
    };
    Ok(Caller {
        account: account.into(),
        region: region.into(),
        arn: global_arn("iam", region, account, "user/local"),
        user_id: "AIDALOCALUSER0000001".into(),
        role: None,
    })
}

fn assumed(session: &Session, token: Option<&str>, region: &str, now: i64) -> Result<Caller, AwsError> {
    if token != Some(session.token.as_str()) {
        return Err(unknown_token());
    }
    if session.expires <= now {
        return Err(AwsError::new("ExpiredToken", "The security token included in the request is expired"));
    }
    Ok(Caller {
        account: session.account.clone(),
        region: region.into(),
        arn: session.arn.clone(),
        user_id: session.user_id.clone(),
        role: Some(session.role.clone()),
    })
}

fn unknown_token() -> AwsError {
    AwsError::new("InvalidClientTokenId", "The security token included in the request is invalid").status(403)
}
