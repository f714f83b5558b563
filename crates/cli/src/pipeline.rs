//! One pipeline of the workspace, read and resolved.

use camino::Utf8Path;
use copilot_manifest::pipeline::{Pipeline, Surroundings, read};
use copilot_stack::Facts;
use copilot_workspace::{ManifestFile, Workspace, is_job, is_service};
use copilot_yaml::{Diagnostics, Node, Source};

use crate::commands::unknown;
use crate::failure::Failure;
use crate::files::read_named;
use crate::io::Io;

/// A pipeline with what it is a part of.
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) application: String,
    pub(crate) pipeline: Pipeline,
    /// Workloads that a stage without `deployments` would deploy if the application knew them.
    pub(crate) left_out: Vec<Unregistered>,
}

/// A workload of the workspace that the application doesn't know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unregistered {
    pub(crate) name: String,
    pub(crate) is_job: bool,
}

impl Unregistered {
    /// How to make the application know it.
    pub(crate) fn hint(&self) -> String {
        let (noun, name) = (if self.is_job { "job" } else { "svc" }, &self.name);
        format!("AWS Copilot's `copilot {noun} init --name {name}` registers it")
    }
}

/// The manifest of the pipeline called `name`; without a name, the only one there is, or the one that is chosen.
pub(crate) fn select(
    workspace: &Workspace,
    name: Option<&str>,
    io: &mut Io<'_>,
) -> Result<ManifestFile, Failure> {
    let mut files = workspace.pipelines()?;
    if let Some(name) = name {
        // Copilot knows a pipeline by the name in its manifest; people also type the folder that they see.
        let by_folder = || files.iter().position(|file| file.folder == name);
        return match files.iter().position(|file| file.name() == name).or_else(by_folder) {
            Some(index) => Ok(files.swap_remove(index)),
            None => Err(unknown("pipeline", name, files.iter().map(ManifestFile::name))),
        };
    }
    if files.is_empty() {
        return Err(Failure::with_hint(
            "the workspace has no pipeline",
            "`copilot-pipeline init` writes one",
        ));
    }
    let names: Vec<String> = files.iter().map(|file| file.name().to_owned()).collect();
    if names.len() == 1 {
        return Ok(files.swap_remove(0));
    }
    let Some(prompt) = io.prompt() else {
        let hint = format!("pass `--name` with one of: {}", names.join(", "));
        return Err(Failure::with_hint("the workspace has several pipelines", hint));
    };
    let chosen = prompt.select("Which pipeline?", &names, None)?;
    Ok(files.swap_remove(chosen))
}

/// What the manifest takes from around it. `facts` know which environments exist.
pub(crate) fn surroundings(
    workspace: &Workspace,
    file: &ManifestFile,
    application: &str,
    workloads: Option<Vec<String>>,
    facts: Option<&Facts>,
) -> Surroundings {
    let folder = file.path.parent().map(|folder| workspace.display_path(folder));
    Surroundings {
        application: application.to_owned(),
        folder: folder.unwrap_or_default(),
        workloads,
        unregistered: Vec::new(),
        environments: facts.map(|facts| facts.environments.keys().cloned().collect()),
    }
}

/// Names of the services, then of the jobs: what a stage deploys unless it says otherwise.
///
/// A manifest that can't be read may be either, so it is an error here.
pub(crate) fn workloads(files: &[ManifestFile]) -> Result<Vec<String>, Diagnostics> {
    let mut broken = Diagnostics::default();
    let (mut services, mut jobs) = (Vec::new(), Vec::new());
    for file in files {
        match &file.header {
            Ok(header) if is_job(&header.kind) => jobs.push(header.name.clone()),
            Ok(header) if is_service(&header.kind) => services.push(header.name.clone()),
            Ok(_) => {}
            Err(found) => broken.extend(found.clone()),
        }
    }
    services.append(&mut jobs);
    if broken.has_errors() { Err(broken) } else { Ok(services) }
}

/// What is known of AWS when a pipeline is read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known<'a> {
    /// Which environments exist.
    pub(crate) facts: Option<&'a Facts>,
    /// The workloads that the application knows. Others have no repository for their images.
    pub(crate) registered: Option<&'a [String]>,
}

/// Reads a pipeline. Warnings are printed; errors end the command.
pub(crate) fn load(
    workspace: &Workspace,
    file: &ManifestFile,
    application: &str,
    known: Known<'_>,
    io: &mut Io<'_>,
) -> Result<Local, Failure> {
    let (local, mut warnings) = parse(workspace, file, application, known)?;
    if file.path.parent() == Some(workspace.folder()) {
        warnings.extend(workspace.shadowed()?);
    }
    io.diagnostics(&warnings);
    for workload in &local.left_out {
        io.warning(&format!(
            "`{}` is left out of the pipeline: the workspace has it, but the application doesn't know it yet",
            workload.name
        ));
        io.hint(&workload.hint());
    }
    Ok(local)
}

/// As [`load`], with the warnings to be printed.
pub(crate) fn parse(
    workspace: &Workspace,
    file: &ManifestFile,
    application: &str,
    known: Known<'_>,
) -> Result<(Local, Diagnostics), Failure> {
    let Ok(header) = &file.header else {
        let around = surroundings(workspace, file, application, None, known.facts);
        return Err(Failure::Diagnostics(file.problems(|header| {
            let mut found = Diagnostics::default();
            read(&header.source, &around, &mut found);
            found
        })));
    };
    let mut left_out = Vec::new();
    let files = workspace.workloads()?;
    let workloads = match workloads(&files) {
        Ok(mut workloads) => {
            let registered = |name: &String| known.registered.is_none_or(|names| names.contains(name));
            if deploys_everything(&header.root) {
                let unknown = workloads.iter().filter(|name| !registered(name));
                left_out = unknown.map(|name| unregistered(&files, name)).collect();
            }
            workloads.retain(registered);
            Some(workloads)
        }
        Err(broken) if deploys_everything(&header.root) => return Err(Failure::Diagnostics(broken)),
        Err(_) => None,
    };
    let mut around = surroundings(workspace, file, application, workloads, known.facts);
    around.unregistered = left_out.iter().map(|workload| workload.name.clone()).collect();
    let mut diagnostics = Diagnostics::default();
    match read(&header.source, &around, &mut diagnostics) {
        Some(pipeline) => {
            Ok((Local { application: application.to_owned(), pipeline, left_out }, diagnostics))
        }
        None => Err(Failure::Diagnostics(diagnostics)),
    }
}

/// A workload of the workspace, of which the application knows nothing.
pub(crate) fn unregistered(files: &[ManifestFile], name: &str) -> Unregistered {
    let header = files.iter().find(|file| file.name() == name).and_then(|file| file.header.as_ref().ok());
    Unregistered { name: name.to_owned(), is_job: header.is_some_and(|header| is_job(&header.kind)) }
}

/// Whether some stage says nothing of what it deploys.
fn deploys_everything(manifest: &Node) -> bool {
    let stages = manifest.get("stages").and_then(Node::as_sequence).unwrap_or_default();
    stages.iter().any(|stage| {
        let deployments = stage.get("deployments").and_then(Node::as_mapping);
        deployments.is_none_or(<[_]>::is_empty)
    })
}

/// Reads what is known of AWS from a file.
pub(crate) fn read_facts(path: &Utf8Path, io: &mut Io<'_>) -> Result<Facts, Failure> {
    let bytes =
        read_named(path, io).map_err(|problem| Failure::new(format!("can't read `{path}`: {problem}")))?;
    let mut diagnostics = Diagnostics::default();
    let source = Source::from_bytes(path.as_str(), bytes).map_err(|problem| Failure::from(*problem))?;
    match Facts::read(&source, &mut diagnostics) {
        Some(facts) => {
            io.diagnostics(&diagnostics);
            Ok(facts)
        }
        None => Err(Failure::Diagnostics(diagnostics)),
    }
}
