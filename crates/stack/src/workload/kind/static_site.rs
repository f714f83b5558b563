//! `Static Site`.

use copilot_cfn::{Error, Template};
use copilot_manifest::workload::StaticSite;

use crate::workload::context::Context;
use crate::workload::parameters::StackParameters;
use crate::workload::resolve::Problems;
use crate::workload::stack::Stack;

/// Renders the stack with its parameters.
pub(crate) fn render(
    _manifest: &StaticSite,
    cx: &Context<'_>,
    _problems: &mut Problems<'_>,
) -> Result<(Template, StackParameters), Error> {
    let stack = Stack::new("CloudFormation template");
    Ok((stack.finish()?, StackParameters::common(cx)))
}
