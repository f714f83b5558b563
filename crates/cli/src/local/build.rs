//! What a build of the local AWS does: it renders what the pipeline deploys, in this process.
//!
//! Images are not built. Their repositories and tags stand in the stacks as they would after a build. All files are uploaded:
//! functions of custom resources, templates of addons with what they refer to, environment files, and what static sites serve.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use camino::Utf8Path;
use copilot_artifact::{Backends, DirectoryStore, Options, Plan, execute};
use copilot_deployer::facts::{Question, Wanted, gather};
use copilot_engine::build::{self, Environments, Filter, Inputs, Pair, Record, Selected, Settings, Target};
use copilot_engine::pipeline::{self, Known};
use copilot_engine::{Cancel, Event, Happening, Host, Project};
use copilot_functions::{Function, Stack};
use copilot_local_aws::{BuildJob, Built, LocalAws, StackView};
use copilot_manifest::pipeline::Pipeline;
use copilot_stack::Facts;
use copilot_stack::facts::Image;
use copilot_stack::stack_name;
use copilot_yaml::{Diagnostics, Source as Text};
use serde::{Deserialize, Serialize};
use tokio::runtime::Builder;

use crate::aws::Aws;
use crate::failure::Failure;
use crate::io::{Io, Look};
use crate::view::View;

/// What a project builds from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Source {
    /// The workspace's folder.
    pub(crate) workspace: String,
    /// The name of the pipeline.
    pub(crate) pipeline: String,
    /// What AWS said when the pipeline was deployed, in the format of `--facts`.
    pub(crate) facts: String,
}

impl Source {
    /// What the builds of a pipeline build from: the workspace as it is when they run, with what AWS knows now.
    pub(crate) fn gather(
        project: &Project,
        pipeline: &Pipeline,
        application: &str,
        aws: &Aws,
    ) -> Result<Self, Failure> {
        // Topics are made by the very stacks that are to be rendered, so they are not asked for.
        let questions = vec![Question::EnvironmentStacks, Question::Subnets];
        let wanted = Wanted { questions, ..Wanted::default() };
        let facts = aws.wait(gather(aws.session(), application, &wanted))?.facts;
        Ok(Self {
            workspace: project.root().to_string(),
            pipeline: pipeline.name.clone(),
            facts: facts.to_yaml(),
        })
    }

    /// Lets the builds of a project build from this.
    pub(crate) fn register(&self, aws: &LocalAws, account: &str, region: &str, project: &str) {
        if let Ok(source) = serde_json::to_value(self) {
            aws.with_state(|state| state.region(account, region).build_from(project, source));
        }
    }
}

/// Does a build.
pub(super) fn build(job: &BuildJob<'_>) -> Built {
    let first = "The local AWS builds no images; it renders the stacks.".to_owned();
    let mut built = Built { lines: vec![first], ..Built::default() };
    let result = Source::deserialize(job.source)
        .map_err(|error| format!("what is to be built is not known: {error}"))
        .and_then(|source| on_thread(|| render(&source, &job.stacks, &mut built)));
    built.failure = result.err();
    built
}

/// Commands may start threads of their own for what is asynchronous, which those that answer requests must not wait for.
fn on_thread(work: impl FnOnce() -> Result<(), String> + Send) -> Result<(), String> {
    std::thread::scope(|scope| scope.spawn(work).join())
        .unwrap_or_else(|_| Err("the build panicked".to_owned()))
}

fn render(source: &Source, stacks: &[StackView], built: &mut Built) -> Result<(), String> {
    let project = Project::open(Utf8Path::new(&source.workspace), BTreeMap::new())
        .map_err(|error| error.to_string())?;
    let mut facts = Facts::read(&Text::new("facts", source.facts.as_str()), &mut Diagnostics::default())
        .ok_or("the facts of the deployment can't be read")?;
    refresh(&mut facts, stacks);
    let name = &source.pipeline;
    let selected = logged(built, |_| {
        let file = pipeline::find(&project, name)?;
        let known = Known { facts: Some(&facts), registered: None };
        let (local, _) = pipeline::parse(&project, &file, known)?;
        Ok(build::of_pipeline(&local.pipeline, &project, Filter::default())?)
    });
    let selected = selected.ok_or_else(|| format!("what {name} deploys can't be rendered: see the log"))?;
    let mut environments = selected.environments.clone();
    environments.extend(selected.pairs.iter().map(|pair| pair.environment.clone()));
    let mut seen = BTreeSet::new();
    environments.retain(|environment| seen.insert(environment.clone()));
    for environment in &environments {
        built.lines.push(format!("copilot-pipeline build --name {name} --env {environment}"));
        stacks_of(environment, &selected, &project, &facts, built)?;
    }
    upload(&environments, &facts, built);
    Ok(())
}

/// Takes over what has changed of the environments since the pipeline was deployed.
fn refresh(facts: &mut Facts, stacks: &[StackView]) {
    let application = facts.application.name.clone();
    for (name, environment) in &mut facts.environments {
        let wanted = stack_name::environment(&application, name);
        let place = format!(":{}:{}:", environment.region, environment.account_id);
        let Some(stack) = stacks.iter().find(|stack| stack.name == wanted && stack.id.contains(&place))
        else {
            continue;
        };
        environment.parameters = stack.parameters.clone().into_iter().collect();
        environment.last_force_deploy_id = stack.outputs.get("LastForceDeployID").cloned();
    }
}

/// Renders everything that the pipeline deploys to an environment.
fn stacks_of(
    environment: &str,
    selected: &Selected,
    project: &Project,
    facts: &Facts,
    built: &mut Built,
) -> Result<(), String> {
    let mut facts = facts.clone();
    let region = facts.environments.get(environment).map(|found| found.region.clone()).unwrap_or_default();
    let pairs: Vec<Pair> =
        selected.pairs.iter().filter(|pair| pair.environment == environment).cloned().collect();
    let images = pairs.iter().map(|pair| (pair.workload.clone(), image(&facts, &region, &pair.workload)));
    facts.images = images.collect();
    let own: Vec<String> =
        selected.environments.iter().filter(|name| *name == environment).cloned().collect();
    let inputs = Inputs {
        project,
        pairs: &pairs,
        environments: Environments { names: &own, ..Environments::default() },
        facts: Some(&facts),
        registered: None,
        cloud: None,
        tag: None,
        // Images are those of the facts.
        target: Target::Compare,
        settings: Settings::default(),
    };
    let stacks = logged(built, |host| {
        let runtime = Builder::new_current_thread().enable_time().build().map_err(Failure::Output)?;
        let mut record = Record::new(&facts.application.name, None);
        runtime.block_on(async {
            let plan = build::plan(inputs, &mut record, host).await?;
            let mut files = plan.artifacts().clone();
            let stacks = build::apply(plan, &mut record, host).await?;
            let own = stacks.environments.iter().flat_map(|stack| stack.assets.objects().cloned());
            files.objects_of(own);
            Ok::<_, Failure>((stacks, contents(&files).await?))
        })
    });
    let (stacks, objects) =
        stacks.ok_or_else(|| format!("the stacks of {environment} can't be rendered: see the log"))?;
    for (name, content) in stacks.files() {
        built.files.insert(format!("infrastructure/{}", name.display()), content);
    }
    built.objects.extend(objects);
    Ok(())
}

/// The contents of files that would be uploaded, by bucket and key.
async fn contents(files: &Plan) -> Result<Vec<((String, String), Vec<u8>)>, Failure> {
    let folder = tempfile::tempdir().map_err(Failure::Output)?;
    let store = DirectoryStore::new(folder.path().join("buckets"));
    let options = Options::new(SystemTime::UNIX_EPOCH, folder.path());
    let done = execute(files, &Backends::local(store.clone()), &options).await;
    done.map_err(|failed| failed.error)?;
    let mut contents = Vec::new();
    for object in files.objects() {
        let bytes = store.read(&object.at).map_err(Failure::Output)?;
        contents.push(((object.at.bucket.clone(), object.at.key.clone()), bytes));
    }
    Ok(contents)
}

/// Does some work; what it tells, and why it fails, goes into the log.
fn logged<T>(built: &mut Built, work: impl FnOnce(&dyn Host) -> Result<T, Failure>) -> Option<T> {
    let log = Log::default();
    let result = work(&log);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut io = Io::new(&mut stdout, &mut stderr, Look::PLAIN, Utf8Path::new("").to_owned());
    let mut view = View::default();
    for event in log.events.into_inner().unwrap_or_else(PoisonError::into_inner) {
        view.show(Some(event), &mut io);
    }
    let result = match result {
        Ok(made) => Some(made),
        Err(failure) => {
            failure.report(&mut io);
            None
        }
    };
    built.lines.extend(String::from_utf8_lossy(&stderr).lines().map(str::to_owned));
    result
}

/// A host that keeps what it is told.
#[derive(Default)]
struct Log {
    events: Mutex<Vec<Happening>>,
    cancel: Cancel,
}

impl Host for Log {
    fn event(&self, event: Event) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event.what);
    }

    fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn run_id(&self) -> String {
        "local".to_owned()
    }
}

/// The functions that the stacks name, in the buckets that these look for them in.
fn upload(environments: &[String], facts: &Facts, built: &mut Built) {
    let texts: Vec<String> =
        built.files.values().map(|content| String::from_utf8_lossy(content).into_owned()).collect();
    let region = |environment| facts.regions.get(&facts.environments.get(environment)?.region);
    let buckets = environments.iter().filter_map(|name| region(name)?.artifact_bucket.clone());
    let buckets: BTreeSet<String> = buckets.collect();
    let functions = Stack::ALL.iter().flat_map(|stack| stack.functions());
    let named: BTreeMap<String, Function> =
        functions.map(|resource| (resource.key(), resource.function)).collect();
    for (key, function) in named.iter().filter(|(key, _)| texts.iter().any(|text| text.contains(*key))) {
        for bucket in &buckets {
            built.objects.insert((bucket.clone(), key.clone()), function.zip());
        }
    }
}

fn image(facts: &Facts, region: &str, workload: &str) -> Image {
    let application = &facts.application;
    let registry = format!("{}.dkr.ecr.{region}.amazonaws.com", application.account_id);
    Image {
        repository: format!("{registry}/{}/{workload}", application.name),
        tag: Some("local".to_owned()),
        ..Image::default()
    }
}
