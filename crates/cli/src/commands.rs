//! One module for each command.

pub(crate) mod application;
pub(crate) mod build;
pub(crate) mod completion;
pub(crate) mod delete;
pub(crate) mod demo;
pub(crate) mod deploy;
pub(crate) mod explain;
pub(crate) mod init;
pub(crate) mod ls;
pub(crate) mod package;
pub(crate) mod self_;
pub(crate) mod show;
pub(crate) mod status;
pub(crate) mod validate;
pub(crate) mod workload;

use copilot_yaml::closest;

use crate::arguments::{Arguments, Command, Pipeline, Verb};
use crate::failure::Failure;
use crate::io::Io;

pub(crate) fn run(arguments: Arguments, io: &mut Io<'_>) -> Result<(), Failure> {
    if let Some(folder) = &arguments.folder {
        io.go_to(folder)?;
    }
    let access = &arguments.access;
    match arguments.command {
        Command::Verb(verb) | Command::Pipeline(Pipeline { verb }) => match verb {
            Verb::Init(arguments) => init::run(&arguments, access.region.as_deref(), io),
            Verb::Validate(arguments) => validate::run(&arguments, io),
            Verb::Build(arguments) => build::run(&arguments, access, io),
            Verb::Package(arguments) => package::run(&arguments, access, io),
            Verb::Deploy(arguments) => deploy::run(&arguments, access, io),
            Verb::Show(arguments) => show::run(&arguments, access, io),
            Verb::Status(arguments) => status::run(&arguments, access, io),
            Verb::Delete(arguments) => delete::run(&arguments, access, io),
            Verb::Ls(arguments) => ls::run(&arguments, access, io),
        },
        Command::Svc(arguments) => workload::run(&arguments, access, workload::Kind::Service, io),
        Command::Job(arguments) => workload::run(&arguments, access, workload::Kind::Job, io),
        Command::Itself(arguments) => self_::run(&arguments, access, io),
        Command::Completion(arguments) => completion::run(&arguments, io),
        Command::Demo(demo) => demo::run(&demo, access, io),
        Command::Explain(arguments) => explain::run(&arguments, io),
    }
}

/// A name that nothing has, with the nearest that something has.
pub(crate) fn unknown<'a>(thing: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Failure {
    let message = format!("the workspace has no {thing} `{name}`");
    if let Some(near) = closest(name, known.clone()) {
        return Failure::with_hint(message, format!("did you mean `{near}`?"));
    }
    let known: Vec<&str> = known.collect();
    if known.is_empty() {
        return Failure::with_hint(message, format!("there is no {thing} at all"));
    }
    Failure::with_hint(message, format!("there are: {}", known.join(", ")))
}
