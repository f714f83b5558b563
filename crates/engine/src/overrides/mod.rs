//! Overrides: what a workspace changes in a rendered template before it is used.

mod cdk;
mod turn;

use copilot_cfn::Value;
use copilot_cfn::patch::{Patches, remark_in_description};
use copilot_workspace::Overrides;
use copilot_yaml::Diagnostics;

use crate::error::Error;
use crate::host::Host;
use crate::project::Project;

pub use cdk::CdkError;
pub(crate) use cdk::{Names, check_leave};

/// What Copilot appends to the description of a template that it has patched.
const PATCHED: &str = " using AWS Copilot with YAML patches.";

/// The template after the overrides. `names` are what a CDK application gets to know of its stack.
pub(crate) fn apply(
    template: Value,
    overrides: Option<Overrides>,
    project: &Project,
    names: Names<'_>,
    host: &dyn Host,
) -> Result<Value, Error> {
    let path = match overrides {
        None => return Ok(template),
        Some(Overrides::Cdk(folder)) => return cdk::synthesize(&template, &folder, project, names, host),
        Some(Overrides::Patches(path)) => path,
    };
    let source = project.workspace().read_text(&path).map_err(|problem| Error::from(*problem))?;
    let mut diagnostics = Diagnostics::default();
    let patches = Patches::read(&source, &mut diagnostics).ok_or(Error::Findings(diagnostics))?;
    let mut template = patches.apply(template).map_err(|problem| Error::from(*problem))?;
    remark_in_description(&mut template, PATCHED);
    Ok(template)
}
