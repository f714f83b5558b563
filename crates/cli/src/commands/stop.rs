//! `stop`: the executions that are under way.

use clap::Args;
use copilot_deployer::pipeline;

use crate::aws::Access;
use crate::failure::Failure;
use crate::io::Io;
use crate::remote::Which;

#[derive(Debug, Args)]
pub(crate) struct Stop {
    #[command(flatten)]
    which: Which,
    /// Stop only this execution.
    #[arg(long, value_name = "ID")]
    execution: Option<String>,
    /// Don't wait for running actions. A stack deployment in progress still finishes.
    #[arg(long)]
    abandon: bool,
    /// Message for the pipeline's history.
    #[arg(long, value_name = "TEXT", default_value = "stopped with copilot-pipeline")]
    reason: String,
}

pub(crate) fn run(arguments: &Stop, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let remote = arguments.which.find(access, io)?.named(io);
    let (id, reason) = (arguments.execution.as_deref(), &arguments.reason);
    let stopped =
        remote.aws.wait(pipeline::stop(remote.session(), &remote.pipeline, id, arguments.abandon, reason))?;
    for id in &stopped {
        let how = if arguments.abandon { "" } else { " after its running actions" };
        io.done(&format!("execution {id} stops{how}"));
    }
    remote.aws.close()
}
