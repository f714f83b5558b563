//! The connection to a repository on GitHub or Bitbucket: one that exists, or one that the stack creates.

use copilot_cfn::intrinsic::reference;
use copilot_cfn::{Resource, Template, Value, cfn};
use copilot_manifest::pipeline::{self as manifest, CodeSource, ConnectionHost, Repository};

use super::Parts;
use super::roles::prefixed;
use crate::{Error, Facts};

const ID: &str = "SourceConnection";

/// The connection of a pipeline.
pub(super) enum Connection {
    /// The stack creates it.
    Created { name: String, host: ConnectionHost },
    /// It exists.
    Existing { arn: String },
}

impl Connection {
    /// The connection that a source needs, if it needs one.
    pub(super) fn of(source: &CodeSource, facts: &Facts) -> Result<Option<Self>, Error> {
        let Repository::Connected { host, connection, .. } = &source.repository else { return Ok(None) };
        Ok(Some(match connection {
            manifest::Connection::Created(name) => Self::Created { name: name.clone(), host: *host },
            manifest::Connection::Arn(arn) => Self::Existing { arn: arn.clone() },
            manifest::Connection::Named(name) => {
                let arn = facts.connections.get(name).cloned();
                Self::Existing { arn: arn.ok_or_else(|| Error::UnknownConnection { name: name.clone() })? }
            }
        }))
    }

    /// Actions on it as policies name them. Their service was renamed; what concerns a connection whose ARN has the new name is
    /// allowed under both.
    pub(super) fn actions(&self, names: &[&str]) -> Vec<String> {
        let mut actions = prefixed("codestar-connections", names);
        if matches!(self, Self::Existing { arn } if arn.contains(":codeconnections:")) {
            actions.extend(prefixed("codeconnections", names));
        }
        actions
    }

    /// Its ARN, wherever the template needs it.
    pub(super) fn arn(&self) -> Value {
        match self {
            Self::Created { .. } => reference(ID),
            Self::Existing { arn } => arn.clone().into(),
        }
    }
}

/// Adds the connection, if the stack creates it.
pub(super) fn add(template: &mut Template, parts: &Parts<'_>) -> Result<(), Error> {
    let Some(Connection::Created { name, host }) = &parts.connection else { return Ok(()) };
    // Another type or name would replace the connection, and somebody would have to confirm the new one.
    let resource = Resource::new("AWS::CodeStarConnections::Connection")
        .properties(cfn!({ "ConnectionName": name, "ProviderType": host.as_str() }));
    Ok(template.insert_resource(ID, resource)?)
}

/// Tells the connection's ARN to whoever deploys the stack and waits until the connection is confirmed.
pub(super) fn add_output(template: &mut Template, parts: &Parts<'_>) -> Result<(), Error> {
    let Some(connection) = &parts.connection else { return Ok(()) };
    let output =
        cfn!({ "Description": "ARN of the connection to the repository.", "Value": connection.arn() });
    Ok(template.insert_output("PipelineConnectionARN", output)?)
}
