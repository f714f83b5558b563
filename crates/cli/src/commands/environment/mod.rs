//! `env`: environments of the application.

mod package;

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
    /// Render the CloudFormation stack with its parameters.
    Package(package::Package),
}

pub(crate) fn run(arguments: &Environments, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    match &arguments.verb {
        Verb::Package(arguments) => package::run(arguments, access, io),
    }
}
