//! What a caller may do, as IAM itself says.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};

use crate::error::Error;
use crate::query::{Service, operation};
use crate::session::Session;

const IAM: Service = Service { name: "iam", version: "2010-05-08", global: true };

/// Actions that are wanted on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The ARN, or `*`.
    pub resource: String,
    /// Actions, such as `ssm:GetParameter`.
    pub actions: Vec<String>,
}

/// What became of the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Simulated {
    /// The caller's policies do not allow some of the actions. Policies of organisations and of resources are not part of the
    /// answer, and what depends on a condition that only a real request has is not in it.
    Lacks {
        /// ARN of the caller.
        identity: String,
        /// The actions; none if all are allowed.
        actions: BTreeSet<String>,
    },
    /// Nobody can tell, and why.
    Unknown(String),
}

/// Asks IAM which of the actions the caller of a session may not carry out (`iam:SimulatePrincipalPolicy`).
///
/// # Errors
/// When AWS can't be asked at all. A caller who may not ask gets [`Simulated::Unknown`].
pub async fn simulate(session: &Session, wanted: &[Wanted]) -> Result<Simulated, Error> {
    let identity = session.identity().await?;
    let principal = match principal(identity) {
        Principal::Everything => {
            return Ok(Simulated::Lacks { identity: identity.to_owned(), actions: BTreeSet::new() });
        }
        Principal::Arn(arn) => arn,
        Principal::Role { guess, name } => role(session.config(), &name).await.unwrap_or(guess),
        Principal::Unknown => {
            return Ok(Simulated::Unknown(format!("{identity} has no policies of its own")));
        }
    };
    let mut actions = BTreeSet::new();
    for one in wanted {
        match decide(session.config(), &principal, one).await {
            Ok(denied) => actions.extend(denied),
            Err(Error::AccessDenied { message, .. }) => return Ok(Simulated::Unknown(message)),
            Err(error) => return Err(error),
        }
    }
    Ok(Simulated::Lacks { identity: identity.to_owned(), actions })
}

/// Whose policies count.
#[derive(Debug, PartialEq, Eq)]
enum Principal {
    /// The root user of an account.
    Everything,
    Arn(String),
    /// A role, of whose ARN a session's does not have the path.
    Role {
        guess: String,
        name: String,
    },
    Unknown,
}

fn principal(identity: &str) -> Principal {
    let parts: Vec<&str> = identity.splitn(6, ':').collect();
    let [_, partition, service, _, account, rest] = parts.as_slice() else { return Principal::Unknown };
    match (*service, rest.split('/').collect::<Vec<_>>().as_slice()) {
        ("iam", ["root"]) => Principal::Everything,
        ("iam", ["user" | "role", ..]) => Principal::Arn(identity.to_owned()),
        ("sts", ["assumed-role", name, ..]) => Principal::Role {
            guess: format!("arn:{partition}:iam::{account}:role/{name}"),
            name: (*name).to_owned(),
        },
        _ => Principal::Unknown,
    }
}

/// The whole ARN of a role, if the caller may read it.
async fn role(config: &SdkConfig, name: &str) -> Option<String> {
    let operation = operation(IAM, config, "GetRole", role_arn).ok()?;
    operation.invoke(IAM.form("GetRole", &[("RoleName".to_owned(), name.to_owned())])).await.ok()?
}

/// The actions that are not allowed.
async fn decide(config: &SdkConfig, principal: &str, wanted: &Wanted) -> Result<Vec<String>, Error> {
    let operation = operation(IAM, config, "SimulatePrincipalPolicy", decisions)?;
    let mut members = vec![
        ("PolicySourceArn".to_owned(), principal.to_owned()),
        ("ResourceArns.member.1".to_owned(), wanted.resource.clone()),
        ("MaxItems".to_owned(), "1000".to_owned()),
    ];
    let numbered = wanted.actions.iter().enumerate();
    members.extend(numbered.map(|(at, action)| (format!("ActionNames.member.{}", at + 1), action.clone())));
    let mut denied = Vec::new();
    let fixed = members.len();
    loop {
        let answer = operation.invoke(IAM.form("SimulatePrincipalPolicy", &members)).await;
        let page: Decisions = answer.map_err(|error| {
            tracing::debug!(
                code = error.as_service_error().and_then(|refused| refused.code()),
                "not simulated"
            );
            Error::aws("iam:SimulatePrincipalPolicy", &error)
        })?;
        denied.extend(page.denied);
        let Some(marker) = page.marker else { return Ok(denied) };
        members.truncate(fixed);
        members.push(("Marker".to_owned(), marker));
    }
}

#[derive(Debug, Default)]
struct Decisions {
    denied: Vec<String>,
    marker: Option<String>,
}

fn role_arn(text: &str) -> Result<Option<String>, XmlDecodeError> {
    let mut document = Document::new(text);
    let mut root = document.root_element()?;
    let mut found = None;
    while let Some(mut result) = root.next_tag() {
        while let Some(mut role) = result.next_tag() {
            while let Some(mut part) = role.next_tag() {
                if part.start_el().local() == "Arn" {
                    found = Some(try_data(&mut part)?.into_owned());
                }
            }
        }
    }
    Ok(found)
}

fn decisions(text: &str) -> Result<Decisions, XmlDecodeError> {
    let mut document = Document::new(text);
    let mut root = document.root_element()?;
    let mut page = Decisions::default();
    while let Some(mut result) = root.next_tag() {
        if result.start_el().local() != "SimulatePrincipalPolicyResult" {
            continue;
        }
        while let Some(mut tag) = result.next_tag() {
            match tag.start_el().local() {
                "Marker" => {
                    page.marker = Some(try_data(&mut tag)?.into_owned()).filter(|text| !text.is_empty());
                }
                "EvaluationResults" => {
                    while let Some(mut member) = tag.next_tag() {
                        page.denied.extend(decision(&mut member)?);
                    }
                }
                _ => {}
            }
        }
    }
    Ok(page)
}

/// The action of a decision, if it is not allowed. One that only lacks values of conditions is no decision.
fn decision(member: &mut ScopedDecoder<'_, '_>) -> Result<Option<String>, XmlDecodeError> {
    let (mut action, mut allowed, mut open) = (None, false, false);
    while let Some(mut part) = member.next_tag() {
        match part.start_el().local() {
            "EvalActionName" => action = Some(try_data(&mut part)?.into_owned()),
            "EvalDecision" => allowed = try_data(&mut part)? == "allowed",
            "MissingContextValues" => {
                while part.next_tag().is_some() {
                    open = true;
                }
            }
            _ => {}
        }
    }
    Ok(action.filter(|_| !allowed && !open))
}

#[cfg(test)]
mod tests {
    use super::{Principal, decisions, principal, role_arn};

    #[test]
    fn an_identity_leads_to_whose_policies_count() {
        assert_eq!(principal("arn:aws:iam::111122223333:root"), Principal::Everything);
        let user = "arn:aws:iam::111122223333:user/team/ada";
        assert_eq!(principal(user), Principal::Arn(user.to_owned()));
        let role = Principal::Role {
            guess: "arn:aws-cn:iam::111122223333:role/ci".to_owned(),
            name: "ci".to_owned(),
        };
        assert_eq!(principal("arn:aws-cn:sts::111122223333:assumed-role/ci/session"), role);
        assert_eq!(principal("arn:aws:sts::111122223333:federated-user/ada"), Principal::Unknown);
        assert_eq!(principal("nobody"), Principal::Unknown);
    }

    #[test]
    fn answers_are_read() {
        let member = |action: &str, decision: &str, missing: &str| {
            format!(
                "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>*</EvalResourceName>\
                 <EvalDecision>{decision}</EvalDecision><MissingContextValues>{missing}</MissingContextValues></member>"
            )
        };
        let text = format!(
            "<SimulatePrincipalPolicyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
             <SimulatePrincipalPolicyResult><IsTruncated>true</IsTruncated><Marker>m</Marker><EvaluationResults>{}{}{}{}\
             </EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>",
            member("ssm:GetParameter", "allowed", ""),
            member("ssm:PutParameter", "implicitDeny", ""),
            member("ecs:RunTask", "explicitDeny", ""),
            member("iam:PassRole", "implicitDeny", "<member>iam:PassedToService</member>"),
        );
        let page = decisions(&text).unwrap();
        assert_eq!(page.denied, ["ssm:PutParameter", "ecs:RunTask"]);
        assert_eq!(page.marker.as_deref(), Some("m"));
        let text = "<GetRoleResponse><GetRoleResult><Role><Path>/a/</Path><Arn>arn:aws:iam::1:role/a/ci</Arn></Role>\
            </GetRoleResult></GetRoleResponse>";
        assert_eq!(role_arn(text).unwrap().as_deref(), Some("arn:aws:iam::1:role/a/ci"));
    }
}
