//! What the projects that run a buildspec of the repository have in common.

use copilot_cfn::intrinsic::{get_att, import_value, reference, sub};
use copilot_cfn::{Resource, Value, cfn};

use super::Parts;

/// How a build runs.
pub(super) struct Run<'a> {
    /// `LINUX_CONTAINER` or `ARM_CONTAINER`.
    pub(super) kind: &'static str,
    pub(super) image: &'a str,
    pub(super) buildspec: &'a str,
    /// Variables beyond those that every build has, by name.
    pub(super) variables: Vec<(&'static str, &'a str)>,
}

/// A project that takes on a role and encrypts with the application's key.
pub(super) fn project(role: String, artifacts: &'static str, parts: &Parts<'_>) -> Resource {
    Resource::new("AWS::CodeBuild::Project").properties(cfn!({
        "EncryptionKey": import_value(format!("{}-ArtifactKey", parts.application.name)),
        "ServiceRole": get_att(role, "Arn"),
        "Artifacts": { "Type": artifacts },
    }))
}

/// The properties of a project that runs a buildspec of the repository.
pub(super) fn run(run: Run<'_>) -> Value {
    let variable = |name: &'static str, value: Value| cfn!({ "Name": name, "Value": value });
    let own = run.variables.into_iter().map(|(name, value)| variable(name, value.to_owned().into()));
    cfn!({
        "Cache": { "Modes": ["LOCAL_DOCKER_LAYER_CACHE"], "Type": "LOCAL" },
        "Environment": {
            "Type": run.kind,
            "ComputeType": "BUILD_GENERAL1_SMALL",
            "PrivilegedMode": true,
            "Image": run.image.to_owned(),
            "EnvironmentVariables": [
                variable("AWS_ACCOUNT_ID", sub("${AWS::AccountId}")),
                variable("PARTITION", reference("AWS::Partition")),
                ..own,
            ],
        },
        "Source": { "Type": "CODEPIPELINE", "BuildSpec": run.buildspec.to_owned() },
        "TimeoutInMinutes": 60,
    })
}
