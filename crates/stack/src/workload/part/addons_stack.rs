//! The nested stack of a workload's addons.

use copilot_cfn::intrinsic::reference;
use copilot_cfn::{Map, Resource, cfn};

use crate::template::About as _;
use crate::workload::context::Context;
use crate::workload::stack::Stack;

/// Adds the nested stack, which is there only when the workload has addons.
///
/// It waits for the environment when the workload asks something of it.
pub(crate) fn add(stack: &mut Stack, waits_for_environment: bool, cx: &Context<'_>) {
    let mut parameters = Map::from([
        ("App", reference("AppName")),
        ("Env", reference("EnvName")),
        ("Name", reference("WorkloadName")),
    ]);
    parameters.extend(cx.addons.map(|addons| addons.parameters.clone()).unwrap_or_default());
    let nested = Resource::new("AWS::CloudFormation::Stack")
        .about("Nested stack of the workload's addons")
        .condition("HasAddons")
        .properties(cfn!({ "Parameters": parameters, "TemplateURL": reference("AddonsTemplateURL") }));
    let nested = if waits_for_environment { nested.depends_on("EnvControllerAction") } else { nested };
    stack.resource("AddonsStack", nested);
}
