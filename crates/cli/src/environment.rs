//! An environment of the workspace: its manifest, what AWS knows of it, and its stack up to the files that are deployed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use copilot_artifact::Plan;
use copilot_cfn::Value;
use copilot_cfn::write::to_yaml;
use copilot_deployer::facts::{Question, Wanted};
use copilot_deployer::stack::template_in;
use copilot_manifest::environment::{EnvironmentManifest, LoadedEnvironment};
use copilot_manifest::interpolate::Variables;
use copilot_stack::Facts;
use copilot_stack::addons::Addons;
use copilot_stack::environment as stack;
use copilot_stack::facts::Environment;
use copilot_stack::stack_name;
use copilot_workspace::{ManifestFile, Workspace};
use copilot_yaml::Source;

use crate::addons;
use crate::aws::Aws;
use crate::build::functions::{self, Keys};
use crate::build::places::Places;
use crate::build::uploads::{AddonsOf, Files, addons_template, of_addons};
use crate::build::{seconds, upload};
use crate::commands::diff;
use crate::commands::package::check_limits;
use crate::failure::Failure;
use crate::io::Io;
use crate::overrides::{self, Names};

/// How a user finds CloudFront's prefix list.
pub(crate) const PREFIX_LIST: &str = "ask AWS for its id with `aws ec2 describe-managed-prefix-lists --filters \
                                      Name=prefix-list-name,Values=com.amazonaws.global.cloudfront.origin-facing`";

/// An environment's manifest, read.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) name: String,
    manifest: LoadedEnvironment,
}

/// What is to be rendered.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) environment: &'a Loaded,
    pub(crate) facts: &'a Facts,
    /// Makes the stack differ from the deployed one.
    pub(crate) force_deploy_id: Option<String>,
}

/// An environment's stack after overrides.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) template: Value,
    /// The template as it is written.
    pub(crate) text: String,
    /// Parameters and tags as CodePipeline reads them.
    parameters: String,
    /// The template of the nested stack of addons.
    addons: Option<String>,
}

impl Stack {
    /// The files that a pipeline deploys. The one of addons has no environment in its name, as build scripts expect.
    pub(crate) fn files(&self, name: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::from([
            (format!("{name}.env.yml").into(), self.text.clone().into_bytes()),
            (format!("{name}.env.params.json").into(), self.parameters.clone().into_bytes()),
        ]);
        if let Some(addons) = &self.addons {
            files.insert("env.addons.yml".into(), addons.clone().into_bytes());
        }
        files
    }
}

/// Reads and validates a manifest. Warnings are printed; all problems come at once.
pub(crate) fn load(file: &ManifestFile, application: &str, io: &mut Io<'_>) -> Result<Loaded, Failure> {
    let variables = Variables { application: application.to_owned(), shell: io.variables().clone() };
    let name = file.folder.clone();
    let load = |source: &Source| EnvironmentManifest::load(source, &name, &variables);
    let Ok(header) = &file.header else {
        let problems =
            file.problems(|header| load(&header.source).map_or_else(|found| found, |loaded| loaded.warnings));
        return Err(Failure::Diagnostics(problems));
    };
    let manifest = load(&header.source).map_err(Failure::Diagnostics)?;
    io.diagnostics(&manifest.warnings);
    Ok(Loaded { name, manifest })
}

/// Asks AWS what a rendering has to know.
pub(crate) fn gather(
    application: &str,
    loaded: &Loaded,
    aws: &Aws,
    io: &mut Io<'_>,
) -> Result<Facts, Failure> {
    let wanted = Wanted {
        environments: Some(vec![loaded.name.clone()]),
        questions: vec![Question::EnvironmentStacks],
        ..Wanted::default()
    };
    let live = io.live();
    let started = std::time::Instant::now();
    let gathered = aws.follow(
        |_events: tokio::sync::mpsc::UnboundedSender<()>| {
            copilot_deployer::facts::gather(aws.session(), application, &wanted)
        },
        |_| live.show(&format!("Asking AWS about `{application}` {}", seconds(started.elapsed())).into()),
    );
    live.clear();
    let mut facts = gathered?.facts;
    let manifest = &loaded.manifest.manifest;
    if let Some(environment) = facts.environments.get_mut(&loaded.name) {
        if manifest.restricted_to_cdn() {
            environment.cloudfront_prefix_list_id = prefix_list(application, loaded, environment, aws, io)?;
        }
        let behind = environment.parameters.get("ALBWorkloads").filter(|workloads| !workloads.is_empty());
        if let (true, true, Some(workloads)) =
            (manifest.restricted_to_cdn(), manifest.cdn_terminates_tls(), behind)
        {
            io.warning(&format!(
                "make sure that none of these services redirects HTTP to HTTPS, since CloudFront will speak HTTP: {workloads}"
            ));
        }
    }
    Ok(facts)
}

/// CloudFront's prefix list as the deployed stack names it. Roles of builds may not ask EC2 for it.
fn prefix_list(
    application: &str,
    loaded: &Loaded,
    environment: &Environment,
    aws: &Aws,
    io: &mut Io<'_>,
) -> Result<Option<String>, Failure> {
    let template = deployed_template(application, loaded, environment, aws, io)?;
    if let Some(id) = template.as_ref().and_then(stack::deployed_prefix_list) {
        return Ok(Some(id.to_owned()));
    }
    Err(Failure::with_hint(
        "the manifest restricts the load balancer to CloudFront, whose prefix list is not known",
        format!(
            "{PREFIX_LIST}, and pass a facts file that has it as `cloudfront_prefix_list_id` of the environment"
        ),
    ))
}

/// The template of the deployed stack; `None` if there is no such stack.
pub(crate) fn deployed_template(
    application: &str,
    loaded: &Loaded,
    environment: &Environment,
    aws: &Aws,
    io: &mut Io<'_>,
) -> Result<Option<Value>, Failure> {
    let name = stack_name::environment(application, &loaded.name);
    let Some(role) = &environment.manager_role_arn else {
        let message = format!("the facts have no `environments.{}.manager_role_arn`", loaded.name);
        return Err(Failure::with_hint(message, "`copilot-pipeline facts` writes it"));
    };
    let text = aws.wait(template_in(aws.session(), role, &environment.region, &name))?;
    text.map(|text| diff::deployed(&name, text, io)).transpose()
}

/// The environment among the facts.
pub(crate) fn deployed<'a>(facts: &'a Facts, name: &str) -> Result<&'a Environment, Failure> {
    let known = || facts.environments.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    facts.environments.get(name).ok_or_else(|| {
        let message = format!("the application `{}` has no environment `{name}`", facts.application.name);
        Failure::with_hint(message, format!("there are: {}", known()))
    })
}

/// A value that no deployment has had before.
pub(crate) fn force_deploy_id(io: &Io<'_>) -> String {
    io.now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}

/// Renders the stack; `uploads` is where functions and addons are uploaded first.
pub(crate) fn render(
    request: &Request<'_>,
    uploads: Option<&Aws>,
    io: &mut Io<'_>,
) -> Result<Stack, Failure> {
    let mut facts = request.facts.clone();
    let name = request.environment.name.as_str();
    let bucket = Places { facts: request.facts, registry: None }.bucket(name)?;
    let keys = Keys::of_environment();
    let mut plan = Plan::new();
    let mut addons = addons::of_environments(request.workspace, io)?;
    if let Some(addons) = &mut addons {
        if uploads.is_some() {
            let cancel = &io.interrupt().cancel();
            let files = Files { root: request.workspace.root(), bucket: &bucket, threads: 1, cancel };
            plan.objects_of(of_addons(AddonsOf::Environments, addons, files, &mut facts)?);
        } else if facts.addons_url.is_none() {
            facts.addons_url = Some(addons_template(AddonsOf::Environments, addons, &bucket).at.url());
        }
    }
    let rendered = rendered(request, &facts, addons.as_ref(), &keys)?;
    let found = request.workspace.environment_overrides()?;
    let names = Names { application: &facts.application.name, environment: Some(name) };
    let template = overrides::apply(rendered.template.into_value(), found, request.workspace, names, io)?;
    let text = to_yaml(&template);
    check_limits(&template, &text, io)?;
    if let Some(aws) = uploads {
        for resource in keys.asked() {
            plan.object(functions::object(resource, &bucket));
        }
        upload(&plan, name, &facts, aws, io)?;
    }
    Ok(Stack {
        template,
        text,
        parameters: rendered.parameters.to_json(),
        addons: addons.map(|addons| to_yaml(&addons.template.into_value())),
    })
}

fn rendered(
    request: &Request<'_>,
    facts: &Facts,
    addons: Option<&Addons>,
    keys: &Keys,
) -> Result<stack::Rendered, Failure> {
    Ok(stack::render(stack::Request {
        environment: &request.environment.manifest,
        name: &request.environment.name,
        facts,
        addons,
        function_keys: keys,
        force_deploy_id: request.force_deploy_id.as_deref(),
    })?)
}
