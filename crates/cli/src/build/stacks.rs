//! Rendering the stack of a workload in an environment, up to the files that a pipeline deploys.

use std::time::{Duration, Instant};

use copilot_cfn::Value;
use copilot_cfn::write::to_yaml;
use copilot_stack::Facts;
use copilot_stack::addons::Addons;
use copilot_stack::workload::{Rendered, Request, StackParameters, render};
use copilot_workspace::{Overrides, Workspace};

use super::functions::Keys;
use super::selection::Pair;
use super::units::Unit;
use crate::commands::package::check_limits;
use crate::failure::Failure;
use crate::io::Io;
use crate::overrides::{self, Names};

/// A stack after all overrides.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) pair: Pair,
    pub(crate) template: Value,
    /// The template as it is written.
    pub(crate) text: String,
    /// Values of parameters, and tags.
    pub(crate) values: StackParameters,
    /// The same as CodePipeline reads them.
    pub(crate) parameters: String,
    /// The template of the nested stack of addons.
    pub(crate) addons: Option<String>,
    pub(crate) took: Duration,
}

/// Everything that a stack is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) unit: &'a Unit,
    /// With what was uploaded for this workload in this environment.
    pub(crate) facts: &'a Facts,
    pub(crate) addons: Option<&'a Addons>,
    pub(crate) keys: &'a Keys,
}

/// Renders what can be without waiting for images, to find what is wrong before anything is built: everything but overrides
/// that are a program.
pub(crate) fn rehearse(parts: Parts<'_>, workspace: &Workspace, io: &mut Io<'_>) -> Result<(), Failure> {
    let rendered = rendered(parts)?;
    match workspace.overrides(&parts.unit.folder)? {
        None => Ok(()),
        Some(Overrides::Cdk(folder)) => overrides::ask_leave(&folder, workspace, io),
        patches => {
            overrides::apply(rendered.template.into_value(), patches, workspace, names(parts), io).map(drop)
        }
    }
}

/// Renders a stack.
pub(crate) fn finish(parts: Parts<'_>, workspace: &Workspace, io: &mut Io<'_>) -> Result<Stack, Failure> {
    let started = Instant::now();
    let rendered = rendered(parts)?;
    let found = workspace.overrides(&parts.unit.folder)?;
    let template = overrides::apply(rendered.template.into_value(), found, workspace, names(parts), io)?;
    let text = to_yaml(&template);
    check_limits(&template, &text, io)?;
    Ok(Stack {
        pair: parts.unit.pair.clone(),
        template,
        text,
        parameters: rendered.parameters.to_json(),
        values: rendered.parameters,
        addons: parts.addons.map(|addons| to_yaml(&addons.template.clone().into_value())),
        took: started.elapsed(),
    })
}

fn rendered(parts: Parts<'_>) -> Result<Rendered, Failure> {
    let request = Request {
        workload: &parts.unit.workload,
        source: &parts.unit.source,
        environment: &parts.unit.pair.environment,
        facts: parts.facts,
        addons: parts.addons,
        function_keys: parts.keys,
    };
    Ok(render(request)?)
}

fn names(parts: Parts<'_>) -> Names<'_> {
    Names { application: &parts.facts.application.name, environment: Some(&parts.unit.pair.environment) }
}
