//! What a run did, for machines: the file of `--report`.

use std::time::{Duration, Instant};

use copilot_artifact::execute::{Counts, ImageOutcome, ImageReport, ObjectOutcome, ObjectReport, Report};
use serde::Serialize;

use super::stacks::Stack;

/// A phase of a run whose time is taken.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Phase {
    /// Asking AWS.
    Facts,
    /// Reading and hashing files, and rendering for the first time.
    Plan,
    /// Building, pushing and uploading.
    Artifacts,
    /// Rendering.
    Render,
    /// Writing files.
    Write,
}

/// Milliseconds that the phases took.
#[expect(clippy::struct_field_names, reason = "keys of a file say their unit")]
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Timings {
    facts_ms: u64,
    plan_ms: u64,
    artifacts_ms: u64,
    render_ms: u64,
    write_ms: u64,
    total_ms: u64,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Everything is where it should be.
    Done,
    /// It was only looked what there would be to do.
    DryRun,
    /// Something failed, or somebody stopped it.
    Failed,
}

/// A stack that was rendered.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Written {
    workload: String,
    environment: String,
    /// File names below the output folder.
    template: String,
    parameters: String,
    template_bytes: usize,
    /// False if the file was there with the same content; none where nothing was to be written.
    pub(crate) changed: Option<bool>,
    render_ms: u64,
}

/// What a run did.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Record {
    application: String,
    pipeline: Option<String>,
    outcome: Outcome,
    /// Why it failed.
    error: Option<String>,
    images: Vec<ImageReport>,
    objects: Vec<ObjectReport>,
    stacks: Vec<Written>,
    counts: Counts,
    warnings: Vec<String>,
    timings: Timings,
    #[serde(skip)]
    started: Instant,
}

impl Record {
    pub(crate) fn new(application: &str, pipeline: Option<&str>) -> Self {
        Self {
            application: application.to_owned(),
            pipeline: pipeline.map(str::to_owned),
            outcome: Outcome::Failed,
            error: None,
            images: Vec::new(),
            objects: Vec::new(),
            stacks: Vec::new(),
            counts: Counts::default(),
            warnings: Vec::new(),
            timings: Timings::default(),
            started: Instant::now(),
        }
    }

    /// Takes the time of a phase.
    pub(crate) fn time<T>(&mut self, phase: Phase, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = work();
        let took = ms(started.elapsed());
        match phase {
            Phase::Facts => self.timings.facts_ms += took,
            Phase::Plan => self.timings.plan_ms += took,
            Phase::Artifacts => self.timings.artifacts_ms += took,
            Phase::Render => self.timings.render_ms += took,
            Phase::Write => self.timings.write_ms += took,
        }
        result
    }

    /// Takes what became of images and objects.
    pub(crate) fn artifacts(&mut self, report: Report) {
        (self.images, self.objects) = (report.images, report.objects);
        (self.counts, self.warnings) = (report.counts, report.warnings);
    }

    /// Takes the stacks. `changed` says of a file name whether its content is new.
    pub(crate) fn stacks(&mut self, stacks: &[Stack], changed: impl Fn(&str) -> Option<bool>) {
        let written = |stack: &Stack| {
            let (template, parameters) = (stack.pair.template_file(), stack.pair.parameters_file());
            Written {
                workload: stack.pair.workload.clone(),
                environment: stack.pair.environment.clone(),
                changed: changed(&template).zip(changed(&parameters)).map(|(a, b)| a || b),
                template,
                parameters,
                template_bytes: stack.text.len(),
                render_ms: ms(stack.took),
            }
        };
        self.stacks = stacks.iter().map(written).collect();
    }

    pub(crate) fn end(&mut self, outcome: Outcome, error: Option<String>) {
        (self.outcome, self.error) = (outcome, error);
        self.timings.total_ms = ms(self.started.elapsed());
    }

    /// The time since the run began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn written(&self) -> &[Written] {
        &self.stacks
    }

    /// Whether it came to images and files at all.
    pub(crate) fn has_artifacts(&self) -> bool {
        !self.images.is_empty() || !self.objects.is_empty()
    }

    /// A sentence about images and files.
    pub(crate) fn summary(&self) -> String {
        let images = |outcome| unique(self.images.iter().filter(|image| image.outcome == outcome));
        let objects = |outcome| self.objects.iter().filter(|object| object.outcome == outcome).count();
        let parts = [
            (images(ImageOutcome::Built), "built"),
            (images(ImageOutcome::Copied), "copied"),
            (images(ImageOutcome::Reused), "kept"),
            (images(ImageOutcome::Planned), "would be built"),
            (images(ImageOutcome::Failed), "failed"),
            (images(ImageOutcome::NotDone), "not done"),
        ];
        let files = [
            (objects(ObjectOutcome::Uploaded), "uploaded"),
            (objects(ObjectOutcome::Present), "already there"),
            (objects(ObjectOutcome::Planned), "would be uploaded"),
            (objects(ObjectOutcome::Failed), "failed"),
            (objects(ObjectOutcome::NotDone), "not done"),
            (objects(ObjectOutcome::Skipped), "left where they are"),
        ];
        format!("images: {}; files: {}", counted(&parts), counted(&files))
    }
}

/// Images with the same content are one.
fn unique<'a>(images: impl Iterator<Item = &'a ImageReport>) -> usize {
    let key = |image: &ImageReport| image.identity.clone().unwrap_or_else(|| image.id.to_string());
    images.map(key).collect::<std::collections::BTreeSet<_>>().len()
}

fn counted(parts: &[(usize, &str)]) -> String {
    let said: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if said.is_empty() { "none".to_owned() } else { said.join(", ") }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
