//! The way from a manifest to a stack.

use copilot_cfn::Template;
use copilot_manifest::workload::{Workload, WorkloadConfig};
use copilot_yaml::Source;

use super::context::Context;
use super::environment::EnvironmentCertificates;
use super::model::{Addons, EcsKind, EcsWorkload};
use super::resolve::{self, Problems};
use super::{Error, check, kind, overrides};
use crate::facts::Facts;
use crate::template::StackParameters;
use crate::template::{FunctionKeys, names};

/// A workload that is to be rendered for an environment.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The workload's manifest as it is in the environment.
    pub workload: &'a Workload,
    /// The manifest's file, for messages.
    pub source: &'a Source,
    /// The environment.
    pub environment: &'a str,
    /// What AWS knows.
    pub facts: &'a Facts,
    /// The workload's addons.
    pub addons: Option<&'a Addons>,
    /// Where the code of functions lies.
    pub function_keys: &'a dyn FunctionKeys,
}

/// A workload's stack.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The template, task definition overrides applied.
    pub template: Template,
    /// Its parameters and tags.
    pub parameters: StackParameters,
}

/// Renders a workload. Same request, same result.
///
/// # Errors
/// The environment is unknown, or the manifest does not fit what AWS has.
pub fn render(request: Request<'_>) -> Result<Rendered, Error> {
    let facts = request.facts;
    let unknown = || Error::UnknownEnvironment {
        application: facts.application.name.clone(),
        environment: request.environment.to_owned(),
    };
    let environment = facts.environments.get(request.environment).ok_or_else(unknown)?;
    let certificates = EnvironmentCertificates::of(environment);
    let cx = Context {
        app: &facts.application.name,
        env: request.environment,
        name: &request.workload.name.value,
        facts,
        environment,
        certificates: &certificates,
        partition: names::partition(&environment.region),
        addons: request.addons,
        function_keys: request.function_keys,
    };
    let mut problems = Problems::new(request.source).restoring(&request.workload.written);
    check::check(request.workload, &cx, &mut problems);
    let result = render_kind(&request.workload.config, request.workload, &cx, &mut problems);
    problems.finish().map_err(|problems| Error::Manifest {
        workload: cx.name.to_owned(),
        environment: cx.env.to_owned(),
        problems,
    })?;
    let (mut template, parameters) =
        result.map_err(|source| Error::Template { workload: cx.name.to_owned(), source })?;
    template.metadata.insert("Version", crate::TEMPLATE_VERSION);
    template.metadata.insert("Manifest", request.workload.text.text().to_owned());
    Ok(Rendered { template, parameters })
}

type Stack = (Template, StackParameters);

fn render_kind(
    config: &WorkloadConfig,
    workload: &Workload,
    cx: &Context<'_>,
    problems: &mut Problems<'_>,
) -> Result<Stack, copilot_cfn::Error> {
    match config {
        WorkloadConfig::RequestDrivenWebService(manifest) => {
            let service = resolve::app_runner(config, manifest, cx, problems);
            Ok((kind::request_driven::render(&service, cx)?, kind::request_driven::parameters(&service, cx)))
        }
        WorkloadConfig::StaticSite(manifest) => {
            let site = resolve::static_site(manifest, cx);
            Ok((kind::static_site::render(&site, cx)?, StackParameters::common(cx)))
        }
        WorkloadConfig::LoadBalancedWebService(_)
        | WorkloadConfig::BackendService(_)
        | WorkloadConfig::WorkerService(_)
        | WorkloadConfig::ScheduledJob(_) => {
            let resolved = resolve::ecs(workload, cx);
            let (mut template, parameters) =
                resolved.map_or_else(|| Ok(Stack::default()), |resolved| render_tasks(&resolved, cx))?;
            let rules = config.ecs().and_then(|shared| shared.taskdef_overrides);
            overrides::apply(&mut template, rules, problems);
            Ok((template, parameters))
        }
    }
}

fn render_tasks(workload: &EcsWorkload<'_>, cx: &Context<'_>) -> Result<Stack, copilot_cfn::Error> {
    let template = match (workload.kind, &workload.job) {
        (EcsKind::LoadBalanced, _) => kind::load_balanced::render(workload, cx),
        (EcsKind::Backend, _) => kind::backend::render(workload, cx),
        (EcsKind::Job, Some(job)) => kind::scheduled_job::render(workload, job, cx),
        (EcsKind::Worker | EcsKind::Job, _) => kind::worker::render(workload, cx),
    }?;
    Ok((template, StackParameters::of_tasks(workload, cx)))
}
