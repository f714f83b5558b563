//! `app`: applications of an account and region.

mod show;

use clap::{Args, Subcommand};
use copilot_deployer::application::applications;

use crate::aws::{Access, Aws};
use crate::failure::Failure;
use crate::io::Io;

#[derive(Debug, Args)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Applications {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the applications of an account and region.
    #[command(visible_alias = "list")]
    Ls,
    /// Show what an application consists of.
    Show(show::Show),
}

pub(crate) fn run(arguments: &Applications, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    match &arguments.verb {
        Verb::Ls => ls(access, io),
        Verb::Show(arguments) => show::run(arguments, access, io),
    }
}

fn ls(access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let aws = Aws::open(access, io)?;
    let names = aws.wait(applications(aws.session()))?;
    if names.is_empty() {
        io.note(format!("there is no application in {}", aws.session().region()));
    }
    io.lines(&names)?;
    aws.close()
}
