//! Making a plan true: concurrent, bounded, cancellable.

mod event;
mod group;
mod images;
mod local;
mod login;
mod push;
mod report;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

pub use event::Event;
pub use report::{Counts, ImageOutcome, ImageReport, ObjectOutcome, ObjectReport, Report};

use crate::engine::host_platform;
use crate::oci::OciLayout;
use crate::upload::{Outcome, Stale, Uploader};
use crate::{Backoff, Cancel, Engine, Error, ObjectRequest, ObjectStore, Plan, Registry};
use event::Events;
use group::Group;
use images::{Done, Publisher};
use report::ms;

/// Where a plan's images and objects go.
#[derive(Clone)]
pub struct Backends {
    /// Where images go.
    pub images: ImageSink,
    /// Where objects go; nowhere if `None`.
    pub objects: Option<Arc<dyn ObjectStore>>,
}

impl Backends {
    /// Objects to a store, images nowhere.
    pub fn local(store: impl ObjectStore + 'static) -> Self {
        Self { images: ImageSink::Nowhere, objects: Some(Arc::new(store)) }
    }
}

/// Where images go.
#[derive(Clone)]
#[non_exhaustive]
pub enum ImageSink {
    /// Nowhere: nothing is built.
    Nowhere,
    /// To the repositories that the plan names.
    Registry {
        /// Builds and pushes.
        engine: Arc<dyn Engine>,
        /// Knows what is there.
        registry: Arc<dyn Registry>,
    },
    /// They stay in the engine, under the names that they would have in a registry.
    Engine(Arc<dyn Engine>),
    /// To a folder in the OCI layout.
    Layout {
        /// Builds.
        engine: Arc<dyn Engine>,
        /// The folder.
        layout: Arc<OciLayout>,
    },
}

/// Which images of earlier runs count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reuse {
    /// All with the same content.
    #[default]
    Always,
    /// Those pushed less than so long ago: a new base image behind an unchanged tag changes no Dockerfile, and gets in
    /// by an occasional build.
    YoungerThan(Duration),
    /// None.
    Never,
}

/// Hears of [`Event`]s as they happen, on whichever thread that is.
pub type Observer = Arc<dyn Fn(Event) + Send + Sync>;

/// How a plan is executed.
#[derive(Clone)]
pub struct Options {
    /// Builds at a time.
    pub builds: usize,
    /// Pushes at a time.
    pub pushes: usize,
    /// Uploads at a time.
    pub uploads: usize,
    /// Threads that hash files.
    pub hashing_threads: usize,
    /// Which images of earlier runs count.
    pub reuse: Reuse,
    /// How transient failures are retried.
    pub backoff: Backoff,
    /// What time it is, to judge the age of images and of objects that expire.
    pub now: SystemTime,
    /// Directory for temporary files: zips, and images on their way to a folder.
    pub temp_dir: PathBuf,
    /// Only looks at what is there: the report says what would be built and sent.
    pub dry_run: bool,
    /// Size in bytes above which objects are sent in parts of this size; S3 wants at least 5 MiB.
    pub part_size: usize,
    /// Number of parts in memory at a time.
    pub part_buffers: usize,
    /// `os/arch` of images that name no platform.
    pub host_platform: String,
    /// Who hears of progress.
    pub observer: Option<Observer>,
    /// Stops the run.
    pub cancel: Cancel,
}

impl Options {
    /// Sensible bounds: as many builds as there are processors, but four at least (an engine mostly waits), 16 uploads, 64 MiB of buffers.
    pub fn new(now: SystemTime, temp_dir: impl Into<PathBuf>) -> Self {
        let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            builds: processors.clamp(4, 8),
            pushes: 4,
            uploads: 16,
            hashing_threads: processors.min(16),
            reuse: Reuse::default(),
            backoff: Backoff::default(),
            now,
            temp_dir: temp_dir.into(),
            dry_run: false,
            part_size: 8 * 1024 * 1024,
            part_buffers: 8,
            host_platform: host_platform(),
            observer: None,
            cancel: Cancel::new(),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Options");
        shown.field("builds", &self.builds).field("pushes", &self.pushes).field("uploads", &self.uploads);
        shown.field("reuse", &self.reuse).field("dry_run", &self.dry_run).finish_non_exhaustive()
    }
}

/// A run that failed: the first cause, and what was done before.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Failure {
    /// The first cause.
    #[source]
    pub error: Error,
    /// What was done and what was not.
    pub report: Report,
}

/// What a task of the run was about.
enum Finished {
    Images(Arc<Group>, Result<Done, Error>),
    Object(usize, Duration, Result<Outcome, Error>),
}

/// Executes a plan. The first failure stops what has not started and cancels the rest; whatever happened is in the
/// report, also of a [`Failure`]. Running the same plan again does only what is missing.
pub async fn execute(plan: &Plan, backends: &Backends, options: &Options) -> Result<Report, Box<Failure>> {
    let started = Instant::now();
    let mut run = Run::new(plan, options);
    let result = run.all(plan, backends, options).await;
    run.report.elapsed_ms = ms(started.elapsed());
    match result {
        Ok(()) => Ok(run.report),
        Err(error) => Err(Box::new(Failure { error, report: run.report })),
    }
}

struct Run {
    report: Report,
    events: Events,
    stop: Cancel,
    failure: Option<Error>,
}

impl Run {
    fn new(plan: &Plan, options: &Options) -> Self {
        let images = plan.images().iter().map(images::unfinished).collect();
        let objects = plan.objects().map(|object| ObjectReport {
            at: object.at.clone(),
            what: object.what.clone(),
            bytes: object.size(),
            outcome: ObjectOutcome::default(),
            why: None,
            elapsed_ms: 0,
        });
        Self {
            report: Report { images, objects: objects.collect(), ..Report::default() },
            events: Events(options.observer.clone()),
            stop: options.cancel.child(),
            failure: None,
        }
    }

    async fn all(&mut self, plan: &Plan, backends: &Backends, options: &Options) -> Result<(), Error> {
        let mut tasks = JoinSet::new();
        if !plan.images().is_empty() && !matches!(backends.images, ImageSink::Nowhere) {
            plan.check(options.host_platform.split('/').next().unwrap_or("linux"))?;
        }
        self.start_objects(plan, backends, options, &mut tasks);
        let publisher = Arc::new(Publisher::new(backends.images.clone(), options, &self.events, &self.stop));
        if let Err(error) = self.start_images(plan, &publisher, options, &mut tasks).await {
            self.fail("images", error);
        }
        while let Some(finished) = tasks.join_next().await {
            match finished {
                Ok(Finished::Images(group, result)) => self.note_images(&group, result),
                Ok(Finished::Object(index, took, result)) => self.note_object(index, took, result),
                Err(error) => self.fail("a task", Error::Internal(error.to_string())),
            }
        }
        publisher.count(&mut self.report.counts);
        self.report.warnings = publisher.warnings();
        match self.failure.take() {
            Some(error) => Err(error),
            None if options.cancel.is_cancelled() => Err(Error::Cancelled),
            None => Ok(()),
        }
    }

    async fn start_images(
        &mut self,
        plan: &Plan,
        publisher: &Arc<Publisher>,
        options: &Options,
        tasks: &mut JoinSet<Finished>,
    ) -> Result<(), Error> {
        if publisher.is_nowhere() {
            for image in &mut self.report.images {
                image.outcome = ImageOutcome::Skipped;
                "images are not published in this run".clone_into(&mut image.why);
            }
            return Ok(());
        }
        let (plan, options, stop) = (plan.clone(), options.clone(), self.stop.clone());
        let groups = tokio::task::spawn_blocking(move || group::group(&plan, &options, &stop))
            .await
            .map_err(|e| Error::Internal(e.to_string()))??;
        for group in groups.into_iter().map(Arc::new) {
            self.events.send(Event::ImageQueued {
                image: group.label.clone(),
                environments: group.environments.clone(),
                identity: group.identity.hash.clone(),
            });
            for index in &group.requests {
                self.report.images[*index].identity = Some(group.identity.hash.clone());
            }
            let publisher = Arc::clone(publisher);
            tasks.spawn(async move {
                let result = publisher.publish(&group).await;
                Finished::Images(group, result)
            });
        }
        Ok(())
    }

    fn start_objects(
        &mut self,
        plan: &Plan,
        backends: &Backends,
        options: &Options,
        tasks: &mut JoinSet<Finished>,
    ) {
        let Some(store) = &backends.objects else {
            for object in &mut self.report.objects {
                object.outcome = ObjectOutcome::Skipped;
                let why = "objects are not uploaded in this run".to_owned();
                self.events.send(Event::Skipped { what: object.at.key.clone(), why });
            }
            return;
        };
        let at_a_time = Arc::new(Semaphore::new(options.uploads.max(1)));
        let uploader = Arc::new(Uploader {
            store: Arc::clone(store),
            backoff: options.backoff,
            part_size: options.part_size.max(1),
            buffers: Arc::new(Semaphore::new(options.part_buffers.max(1))),
            now: options.now,
            dry_run: options.dry_run,
            temp_dir: options.temp_dir.clone(),
            cancel: self.stop.clone(),
        });
        for (index, object) in plan.objects().cloned().enumerate() {
            let (uploader, at_a_time) = (Arc::clone(&uploader), Arc::clone(&at_a_time));
            let events = self.events.clone();
            tasks.spawn(async move {
                let _permit = at_a_time.acquire_owned().await;
                let started = Instant::now();
                let result = upload(&uploader, &object, &events).await;
                Finished::Object(index, started.elapsed(), result)
            });
        }
    }

    fn note_images(&mut self, group: &Group, result: Result<Done, Error>) {
        match result {
            Ok(done) => {
                for index in &group.requests {
                    done.fill(&mut self.report.images[*index]);
                }
            }
            Err(error) => {
                if !matches!(error, Error::Cancelled) {
                    for index in &group.requests {
                        self.report.images[*index].outcome = ImageOutcome::Failed;
                        self.report.images[*index].why = error.to_string();
                    }
                }
                self.fail(&group.label, error);
            }
        }
    }

    fn note_object(&mut self, index: usize, took: Duration, result: Result<Outcome, Error>) {
        let object = &mut self.report.objects[index];
        object.elapsed_ms = ms(took);
        match result {
            Ok(Outcome::Uploaded { bytes, stale }) => {
                object.bytes = Some(bytes);
                object.outcome = ObjectOutcome::Uploaded;
                object.why = stale.and_then(Stale::why).map(str::to_owned);
                self.report.counts.uploads += 1;
            }
            Ok(Outcome::Present) => object.outcome = ObjectOutcome::Present,
            Ok(Outcome::Planned) => object.outcome = ObjectOutcome::Planned,
            Err(error) => {
                if !matches!(error, Error::Cancelled) {
                    object.outcome = ObjectOutcome::Failed;
                }
                let key = object.at.key.clone();
                self.fail(&key, error);
            }
        }
    }

    /// Keeps the first cause and stops the rest; that the rest was stopped is no cause.
    fn fail(&mut self, what: &str, error: Error) {
        self.stop.cancel();
        if !matches!(error, Error::Cancelled) {
            self.events.send(Event::Failed { what: what.to_owned(), error: error.to_string() });
            self.failure.get_or_insert(error);
        }
    }
}

async fn upload(uploader: &Uploader, object: &ObjectRequest, events: &Events) -> Result<Outcome, Error> {
    let (key, what) = (object.at.key.clone(), object.what.clone());
    let started = Instant::now();
    let starting = |stale: Option<Stale>| {
        if let Some(why) = stale.and_then(Stale::why) {
            events.send(Event::Replacing { object: key.clone(), what: what.clone(), why: why.to_owned() });
        }
        events.send(Event::Uploading { object: key.clone(), what: what.clone() });
    };
    let outcome = uploader.upload(object, starting).await?;
    events.send(match outcome {
        Outcome::Uploaded { bytes, .. } => {
            Event::Uploaded { object: key, what, bytes, took: started.elapsed() }
        }
        Outcome::Present => Event::Skipped { what: key, why: "the bucket has it".to_owned() },
        Outcome::Planned => Event::Skipped { what: key, why: "it would be uploaded".to_owned() },
    });
    Ok(outcome)
}

/// Warnings of concurrent tasks.
#[derive(Debug, Default)]
struct Warnings(Mutex<Vec<String>>);

impl Warnings {
    fn push(&self, text: String, events: &Events) {
        events.send(Event::Warning { text: text.clone() });
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(text);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}
