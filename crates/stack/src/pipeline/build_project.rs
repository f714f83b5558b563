//! The build: its role, its permissions, its project and its stage.

use copilot_cfn::intrinsic::{reference, sub};
use copilot_cfn::{Resource, Template, Value, cfn};
use copilot_manifest::pipeline::names;

use super::project::{Run, project, run};
use super::roles::{assume_env_managers, build_role, document};
use super::{Parts, action_type, additional_policy, artifact, build_policy};
use crate::Error;

pub(super) const ROLE: &str = "BuildProjectRole";
const PROJECT: &str = "BuildProject";

pub(super) fn add(template: &mut Template, parts: &Parts<'_>) -> Result<(), Error> {
    let managers = parts.stages.iter().map(|target| target.named_manager_role.as_str());
    template.insert_resource(ROLE, build_role(parts, vec![assume_env_managers(managers)]))?;
    let policy = Resource::new("AWS::IAM::Policy").depends_on(ROLE).properties(cfn!({
        "PolicyName": sub("${AWS::StackName}-CodeBuildPolicy"),
        "PolicyDocument": document(build_policy::statements(parts)),
        "Roles": [reference(ROLE)],
    }));
    template.insert_resource("BuildProjectPolicy", policy)?;
    additional_policy::add(template, parts)?;
    let resource = project(ROLE.to_owned(), "CODEPIPELINE", parts)
        .properties(cfn!({
            "Name": sub("${AWS::StackName}-BuildProject"),
            "Description": sub("Build for ${AWS::StackName}"),
        }))
        .properties(run(Run {
            kind: if parts.build.is_arm() { "ARM_CONTAINER" } else { "LINUX_CONTAINER" },
            image: &parts.build.image,
            buildspec: &parts.build.buildspec,
            variables: Vec::new(),
        }));
    Ok(template.insert_resource(PROJECT, resource)?)
}

/// The stage that runs the build.
pub(super) fn stage() -> Value {
    cfn!({
        "Name": names::BUILD,
        "Actions": [{
            "Name": names::BUILD,
            "ActionTypeId": action_type("Build", "AWS", "CodeBuild"),
            "Configuration": { "ProjectName": reference(PROJECT) },
            "RunOrder": 1,
            "InputArtifacts": artifact(names::SOURCE_ARTIFACT),
            "OutputArtifacts": artifact(names::BUILD_ARTIFACT),
        }],
    })
}
