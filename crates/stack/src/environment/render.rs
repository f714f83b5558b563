//! The way from a manifest to a stack.

use copilot_cfn::Template;
use copilot_manifest::environment::LoadedEnvironment;

use super::settings::Settings;
use super::{
    access_logs, addons_stack, app_runner_endpoint, cdn, certificates, check, cluster, custom_domain, efs,
    execution_role, flow_logs, hosted_zone, internal_load_balancer, listeners, log_policy, manager_role, nat,
    outputs, parameters, public_load_balancer, resolve, security_groups, service_discovery, subnets, values,
    vpc,
};
use crate::Error;
use crate::addons::Addons;
use crate::facts::Facts;
use crate::problems::Problems;
use crate::template::{FunctionKeys, Stack, StackParameters};

/// An environment that is to be rendered.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The manifest.
    pub environment: &'a LoadedEnvironment,
    /// The environment's name.
    pub name: &'a str,
    /// What AWS knows. [`Facts::addons_url`] is where the template of addons is.
    pub facts: &'a Facts,
    /// The addons of all environments.
    pub addons: Option<&'a Addons>,
    /// Where the code of functions lies.
    pub function_keys: &'a dyn FunctionKeys,
    /// A new value that makes the stack differ from the deployed one whatever the manifest says; that of the deployed stack
    /// if none.
    pub force_deploy_id: Option<&'a str>,
}

/// An environment's stack.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The template.
    pub template: Template,
    /// Its parameters and tags.
    pub parameters: StackParameters,
}

/// Renders an environment. Same request, same result.
///
/// # Errors
/// [`Error::UnknownEnvironment`], [`Error::MissingFact`] for what the manifest needs and the facts lack, and
/// [`Error::Environment`] when the manifest does not fit what is deployed.
pub fn render(request: Request<'_>) -> Result<Rendered, Error> {
    let facts = request.facts;
    let deployed = facts.environments.get(request.name).ok_or_else(|| Error::UnknownEnvironment {
        application: facts.application.name.clone(),
        environment: request.name.to_owned(),
    })?;
    let settings = resolve::settings(request, deployed)?;
    let written = &request.environment.written;
    let mut problems = Problems::new(written.source()).restoring(written);
    check::check(&request.environment.manifest, &settings, &mut problems)?;
    problems
        .finish()
        .map_err(|problems| Error::Environment { environment: request.name.to_owned(), problems })?;
    let mut template = parts(&settings).finish()?;
    // CloudFormation takes the only version there is where none is named, and deployed environments name none.
    template.format_version = None;
    template.metadata.insert("Version", crate::TEMPLATE_VERSION);
    template.metadata.insert("Manifest", request.environment.text.text().to_owned());
    Ok(Rendered { template, parameters: values::parameters(&settings, facts) })
}

fn parts(settings: &Settings<'_>) -> Stack {
    let mut stack = Stack::new("The resources that all services and jobs of an environment share");
    parameters::add(&mut stack);
    execution_role::add(&mut stack, settings);
    manager_role::add(&mut stack, settings);
    vpc::add(&mut stack, settings);
    subnets::add(&mut stack, settings);
    nat::add(&mut stack, settings);
    service_discovery::add(&mut stack, settings);
    cluster::add(&mut stack, settings);
    security_groups::add(&mut stack, settings);
    access_logs::add(&mut stack, settings);
    cdn::add(&mut stack, settings);
    public_load_balancer::add(&mut stack, settings);
    internal_load_balancer::add(&mut stack, settings);
    listeners::add(&mut stack, settings);
    efs::add(&mut stack, settings);
    hosted_zone::add(&mut stack, settings);
    certificates::add(&mut stack, settings);
    custom_domain::add(&mut stack, settings);
    flow_logs::add(&mut stack, settings);
    addons_stack::add(&mut stack, settings);
    app_runner_endpoint::add(&mut stack, settings);
    log_policy::add(&mut stack);
    outputs::add(&mut stack, settings);
    stack
}
