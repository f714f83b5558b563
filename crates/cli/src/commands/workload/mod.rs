//! `svc` and `job`: services and jobs, in the workspace and deployed.

mod logs;
mod ls;
mod package;
mod show;
mod status;
mod which;

use clap::{Args, Subcommand};

use crate::aws::Access;
use crate::choose::Kind;
use crate::failure::Failure;
use crate::io::Io;

#[derive(Debug, Args)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Services {
    #[command(subcommand)]
    verb: OfService,
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Jobs {
    #[command(subcommand)]
    verb: OfJob,
}

#[derive(Debug, Subcommand)]
enum OfService {
    #[command(flatten)]
    Common(Verb),
    /// Show what a service is made of in each environment.
    Show(show::Show),
    /// Show how a service is: rollout, tasks and alarms.
    Status(status::Arguments),
    /// Print what a service writes.
    Logs(logs::ServiceLogs),
}

#[derive(Debug, Subcommand)]
enum OfJob {
    #[command(flatten)]
    Common(Verb),
    /// Print what a job writes.
    ///
    /// All of its newest run, unless something else is asked for.
    Logs(logs::JobLogs),
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Render the CloudFormation stack and its parameters.
    Package(package::Package),
    /// List those of an application, or of the workspace.
    #[command(visible_alias = "list")]
    Ls(ls::Ls),
}

pub(crate) fn services(arguments: &Services, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    match &arguments.verb {
        OfService::Common(verb) => common(verb, access, Kind::Service, io),
        OfService::Show(arguments) => show::run(arguments, access, io),
        OfService::Status(arguments) => status::run(arguments, access, io),
        OfService::Logs(arguments) => logs::service(arguments, access, io),
    }
}

pub(crate) fn jobs(arguments: &Jobs, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    match &arguments.verb {
        OfJob::Common(verb) => common(verb, access, Kind::Job, io),
        OfJob::Logs(arguments) => logs::job(arguments, access, io),
    }
}

fn common(verb: &Verb, access: &Access, kind: Kind, io: &mut Io<'_>) -> Result<(), Failure> {
    match verb {
        Verb::Package(arguments) => package::run(arguments, access, kind, io),
        Verb::Ls(arguments) => ls::run(arguments, access, kind, io),
    }
}
