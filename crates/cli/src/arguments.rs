//! What can be typed.

use std::ffi::OsString;

use camino::Utf8PathBuf;
use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::aws::Access;
use crate::commands::{
    application, approve, build, completion, delete, demo, deploy, doctor, environment, explain, facts,
    history, init, logs, ls, migrate, overriding, package, plan, policy, retry, schema, self_, show, start,
    status, stop, validate, workload,
};
use crate::groups::grouped;
use crate::harmless;

/// Carry on AWS Copilot pipelines: write, check, render and deploy them.
#[derive(Debug, Parser)]
#[command(name = "copilot-pipeline", version, arg_required_else_help = true, disable_help_subcommand = true)]
#[command(
    after_help = "\nExit codes: 0 success; 1 failure, or something was found; 2 a diff could not be produced;\n130 interrupted; 143 terminated."
)]
pub(crate) struct Arguments {
    /// Run as if started in DIR.
    #[arg(short = 'C', long = "directory", value_name = "DIR")]
    pub(crate) folder: Option<Utf8PathBuf>,
    /// Log each AWS call and retry to standard error. `COPILOT_PIPELINE_LOG=LEVEL` does the same for a level from
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
    /// The same commands, under Copilot's name.
    Pipeline(Pipeline),
    /// Work with services.
    Svc(workload::Services),
    /// Work with jobs.
    Job(workload::Jobs),
    /// Work with environments.
    Env(environment::Environments),
    /// Look at applications.
    App(application::Applications),
    /// Find what will break or was lost.
    ///
    /// Every finding has a code, a date if there is one, a public page and a fix. AWS is asked with `--deployed` only.
    Doctor(doctor::Doctor),
    /// Rewrite buildspecs and manifests that Copilot left.
    ///
    /// Buildspecs of every version run `copilot-pipeline build` instead, misspelt keys and old images are corrected. Everything
    /// else stays as it is, comments included.
    Migrate(migrate::Migrate),
    /// Print the smallest IAM policy for a command.
    ///
    /// The policy is for the credentials that the command is started with. What it does in environments it does with their manager
    /// roles, which it has to be allowed to assume. `--region` narrows it to a region. AWS is not asked.
    Policy(policy::Arguments),
    /// Manage this program.
    #[command(name = "self")]
    Itself(self_::Itself),
    /// Print a shell completion script.
    Completion(completion::Completion),
    /// Set up a sample application on a local AWS (no account).
    ///
    /// Writes its workspace to a folder and prints the next commands.
    Demo(demo::Demo),
    /// Explain a diagnostic code.
    Explain(explain::Explain),
    /// Print the JSON Schema of manifests, for editors.
    ///
    /// An editor that knows the schema completes keys and values, shows their documentation and marks errors.
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
    /// Write a pipeline's manifest and buildspec.
    ///
    /// Every prompt has a flag. On a terminal you are asked for what is not given; otherwise what is missing is listed.
    /// Existing files are left alone.
    Init(init::Init),
    /// Check every file of the workspace and report all problems.
    Validate(validate::Validate),
    /// Build a pipeline's images, files and stacks.
    ///
    /// CodeBuild runs this in every execution. Each image is built once for all environments in which it is the
    /// same, and what the registry and the buckets already have is neither built nor uploaded again.
    Build(build::Build),
    /// Render a pipeline's CloudFormation stack.
    Package(package::Package),
    /// Show what a deployment would change.
    ///
    /// Each difference has a class, from text that nobody acts on to the loss of a resource, by the schemas of CloudFormation's
    /// registry. Exits with 2 if anything differs.
    Plan(plan::Arguments),
    /// Deploy a pipeline.
    ///
    /// Renders its stack as `package` does, then creates or updates it.
    #[command(visible_alias = "update")]
    Deploy(deploy::Deploy),
    /// Show a pipeline's stages and actions.
    Show(show::Show),
    /// Show where a pipeline is, what failed and what waits.
    Status(status::Arguments),
    /// Print why actions failed.
    Logs(logs::Logs),
    /// List a pipeline's executions.
    History(history::History),
    /// Start an execution of the newest revision.
    Start(start::Start),
    /// Stop running executions.
    Stop(stop::Stop),
    /// Retry a failed stage.
    Retry(retry::Retry),
    /// Approve a waiting approval.
    Approve(approve::Arguments),
    /// Reject a waiting approval and end its execution.
    Reject(approve::Arguments),
    /// Scaffold overrides of a pipeline's stack.
    Override(overriding::Override),
    /// Save what AWS knows of an application, for `--facts`.
    Facts(facts::Facts),
    /// Delete a deployed pipeline.
    ///
    /// The files of the workspace stay, and so does everything the pipeline has deployed.
    Delete(delete::Arguments),
    /// List deployed pipelines.
    #[command(visible_alias = "list")]
    Ls(ls::Ls),
}

/// The whole command line, for help pages and completions.
pub fn command() -> clap::Command {
    grouped(Arguments::command())
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
