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
    /// Renders the CloudFormation stack with its parameters.
    Package(package::Package),
    /// Deploys an environment of the workspace.
    ///
    /// Its stack is rendered as `env package` renders it, and updated. What services and jobs have asked of their environment stays.
    Deploy(deploy::Deploy),
    /// Shows what is deployed of an environment.
    Show(show::Show),
    /// Lists the environments of an application.
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
