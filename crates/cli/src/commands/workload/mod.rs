//! `svc` and `job`: services and jobs of the workspace.

mod ls;
mod package;

use clap::{Args, Subcommand};

use crate::aws::Access;
use crate::choose::Kind;
use crate::failure::Failure;
use crate::io::Io;

#[derive(Debug, Args)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Workloads {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Render the CloudFormation stack and its parameters.
    Package(package::Package),
    /// List those of the workspace.
    #[command(visible_alias = "list")]
    Ls(ls::Ls),
}

pub(crate) fn run(
    arguments: &Workloads,
    access: &Access,
    kind: Kind,
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    match &arguments.verb {
        Verb::Package(arguments) => package::run(arguments, access, kind, io),
        Verb::Ls(arguments) => ls::run(arguments, kind, io),
    }
}
