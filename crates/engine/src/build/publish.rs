//! Building, pushing and uploading what a run has prepared.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8PathBuf;
use copilot_artifact::aws::{EcrRegistry, S3Store};
use copilot_artifact::engine::{Call, CliEngine, EngineKind, detect};
use copilot_artifact::execute::Report;
use copilot_artifact::oci::OciLayout;
use copilot_artifact::{Backends, Engine, Failure, ImageSink, ObjectStore, Options, Plan, execute};
use copilot_stack::Facts;
use tokio::sync::mpsc::unbounded_channel;

use super::prepare::Prepared;
use super::report::Phase;
use super::{Inputs, Record, Settings, Target};
use crate::cloud::Cloud;
use crate::error::Error;
use crate::event::Happening;
use crate::files::check_folder;
use crate::host::Host;
use crate::program::temporary_folder;
use crate::project::Project;

/// Carries out the plan, and tells the stacks the digests of their images.
pub(crate) async fn publish(
    inputs: &Inputs<'_>,
    prepared: &mut Prepared,
    facts: &Facts,
    record: &mut Record,
    host: &dyn Host,
) -> Result<(), Error> {
    let pairs = inputs.pairs.iter().map(|pair| pair.environment.as_str());
    let environments = pairs.chain(inputs.environments.names.iter().map(String::as_str)).collect();
    let Inputs { target, settings, cloud, project, .. } = inputs;
    let publishing = Publishing { target, settings, environments, facts, cloud: *cloud, project, host };
    let began = record.begin(Phase::Artifacts);
    let result = publishing.carry_out(&prepared.plan).await;
    record.end_of(began);
    let report = match result {
        Ok(report) => report,
        Err(Stopped { error, report }) => {
            record.artifacts(*report);
            return Err(error);
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

/// Uploads files to the bucket of an environment's region, or of the session's where there is none.
pub(crate) async fn upload(
    plan: &Plan,
    environment: Option<&str>,
    facts: &Facts,
    project: &Project,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<Report, Error> {
    let publishing = Publishing {
        target: &Target::Aws,
        settings: &Settings::default(),
        environments: environment.into_iter().collect(),
        facts,
        cloud: Some(cloud),
        project,
        host,
    };
    publishing.carry_out(plan).await.map_err(|stopped| stopped.error)
}

/// Why a plan could not be carried out, and how far it came.
struct Stopped {
    error: Error,
    report: Box<Report>,
}

impl<E: Into<Error>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self { error: error.into(), report: Box::default() }
    }
}

struct Publishing<'a> {
    target: &'a Target,
    settings: &'a Settings,
    /// The environments to whose regions objects go.
    environments: Vec<&'a str>,
    facts: &'a Facts,
    /// None where nothing goes to AWS.
    cloud: Option<&'a Cloud>,
    project: &'a Project,
    host: &'a dyn Host,
}

impl Publishing<'_> {
    async fn carry_out(&self, plan: &Plan) -> Result<Report, Stopped> {
        let settings = self.settings;
        let temp = temporary_folder()?;
        let mut options = Options::new(self.host.now(), temp.path());
        options.builds = settings.jobs.unwrap_or(options.builds);
        options.reuse = settings.reuse;
        options.dry_run = settings.dry_run;
        options.cancel = self.host.cancel().child();
        let engine = self.engine(plan, &mut options).await?;
        let backends = self.backends(engine).await?;
        self.host.tell(Happening::Publishing { dry_run: settings.dry_run });
        let result = self.followed(plan, &backends, options).await;
        self.host.tell(Happening::Published);
        result.map_err(|failed| Stopped { report: Box::new(failed.report), error: failed.error.into() })
    }

    /// Carries it out. Events come from many threads; the host hears of them on this one.
    async fn followed(
        &self,
        plan: &Plan,
        backends: &Backends,
        mut options: Options,
    ) -> Result<Report, Box<Failure>> {
        let (sender, mut events) = unbounded_channel();
        options.observer = Some(Arc::new(move |event| drop(sender.send(event))));
        let work = execute(plan, backends, &options);
        tokio::pin!(work);
        let result = loop {
            tokio::select! {
                biased;
                Some(event) = events.recv() => self.host.tell(Happening::Artifact(event)),
                result = &mut work => break result,
            }
        };
        while let Ok(event) = events.try_recv() {
            self.host.tell(Happening::Artifact(event));
        }
        result
    }

    /// The engine, asked whether it is there: before anything else is done, since nothing can be built without.
    async fn engine(&self, plan: &Plan, options: &mut Options) -> Result<Option<CliEngine>, Error> {
        if plan.images().is_empty() {
            return Ok(None);
        }
        let variables = self.project.variables();
        let configure = |engine: CliEngine| {
            let buildkit = variables.get("DOCKER_BUILDKIT").map(|value| value != "0");
            engine.buildkit(buildkit).docker_config(&docker_configs(self.project))
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
        let engine = match named {
            Some(engine) => engine,
            None => detect(configure, &call).await?,
        };
        options.host_platform = engine.check(&call).await?.platform();
        Ok(Some(engine))
    }

    async fn backends(&self, engine: Option<CliEngine>) -> Result<Backends, Error> {
        let cloud = self.cloud.filter(|_| *self.target == Target::Aws);
        let objects = match cloud {
            Some(cloud) => Some(self.store(cloud).await?),
            None => None,
        };
        let Some(engine) = engine.map(Arc::new) else {
            return Ok(Backends { images: ImageSink::Nowhere, objects });
        };
        let images = match (self.target, cloud) {
            (Target::Layout(folder), _) => {
                check_folder(folder, self.project.folder())?;
                let layout = OciLayout::new(self.project.folder().join(folder));
                ImageSink::Layout { engine, layout: Arc::new(layout) }
            }
            (Target::Aws, Some(cloud)) => {
                ImageSink::Registry { engine, registry: Arc::new(EcrRegistry::new(cloud.session().config())) }
            }
            _ => ImageSink::Engine(engine),
        };
        Ok(Backends { images, objects })
    }

    /// The buckets, written to with the manager role of an environment of their region: the build's own role may not look
    /// whether an object is there.
    async fn store(&self, cloud: &Cloud) -> Result<Arc<dyn ObjectStore>, Error> {
        let mut roles = BTreeMap::new();
        for name in &self.environments {
            let Some(environment) = self.facts.environments.get(*name) else { continue };
            if let Some(role) = &environment.manager_role_arn {
                roles.entry(&environment.region).or_insert(role);
            }
        }
        let mut store = S3Store::new(cloud.session().config());
        for (region, role) in roles {
            let config = self.host.or_cancelled(cloud.session().assume(role, region)).await?;
            store = store.region(region, &config);
        }
        Ok(Arc::new(store))
    }
}

/// Where docker keeps which registries need no log-in.
fn docker_configs(project: &Project) -> Vec<std::path::PathBuf> {
    let folder =
        |name: &str| project.variables().get(name).filter(|value| !value.is_empty()).map(Utf8PathBuf::from);
    let own = folder("DOCKER_CONFIG").map(|folder| folder.join("config.json"));
    let home = folder("HOME");
    let usual = home.iter().flat_map(|home| [home.join(".docker/config.json"), home.join(".dockercfg")]);
    own.into_iter().chain(usual).map(Into::into).collect()
}
