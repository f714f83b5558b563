//! The stage that gets the source.

use copilot_cfn::intrinsic::sub_with;
use copilot_cfn::{Map, Value, cfn};
use copilot_manifest::pipeline::{OutputFormat, Repository, names};

use super::{Parts, action_type, artifact};

pub(super) fn stage(parts: &Parts<'_>) -> Value {
    let (action_type, configuration) = action(parts);
    cfn!({
        "Name": names::SOURCE,
        "Actions": [{
            "Name": names::source_action(&parts.application.name),
            "ActionTypeId": action_type,
            "Configuration": configuration,
            "OutputArtifacts": artifact(names::SOURCE_ARTIFACT),
            "RunOrder": 1,
        }],
    })
}

fn action(parts: &Parts<'_>) -> (Map, Value) {
    let branch = &parts.source.branch;
    match &parts.source.repository {
        Repository::Token { owner, name, secret } => (
            action_type("Source", "ThirdParty", "GitHub"),
            cfn!({
                "Owner": owner,
                "Repo": name,
                "Branch": branch,
                // The secret's name is a variable, so that nothing in it can end the reference.
                "OAuthToken": sub_with("{{resolve:secretsmanager:${SecretId}}}", [("SecretId", secret)]),
            }),
        ),
        Repository::Connected { owner, name, format, .. } => (
            action_type("Source", "AWS", "CodeStarSourceConnection"),
            cfn!({
                "ConnectionArn"?: parts.connection.as_ref().map(super::Connection::arn),
                "FullRepositoryId": format!("{owner}/{name}"),
                "BranchName": branch,
                "OutputArtifactFormat"?: format.map(OutputFormat::as_str),
            }),
        ),
        Repository::CodeCommit { name, format, .. } => (
            action_type("Source", "AWS", "CodeCommit"),
            cfn!({
                "RepositoryName": name,
                "BranchName": branch,
                "OutputArtifactFormat"?: format.map(OutputFormat::as_str),
            }),
        ),
    }
}
