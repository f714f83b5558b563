//! `svc status`: how a deployed service is.

mod alarms;
mod tasks;
#[cfg(test)]
mod tests;
mod view;

use clap::Args;
use copilot_deployer::workload::status::{Status, status};

use super::which::Which;
use crate::aws::Access;
use crate::choose::Kind;
use crate::failure::Failure;
use crate::io::Io;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let found = arguments.which.look(Kind::Service, |_| true, access, io)?;
    let told = found.aws.wait(status(&found.deployed))?;
    match &told {
        Status::Service(it) if arguments.json => io.json(it)?,
        Status::AppRunner(it) if arguments.json => io.json(it)?,
        Status::StaticSite(it) if arguments.json => io.json(it)?,
        told => {
            let text = view::page(told, &found.subject, io);
            io.out(text)?;
        }
    }
    found.aws.close()
}
