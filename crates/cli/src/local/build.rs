//! What a build of the local AWS does: it renders the stacks of the workspace, with this program itself.
//!
//! Images are not built. Their repositories and tags stand in the stacks as they would after a build. Functions of custom
//! resources are uploaded.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use copilot_deployer::facts::{Question, Wanted, gather};
use copilot_functions::{Function, Stack};
use copilot_local_aws::{BuildJob, Built, LocalAws};
use copilot_manifest::pipeline::Pipeline;
use copilot_stack::Facts;
use copilot_stack::facts::Image;
use copilot_workspace::{Workspace, is_job};
use copilot_yaml::{Diagnostics, Source as Text};
use serde::{Deserialize, Serialize};

use crate::aws::Aws;
use crate::failure::Failure;
use crate::io::{Io, Look};

/// What a project builds from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Source {
    /// The workspace's folder.
    pub(crate) workspace: String,
    /// The environments that the pipeline deploys to.
    pub(crate) environments: Vec<String>,
    /// What AWS said when the pipeline was deployed, in the format of `--facts`.
    pub(crate) facts: String,
}

impl Source {
    /// What the builds of a pipeline build from: the workspace as it is when they run, with what AWS knows now.
    pub(crate) fn gather(
        workspace: &Workspace,
        pipeline: &Pipeline,
        application: &str,
        aws: &Aws,
    ) -> Result<Self, Failure> {
        // Topics are made by the very stacks that are to be rendered, so they are not asked for.
        let questions = vec![Question::EnvironmentStacks, Question::Subnets];
        let wanted = Wanted { questions, ..Wanted::default() };
        let facts = aws.wait(gather(aws.session(), application, &wanted))?.facts;
        Ok(Self {
            workspace: workspace.root().to_string(),
            environments: pipeline.stages.iter().map(|stage| stage.environment.clone()).collect(),
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
        .and_then(|source| on_thread(|| render(&source, &mut built)));
    built.failure = result.err();
    built
}

/// Commands may start threads of their own for what is asynchronous, which those that answer requests must not wait for.
fn on_thread(work: impl FnOnce() -> Result<(), String> + Send) -> Result<(), String> {
    std::thread::scope(|scope| scope.spawn(work).join())
        .unwrap_or_else(|_| Err("the build panicked".to_owned()))
}

fn render(source: &Source, built: &mut Built) -> Result<(), String> {
    let folder = Utf8Path::new(&source.workspace);
    let workspace = Workspace::find(folder).map_err(|error| error.to_string())?;
    let workloads = workspace.workloads().map_err(|error| error.to_string())?;
    let facts = Facts::read(&Text::new("facts", source.facts.as_str()), &mut Diagnostics::default())
        .ok_or("the facts of the deployment can't be read")?;
    let scratch = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let scratch = Utf8Path::from_path(scratch.path()).ok_or("the temporary folder's path is not UTF-8")?;
    let file = scratch.join("facts.yml");
    for environment in &source.environments {
        let mut facts = facts.clone();
        let region = facts.environments.get(environment).map(|found| found.region.clone());
        facts.images = workloads
            .iter()
            .map(|workload| {
                (
                    workload.name().to_owned(),
                    image(&facts, &region.clone().unwrap_or_default(), workload.name()),
                )
            })
            .collect();
        fs_err::write(&file, facts.to_yaml()).map_err(|error| error.to_string())?;
        for workload in &workloads {
            let kind = workload.header.as_ref().map(|header| header.kind.clone()).unwrap_or_default();
            let noun = if is_job(&kind) { "job" } else { "svc" };
            let command = [
                noun,
                "package",
                "--name",
                workload.name(),
                "--env",
                environment,
                "--facts",
                file.as_str(),
                "--output-dir",
                scratch.join("infrastructure").as_str(),
            ]
            .map(str::to_owned);
            run(folder, scratch, &command, built)?;
        }
    }
    collect(&scratch.join("infrastructure"), built).map_err(|error| error.to_string())?;
    upload(source, &facts, built);
    Ok(())
}

/// The functions that the stacks name, in the buckets that these look for them in.
fn upload(source: &Source, facts: &Facts, built: &mut Built) {
    let texts: Vec<String> =
        built.files.values().map(|content| String::from_utf8_lossy(content).into_owned()).collect();
    let region = |environment| facts.regions.get(&facts.environments.get(environment)?.region);
    let buckets = source.environments.iter().filter_map(|name| region(name)?.artifact_bucket.clone());
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

/// Runs a command of this program; what it says goes into the log. Files in `scratch` are those of the build's own folder.
fn run(folder: &Utf8Path, scratch: &Utf8Path, command: &[String], built: &mut Built) -> Result<(), String> {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut io =
        Io::new(&mut stdout, &mut stderr, Look::PLAIN, folder.to_owned()).with_variables(BTreeMap::new());
    let code =
        crate::run(std::iter::once("copilot-pipeline".to_owned()).chain(command.iter().cloned()), &mut io);
    let shown = format!("{} {} --env {}", command[0], command[3], command[5]);
    built
        .lines
        .push(format!("copilot-pipeline {} package --name {} --env {}", command[0], command[3], command[5]));
    let said = String::from_utf8_lossy(&stderr).replace(&format!("{scratch}/"), "");
    built.lines.extend(said.lines().map(str::to_owned));
    if code == crate::SUCCESS {
        Ok(())
    } else {
        Err(format!("the stack of {shown} can't be rendered: see the log"))
    }
}

/// The files below `infrastructure`, as the pipeline names them.
fn collect(folder: &Utf8Path, built: &mut Built) -> std::io::Result<()> {
    for entry in folder.read_dir_utf8()? {
        let path = entry?.into_path();
        let name = path.file_name().unwrap_or_default();
        built.files.insert(format!("infrastructure/{name}"), fs_err::read(&path)?);
    }
    Ok(())
}
