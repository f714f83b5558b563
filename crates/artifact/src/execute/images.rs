//! Publishing one image: find it, or build it and push it to every repository that needs it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::group::{Group, Target};
use super::login::Logins;
use super::report::{Counts, ImageOutcome, ImageReport, ms};
use super::{Event, Events, ImageSink, Options, Reuse, Warnings};
use crate::engine::{BuildRequest, Call};
use crate::{Cancel, DockerIgnore, Engine, Error, ImageRequest, Registry, RemoteImage, registry_host};

/// Publishes images.
pub(super) struct Publisher {
    sink: ImageSink,
    pub(super) options: Options,
    pub(super) events: Events,
    pub(super) stop: Cancel,
    builds: Arc<Semaphore>,
    pushes: Arc<Semaphore>,
    pub(super) logins: Logins,
    pub(super) warnings: Warnings,
    pub(super) counts: Counters,
}

#[derive(Default)]
pub(super) struct Counters {
    builds: AtomicU64,
    pulls: AtomicU64,
    pub(super) pushes: AtomicU64,
    pub(super) tags: AtomicU64,
}

/// An image that is where it should be.
pub(super) struct Done {
    /// By repository.
    pub(super) places: BTreeMap<String, Place>,
    pub(super) image_id: Option<String>,
    pub(super) build: Duration,
}

/// An image in one repository.
pub(super) struct Place {
    pub(super) digest: Option<String>,
    pub(super) outcome: ImageOutcome,
    pub(super) why: String,
    pub(super) push: Duration,
}

/// How an image came into the engine.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) outcome: ImageOutcome,
    why: String,
    /// A name under which the engine has it.
    name: String,
    pub(super) took: Duration,
}

/// The report of an image that nothing was done for yet.
pub(super) fn unfinished(request: &ImageRequest) -> ImageReport {
    ImageReport {
        id: request.id.clone(),
        repository: request.repository.clone(),
        tags: request.tags.clone(),
        identity: None,
        digest: None,
        image_id: None,
        outcome: ImageOutcome::default(),
        why: String::new(),
        build_ms: 0,
        push_ms: 0,
    }
}

impl Done {
    pub(super) fn fill(&self, report: &mut ImageReport) {
        report.image_id.clone_from(&self.image_id);
        if let Some(place) = self.places.get(&report.repository) {
            report.digest.clone_from(&place.digest);
            report.outcome = place.outcome;
            report.why.clone_from(&place.why);
            report.push_ms = ms(place.push);
            report.build_ms = if place.outcome == ImageOutcome::Reused { 0 } else { ms(self.build) };
        }
    }
}

impl Publisher {
    pub(super) fn new(sink: ImageSink, options: &Options, events: &Events, stop: &Cancel) -> Self {
        Self {
            sink,
            options: options.clone(),
            events: events.clone(),
            stop: stop.clone(),
            builds: Arc::new(Semaphore::new(options.builds.max(1))),
            pushes: Arc::new(Semaphore::new(options.pushes.max(1))),
            logins: Logins::default(),
            warnings: Warnings::default(),
            counts: Counters::default(),
        }
    }

    pub(super) fn is_nowhere(&self) -> bool {
        matches!(self.sink, ImageSink::Nowhere)
    }

    pub(super) fn count(&self, counts: &mut Counts) {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        counts.builds = of(&self.counts.builds);
        counts.pulls = of(&self.counts.pulls);
        counts.pushes = of(&self.counts.pushes);
        counts.tags = of(&self.counts.tags);
        counts.logins = self.logins.count();
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        self.warnings.take()
    }

    /// Brings an image to where it should be.
    pub(super) async fn publish(&self, group: &Group) -> Result<Done, Error> {
        match &self.sink {
            ImageSink::Nowhere => Err(Error::Internal("there is nowhere to publish to".to_owned())),
            ImageSink::Registry { engine, registry } => {
                self.to_registry(group, engine.as_ref(), registry.as_ref()).await
            }
            ImageSink::Engine(engine) => self.to_engine(group, engine.as_ref()).await,
            ImageSink::Layout { engine, layout } => self.to_layout(group, engine.as_ref(), layout).await,
        }
    }

    async fn to_registry(
        &self,
        group: &Group,
        engine: &dyn Engine,
        registry: &dyn Registry,
    ) -> Result<Done, Error> {
        let lookups = group.targets.iter().map(|target| self.look_up(group, target, registry));
        let found = try_join_all(lookups).await?;
        let found: Vec<_> = group.targets.iter().zip(found).collect();
        if self.options.dry_run {
            let places = found.into_iter().map(|(target, image)| (target.repository.clone(), foresee(image)));
            return Ok(Done { places: places.collect(), image_id: None, build: Duration::ZERO });
        }
        let missing = found.iter().filter(|(_, image)| image.is_err()).count();
        let made = if missing == 0 {
            None
        } else {
            let source = found.iter().find_map(|(target, image)| image.is_ok().then_some(*target));
            Some(self.make(group, source, engine, registry).await?)
        };
        let places = found.into_iter().map(|(target, image)| {
            let made = made.clone();
            async move {
                let place = match (image, made) {
                    (Ok(image), _) => self.reuse(group, target, image, registry).await?,
                    (Err(why), Some(made)) => {
                        self.push_to(group, target, made, why, engine, registry).await?
                    }
                    (Err(why), None) => return Err(Error::Internal(why)),
                };
                Ok((target.repository.clone(), place))
            }
        });
        let places = try_join_all(places).await?.into_iter().collect();
        Ok(Done { places, image_id: None, build: made.map(|m| m.took).unwrap_or_default() })
    }

    /// The image in a repository, or why it has to be brought there.
    async fn look_up(
        &self,
        group: &Group,
        target: &Target,
        registry: &dyn Registry,
    ) -> Result<Result<RemoteImage, String>, Error> {
        if self.options.reuse == Reuse::Never {
            return Ok(Err("a new build was asked for".to_owned()));
        }
        let tag = group.identity.tag();
        let reference = group.identity_reference(&target.repository);
        let found = self.retry(&reference, || registry.find(&target.repository, &tag)).await?;
        Ok(match (found, self.options.reuse) {
            (None, _) => Err(format!("{} has no image of this content", target.repository)),
            (Some(image), Reuse::YoungerThan(limit)) => {
                let age = image.pushed.and_then(|pushed| self.options.now.duration_since(pushed).ok());
                if age.is_some_and(|age| age >= limit) {
                    Err("the image of this content is too old".to_owned())
                } else {
                    Ok(image)
                }
            }
            (Some(image), _) => Ok(image),
        })
    }

    async fn reuse(
        &self,
        group: &Group,
        target: &Target,
        image: RemoteImage,
        registry: &dyn Registry,
    ) -> Result<Place, Error> {
        let why = "the registry has an image of this content".to_owned();
        let reference = format!("{}@{}", target.repository, image.digest);
        self.events.send(Event::Reused { image: group.label.clone(), reference, why: why.clone() });
        self.set_tags(target, &image.digest, &image.tags, registry).await?;
        let (digest, outcome) = (Some(image.digest), ImageOutcome::Reused);
        Ok(Place { digest, outcome, why, push: Duration::ZERO })
    }

    /// Gets the image into the engine: from a repository that has it, else by a build.
    async fn make(
        &self,
        group: &Group,
        source: Option<&Target>,
        engine: &dyn Engine,
        registry: &dyn Registry,
    ) -> Result<Made, Error> {
        if let Some(source) = source {
            let reference = group.identity_reference(&source.repository);
            let call = self.call(&group.label);
            let started = Instant::now();
            let host = registry_host(&source.repository);
            let login = self.logins.ensure(host, 0, (engine, registry), self.options.backoff, &call).await;
            let pulled = match login {
                Ok(_) => engine.pull(&reference, &call).await,
                Err(error) => Err(error),
            };
            match pulled {
                Ok(()) => {
                    self.counts.pulls.fetch_add(1, Ordering::Relaxed);
                    let (why, took) = (format!("{} has it", source.repository), started.elapsed());
                    return Ok(Made { outcome: ImageOutcome::Copied, why, name: reference, took });
                }
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                // A build gives the same image; the cause shows again in the push if it is a lasting one.
                Err(error) => self
                    .warnings
                    .push(format!("{reference} could not be fetched and is built: {error}"), &self.events),
            }
        }
        self.build(group, engine).await
    }

    pub(super) async fn build(&self, group: &Group, engine: &dyn Engine) -> Result<Made, Error> {
        let _permit = self.permit(&self.builds).await?;
        let call = self.call(&group.label);
        let names: Vec<_> = group.targets.iter().flat_map(|target| group.names(target)).collect();
        let name = names.last().cloned().unwrap_or_default();
        engine.check(&call).await?;
        let started = Instant::now();
        self.counts.builds.fetch_add(1, Ordering::Relaxed);
        let request = BuildRequest { image: &group.label, spec: &group.spec, names: &names };
        engine.build(request, &call).await?;
        let took = started.elapsed();
        self.check_context(group).await?;
        self.events.send(Event::Built { image: group.label.clone(), took });
        Ok(Made { outcome: ImageOutcome::Built, why: String::new(), name, took })
    }

    /// An image of files that changed meanwhile must not be found under the hash of what they were.
    async fn check_context(&self, group: &Group) -> Result<(), Error> {
        let (identity, spec, stop) = (group.identity.clone(), group.spec.clone(), self.stop.clone());
        let look = move || {
            let ignore = DockerIgnore::load(&spec.dockerfile, &spec.context)?;
            identity.context.first_change(&ignore, &stop)
        };
        let changed =
            tokio::task::spawn_blocking(look).await.map_err(|e| Error::Internal(e.to_string()))??;
        match changed {
            Some(path) => Err(Error::ContextChanged { image: group.label.clone(), path }),
            None => Ok(()),
        }
    }

    async fn push_to(
        &self,
        group: &Group,
        target: &Target,
        made: Made,
        why: String,
        engine: &dyn Engine,
        registry: &dyn Registry,
    ) -> Result<Place, Error> {
        let call = self.call(&group.label);
        let mut reference = group.identity_reference(&target.repository);
        if made.outcome == ImageOutcome::Copied {
            engine.tag(&made.name, &reference, &call).await?;
        }
        let permit = self.permit(&self.pushes).await?;
        let started = Instant::now();
        let digest = match self.push(group, &reference, engine, registry, &call).await {
            // A new build of old content, in a repository that lets no tag move: a tag for this build alone.
            Err(Error::TagImmutable { .. }) => {
                let id = engine.image_id(&reference, &call).await?.unwrap_or_default();
                let own =
                    format!("{reference}-{}", id.trim_start_matches("sha256:").get(..12).unwrap_or("new"));
                engine.tag(&reference, &own, &call).await?;
                reference = own;
                self.push(group, &reference, engine, registry, &call).await?
            }
            result => result?,
        };
        drop(permit);
        let push = started.elapsed();
        self.events.send(Event::Pushed {
            image: group.label.clone(),
            reference,
            digest: digest.clone(),
            took: push,
        });
        self.set_tags(target, &digest, &[], registry).await?;
        let why = if made.outcome == ImageOutcome::Copied { made.why } else { why };
        Ok(Place { digest: Some(digest), outcome: made.outcome, why, push })
    }

    pub(super) fn call(&self, label: &str) -> Call {
        let (events, image) = (self.events.clone(), label.to_owned());
        let lines = move |line: &str| {
            events.send(Event::Building { image: image.clone(), line: line.to_owned() });
        };
        Call { lines: Arc::new(lines), cancel: self.stop.clone() }
    }

    pub(super) async fn permit(&self, semaphore: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Error> {
        tokio::select! {
            () = self.stop.cancelled() => Err(Error::Cancelled),
            permit = Arc::clone(semaphore).acquire_owned() => permit.map_err(|_| Error::Cancelled),
        }
    }

    pub(super) fn retrying(&self, what: &str, error: &Error) {
        self.events.send(Event::Retrying { what: what.to_owned(), error: error.to_string() });
    }

    pub(super) async fn retry<T, F>(&self, what: &str, attempt: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut made = 1;
        loop {
            let result = tokio::select! {
                () = self.stop.cancelled() => return Err(Error::Cancelled),
                result = attempt() => result,
            };
            match result {
                Err(error) if error.is_transient() && made < self.options.backoff.attempts => {
                    self.retrying(what, &error);
                    self.options.backoff.wait(made, what, &self.stop).await?;
                    made += 1;
                }
                Err(Error::Registry { action, reference, reason, .. }) => {
                    return Err(Error::Registry { action, reference, attempts: made, reason });
                }
                result => return result,
            }
        }
    }
}

fn foresee(image: Result<RemoteImage, String>) -> Place {
    let (digest, outcome, why) = match image {
        Ok(image) => {
            (Some(image.digest), ImageOutcome::Reused, "the registry has an image of this content".to_owned())
        }
        Err(why) => (None, ImageOutcome::Planned, why),
    };
    Place { digest, outcome, why, push: Duration::ZERO }
}
