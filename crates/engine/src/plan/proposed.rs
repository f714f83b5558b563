//! Stacks as they are to be.

use std::collections::BTreeMap;

use copilot_cfn::Value;
use copilot_manifest::stack_name;
use copilot_stack::environment::kept_parameters;
use copilot_stack::{Facts, pipeline as stack};
use copilot_workspace::ManifestFile;
use copilot_yaml::{Node, Source};

use super::nested::{Nested, Within};
use super::{Request, Subject};
use crate::build::{self, Environments, Filter, Inputs, Pair, Record, Settings, Target};
use crate::environment::{self, AddonFiles};
use crate::error::Error;
use crate::host::Host;
use crate::pipeline::{Known, LoadedPipeline, Rendered, load, rendered};
use crate::project::Project;

/// A stack as it is to be.
#[derive(Debug, Clone)]
pub struct Proposed {
    /// Whose it is.
    pub subject: Subject,
    /// Its name.
    pub stack: String,
    pub(super) template: Value,
    pub(super) text: String,
    /// Values of parameters; those that are only known once something was built may be empty.
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
    /// Parameters whose deployed values stay.
    pub(super) kept: Vec<&'static str>,
    pub(super) manifest: Option<Manifest>,
    pub(super) pipeline: Option<Box<LoadedPipeline>>,
    /// The stack of addons that is nested in it.
    pub(super) nested: Option<Nested>,
    /// What it is nested in itself.
    pub(super) within: Option<Within>,
}

/// The manifest that a stack comes from.
#[derive(Debug, Clone)]
pub(super) struct Manifest {
    pub(super) file: String,
    pub(super) source: Source,
    pub(super) root: Node,
}

impl Manifest {
    fn of(file: &ManifestFile) -> Option<Self> {
        let header = file.header.as_ref().ok()?;
        Some(Self {
            file: file.display_path.clone(),
            source: header.source.clone(),
            root: header.root.clone(),
        })
    }
}

/// All that the scope has, with nothing asked of AWS.
pub(super) async fn offline(
    request: Request<'_>,
    facts: &Facts,
    host: &dyn Host,
) -> Result<Vec<Proposed>, Error> {
    let known = Known { facts: Some(facts), registered: None };
    let mut all = Vec::new();
    if request.scope.environments {
        all.extend(environments(request, facts, AddonFiles::Leave, host)?);
    }
    let (scope, project) = (request.scope, request.project);
    let loaded = request.pipeline.map(|file| Ok::<_, Error>((file, load(project, file, known, host)?)));
    let loaded = loaded.transpose()?;
    if scope.workloads {
        let inputs = Inputs {
            project,
            pairs: &pairs(loaded.as_ref().map(|(_, loaded)| loaded), project, facts)?,
            environments: Environments::default(),
            facts: Some(facts),
            registered: None,
            cloud: None,
            tag: None,
            target: Target::Nothing,
            settings: Settings::default(),
        };
        all.extend(workloads(inputs, facts, host).await?);
    }
    if let Some((file, loaded)) = loaded.filter(|_| scope.pipeline) {
        let made = rendered(&loaded, facts, project, host)?;
        all.push(of_pipeline(file, loaded, made, facts));
    }
    Ok(all)
}

/// The workloads that the pipeline deploys, with their environments; without a pipeline, all of them in all environments.
pub(super) fn pairs(
    loaded: Option<&LoadedPipeline>,
    project: &Project,
    facts: &Facts,
) -> Result<Vec<Pair>, Error> {
    if let Some(loaded) = loaded {
        return Ok(build::of_pipeline(&loaded.pipeline, project, Filter::default())?.pairs);
    }
    let files = project.workspace().workloads()?;
    let of = |environment: &String| {
        let environment = environment.clone();
        let pair = move |file: &ManifestFile| Pair {
            workload: file.name().to_owned(),
            environment: environment.clone(),
        };
        files.iter().map(pair).collect::<Vec<_>>()
    };
    Ok(facts.environments.keys().flat_map(of).collect())
}

pub(super) fn of_pipeline(
    file: &ManifestFile,
    loaded: LoadedPipeline,
    rendered: Rendered,
    facts: &Facts,
) -> Proposed {
    Proposed {
        subject: Subject::Pipeline { name: loaded.pipeline.name.clone() },
        stack: stack::stack_name(&loaded.pipeline, facts),
        template: rendered.template,
        text: rendered.text,
        parameters: BTreeMap::new(),
        tags: stack::tags(&loaded.pipeline, facts).into_iter().collect(),
        kept: Vec::new(),
        manifest: Manifest::of(file),
        pipeline: Some(Box::new(loaded)),
        nested: None,
        within: None,
    }
}

pub(super) async fn workloads(
    inputs: Inputs<'_>,
    facts: &Facts,
    host: &dyn Host,
) -> Result<Vec<Proposed>, Error> {
    let project = inputs.project;
    let application = &facts.application.name;
    let mut record = Record::new(application, None);
    let plan = build::plan(inputs, &mut record, host).await?;
    let stacks = build::apply(plan, &mut record, host).await?;
    let files = project.workspace().workloads()?;
    let manifests: BTreeMap<&str, Option<Manifest>> =
        files.iter().map(|file| (file.name(), Manifest::of(file))).collect();
    let proposed = stacks.workloads.into_iter().map(|stack| {
        let Pair { workload, environment } = stack.pair;
        Proposed {
            stack: stack_name::workload(application, &environment, &workload),
            template: stack.template,
            text: stack.text,
            parameters: stack.values.parameters,
            tags: stack.values.tags,
            kept: Vec::new(),
            manifest: manifests.get(workload.as_str()).cloned().flatten(),
            pipeline: None,
            nested: Nested::of(stack.addons_template, stack.addons),
            within: None,
            subject: Subject::Workload { workload, environment },
        }
    });
    Ok(proposed.collect())
}

/// The environments that the workspace has a manifest of, and that the application has.
pub(super) fn environments(
    request: Request<'_>,
    facts: &Facts,
    files: AddonFiles,
    host: &dyn Host,
) -> Result<Vec<Proposed>, Error> {
    let project = request.project;
    let mut all = Vec::new();
    for file in project.workspace().environments()? {
        if !facts.environments.contains_key(&file.folder) {
            continue;
        }
        host.check()?;
        let loaded = environment::load(project, &file, host)?;
        let inputs = environment::Inputs { project, environment: &loaded, facts, force_deploy_id: None };
        let stack = environment::render(inputs, files, host)?;
        all.push(of_environment(stack, &file, facts));
    }
    Ok(all)
}

pub(super) fn of_environment(stack: environment::Stack, file: &ManifestFile, facts: &Facts) -> Proposed {
    Proposed {
        stack: stack_name::environment(&facts.application.name, &stack.name),
        template: stack.template,
        text: stack.text,
        parameters: stack.values.parameters,
        tags: stack.values.tags,
        kept: kept_parameters().collect(),
        manifest: Manifest::of(file),
        pipeline: None,
        nested: Nested::of(stack.addons_template, stack.addons),
        within: None,
        subject: Subject::Environment { name: stack.name },
    }
}
