//! An environment of the workspace: its manifest, what AWS knows of it, and its stack up to the files that are deployed.

mod apply;
mod plan;
mod render;

use std::time::{SystemTime, UNIX_EPOCH};

use copilot_artifact::execute::Report;
use copilot_cfn::Value;
use copilot_cfn::diff::TemplateDiff;
use copilot_deployer::environment::{self as deployer, Place};
use copilot_deployer::facts::{Question as Asked, Wanted};
use copilot_deployer::stack::{Description, Snapshot, template_in};
use copilot_manifest::environment::{EnvironmentManifest, LoadedEnvironment};
use copilot_stack::environment as stack;
use copilot_stack::facts::Environment;
use copilot_stack::{Facts, stack_name};
use copilot_workspace::ManifestFile;
use copilot_yaml::{Diagnostics, Source};

use crate::build;
use crate::cloud::Cloud;
use crate::difference::{self, New};
use crate::error::Error;
use crate::event::Notice;
use crate::host::Host;
use crate::project::Project;

pub use apply::{Outcome, Settings, Work, apply};
pub use plan::{Blocker, Deployed, Plan, Wishes};
pub use render::{AddonFiles, Inputs, Stack, render};
pub(crate) use render::{AddonsIn, Draft, template_file};

/// An environment's manifest, read.
#[derive(Debug)]
pub struct LoadedManifest {
    /// The environment.
    pub name: String,
    manifest: LoadedEnvironment,
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
    let loaded = read(project, file).map_err(Error::Findings)?;
    host.findings(loaded.manifest.warnings.clone());
    Ok(loaded)
}

/// As [`load`], without telling anybody of warnings.
pub(crate) fn read(project: &Project, file: &ManifestFile) -> Result<LoadedManifest, Diagnostics> {
    let variables = project.interpolated();
    let name = file.folder.clone();
    let load = |source: &Source| EnvironmentManifest::load(source, &name, &variables);
    match &file.header {
        Ok(header) => {
            let manifest = load(&header.source)?;
            Ok(LoadedManifest { name, manifest })
        }
        Err(_) => {
            Err(file
                .problems(|header| load(&header.source).map_or_else(|found| found, |loaded| loaded.warnings)))
        }
    }
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
    let questions = [Asked::EnvironmentStacks].into_iter().chain(loaded.questions()).collect();
    let wanted = Wanted { environments: Some(vec![loaded.name.clone()]), questions, ..Wanted::default() };
    let mut facts = build::ask(project, &wanted, cloud, host).await?.facts;
    complete(&mut facts, loaded, cloud, host).await?;
    Ok(facts)
}

impl LoadedManifest {
    /// What its stack has to know of AWS beyond what is deployed of the environment.
    pub(crate) fn questions(&self) -> impl Iterator<Item = Asked> {
        let lists = self.manifest.manifest.restricted_to_cdn().then_some(Asked::PrefixLists);
        let services = self.manifest.manifest.cdn_terminates_tls().then_some(Asked::RedirectingServices);
        lists.into_iter().chain(services)
    }

    /// What is odd about the manifest.
    pub(crate) fn warnings(&self) -> &Diagnostics {
        &self.manifest.warnings
    }
}

/// Adds to answers of AWS what only the deployed stack may know, and tells the host what to watch.
pub(crate) async fn complete(
    facts: &mut Facts,
    loaded: &LoadedManifest,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<(), Error> {
    let manifest = &loaded.manifest.manifest;
    let known = facts.environments.get(&loaded.name).and_then(|it| it.cloudfront_prefix_list_id.as_ref());
    let found = if manifest.restricted_to_cdn() && known.is_none() {
        Some(prefix_list(facts, &loaded.name, cloud, host).await?)
    } else {
        None
    };
    if let Some(environment) = facts.environments.get_mut(&loaded.name) {
        environment.cloudfront_prefix_list_id = environment.cloudfront_prefix_list_id.take().or(found);
        // Where only CloudFront is let in, a service that redirects is refused.
        let matters = manifest.cdn_terminates_tls() && !manifest.restricted_to_cdn();
        if !environment.redirecting_services.is_empty() && matters {
            host.notice(Notice::RedirectingServices(environment.redirecting_services.clone()));
        }
    }
    Ok(())
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
    let name = inputs.environment.name.as_str();
    build::upload(&stack.assets, Some(name), inputs.facts, inputs.project, cloud, host).await
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
