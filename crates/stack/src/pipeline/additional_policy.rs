//! What the build may do beyond what Copilot needs, as the manifest has it.

use copilot_cfn::intrinsic::{reference, sub};
use copilot_cfn::{Resource, Template, cfn, read};

use super::{Parts, build_project};
use crate::Error;

pub(super) fn add(template: &mut Template, parts: &Parts<'_>) -> Result<(), Error> {
    let Some(document) = &parts.build.additional_policy else { return Ok(()) };
    let policy = Resource::new("AWS::IAM::Policy").properties(cfn!({
        "PolicyName": sub("${AWS::StackName}-BuildProjectAdditionalPolicy"),
        "PolicyDocument": read::from_node(document),
        "Roles": [reference(build_project::ROLE)],
    }));
    Ok(template.insert_resource("BuildProjectAdditionalPolicy", policy)?)
}
