//! What can be typed.

use std::ffi::OsString;

use camino::Utf8PathBuf;
use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::aws::Access;
use crate::commands::{
    approve, build, completion, delete, demo, deploy, environment, explain, facts, history, init, logs, ls,
    overriding, package, retry, schema, self_, show, start, status, stop, validate, workload,
};
use crate::harmless;

/// Takes over AWS Copilot's pipelines: writes, checks, renders and deploys them.
#[derive(Debug, Parser)]
#[command(name = "copilot-pipeline", version, arg_required_else_help = true, disable_help_subcommand = true)]
#[command(
    after_help = "Exit codes: 0 done; 1 refused, failed, or found what it was asked to find; 2 a diff could not be produced; 130 ended by Ctrl-C; 143 ended by SIGTERM."
)]
pub(crate) struct Arguments {
    /// Does everything as if it had been started in this folder.
    #[arg(short = 'C', long = "directory", value_name = "DIR")]
    pub(crate) folder: Option<Utf8PathBuf>,
    /// Writes each call to AWS and each retry to standard error. `COPILOT_PIPELINE_LOG=LEVEL` does the same for a level from
    /// `error` to `trace`.
    #[arg(long, global = true)]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) access: Access,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Verb(Verb),
    /// The same commands under the name that they have in Copilot.
    Pipeline(Pipeline),
    /// Services of the workspace.
    Svc(workload::Workloads),
    /// Jobs of the workspace.
    Job(workload::Workloads),
    /// Environments of the application.
    Env(environment::Environments),
    /// This program itself.
    #[command(name = "self")]
    Itself(self_::Itself),
    /// Prints what completes this program's arguments in a shell.
    Completion(completion::Completion),
    /// Sets up a made-up application on a local AWS, to try everything without an account.
    ///
    /// Writes its workspace to a folder and says what to type next.
    Demo(demo::Demo),
    /// Explains the code of a diagnostic.
    Explain(explain::Explain),
    /// Prints the JSON Schema of manifests, for editors.
    ///
    /// An editor that knows it offers keys and values with their documentation, and marks what is wrong.
    Schema(schema::Schema),
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Pipeline {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What can be done with pipelines; `copilot-pipeline VERB` and `copilot-pipeline pipeline VERB` are the same.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Writes a pipeline's manifest and buildspec.
    ///
    /// Every question has a flag. On a terminal, what is not given is asked for; without one, what is missing is listed.
    /// Files that exist are left as they are.
    Init(init::Init),
    /// Checks every manifest of the workspace and reports all problems at once.
    Validate(validate::Validate),
    /// Builds what a pipeline deploys: images, uploaded files, and the stacks of all workloads in all environments.
    ///
    /// CodeBuild runs this for every execution of the pipeline. Each image is built once for all environments that it is the
    /// same in, and what the registry and the buckets have already is neither built nor uploaded again.
    Build(build::Build),
    /// Renders a pipeline's CloudFormation stack.
    Package(package::Package),
    /// Deploys a pipeline of the workspace.
    ///
    /// Its stack is rendered as `package` renders it, and created or updated.
    #[command(visible_alias = "update")]
    Deploy(deploy::Deploy),
    /// Shows what a pipeline does: its stages, actions and their order.
    Show(show::Show),
    /// Shows where a deployed pipeline is, what failed, and what waits for an approval.
    Status(status::Arguments),
    /// Prints why actions failed: the end of a build's log, or what failed in a stack.
    Logs(logs::Logs),
    /// Lists the executions of a deployed pipeline.
    History(history::History),
    /// Starts an execution on the newest revision.
    Start(start::Start),
    /// Stops the executions that are under way.
    Stop(stop::Stop),
    /// Runs a stage that failed again.
    Retry(retry::Retry),
    /// Approves what waits for it.
    Approve(approve::Arguments),
    /// Rejects what waits for an approval: its execution ends.
    Reject(approve::Arguments),
    /// Scaffold overrides of a pipeline's stack.
    Override(overriding::Override),
    /// Gathers what AWS knows of an application, for `--facts`.
    Facts(facts::Facts),
    /// Deletes a deployed pipeline.
    ///
    /// Files of the workspace stay, and so does everything that the pipeline has deployed.
    Delete(delete::Arguments),
    /// Lists the deployed pipelines of an application.
    #[command(visible_alias = "list")]
    Ls(ls::Ls),
}

/// The whole command line, for help pages and completions.
pub fn command() -> clap::Command {
    Arguments::command()
}

/// `… VERB help` is an old way to write `… VERB --help`.
pub(crate) fn normalise(mut typed: Vec<OsString>) -> Vec<OsString> {
    let only_words = typed.iter().skip(1).all(|word| !word.to_string_lossy().starts_with('-'));
    let is_value = typed.get(1).is_some_and(|word| word == "explain" || word == "completion");
    if typed.len() > 1
        && only_words
        && !is_value
        && let Some(last) = typed.last_mut().filter(|last| *last == "help")
    {
        *last = "--help".into();
    }
    typed
}

/// What was typed, as messages may show it.
pub(crate) fn harmless(typed: &[OsString]) -> Vec<OsString> {
    typed.iter().map(|word| harmless::harmless(&word.to_string_lossy()).into_owned().into()).collect()
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn the_definition_is_sound() {
        command().debug_assert();
    }
}
