//! One module for each command.

pub(crate) mod application;
pub(crate) mod approve;
pub(crate) mod build;
pub(crate) mod completion;
pub(crate) mod delete;
pub(crate) mod demo;
pub(crate) mod deploy;
pub(crate) mod doctor;
pub(crate) mod environment;
pub(crate) mod explain;
pub(crate) mod facts;
pub(crate) mod history;
pub(crate) mod init;
pub(crate) mod logs;
pub(crate) mod ls;
pub(crate) mod migrate;
pub(crate) mod overriding;
pub(crate) mod package;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod retry;
pub(crate) mod schema;
pub(crate) mod self_;
pub(crate) mod show;
pub(crate) mod start;
pub(crate) mod status;
pub(crate) mod stop;
pub(crate) mod validate;
pub(crate) mod workload;

use copilot_deployer::pipeline::Answer;
use tracing::Level;

use crate::arguments::{Arguments, Command, Pipeline, Verb};
use crate::failure::Failure;
use crate::io::Io;

pub(crate) fn run(arguments: Arguments, io: &mut Io<'_>) -> Result<(), Failure> {
    if let Some(folder) = &arguments.folder {
        io.go_to(folder)?;
    }
    if let Some(level) = level(arguments.verbose, io)? {
        io.trace(level);
    }
    let access = &arguments.access;
    match arguments.command {
        Command::Verb(verb) | Command::Pipeline(Pipeline { verb }) => match verb {
            Verb::Init(arguments) => init::run(&arguments, access, io),
            Verb::Validate(arguments) => validate::run(&arguments, io),
            Verb::Build(arguments) => build::run(&arguments, access, io),
            Verb::Package(arguments) => package::run(&arguments, access, io),
            Verb::Plan(arguments) => plan::run(&arguments, access, io),
            Verb::Deploy(arguments) => deploy::run(&arguments, access, io),
            Verb::Show(arguments) => show::run(&arguments, access, io),
            Verb::Status(arguments) => status::run(&arguments, access, io),
            Verb::Logs(arguments) => logs::run(&arguments, access, io),
            Verb::History(arguments) => history::run(&arguments, access, io),
            Verb::Start(arguments) => start::run(&arguments, access, io),
            Verb::Stop(arguments) => stop::run(&arguments, access, io),
            Verb::Retry(arguments) => retry::run(&arguments, access, io),
            Verb::Approve(arguments) => approve::run(&arguments, Answer::Approve, access, io),
            Verb::Reject(arguments) => approve::run(&arguments, Answer::Reject, access, io),
            Verb::Override(arguments) => overriding::run(&arguments, access, io),
            Verb::Facts(arguments) => facts::run(&arguments, access, io),
            Verb::Delete(arguments) => delete::run(&arguments, access, io),
            Verb::Ls(arguments) => ls::run(&arguments, access, io),
        },
        Command::Svc(arguments) => workload::services(&arguments, access, io),
        Command::Job(arguments) => workload::jobs(&arguments, access, io),
        Command::App(arguments) => application::run(&arguments, access, io),
        Command::Env(arguments) => environment::run(&arguments, access, io),
        Command::Doctor(arguments) => doctor::run(&arguments, access, io),
        Command::Migrate(arguments) => migrate::run(&arguments, io),
        Command::Policy(arguments) => policy::run(&arguments, access, io),
        Command::Itself(arguments) => self_::run(&arguments, access, io),
        Command::Completion(arguments) => completion::run(&arguments, io),
        Command::Demo(demo) => demo::run(&demo, access, io),
        Command::Explain(arguments) => explain::run(&arguments, io),
        Command::Schema(arguments) => schema::run(&arguments, io),
    }
}

/// How much to write of what the libraries trace.
fn level(verbose: bool, io: &Io<'_>) -> Result<Option<Level>, Failure> {
    match io.variables().get(LOG_VARIABLE).filter(|text| !text.is_empty()) {
        Some(text) => text.parse().map(Some).map_err(|_| {
            Failure::with_hint(
                format!("{LOG_VARIABLE} is `{text}`, which is not a level"),
                "use error, warn, info, debug or trace",
            )
        }),
        None => Ok(verbose.then_some(Level::DEBUG)),
    }
}

const LOG_VARIABLE: &str = "COPILOT_PIPELINE_LOG";
