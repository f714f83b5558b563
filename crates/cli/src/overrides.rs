//! Overrides: what a workspace changes in a rendered template before it is used.

mod cdk;
mod turn;

use copilot_cfn::Value;
use copilot_cfn::patch::{Patches, remark_in_description};
use copilot_workspace::{Overrides, Workspace};
use copilot_yaml::Diagnostics;

use crate::failure::Failure;
use crate::io::Io;

pub(crate) use cdk::{Names, ask_leave, on_path};

/// What Copilot appends to the description of a template that it has patched.
const PATCHED: &str = " using AWS Copilot with YAML patches.";

/// The template after the overrides. `names` are what a CDK application gets to know of its stack.
pub(crate) fn apply(
    template: Value,
    overrides: Option<Overrides>,
    workspace: &Workspace,
    names: Names<'_>,
    io: &mut Io<'_>,
) -> Result<Value, Failure> {
    let path = match overrides {
        None => return Ok(template),
        Some(Overrides::Cdk(folder)) => return cdk::synthesize(&template, &folder, workspace, names, io),
        Some(Overrides::Patches(path)) => path,
    };
    let source = workspace.read_text(&path).map_err(|problem| Failure::from(*problem))?;
    let mut diagnostics = Diagnostics::default();
    let patches = Patches::read(&source, &mut diagnostics).ok_or(Failure::Diagnostics(diagnostics))?;
    let mut template = patches.apply(template).map_err(|problem| Failure::from(*problem))?;
    remark_in_description(&mut template, PATCHED);
    Ok(template)
}
