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
    /// Only looks what there would be to do.
    pub(crate) dry_run: bool,
}

/// Makes it so. `record` learns what was done also where it fails; nothing is written but by the caller.
pub(crate) fn run(
    request: &Request<'_>,
    access: &Access,
    record: &mut Record,
    io: &mut Io<'_>,
) -> Result<Vec<Stack>, Failure> {
    let root = request.workspace.root();
    let units = units::load(request.workspace, request.application, request.pairs, io)?;
    if request.publish != Publish::Nothing {
        images::check(&units, root)?;
    }
    let aws = match (request.facts, &request.publish) {
        (Some(_), Publish::ToEngine | Publish::ToLayout(_) | Publish::Nothing) => None,
        (None, _) | (_, Publish::ToAws) => Some(Aws::open(access, io)?),
    };
    let facts = record.time(Phase::Facts, || facts(request, &units, aws.as_ref(), io))?;
    let mut prepared =
        record.time(Phase::Plan, || prepare::prepare(request, units, &facts, aws.as_ref(), io))?;
    if request.publish != Publish::Nothing {
        publish::publish(request, &mut prepared, &facts, aws.as_ref(), record, io)?;
    }
    let made = record.time(Phase::Render, || {
        prepared.stacks.iter().map(|stack| stacks::finish(stack.parts(), request.workspace, io)).collect()
    });
    aws.map_or(Ok(()), Aws::close)?;
    made
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
        |_| live.show(&format!("Asking AWS about `{application}` {}", seconds(started.elapsed()))),
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
