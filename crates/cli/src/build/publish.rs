//! Building, pushing and uploading what a run has prepared.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8PathBuf;
use copilot_artifact::aws::{EcrRegistry, S3Store};
use copilot_artifact::engine::{Call, CliEngine, EngineKind, detect};
use copilot_artifact::execute::Report;
use copilot_artifact::oci::OciLayout;
use copilot_artifact::{Backends, Engine, Error, ImageSink, ObjectStore, Options, Plan, execute};
use copilot_stack::Facts;

use super::prepare::Prepared;
use super::progress::Progress;
use super::report::Phase;
use super::{Publish, Record, Request, Settings, typed};
use crate::aws::Aws;
use crate::failure::Failure;
use crate::files::check_folder;
use crate::io::Io;
use crate::threads::Threads;

/// Carries out the plan, and tells the stacks the digests of their images.
pub(crate) fn publish(
    request: &Request<'_>,
    prepared: &mut Prepared,
    facts: &Facts,
    aws: Option<&Aws>,
    record: &mut Record,
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    let own;
    let threads = if let Some(aws) = aws {
        aws.threads()
    } else {
        own = Threads::start(io.interrupt())?;
        &own
    };
    let environments = request.pairs.iter().map(|pair| pair.environment.as_str()).collect();
    let Request { publish, settings, .. } = request;
    let publishing = Publishing { publish, settings, environments, facts, aws, threads };
    let result = record.time(Phase::Artifacts, || publishing.carry_out(&prepared.plan, io));
    let report = match result {
        Ok(report) => report,
        Err(Stopped { failure, report }) => {
            record.artifacts(*report);
            return Err(failure);
        }
    };
    for stack in &mut prepared.stacks {
        let pair = &stack.unit.pair;
        for (container, image) in &mut stack.facts.images {
            let made = report.image(&pair.workload, container, &pair.environment);
            if let Some(digest) = made.and_then(|made| made.digest.clone()) {
                // Whatever happens to the tag later, what was built now is what is deployed.
                (image.tag, image.digest) = (None, Some(digest));
            }
        }
    }
    record.artifacts(report);
    Ok(())
}

/// Uploads the files of an environment.
pub(crate) fn upload(
    plan: &Plan,
    environment: &str,
    facts: &Facts,
    aws: &Aws,
    io: &mut Io<'_>,
) -> Result<Report, Failure> {
    let publishing = Publishing {
        publish: &Publish::ToAws,
        settings: &Settings::default(),
        environments: vec![environment],
        facts,
        aws: Some(aws),
        threads: aws.threads(),
    };
    publishing.carry_out(plan, io).map_err(|stopped| stopped.failure)
}

/// Why a plan could not be carried out, and how far it came.
struct Stopped {
    failure: Failure,
    report: Box<Report>,
}

impl<E: Into<Failure>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self { failure: error.into(), report: Box::default() }
    }
}

struct Publishing<'a> {
    publish: &'a Publish,
    settings: &'a Settings,
    /// The environments to whose regions objects go.
    environments: Vec<&'a str>,
    facts: &'a Facts,
    /// None where nothing goes to AWS.
    aws: Option<&'a Aws>,
    threads: &'a Threads,
}

impl Publishing<'_> {
    fn carry_out(&self, plan: &Plan, io: &mut Io<'_>) -> Result<Report, Stopped> {
        let settings = self.settings;
        let temp = tempfile::tempdir()
            .map_err(|error| Failure::new(format!("can't make a temporary folder: {error}")))?;
        let mut options = Options::new(io.now(), temp.path());
        options.builds = settings.jobs.unwrap_or(options.builds);
        options.reuse = settings.reuse;
        options.dry_run = settings.dry_run;
        options.cancel = io.interrupt().cancel();
        let engine = self.engine(plan, io, &mut options)?;
        let backends = self.backends(engine, io)?;
        let mut progress = Progress::new(io, settings.dry_run);
        let result = self.threads.follow(
            |events| {
                options.events = Some(events);
                execute(plan, &backends, &options)
            },
            |event| progress.note(event, io),
        );
        progress.end(io);
        result.map_err(|failed| Stopped { report: Box::new(failed.report), failure: failed.error.into() })
    }

    /// The engine, asked whether it is there: before anything else is done, since nothing can be built without.
    fn engine(&self, plan: &Plan, io: &Io<'_>, options: &mut Options) -> Result<Option<CliEngine>, Failure> {
        if plan.images().is_empty() {
            return Ok(None);
        }
        let configure = |engine: CliEngine| {
            let buildkit = io.variables().get("DOCKER_BUILDKIT").map(|value| value != "0");
            engine.buildkit(buildkit).docker_config(&docker_configs(io))
        };
        let named = self
            .settings
            .engine
            .as_deref()
            .map(|program| configure(CliEngine::new(EngineKind::of_program(program.as_ref()), program)));
        if options.dry_run {
            return Ok(Some(
                named.unwrap_or_else(|| configure(CliEngine::new(EngineKind::Docker, "docker"))),
            ));
        }
        let call = Call::quiet(options.cancel.clone());
        let engine = self.threads.wait(async {
            let engine = match named {
                Some(engine) => engine,
                None => detect(configure, &call).await?,
            };
            options.host_platform = engine.check(&call).await?.platform();
            Ok::<_, Error>(engine)
        })?;
        Ok(Some(engine))
    }

    fn backends(&self, engine: Option<CliEngine>, io: &Io<'_>) -> Result<Backends, Failure> {
        let aws = self.aws.filter(|_| *self.publish == Publish::ToAws);
        let objects = aws.map(|aws| self.store(aws)).transpose()?;
        let Some(engine) = engine.map(Arc::new) else {
            return Ok(Backends { images: ImageSink::Nowhere, objects });
        };
        let images = match (self.publish, aws) {
            (Publish::ToLayout(folder), _) => {
                check_folder(folder, io)?;
                ImageSink::Layout { engine, layout: Arc::new(OciLayout::new(typed(io, folder))) }
            }
            (Publish::ToAws, Some(aws)) => {
                ImageSink::Registry { engine, registry: Arc::new(EcrRegistry::new(aws.session().config())) }
            }
            _ => ImageSink::Engine(engine),
        };
        Ok(Backends { images, objects })
    }

    /// The buckets, written to with the manager role of an environment of their region: the build's own role may not look
    /// whether an object is there.
    fn store(&self, aws: &Aws) -> Result<Arc<dyn ObjectStore>, Failure> {
        let mut roles = BTreeMap::new();
        for name in &self.environments {
            let Some(environment) = self.facts.environments.get(*name) else { continue };
            if let Some(role) = &environment.manager_role_arn {
                roles.entry(&environment.region).or_insert(role);
            }
        }
        let mut store = S3Store::new(aws.session().config());
        for (region, role) in roles {
            store = store.region(region, &aws.wait(aws.session().assume(role, region))?);
        }
        Ok(Arc::new(store))
    }
}

/// Where docker keeps which registries need no log-in.
fn docker_configs(io: &Io<'_>) -> Vec<std::path::PathBuf> {
    let folder =
        |name: &str| io.variables().get(name).filter(|value| !value.is_empty()).map(Utf8PathBuf::from);
    let own = folder("DOCKER_CONFIG").map(|folder| folder.join("config.json"));
    let home = folder("HOME");
    let usual = home.iter().flat_map(|home| [home.join(".docker/config.json"), home.join(".dockercfg")]);
    own.into_iter().chain(usual).map(Into::into).collect()
}
