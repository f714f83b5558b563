//! `demo`: a made-up application on a local AWS, and what to type next.

mod files;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use copilot_artifact::Location;
use copilot_cfn::write::to_yaml;
use copilot_engine::Error;
use copilot_engine::build::{Keys, Places};
use copilot_engine::files::{Existing, write_all};
use copilot_functions::Resource;
use copilot_local_aws::{Application, AwsError, Environment, LocalAws};
use copilot_manifest::environment::EnvironmentManifest;
use copilot_manifest::interpolate::Variables;
use copilot_stack::{Facts, environment};
use copilot_yaml::{Diagnostics, Source};

use crate::aws::Access;
use crate::failure::Failure;
use crate::io::Io;
use crate::local;
use crate::threads::Threads;
use files::{FACTS, WORKLOADS, bundle};

/// Where the state of the local AWS is, unless `--local` names another folder.
const STATE: &str = ".aws";

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Folder for the sample workspace. It must be empty or not exist.
    #[arg(default_value = "storefront-demo")]
    folder: Utf8PathBuf,
}

pub(crate) fn run(arguments: &Demo, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let folder = &arguments.folder;
    let full = io.folder().join(folder);
    if full.read_dir_utf8().is_ok_and(|mut entries| entries.next().is_some()) || full.is_file() {
        return Err(Failure::with_hint(
            format!("`{folder}` exists and is not empty"),
            "name another folder: `copilot-pipeline demo FOLDER`",
        ));
    }
    let state = access.local.clone().unwrap_or_else(|| folder.join(STATE));
    let mut files = bundle()?;
    let facts = files.remove(FACTS).unwrap_or_default();
    set_up(&state, &facts, &files, io)?;
    let workspace: Vec<_> =
        files.into_iter().map(|(path, text)| (full.join(path), text.into_bytes())).collect();
    write_all(&workspace, Existing::Refuse, io.folder())?;
    io.done(&format!(
        "wrote the workspace of a made-up shop to `{folder}`: three services, a job, two environments"
    ));
    tell(folder, access.local.as_deref().map(|state| io.folder().join(state)).as_deref(), io);
    Ok(())
}

/// Makes the application as Copilot would have left it behind.
fn set_up(
    state: &Utf8Path,
    facts: &str,
    files: &BTreeMap<String, String>,
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    let mut facts = Facts::read(&Source::new(FACTS, facts), &mut Diagnostics::default())
        .ok_or_else(|| Failure::new("the facts of the example can't be read"))?;
    let threads = Threads::start(io.interrupt())?;
    let local = threads.wait_or_end(local::make(state, io))?;
    let application = application(&facts);
    let refused = |error: AwsError| {
        Failure::with_hint(
            format!("can't set up the application: {}", error.message),
            "name another folder with `--local`, or delete this one",
        )
    };
    local.begin_application(&application).map_err(refused)?;
    regions(&local, &mut facts);
    for environment in facts.environments.values_mut() {
        // Nothing is deployed yet that a rendering would have to keep.
        environment.version = None;
    }
    for environment in &application.environments {
        let manifest = files.get(&manifest(&environment.name)).map_or("", String::as_str);
        let stack = render(&environment.name, manifest, &facts, io)?;
        for (place, zip) in &stack.functions {
            local.put_object(&place.bucket, &place.key, zip);
        }
        let environment = Environment {
            template: Some(stack.template),
            parameters: stack.parameters,
            ..environment.clone()
        };
        local.create_environment(&application, &environment).map_err(refused)?;
    }
    threads
        .wait(local.stop())
        .map_err(|error| Failure::new(format!("can't save the state of the local AWS: {error}")))?;
    io.done(&format!(
        "set up the application `{}` on a local AWS, which keeps its state in `{state}`",
        facts.application.name
    ));
    Ok(())
}

fn manifest(environment: &str) -> String {
    format!("copilot/environments/{environment}/manifest.yml")
}

/// Has the facts name the buckets and keys that the local AWS made.
fn regions(local: &LocalAws, facts: &mut Facts) {
    let account = &facts.application.account_id;
    for (name, region) in &mut facts.regions {
        local.with_state(|state| {
            let here = state.region(account, name);
            for stack in here.stacks().iter().filter_map(|name| here.stack(name)) {
                if let (Some(bucket), Some(key)) =
                    (stack.outputs.get("PipelineBucket"), stack.outputs.get("KMSKeyARN"))
                {
                    region.artifact_bucket = Some(bucket.clone());
                    region.artifact_key_arn = Some(key.clone());
                }
            }
        });
    }
}

/// The stack of an environment, with the functions that it names.
struct Stack {
    template: String,
    parameters: BTreeMap<String, String>,
    functions: Vec<(Location, Vec<u8>)>,
}

/// Renders an environment as `env package` does.
fn render(name: &str, manifest: &str, facts: &Facts, io: &mut Io<'_>) -> Result<Stack, Failure> {
    let source = Source::new(self::manifest(name), manifest);
    let variables = Variables { application: facts.application.name.clone(), shell: io.variables().clone() };
    let loaded = EnvironmentManifest::load(&source, name, &variables).map_err(Failure::Diagnostics)?;
    let keys = Keys::of_environment();
    let bucket = Places { facts, registry: None }.bucket(name)?;
    let rendered = environment::render(environment::Request {
        environment: &loaded,
        name,
        facts,
        addons: None,
        function_keys: &keys,
        force_deploy_id: None,
    })
    .map_err(Error::from)?;
    let zip = |resource: Resource| (bucket.at(resource.key()), resource.function.zip());
    Ok(Stack {
        template: to_yaml(&rendered.template.into_value()),
        parameters: rendered.parameters.parameters,
        functions: keys.asked().into_iter().map(zip).collect(),
    })
}

fn application(facts: &Facts) -> Application {
    let region = facts.regions.keys().next().map(String::as_str).unwrap_or_default();
    let mut application = Application::new(&facts.application.name, &facts.application.account_id, region);
    for (name, environment) in &facts.environments {
        application = application.environment(name, &environment.region);
        if let Some(made) = application.environments.last_mut() {
            *made = Environment {
                account: environment.account_id.clone(),
                version: environment.version.clone().unwrap_or_default(),
                ..made.clone()
            };
        }
    }
    WORKLOADS.iter().fold(application, |application, (name, kind)| application.workload(name, kind))
}

/// What to type next.
fn tell(folder: &Utf8Path, state: Option<&Utf8Path>, io: &mut Io<'_>) {
    let local = format!("copilot-pipeline --local {}", state.unwrap_or(Utf8Path::new(STATE)));
    io.note(format!(
        "\nNext, all on this machine:\n  \
         cd {folder}\n  \
         {local} init --name shop --url https://github.com/storefront-example/storefront \\\n    \
         \x20 --git-branch main --pipeline-type Workloads --environments test,prod --require-approval prod\n  \
         {local} deploy\n  \
         {local} status --watch\n  \
         {local} approve\n  \
         {local} delete --yes"
    ));
}
