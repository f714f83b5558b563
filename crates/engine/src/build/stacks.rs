//! Rendering the stack of a workload in an environment, up to the files that a pipeline deploys.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use copilot_cfn::Value;
use copilot_cfn::write::to_yaml;
use copilot_stack::Facts;
use copilot_stack::addons::Addons;
use copilot_stack::workload::{Rendered, Request, StackParameters, render};
use copilot_workspace::Overrides;

use super::functions::Keys;
use super::selection::Pair;
use super::units::Unit;
use crate::environment;
use crate::error::Error;
use crate::host::Host;
use crate::overrides::{self, Names};
use crate::pipeline::check_limits;
use crate::project::Project;

/// A stack after all overrides.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Whose it is.
    pub pair: Pair,
    /// The template.
    pub template: Value,
    /// The template as it is written.
    pub text: String,
    /// Values of parameters, and tags.
    pub values: StackParameters,
    /// The same as CodePipeline reads them.
    pub parameters: String,
    /// The template of the nested stack of addons.
    pub addons: Option<String>,
    /// The same as data.
    pub(crate) addons_template: Option<Value>,
    /// How long it took to render.
    pub took: Duration,
}

impl Stack {
    /// Its files as they are written: template, parameters, and the template of addons.
    ///
    /// The name of an addons template has no environment, as build scripts expect.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::from([
            (self.pair.template_file().into(), self.text.clone().into_bytes()),
            (self.pair.parameters_file().into(), self.parameters.clone().into_bytes()),
        ]);
        if let Some(addons) = &self.addons {
            let file = format!("{}.addons.stack.yml", self.pair.workload);
            files.insert(file.into(), addons.clone().into_bytes());
        }
        files
    }
}

/// All stacks of a run.
#[derive(Debug, Clone, Default)]
pub struct Stacks {
    /// Those of environments.
    pub environments: Vec<environment::Stack>,
    /// Those of workloads.
    pub workloads: Vec<Stack>,
}

impl Stacks {
    /// Files of all of them. Where several have one of the same name, that of the last stands there.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let environments = self.environments.iter().flat_map(environment::Stack::files);
        environments.chain(self.workloads.iter().flat_map(Stack::files)).collect()
    }
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
pub(crate) fn rehearse(parts: Parts<'_>, project: &Project, host: &dyn Host) -> Result<(), Error> {
    let rendered = rendered(parts)?;
    match project.workspace().overrides(&parts.unit.folder)? {
        None => Ok(()),
        Some(Overrides::Cdk(folder)) => Ok(overrides::check_leave(&folder, project)?),
        patches => {
            let template = rendered.template.into_value();
            overrides::apply(template, patches, project, names(parts), host).map(drop)
        }
    }
}

/// Renders a stack.
pub(crate) fn finish(parts: Parts<'_>, project: &Project, host: &dyn Host) -> Result<Stack, Error> {
    let started = Instant::now();
    let rendered = rendered(parts)?;
    let found = project.workspace().overrides(&parts.unit.folder)?;
    let template = overrides::apply(rendered.template.into_value(), found, project, names(parts), host)?;
    let text = to_yaml(&template);
    check_limits(&template, &text)?;
    let addons_template = parts.addons.map(|addons| addons.template.clone().into_value());
    Ok(Stack {
        pair: parts.unit.pair.clone(),
        template,
        text,
        parameters: rendered.parameters.to_json(),
        values: rendered.parameters,
        addons: addons_template.as_ref().map(to_yaml),
        addons_template,
        took: started.elapsed(),
    })
}

fn rendered(parts: Parts<'_>) -> Result<Rendered, Error> {
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
