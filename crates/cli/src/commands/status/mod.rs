//! `status`: where a deployed pipeline is.

mod attention;
mod view;

use std::collections::BTreeMap;

use clap::Args;
use copilot_deployer::application::workloads;
use copilot_deployer::pipeline::{self, Action, End, Progress, RunStatus, Status};
use copilot_deployer::stack::Patience;

use crate::aws::Access;
use crate::failure::Failure;
use crate::io::Io;
use crate::remote::{Remote, Which};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Print JSON.
    #[arg(long, conflicts_with = "watch")]
    json: bool,
    /// Follow the newest execution until it ends or waits for an approval. Exit with 1 if it failed, was stopped, or a newer
    /// one took its place.
    #[arg(long)]
    watch: bool,
}

pub(crate) fn run(arguments: &Arguments, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let remote = arguments.which.find(access, io)?;
    if arguments.watch {
        return watch(remote, io);
    }
    let status = remote.aws.wait(pipeline::status(remote.session(), &remote.pipeline))?;
    if arguments.json {
        io.json(&status)?;
    } else {
        let text = view::page(&status, &remote, &services(&status, &remote), 0, io);
        io.out(text)?;
    }
    remote.aws.close()
}

/// Names of the application's services, if a deployment goes on or failed: whoever may not list them sees the rest.
fn services(status: &Status, remote: &Remote) -> Vec<String> {
    let busy = |action: &Action| matches!(action.status, RunStatus::Failed | RunStatus::InProgress);
    let deploys = |action: &Action| action.name.starts_with("CreateOrUpdate-") && busy(action);
    if !status.current_actions().any(|(_, action)| deploys(action)) {
        return Vec::new();
    }
    let found = remote.aws.wait(workloads(remote.session(), &remote.app)).unwrap_or_default();
    found.into_iter().filter(|workload| !workload.is_job()).map(|workload| workload.name).collect()
}

fn watch(remote: Remote, io: &mut Io<'_>) -> Result<(), Failure> {
    let live = io.live();
    let mut told = Told::default();
    let mut latest = None;
    let mut ticks = 0;
    let (session, pipeline) = (remote.session(), &remote.pipeline);
    let patience = remote.aws.cloud().patience(Patience::STACK);
    let result = remote.aws.follow(
        |events| async move {
            pipeline::watch(session, pipeline, patience, |status| drop(events.send(status))).await
        },
        |status: Option<Status>| {
            ticks += 1;
            if let Some(status) = status {
                if !live.is_drawn() {
                    told.tell(&status, io);
                }
                latest = Some(status);
            }
            if let Some(status) = latest.as_ref().filter(|_| live.is_drawn()) {
                live.show(&view::page(status, &remote, &[], ticks, io));
            }
        },
    );
    if io.interrupt().is_sent() {
        live.leave();
    } else {
        live.clear();
    }
    let status = match result {
        Ok(status) => status,
        Err(Failure::Interrupted(_)) => {
            return Err(Failure::Interrupted(Some("the pipeline is still running in AWS".to_owned())));
        }
        Err(failure) => return Err(failure),
    };
    let text = view::page(&status, &remote, &services(&status, &remote), 0, io);
    io.out(text)?;
    remote.aws.close()?;
    match status.progress() {
        Progress::Ended(End::Failed | End::Stopped | End::Superseded | End::Cancelled) => Err(Failure::Said),
        _ => Ok(()),
    }
}

/// What was said of each action, so that only news is.
#[derive(Default)]
struct Told(BTreeMap<(String, String), RunStatus>);

impl Told {
    fn tell(&mut self, status: &Status, io: &mut Io<'_>) {
        for (stage, action) in status.current_actions().filter(|(stage, _)| status.is_own(stage)) {
            let key = (stage.stage_name.clone(), action.name.clone());
            let before = self.0.insert(key, action.status.clone());
            if before.as_ref() != Some(&action.status) {
                io.note(format!("{}: {} {}", stage.stage_name, action.name, view::word(action)));
            }
        }
    }
}
