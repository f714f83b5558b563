//! What will break, or has been lost in silence: named, dated, with what to do.
//!
//! [`examine`] looks at a workspace, at what is deployed, or at both, and asks nobody itself.

mod addons;
pub(crate) mod buildspecs;
mod calls;
pub mod codes;
pub(crate) mod commands;
mod date;
mod dates;
mod deployed;
pub(crate) mod era;
mod finding;
mod images;
mod manifests;
mod permissions;
mod pipelines;
mod runtimes;

use std::collections::BTreeSet;

use copilot_deployer::iam::Simulated;
use copilot_deployer::inventory::Inventory;
use copilot_workspace::{Header, ManifestFile};

use crate::error::Error;
use crate::host::Host;
use crate::project::Project;
use crate::validate::{Scope, validate};

pub use date::{Date, NoDate};
pub use dates::Dates;
pub use era::{Era, Origin};
pub use finding::{Finding, Place};

/// Days ahead within which the end of something is worth a word.
const HORIZON: i64 = 365;

/// What day it is, and up to which it matters what comes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) today: Date,
    until: Option<Date>,
}

impl Clock {
    /// Whether something of that day matters.
    fn matters(&self, day: Date) -> bool {
        match self.until {
            Some(until) => day < until,
            None => day.days_since(self.today) <= HORIZON,
        }
    }
}

/// A buildspec that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Its path from the project's folder.
    pub file: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Report {
    /// All findings: errors first, then by date, file and place.
    pub findings: Vec<Finding>,
    /// The buildspecs.
    pub buildspecs: Vec<Examined>,
    /// The day of the examination.
    pub today: Date,
    /// The day on which the dates were looked up; the oldest of them.
    pub checked: Date,
}

impl Report {
    /// How many days ago the dates were looked up.
    pub fn age(&self) -> i64 {
        self.today.days_since(self.checked).max(0)
    }

    fn sort(&mut self) {
        self.findings.sort_by_cached_key(Finding::order);
        self.findings.dedup();
    }
}

/// What to look at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'a> {
    /// A workspace.
    pub project: Option<&'a Project>,
    /// An application as it is deployed.
    pub deployed: Option<&'a Inventory>,
    /// What whoever asks may not do.
    pub caller: Option<&'a Simulated>,
}

/// Looks for what breaks. With `until`, what bites on that day or later is left out; what has no date holds today.
///
/// # Errors
/// When the workspace can't be read.
pub fn examine(subject: &Subject<'_>, until: Option<Date>, host: &dyn Host) -> Result<Report, Error> {
    let dates = Dates::known().ok_or(Error::NothingKnown)?;
    let clock = Clock { today: Date::of(host.now()), until };
    let (mut findings, buildspecs) = match subject.project {
        Some(project) => of_workspace(project, dates, &clock, host)?,
        None => (Vec::new(), Vec::new()),
    };
    if let Some(inventory) = subject.deployed {
        findings.extend(deployed::findings(inventory, dates, &clock));
    }
    if let Some(caller) = subject.caller {
        findings.extend(permissions::findings(caller));
    }
    findings.retain(|finding| finding.date.is_none_or(|date| until.is_none_or(|until| date < until)));
    let mut report = Report { findings, buildspecs, today: clock.today, checked: dates.checked };
    report.sort();
    Ok(report)
}

/// What is in the files of a workspace.
fn of_workspace(
    project: &Project,
    dates: &Dates,
    clock: &Clock,
    host: &dyn Host,
) -> Result<(Vec<Finding>, Vec<Examined>), Error> {
    let workspace = project.workspace();
    let (pipelines, workloads) = (workspace.pipelines()?, workspace.workloads()?);
    let problems = validate(project, &Scope::default(), host)?.findings;
    let mut findings = manifests::ignored(&problems);
    let buildspecs = buildspecs::all(project, &pipelines);
    for found in &buildspecs {
        findings.extend(buildspecs::findings(found, dates, clock));
    }
    for file in &pipelines {
        if let Some(header) = file.header.as_ref().ok().or(file.partial.as_ref()) {
            findings.extend(pipelines::findings(file, header, dates));
        }
    }
    let environments = workspace.environments()?;
    let headers: Vec<&Header> =
        workloads.iter().chain(&environments).filter_map(|file| file.header.as_ref().ok()).collect();
    findings.extend(headers.iter().flat_map(|header| manifests::findings(header, dates)));
    host.check()?;
    // Only builds of pipelines have an address in common with others.
    if !pipelines.is_empty() && !buildspecs.iter().any(buildspecs::logs_in) {
        let files: BTreeSet<String> =
            headers.iter().flat_map(|header| images::dockerfiles(&header.root)).collect();
        findings.extend(files.iter().flat_map(|path| images::findings(path, workspace)));
    }
    let names = |files: &[ManifestFile]| files.iter().map(|file| file.folder.clone()).collect::<Vec<_>>();
    findings.extend(addons::findings(&names(&workloads), &names(&pipelines), workspace, dates, clock));
    let examined = buildspecs
        .iter()
        .map(|found| Examined { file: found.source.name().to_owned(), origin: found.origin })
        .collect();
    Ok((findings, examined))
}
