//! The build stage: images and files of many workloads in many environments, once, in parallel, and then their stacks.
//!
//! Everything that can be known before is known before: manifests, facts, files and stacks are read and rendered once to find
//! what is wrong, then images are built and files uploaded, then stacks are rendered again with what came of it.

pub(crate) mod functions;
pub(crate) mod images;
mod needs;
pub(crate) mod places;
mod prepare;
mod progress;
mod publish;
mod report;
mod selection;
mod stacks;
mod units;
pub(crate) mod uploads;

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use copilot_artifact::execute::Reuse;
use copilot_stack::Facts;
use copilot_workspace::Workspace;

use crate::aws::{Access, Aws};
use crate::failure::Failure;
use crate::io::Io;

pub(crate) use publish::upload;
pub(crate) use report::{Outcome, Phase, Record};
pub(crate) use selection::{Filter, Pair, Selected, of_pipeline};
pub(crate) use stacks::Stack;

/// What is to be made of which workloads.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) application: &'a str,
    pub(crate) pairs: &'a [Pair],
    /// What is known of AWS; if nothing is, AWS is asked.
    pub(crate) facts: Option<&'a Facts>,
    /// The workloads that the application knows, where that was asked.
    pub(crate) registered: Option<&'a [String]>,
    /// Tag of main containers' images.
    pub(crate) tag: Option<&'a str>,
    pub(crate) publish: Publish,
    pub(crate) settings: Settings,
}

/// Where images and files go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Publish {
    /// To the registry and the artifact buckets.
    ToAws,
    /// Images stay in the local engine; files stay where they are.
    ToEngine,
    /// Images go to a folder in the OCI layout; files stay where they are.
    ToLayout(Utf8PathBuf),
    /// Nothing is built or uploaded, and stacks refer to nothing that was.
    Nothing,
    /// Nothing is built or uploaded, but stacks refer to files by the names that an upload would give them: to be compared with
    /// what is deployed.
    Compare,
}

impl Publish {
    /// Whether images are built and files go somewhere.
    pub(crate) const fn builds(&self) -> bool {
        !matches!(self, Self::Nothing | Self::Compare)
    }
}

/// How it is made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// `docker`, `podman`, `finch` or the path of one; the first that answers if none.
    pub(crate) engine: Option<String>,
    /// Images built at a time.
    pub(crate) jobs: Option<usize>,
    /// Which images of earlier runs count.
    pub(crate) reuse: Reuse,
    /// Only shows what would be done.
    pub(crate) dry_run: bool,
}

/// Finds what is wrong with manifests, and what they name, without asking AWS.
pub(crate) fn check(
    workspace: &Workspace,
    application: &str,
    pairs: &[Pair],
    publish: &Publish,
    io: &Io<'_>,
) -> Result<(), Failure> {
    let (units, _) = units::read(workspace, application, pairs, io)?;
    if publish.builds() { images::check(&units, workspace) } else { Ok(()) }
}

/// AWS, where something has to be asked or brought there.
pub(crate) fn reach(
    facts: Option<&Facts>,
    publish: &Publish,
    access: &Access,
    io: &Io<'_>,
) -> Result<Option<Aws>, Failure> {
    match (facts, publish) {
        (Some(_), Publish::ToEngine | Publish::ToLayout(_) | Publish::Nothing | Publish::Compare) => Ok(None),
        (None, _) | (_, Publish::ToAws) => Aws::open(access, io).map(Some),
    }
}

/// Names of the workloads that the application knows.
pub(crate) fn registered(application: &str, aws: &Aws) -> Result<Vec<String>, Failure> {
    let found = aws.wait(copilot_deployer::application::workloads(aws.session(), application))?;
    Ok(found.into_iter().map(|workload| workload.name).collect())
}

/// Makes it so, by what [`reach`] has opened. `record` learns what was done also where it fails; nothing is written but by the caller.
pub(crate) fn run(
    request: &Request<'_>,
    aws: Option<&Aws>,
    record: &mut Record,
    io: &mut Io<'_>,
) -> Result<Vec<Stack>, Failure> {
    let units = units::load(request.workspace, request.application, request.pairs, io)?;
    if request.publish.builds() {
        images::check(&units, request.workspace)?;
    }
    let facts = record.time(Phase::Facts, || facts(request, &units, aws, io))?;
    let mut prepared = record.time(Phase::Plan, || prepare::prepare(request, units, &facts, aws, io))?;
    if request.publish.builds() {
        publish::publish(request, &mut prepared, &facts, aws, record, io)?;
    }
    record.time(Phase::Render, || {
        let finish = |stack: &prepare::Ready| {
            io.interrupt().check()?;
            stacks::finish(stack.parts(), request.workspace, io)
        };
        prepared.stacks.iter().map(finish).collect()
    })
}

/// What is known of AWS, gathered at once for the whole run unless somebody knew it already.
fn facts(
    request: &Request<'_>,
    units: &[units::Unit],
    aws: Option<&Aws>,
    io: &mut Io<'_>,
) -> Result<Facts, Failure> {
    let mut facts = match (request.facts, aws) {
        (Some(facts), _) => facts.clone(),
        (None, Some(aws)) => gather(request.application, units, aws, io)?,
        (None, None) => return Err(Failure::new("nothing is known of AWS")),
    };
    needs::expect_topics(&mut facts, units);
    Ok(facts)
}

fn gather(application: &str, units: &[units::Unit], aws: &Aws, io: &mut Io<'_>) -> Result<Facts, Failure> {
    let wanted = needs::wanted(units);
    let live = io.live();
    let started = std::time::Instant::now();
    let gathered = aws.follow(
        |_events: tokio::sync::mpsc::UnboundedSender<()>| {
            copilot_deployer::facts::gather(aws.session(), application, &wanted)
        },
        |_| live.show(&format!("Asking AWS about `{application}` {}", seconds(started.elapsed())).into()),
    );
    live.clear();
    Ok(gathered?.facts)
}

/// A duration as people read it.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// Files of stacks as they are written: templates, parameters, and the templates of addons.
///
/// The name of an addons template has no environment, as build scripts expect: that of the last environment stands there.
pub(crate) fn files(stacks: &[Stack]) -> std::collections::BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    for stack in stacks {
        files.insert(stack.pair.template_file().into(), stack.text.clone().into_bytes());
        files.insert(stack.pair.parameters_file().into(), stack.parameters.clone().into_bytes());
        if let Some(addons) = &stack.addons {
            files.insert(
                format!("{}.addons.stack.yml", stack.pair.workload).into(),
                addons.clone().into_bytes(),
            );
        }
    }
    files
}

/// The folder below which a run looks for a path that was typed.
pub(crate) fn typed(io: &Io<'_>, path: &Utf8Path) -> Utf8PathBuf {
    io.folder().join(path)
}
