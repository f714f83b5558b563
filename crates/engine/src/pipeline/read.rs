//! One pipeline of the workspace, read and resolved.

use copilot_manifest::pipeline::{Pipeline, Surroundings, read};
use copilot_stack::Facts;
use copilot_workspace::ManifestFile;
use copilot_yaml::{Diagnostics, Node};

use crate::error::Error;
use crate::event::Notice;
use crate::host::Host;
use crate::project::Project;

/// A pipeline with what it is a part of.
#[derive(Debug, Clone)]
pub struct LoadedPipeline {
    /// The application.
    pub application: String,
    /// The pipeline.
    pub pipeline: Pipeline,
    /// Workloads that a stage without `deployments` would deploy if the application knew them.
    pub left_out: Vec<Unregistered>,
}

/// A workload of the workspace that the application doesn't know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unregistered {
    /// Its name.
    pub name: String,
    /// Whether it is a job.
    pub is_job: bool,
}

/// The manifest of the pipeline that is called `name`, or whose folder is.
///
/// # Errors
/// When there is none.
pub fn find(project: &Project, name: &str) -> Result<ManifestFile, Error> {
    let mut files = project.workspace().pipelines()?;
    // Copilot knows a pipeline by the name in its manifest; people also type the folder that they see.
    let by_folder = || files.iter().position(|file| file.folder == name);
    match files.iter().position(|file| file.name() == name).or_else(by_folder) {
        Some(index) => Ok(files.swap_remove(index)),
        None => Err(Error::unknown("pipeline", name, files.iter().map(ManifestFile::name))),
    }
}

/// What the manifest takes from around it. `facts` know which environments exist.
pub(crate) fn surroundings(
    project: &Project,
    file: &ManifestFile,
    workloads: Option<Vec<String>>,
    facts: Option<&Facts>,
) -> Surroundings {
    let folder = file.path.parent().map(|folder| project.workspace().display_path(folder));
    Surroundings {
        application: project.application_or_nothing().to_owned(),
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
            Ok(header) if header.kind.is_job() => jobs.push(header.name.clone()),
            Ok(header) if header.kind.is_service() => services.push(header.name.clone()),
            Ok(_) => {}
            Err(found) => broken.extend(found.clone()),
        }
    }
    services.append(&mut jobs);
    if broken.has_errors() { Err(broken) } else { Ok(services) }
}

/// What is known of AWS when a pipeline is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// Which environments exist.
    pub facts: Option<&'a Facts>,
    /// The workloads that the application knows. Others have no repository for their images.
    pub registered: Option<&'a [String]>,
}

/// Reads a pipeline. The host hears of warnings and of workloads that are left out.
///
/// # Errors
/// [`Error::Findings`] with all that is wrong with the manifest.
pub fn load(
    project: &Project,
    file: &ManifestFile,
    known: Known<'_>,
    host: &dyn Host,
) -> Result<LoadedPipeline, Error> {
    let (loaded, mut warnings) = parse(project, file, known)?;
    if file.path.parent() == Some(project.workspace().folder()) {
        warnings.extend(project.workspace().shadowed()?);
    }
    host.findings(warnings);
    for workload in &loaded.left_out {
        host.notice(Notice::LeftOut(workload.clone()));
    }
    Ok(loaded)
}

/// As [`load`], with the warnings.
///
/// # Errors
/// As [`load`].
pub fn parse(
    project: &Project,
    file: &ManifestFile,
    known: Known<'_>,
) -> Result<(LoadedPipeline, Diagnostics), Error> {
    let application = project.application()?;
    let Ok(header) = &file.header else {
        let around = surroundings(project, file, None, known.facts);
        return Err(Error::Findings(file.problems(|header| {
            let mut found = Diagnostics::default();
            read(&header.source, &around, &mut found);
            found
        })));
    };
    let mut left_out = Vec::new();
    let files = project.workspace().workloads()?;
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
        Err(broken) if deploys_everything(&header.root) => return Err(Error::Findings(broken)),
        Err(_) => None,
    };
    let mut around = surroundings(project, file, workloads, known.facts);
    around.unregistered = left_out.iter().map(|workload| workload.name.clone()).collect();
    let mut diagnostics = Diagnostics::default();
    match read(&header.source, &around, &mut diagnostics) {
        Some(pipeline) => {
            let application = application.to_owned();
            Ok((LoadedPipeline { application, pipeline, left_out }, diagnostics))
        }
        None => Err(Error::Findings(diagnostics)),
    }
}

/// A workload of the workspace, of which the application knows nothing.
pub(crate) fn unregistered(files: &[ManifestFile], name: &str) -> Unregistered {
    let header = files.iter().find(|file| file.name() == name).and_then(|file| file.header.as_ref().ok());
    Unregistered { name: name.to_owned(), is_job: header.is_some_and(|header| header.kind.is_job()) }
}

/// Whether some stage says nothing of what it deploys.
fn deploys_everything(manifest: &Node) -> bool {
    let stages = manifest.get("stages").and_then(Node::as_sequence).unwrap_or_default();
    stages.iter().any(|stage| {
        let deployments = stage.get("deployments").and_then(Node::as_mapping);
        deployments.is_none_or(<[_]>::is_empty)
    })
}
