//! `demo`: a made-up application on a local AWS, and what to type next.

mod files;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use copilot_local_aws::{Application, Environment};
use copilot_stack::Facts;
use copilot_yaml::{Diagnostics, Source};

use crate::aws::Access;
use crate::failure::Failure;
use crate::files::{Existing, write_all};
use crate::io::Io;
use crate::local;
use crate::threads::Threads;
use files::{FACTS, WORKLOADS, bundle};

/// Where the state of the local AWS is, unless `--local` names another folder.
const STATE: &str = ".aws";

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The folder to write the workspace of the application to. It must not exist, or be empty.
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
    set_up(&state, &files.remove(FACTS).unwrap_or_default(), io)?;
    let workspace: Vec<_> =
        files.into_iter().map(|(path, text)| (full.join(path), text.into_bytes())).collect();
    write_all(&workspace, Existing::Refuse, io)?;
    io.done(&format!(
        "wrote the workspace of a made-up shop to `{folder}`: three services, a job, two environments"
    ));
    tell(folder, access.local.as_deref().map(|state| io.folder().join(state)).as_deref(), io);
    Ok(())
}

/// Makes the application as Copilot would have left it behind.
fn set_up(state: &Utf8Path, facts: &str, io: &mut Io<'_>) -> Result<(), Failure> {
    let facts = Facts::read(&Source::new(FACTS, facts), &mut Diagnostics::default())
        .ok_or_else(|| Failure::new("the facts of the example can't be read"))?;
    let threads = Threads::start(io.interrupt())?;
    let local = threads.wait_or_end(local::make(state, io))?;
    local.create_application(&application(&facts)).map_err(|error| {
        Failure::with_hint(
            format!("can't set up the application: {}", error.message),
            "name another folder with `--local`, or delete this one",
        )
    })?;
    threads
        .wait(local.stop())
        .map_err(|error| Failure::new(format!("can't save the state of the local AWS: {error}")))?;
    io.done(&format!(
        "set up the application `{}` on a local AWS, which keeps its state in `{state}`",
        facts.application.name
    ));
    Ok(())
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
    io.note(&format!(
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
