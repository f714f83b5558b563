//! The nested stack of the addons that every environment gets.

use copilot_cfn::intrinsic::reference;
use copilot_cfn::{Map, Resource, cfn};

use super::settings::Settings;
use crate::template::About as _;
use crate::template::Stack;

/// Adds the nested stack. Nothing in the environment's stack waits for it, or it for anything but what its parameters name.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    let Some(addons) = settings.addons else { return };
    let mut parameters = Map::from([("App", reference("AppName")), ("Env", reference("EnvironmentName"))]);
    parameters.extend(addons.parameters.clone());
    let nested = Resource::new("AWS::CloudFormation::Stack")
        .about("Nested stack of the environment's addons")
        .properties(cfn!({ "Parameters": parameters, "TemplateURL": addons.url.to_owned() }));
    stack.resource("AddonsStack", nested);
}
