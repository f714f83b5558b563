//! The stack of a pipeline as it is written.

use copilot_cfn::Value;
use copilot_cfn::limits;
use copilot_cfn::write::to_yaml;
use copilot_stack::{Facts, pipeline::render};

use super::LoadedPipeline;
use crate::error::Error;
use crate::host::Host;
use crate::overrides::{self, Names};
use crate::project::Project;

/// A template as data and as it is written.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The template.
    pub template: Value,
    /// Its YAML.
    pub text: String,
}

/// The stack of a pipeline after overrides.
///
/// # Errors
/// When the facts lack something, overrides don't fit, or CloudFormation takes no template of this size.
pub fn rendered(
    loaded: &LoadedPipeline,
    facts: &Facts,
    project: &Project,
    host: &dyn Host,
) -> Result<Rendered, Error> {
    let template = render(&loaded.pipeline, facts)?.into_value();
    let names = Names { application: &loaded.application, environment: None };
    let found = project.workspace().pipeline_overrides(&loaded.pipeline.name)?;
    let template = overrides::apply(template, found, project, names, host)?;
    let text = to_yaml(&template);
    check_limits(&template, &text)?;
    Ok(Rendered { template, text })
}

/// Whether CloudFormation takes a template of this size.
pub(crate) fn check_limits(template: &Value, text: &str) -> Result<(), Error> {
    limits::check(template, text).map(drop).map_err(Error::TooLarge)
}
