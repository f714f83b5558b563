//! The stack of an environment, up to the files that are deployed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use copilot_artifact::assets::Bucket;
use copilot_artifact::{Cancel, ObjectRequest, Plan as Assets};
use copilot_cfn::Value;
use copilot_cfn::write::to_yaml;
use copilot_stack::addons::Addons;
use copilot_stack::environment as stack;
use copilot_stack::{Facts, StackParameters};
use copilot_workspace::Overrides;

use super::LoadedManifest;
use crate::addons;
use crate::build::uploads::{AddonsOf, Files, addons_template, of_addons};
use crate::build::{Keys, Places, function_object};
use crate::error::Error;
use crate::host::Host;
use crate::overrides::{self, Names};
use crate::pipeline::check_limits;
use crate::project::Project;

/// What is to be rendered.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The workspace.
    pub project: &'a Project,
    /// The environment.
    pub environment: &'a LoadedManifest,
    /// What is known of AWS.
    pub facts: &'a Facts,
    /// Makes the stack differ from the deployed one.
    pub force_deploy_id: Option<&'a str>,
}

/// An environment's stack after overrides.
#[derive(Debug, Clone)]
pub struct Stack {
    /// The environment.
    pub name: String,
    /// The template.
    pub template: Value,
    /// The template as it is written.
    pub text: String,
    /// Its parameters and tags.
    pub values: StackParameters,
    /// The template of the nested stack of addons.
    pub(crate) addons: Option<String>,
    /// The same as data.
    pub(crate) addons_template: Option<Value>,
    /// What has to lie in the bucket before the stack is deployed.
    pub assets: Assets,
    /// How long it took to render.
    pub took: Duration,
}

impl Stack {
    /// Name of the template's file.
    pub fn template_file(&self) -> String {
        template_file(&self.name)
    }

    /// Name of the file with parameters and tags.
    pub fn parameters_file(&self) -> String {
        format!("{}.env.params.json", self.name)
    }

    /// The files that a pipeline deploys. The one of addons has no environment in its name, as build scripts expect.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::from([
            (self.template_file().into(), self.text.clone().into_bytes()),
            (self.parameters_file().into(), self.values.to_json().into_bytes()),
        ]);
        if let Some(addons) = &self.addons {
            files.insert("env.addons.yml".into(), addons.clone().into_bytes());
        }
        files
    }
}

/// Name of the template's file of an environment.
pub(crate) fn template_file(environment: &str) -> String {
    format!("{environment}.env.yml")
}

/// Whether the files that addons refer to are read, and replaced by where they will lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddonFiles {
    /// They are.
    Read,
    /// They stay as they are written.
    Leave,
}

/// The addons of all environments as they lie in the bucket of some of them.
#[derive(Debug, Clone)]
pub(crate) struct AddonsIn {
    addons: Addons,
    /// Address of their template.
    url: String,
    objects: Vec<ObjectRequest>,
}

impl AddonsIn {
    /// `facts` may know where the template lies already, which counts where files are left alone.
    pub(crate) fn new(
        mut addons: Addons,
        bucket: &Bucket,
        files: AddonFiles,
        facts: &Facts,
        project: &Project,
        cancel: &Cancel,
    ) -> Result<Self, Error> {
        let mut objects = Vec::new();
        if files == AddonFiles::Read {
            let files = Files { root: project.root(), bucket, threads: 1, cancel };
            objects = of_addons(AddonsOf::Environments, &mut addons, files, &mut facts.clone())?;
        } else if let Some(url) = &facts.addons_url {
            return Ok(Self { addons, url: url.clone(), objects });
        } else {
            objects.push(addons_template(AddonsOf::Environments, &addons, bucket));
        }
        let url = objects.last().map(|template| template.at.url()).unwrap_or_default();
        Ok(Self { addons, url, objects })
    }
}

/// A stack before overrides.
#[derive(Debug)]
pub(crate) struct Draft {
    name: String,
    application: String,
    rendered: stack::Rendered,
    addons: Option<Value>,
    pub(crate) assets: Assets,
    took: Duration,
}

impl Draft {
    /// `addons` are those in the environment's bucket.
    pub(crate) fn new(inputs: Inputs<'_>, addons: Option<&AddonsIn>) -> Result<Self, Error> {
        let started = Instant::now();
        let name = inputs.environment.name.as_str();
        let bucket = Places { facts: inputs.facts, registry: None }.bucket(name)?;
        let keys = Keys::of_environment();
        let facts =
            addons.map(|addons| Facts { addons_url: Some(addons.url.clone()), ..inputs.facts.clone() });
        let rendered = stack::render(stack::Request {
            environment: &inputs.environment.manifest,
            name,
            facts: facts.as_ref().unwrap_or(inputs.facts),
            addons: addons.map(|found| &found.addons),
            function_keys: &keys,
            force_deploy_id: inputs.force_deploy_id,
        })?;
        let mut assets = Assets::new();
        assets.objects_of(addons.into_iter().flat_map(|addons| addons.objects.clone()));
        assets.objects_of(keys.asked().into_iter().map(|resource| function_object(resource, &bucket)));
        Ok(Self {
            name: name.to_owned(),
            application: inputs.facts.application.name.clone(),
            rendered,
            addons: addons.map(|found| found.addons.template.clone().into_value()),
            assets,
            took: started.elapsed(),
        })
    }

    /// Finds what is wrong with overrides, as far as that shows without running a program.
    pub(crate) fn rehearse(&self, project: &Project, host: &dyn Host) -> Result<(), Error> {
        match project.workspace().environment_overrides()? {
            Some(Overrides::Cdk(folder)) => Ok(overrides::check_leave(&folder, project)?),
            patches => {
                let template = self.rendered.template.clone().into_value();
                overrides::apply(template, patches, project, self.names(), host).map(drop)
            }
        }
    }

    /// The stack after overrides.
    pub(crate) fn finish(&self, project: &Project, host: &dyn Host) -> Result<Stack, Error> {
        let started = Instant::now();
        let found = project.workspace().environment_overrides()?;
        let template = self.rendered.template.clone().into_value();
        let template = overrides::apply(template, found, project, self.names(), host)?;
        let text = to_yaml(&template);
        check_limits(&template, &text)?;
        Ok(Stack {
            name: self.name.clone(),
            template,
            text,
            values: self.rendered.parameters.clone(),
            addons: self.addons.as_ref().map(to_yaml),
            addons_template: self.addons.clone(),
            assets: self.assets.clone(),
            took: self.took + started.elapsed(),
        })
    }

    fn names(&self) -> Names<'_> {
        Names { application: &self.application, environment: Some(&self.name) }
    }
}

/// Renders the stack, and says what it needs in the bucket. The host hears of warnings about addons.
///
/// # Errors
/// When the facts lack something, addons or overrides don't fit, or CloudFormation takes no template of this size.
pub fn render(inputs: Inputs<'_>, files: AddonFiles, host: &dyn Host) -> Result<Stack, Error> {
    let Inputs { project, environment, facts, .. } = inputs;
    let bucket = Places { facts, registry: None }.bucket(&environment.name)?;
    let addons = addons::of_environments(project.workspace(), host)?
        .map(|addons| AddonsIn::new(addons, &bucket, files, facts, project, host.cancel()))
        .transpose()?;
    Draft::new(inputs, addons.as_ref())?.finish(project, host)
}
