//! `env`: environments of the application.

mod deploy;
mod ls;
mod overriding;
mod package;
mod show;

use clap::{Args, Subcommand};

use crate::aws::Access;
use crate::failure::Failure;
use crate::io::Io;

#[derive(Debug, Args)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Environments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Render the CloudFormation stack and its parameters.
    Package(package::Package),
    /// Deploy an environment.
    ///
    /// Renders its stack as `env package` does and updates it. What services and jobs have asked of the environment stays.
    Deploy(deploy::Deploy),
    /// Show a deployed environment.
    Show(show::Show),
    /// List environments.
    #[command(visible_alias = "list")]
    Ls(ls::Ls),
    /// Scaffold overrides of the environments' stacks.
    Override(overriding::Override),
}

pub(crate) fn run(arguments: &Environments, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    match &arguments.verb {
        Verb::Package(arguments) => package::run(arguments, access, io),
        Verb::Deploy(arguments) => deploy::run(arguments, access, io),
        Verb::Show(arguments) => show::run(arguments, access, io),
        Verb::Ls(arguments) => ls::run(arguments, access, io),
        Verb::Override(arguments) => overriding::run(arguments, access, io),
    }
}
