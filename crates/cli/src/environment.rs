//! An environment of the workspace: its manifest, what AWS knows of it, and its stack up to the files that are deployed.

pub(crate) mod apply;
pub(crate) mod plan;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use copilot_artifact::Plan;
use copilot_cfn::Value;
use copilot_cfn::write::to_yaml;
use copilot_deployer::environment::Place;
use copilot_deployer::facts::{Question, Wanted};
use copilot_deployer::stack::template_in;
use copilot_manifest::environment::{EnvironmentManifest, LoadedEnvironment};
use copilot_manifest::interpolate::Variables;
use copilot_stack::Facts;
use copilot_stack::addons::Addons;
use copilot_stack::environment as stack;
use copilot_stack::facts::Environment;
use copilot_stack::stack_name;
use copilot_stack::template::StackParameters;
use copilot_workspace::{ManifestFile, Workspace};
use copilot_yaml::Source;

use crate::addons;
use crate::aws::Aws;
use crate::build::functions::{self, Keys};
use crate::build::places::Places;
use crate::build::seconds;
use crate::build::uploads::{AddonsOf, Files, addons_template, of_addons};
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
    /// Its parameters and tags.
    pub(crate) values: StackParameters,
    /// The template of the nested stack of addons.
    addons: Option<String>,
    /// What has to lie in the bucket before the stack is deployed.
    pub(crate) assets: Plan,
}

impl Stack {
    /// The files that a pipeline deploys. The one of addons has no environment in its name, as build scripts expect.
    pub(crate) fn files(&self, name: &str) -> BTreeMap<PathBuf, Vec<u8>> {
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
    let manifest = &loaded.manifest.manifest;
    let mut questions = vec![Question::EnvironmentStacks];
    if manifest.restricted_to_cdn() {
        questions.push(Question::PrefixLists);
    }
    if manifest.cdn_terminates_tls() {
        questions.push(Question::RedirectingServices);
    }
    let wanted = Wanted { environments: Some(vec![loaded.name.clone()]), questions, ..Wanted::default() };
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
    let known = facts.environments.get(&loaded.name).and_then(|it| it.cloudfront_prefix_list_id.as_ref());
    let found = if manifest.restricted_to_cdn() && known.is_none() {
        prefix_list(&facts, &loaded.name, aws, io)?
    } else {
        None
    };
    if let Some(environment) = facts.environments.get_mut(&loaded.name) {
        environment.cloudfront_prefix_list_id = environment.cloudfront_prefix_list_id.take().or(found);
        // Where only CloudFront is let in, a service that redirects is refused.
        let redirecting = environment.redirecting_services.join(", ");
        if !redirecting.is_empty() && !manifest.restricted_to_cdn() {
            io.warning(&format!(
                "CloudFront will speak HTTP, which these services redirect to HTTPS: {redirecting}"
            ));
        }
    }
    Ok(facts)
}

/// CloudFront's prefix list as the deployed stack names it. Roles of builds may not ask EC2 for it.
fn prefix_list(facts: &Facts, name: &str, aws: &Aws, io: &mut Io<'_>) -> Result<Option<String>, Failure> {
    let template = deployed_template(facts, name, aws, io)?;
    if let Some(id) = template.as_ref().and_then(stack::deployed_prefix_list) {
        return Ok(Some(id.to_owned()));
    }
    Err(Failure::with_hint(
        "the manifest restricts the load balancer to CloudFront, whose prefix list is not known: EC2 may not be asked, and \
         the deployed stack does not name it",
        format!(
            "{PREFIX_LIST}, and pass a facts file that has it as `cloudfront_prefix_list_id` of the environment"
        ),
    ))
}

/// The template of the deployed stack; `None` if there is no such stack.
pub(crate) fn deployed_template(
    facts: &Facts,
    name: &str,
    aws: &Aws,
    io: &mut Io<'_>,
) -> Result<Option<Value>, Failure> {
    let text = deployed_text(facts, name, aws)?;
    text.map(|text| diff::deployed(&place(facts, name)?.stack, text, io)).transpose()
}

/// Its text.
pub(crate) fn deployed_text(facts: &Facts, name: &str, aws: &Aws) -> Result<Option<String>, Failure> {
    let Place { stack, region, manager_role_arn } = place(facts, name)?;
    aws.wait(template_in(aws.session(), &manager_role_arn, &region, &stack))
}

/// The environment among the facts.
pub(crate) fn deployed<'a>(facts: &'a Facts, name: &str) -> Result<&'a Environment, Failure> {
    let known = || facts.environments.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    facts.environments.get(name).ok_or_else(|| {
        let message = format!("the application `{}` has no environment `{name}`", facts.application.name);
        Failure::with_hint(message, format!("there are: {}", known()))
    })
}

/// Where its stack is.
pub(crate) fn place(facts: &Facts, name: &str) -> Result<Place, Failure> {
    let environment = deployed(facts, name)?;
    Ok(Place {
        stack: stack_name::environment(&facts.application.name, name),
        region: environment.region.clone(),
        manager_role_arn: role(environment.manager_role_arn.as_ref(), name, "manager_role_arn")?,
    })
}

/// A role that the facts have to name.
fn role(known: Option<&String>, name: &str, key: &str) -> Result<String, Failure> {
    known.cloned().ok_or_else(|| {
        let message = format!("the facts have no `environments.{name}.{key}`");
        Failure::with_hint(message, "`copilot-pipeline facts` writes it")
    })
}

/// A value that no deployment has had before.
pub(crate) fn force_deploy_id(io: &Io<'_>) -> String {
    io.now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}

/// Whether the files that addons refer to are read, and replaced by where they will lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddonFiles {
    Read,
    Leave,
}

/// Renders the stack, and says what it needs in the bucket.
pub(crate) fn render(request: &Request<'_>, files: AddonFiles, io: &mut Io<'_>) -> Result<Stack, Failure> {
    let mut facts = request.facts.clone();
    let name = request.environment.name.as_str();
    let bucket = Places { facts: request.facts, registry: None }.bucket(name)?;
    let keys = Keys::of_environment();
    let mut assets = Plan::new();
    let mut addons = addons::of_environments(request.workspace, io)?;
    if let Some(addons) = &mut addons {
        if files == AddonFiles::Read {
            let cancel = &io.interrupt().cancel();
            let files = Files { root: request.workspace.root(), bucket: &bucket, threads: 1, cancel };
            assets.objects_of(of_addons(AddonsOf::Environments, addons, files, &mut facts)?);
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
    for resource in keys.asked() {
        assets.object(functions::object(resource, &bucket));
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
