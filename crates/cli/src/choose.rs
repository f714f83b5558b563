//! Which pipeline, workload or environment a command is about: the one that is named, the only one there is, or the one that
//! somebody chooses.

use copilot_engine::{Error, Project, environment, pipeline};
use copilot_workspace::ManifestFile;

use crate::failure::Failure;
use crate::io::Io;

/// A service or a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Service,
    Job,
}

impl Kind {
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Job => "job",
        }
    }
}

/// The manifest of a pipeline.
pub(crate) fn pipeline(
    project: &Project,
    name: Option<&str>,
    io: &mut Io<'_>,
) -> Result<ManifestFile, Failure> {
    if let Some(name) = name {
        return Ok(pipeline::find(project, name)?);
    }
    let mut files = project.workspace().pipelines()?;
    let names: Vec<String> = files.iter().map(|file| file.name().to_owned()).collect();
    match &names[..] {
        [] => Err(Failure::with_hint("the workspace has no pipeline", "`copilot-pipeline init` writes one")),
        [_] => Ok(files.swap_remove(0)),
        _ => {
            let Some(prompt) = io.prompt() else {
                let hint = format!("pass `--name` with one of: {}", names.join(", "));
                return Err(Failure::with_hint("the workspace has several pipelines", hint));
            };
            let chosen = prompt.select("Which pipeline?", &names, None)?;
            Ok(files.swap_remove(chosen))
        }
    }
}

/// The manifest of a service or a job.
pub(crate) fn workload(
    project: &Project,
    kind: Kind,
    name: Option<&str>,
    io: &mut Io<'_>,
) -> Result<ManifestFile, Failure> {
    let workspace = project.workspace();
    let mut files = match kind {
        Kind::Service => workspace.services()?,
        Kind::Job => workspace.jobs()?,
    };
    if let Some(name) = name {
        if let Some(place) = files.iter().position(|file| file.name() == name || file.folder == name) {
            return Ok(files.swap_remove(place));
        }
        // A manifest that can't be read is neither a service nor a job: say why, rather than that it is missing.
        let broken = workspace.workloads()?.into_iter().find(|file| file.folder == name);
        if let Some(Err(problems)) = broken.map(|file| file.header) {
            return Err(Failure::Diagnostics(problems));
        }
        return Err(Error::unknown(kind.noun(), name, files.iter().map(ManifestFile::name)).into());
    }
    let names: Vec<String> = files.iter().map(|file| file.name().to_owned()).collect();
    let place = one_of(&names, kind.noun(), "--name", io)?;
    Ok(files.swap_remove(place))
}

/// The manifest of an environment.
pub(crate) fn environment(
    project: &Project,
    name: Option<&str>,
    io: &mut Io<'_>,
) -> Result<ManifestFile, Failure> {
    if let Some(name) = name {
        return Ok(environment::find(project, name)?);
    }
    let mut files = project.workspace().environments()?;
    let names: Vec<String> = files.iter().map(|file| file.folder.clone()).collect();
    let place = one_of(&names, "environment", "--name", io)?;
    Ok(files.swap_remove(place))
}

/// An environment that the application has.
pub(crate) fn deployed_environment(
    application: &str,
    known: &[String],
    name: Option<&str>,
    io: &mut Io<'_>,
) -> Result<String, Failure> {
    let Some(name) = name else {
        let place = one_of(known, "environment", "--env", io)?;
        return Ok(known[place].clone());
    };
    if known.iter().any(|environment| environment == name) {
        return Ok(name.to_owned());
    }
    let (application, name, known) = (application.to_owned(), name.to_owned(), known.to_vec());
    Err(Error::UnknownEnvironment { application, name, known }.into())
}

/// The place of the only one, or of the one that is chosen.
pub(crate) fn one_of(names: &[String], noun: &str, flag: &str, io: &mut Io<'_>) -> Result<usize, Failure> {
    match names {
        [] => Err(Failure::new(format!("there is no {noun}"))),
        [name] => {
            io.note(format!("the {noun} is `{name}`, the only one there is"));
            Ok(0)
        }
        _ => {
            if let Some(prompt) = io.prompt() {
                return Ok(prompt.select(&format!("Which {noun}?"), names, None)?);
            }
            let hint = format!("pass `{flag}` with one of: {}", names.join(", "));
            Err(Failure::with_hint(format!("there are several {noun}s"), hint))
        }
    }
}
