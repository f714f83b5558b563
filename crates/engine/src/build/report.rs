//! What a run did, for machines: the file of `--report`.

use std::time::{Duration, Instant};

use copilot_artifact::execute::{Counts, ImageReport, ObjectReport, Report};
use serde::Serialize;

use super::stacks::{Stack, Stacks};
use crate::environment;

/// A phase of a run whose time is taken.
#[derive(Debug, Clone, Copy)]
pub enum Phase {
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

/// The beginning of a phase.
#[derive(Debug, Clone, Copy)]
pub struct Began {
    phase: Phase,
    at: Instant,
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
pub enum Outcome {
    /// Everything is where it should be.
    Done,
    /// It was only looked what there would be to do.
    DryRun,
    /// Something failed, or somebody stopped it.
    Failed,
}

/// A stack that was rendered.
#[derive(Debug, Clone, Serialize)]
pub struct Written {
    /// None of the stack of an environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    workload: Option<String>,
    environment: String,
    /// File names below the output folder.
    template: String,
    parameters: String,
    template_bytes: usize,
    /// False if the file was there with the same content; none where nothing was to be written.
    pub changed: Option<bool>,
    render_ms: u64,
}

/// What a run did.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
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
    /// Of a run that begins now.
    pub fn new(application: &str, pipeline: Option<&str>) -> Self {
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

    /// A phase begins now.
    pub fn begin(&self, phase: Phase) -> Began {
        Began { phase, at: Instant::now() }
    }

    /// A phase has ended.
    pub fn end_of(&mut self, began: Began) {
        let took = ms(began.at.elapsed());
        match began.phase {
            Phase::Facts => self.timings.facts_ms += took,
            Phase::Plan => self.timings.plan_ms += took,
            Phase::Artifacts => self.timings.artifacts_ms += took,
            Phase::Render => self.timings.render_ms += took,
            Phase::Write => self.timings.write_ms += took,
        }
    }

    /// Takes what became of images and objects.
    pub(crate) fn artifacts(&mut self, report: Report) {
        (self.images, self.objects) = (report.images, report.objects);
        (self.counts, self.warnings) = (report.counts, report.warnings);
    }

    /// Takes the stacks. `changed` says of a file name whether its content is new.
    pub fn stacks(&mut self, stacks: &Stacks, changed: impl Fn(&str) -> Option<bool>) {
        let changed = |template: &str, parameters: &str| {
            changed(template).zip(changed(parameters)).map(|(template, parameters)| template || parameters)
        };
        let of_environment = |stack: &environment::Stack| {
            let (template, parameters) = (stack.template_file(), stack.parameters_file());
            Written {
                workload: None,
                environment: stack.name.clone(),
                changed: changed(&template, &parameters),
                template,
                parameters,
                template_bytes: stack.text.len(),
                render_ms: ms(stack.took),
            }
        };
        let of_workload = |stack: &Stack| {
            let (template, parameters) = (stack.pair.template_file(), stack.pair.parameters_file());
            Written {
                workload: Some(stack.pair.workload.clone()),
                environment: stack.pair.environment.clone(),
                changed: changed(&template, &parameters),
                template,
                parameters,
                template_bytes: stack.text.len(),
                render_ms: ms(stack.took),
            }
        };
        let environments = stacks.environments.iter().map(of_environment);
        self.stacks = environments.chain(stacks.workloads.iter().map(of_workload)).collect();
    }

    /// How the run has ended.
    pub fn end(&mut self, outcome: Outcome, error: Option<String>) {
        (self.outcome, self.error) = (outcome, error);
        self.timings.total_ms = ms(self.started.elapsed());
    }

    /// The time since the run began.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// The images.
    pub fn images(&self) -> &[ImageReport] {
        &self.images
    }

    /// The files.
    pub fn objects(&self) -> &[ObjectReport] {
        &self.objects
    }

    /// The stacks.
    pub fn written(&self) -> &[Written] {
        &self.stacks
    }

    /// Whether it came to images and files at all.
    pub fn has_artifacts(&self) -> bool {
        !self.images.is_empty() || !self.objects.is_empty()
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
