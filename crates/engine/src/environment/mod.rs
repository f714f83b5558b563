//! An environment of the workspace: its manifest, what AWS knows of it, and its stack up to the files that are deployed.

mod apply;
mod plan;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use copilot_artifact::Plan as Assets;
use copilot_artifact::execute::Report;
use copilot_cfn::Value;
use copilot_cfn::diff::TemplateDiff;
use copilot_cfn::write::to_yaml;
use copilot_deployer::environment::{self as deployer, Place};
use copilot_deployer::facts::{Question as Asked, Wanted};
use copilot_deployer::stack::{Description, Snapshot, template_in};
use copilot_manifest::environment::{EnvironmentManifest, LoadedEnvironment};
use copilot_stack::addons::Addons;
use copilot_stack::environment as stack;
use copilot_stack::facts::Environment;
use copilot_stack::{Facts, StackParameters, stack_name};
use copilot_workspace::ManifestFile;
use copilot_yaml::Source;

use crate::addons;
use crate::build::uploads::{AddonsOf, Files, addons_template, of_addons};
use crate::build::{self, Keys, Places, function_object};
use crate::cloud::Cloud;
use crate::difference::{self, New};
use crate::error::Error;
use crate::event::Notice;
use crate::host::Host;
use crate::overrides::{self, Names};
use crate::pipeline::check_limits;
use crate::project::Project;

pub use apply::{Outcome, Settings, Work, apply};
pub use plan::{Blocker, Deployed, Plan, Wishes};

/// An environment's manifest, read.
#[derive(Debug)]
pub struct LoadedManifest {
    /// The environment.
    pub name: String,
    manifest: LoadedEnvironment,
}

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
    /// The template.
    pub template: Value,
    /// The template as it is written.
    pub text: String,
    /// Its parameters and tags.
    pub values: StackParameters,
    /// The template of the nested stack of addons.
    addons: Option<String>,
    /// What has to lie in the bucket before the stack is deployed.
    pub assets: Assets,
}

impl Stack {
    /// The files that a pipeline deploys. The one of addons has no environment in its name, as build scripts expect.
    pub fn files(&self, name: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::from([
            (format!("{name}.env.yml").into(), self.text.clone().into_bytes()),
            (format!("{name}.env.params.json").into(), self.values.to_json().into_bytes()),
        ]);
        if let Some(addons) = &self.addons {
            files.insert("env.addons.yml".into(), addons.clone().into_bytes());
        }
        files
    }
}

/// The manifest of an environment of the workspace.
///
/// # Errors
/// When there is none.
pub fn find(project: &Project, name: &str) -> Result<ManifestFile, Error> {
    let mut files = project.workspace().environments()?;
    match files.iter().position(|file| file.folder == name) {
        Some(place) => Ok(files.swap_remove(place)),
        None => Err(Error::unknown("environment", name, files.iter().map(|file| file.folder.as_str()))),
    }
}

/// Reads and validates a manifest. The host hears of warnings; all problems come at once.
///
/// # Errors
/// [`Error::Findings`] with all that is wrong with it.
pub fn load(project: &Project, file: &ManifestFile, host: &dyn Host) -> Result<LoadedManifest, Error> {
    let variables = project.interpolated();
    let name = file.folder.clone();
    let load = |source: &Source| EnvironmentManifest::load(source, &name, &variables);
    let Ok(header) = &file.header else {
        let problems =
            file.problems(|header| load(&header.source).map_or_else(|found| found, |loaded| loaded.warnings));
        return Err(Error::Findings(problems));
    };
    let manifest = load(&header.source).map_err(Error::Findings)?;
    host.findings(manifest.warnings.clone());
    Ok(LoadedManifest { name, manifest })
}

/// Asks AWS what a rendering has to know.
///
/// # Errors
/// [`Error::UnknownPrefixList`], or as AWS refuses.
pub async fn gather(
    project: &Project,
    loaded: &LoadedManifest,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<Facts, Error> {
    let manifest = &loaded.manifest.manifest;
    let mut questions = vec![Asked::EnvironmentStacks];
    if manifest.restricted_to_cdn() {
        questions.push(Asked::PrefixLists);
    }
    if manifest.cdn_terminates_tls() {
        questions.push(Asked::RedirectingServices);
    }
    let wanted = Wanted { environments: Some(vec![loaded.name.clone()]), questions, ..Wanted::default() };
    let mut facts = build::ask(project, &wanted, cloud, host).await?;
    let known = facts.environments.get(&loaded.name).and_then(|it| it.cloudfront_prefix_list_id.as_ref());
    let found = if manifest.restricted_to_cdn() && known.is_none() {
        Some(prefix_list(&facts, &loaded.name, cloud, host).await?)
    } else {
        None
    };
    if let Some(environment) = facts.environments.get_mut(&loaded.name) {
        environment.cloudfront_prefix_list_id = environment.cloudfront_prefix_list_id.take().or(found);
        // Where only CloudFront is let in, a service that redirects is refused.
        if !environment.redirecting_services.is_empty() && !manifest.restricted_to_cdn() {
            host.notice(Notice::RedirectingServices(environment.redirecting_services.clone()));
        }
    }
    Ok(facts)
}

/// CloudFront's prefix list as the deployed stack names it. Roles of builds may not ask EC2 for it.
async fn prefix_list(facts: &Facts, name: &str, cloud: &Cloud, host: &dyn Host) -> Result<String, Error> {
    let template = deployed_template(facts, name, cloud, host).await?;
    let id = template.as_ref().and_then(stack::deployed_prefix_list);
    id.map(str::to_owned).ok_or(Error::UnknownPrefixList)
}

/// The template of the deployed stack; `None` if there is no such stack.
///
/// # Errors
/// When AWS refuses, or the template can't be read.
pub async fn deployed_template(
    facts: &Facts,
    name: &str,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<Option<Value>, Error> {
    let text = deployed_text(facts, name, cloud, host).await?;
    text.map(|text| difference::deployed_template(&place(facts, name)?.stack, text)).transpose()
}

/// Its text.
async fn deployed_text(
    facts: &Facts,
    name: &str,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<Option<String>, Error> {
    let Place { stack, region, manager_role_arn } = place(facts, name)?;
    host.or_cancelled(template_in(cloud.session(), &manager_role_arn, &region, &stack)).await
}

/// The stack as it is deployed, if there is one.
///
/// # Errors
/// When AWS refuses.
pub async fn existing(place: &Place, cloud: &Cloud, host: &dyn Host) -> Result<Option<Description>, Error> {
    host.or_cancelled(deployer::stack(cloud.session(), place)).await
}

/// How the stack as it is deployed differs from what it is to be.
///
/// # Errors
/// [`Error::DifferenceUnavailable`] where the deployed template can't be had.
pub async fn compare(
    plan: &Plan,
    stack: &Stack,
    existing: Option<Description>,
    inputs: Inputs<'_>,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<TemplateDiff, Error> {
    let parameters = plan.parameters(&stack.values.parameters, existing.as_ref());
    let template = deployed_text(inputs.facts, &inputs.environment.name, cloud, host).await;
    let template = template.map_err(Error::into_unavailable)?;
    let deployed = existing.zip(template).map(|(stack, template)| Snapshot {
        template,
        parameters: stack.parameters,
        tags: stack.tags,
    });
    let new = New { template: &stack.template, parameters, tags: stack.values.tags.clone() };
    difference::with_deployed(&plan.place.stack, deployed, &new)
}

/// Uploads what the stack needs in the bucket.
///
/// # Errors
/// When a file can't be read, or S3 refuses.
pub async fn upload(
    stack: &Stack,
    inputs: Inputs<'_>,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<Report, Error> {
    build::upload(&stack.assets, &inputs.environment.name, inputs.facts, inputs.project, cloud, host).await
}

/// The environment among the facts.
///
/// # Errors
/// [`Error::UnknownEnvironment`].
pub fn deployed<'a>(facts: &'a Facts, name: &str) -> Result<&'a Environment, Error> {
    facts.environments.get(name).ok_or_else(|| Error::UnknownEnvironment {
        application: facts.application.name.clone(),
        name: name.to_owned(),
        known: facts.environments.keys().cloned().collect(),
    })
}

/// Where its stack is.
///
/// # Errors
/// When the facts don't know the environment, or its role.
pub fn place(facts: &Facts, name: &str) -> Result<Place, Error> {
    let environment = deployed(facts, name)?;
    Ok(Place {
        stack: stack_name::environment(&facts.application.name, name),
        region: environment.region.clone(),
        manager_role_arn: role(environment.manager_role_arn.as_ref(), name, "manager_role_arn")?,
    })
}

/// A role that the facts have to name.
fn role(known: Option<&String>, name: &str, key: &str) -> Result<String, Error> {
    known.cloned().ok_or_else(|| Error::MissingFact { key: format!("environments.{name}.{key}") })
}

/// A value that no deployment has had before.
pub fn force_deploy_id(now: SystemTime) -> String {
    now.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}

/// Whether the files that addons refer to are read, and replaced by where they will lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddonFiles {
    /// They are.
    Read,
    /// They stay as they are written.
    Leave,
}

/// Renders the stack, and says what it needs in the bucket. The host hears of warnings about addons.
///
/// # Errors
/// When the facts lack something, addons or overrides don't fit, or CloudFormation takes no template of this size.
pub fn render(inputs: Inputs<'_>, files: AddonFiles, host: &dyn Host) -> Result<Stack, Error> {
    let mut facts = inputs.facts.clone();
    let (project, name) = (inputs.project, inputs.environment.name.as_str());
    let bucket = Places { facts: inputs.facts, registry: None }.bucket(name)?;
    let keys = Keys::of_environment();
    let mut assets = Assets::new();
    let mut addons = addons::of_environments(project.workspace(), host)?;
    if let Some(addons) = &mut addons {
        if files == AddonFiles::Read {
            let files = Files { root: project.root(), bucket: &bucket, threads: 1, cancel: host.cancel() };
            assets.objects_of(of_addons(AddonsOf::Environments, addons, files, &mut facts)?);
        } else if facts.addons_url.is_none() {
            facts.addons_url = Some(addons_template(AddonsOf::Environments, addons, &bucket).at.url());
        }
    }
    let rendered = rendered(inputs, &facts, addons.as_ref(), &keys)?;
    let found = project.workspace().environment_overrides()?;
    let names = Names { application: &facts.application.name, environment: Some(name) };
    let template = overrides::apply(rendered.template.into_value(), found, project, names, host)?;
    let text = to_yaml(&template);
    check_limits(&template, &text)?;
    for resource in keys.asked() {
        assets.object(function_object(resource, &bucket));
    }
    Ok(Stack {
        template,
        text,
        values: rendered.parameters,
        addons: addons.map(|addons| to_yaml(&addons.template.into_value())),
        assets,
    })
}

fn rendered(
    inputs: Inputs<'_>,
    facts: &Facts,
    addons: Option<&Addons>,
    keys: &Keys,
) -> Result<stack::Rendered, Error> {
    Ok(stack::render(stack::Request {
        environment: &inputs.environment.manifest,
        name: &inputs.environment.name,
        facts,
        addons,
        function_keys: keys,
        force_deploy_id: inputs.force_deploy_id,
    })?)
}
