//! Which workload and which environment a command is about.

use copilot_workspace::{ManifestFile, Workspace};

use super::Kind;
use crate::commands::unknown;
use crate::failure::Failure;
use crate::io::Io;

/// The manifest of the workload; without a name, the only one there is, or the one that is chosen.
pub(super) fn workload(
    workspace: &Workspace,
    kind: Kind,
    name: Option<&str>,
    io: &mut Io<'_>,
) -> Result<ManifestFile, Failure> {
    let mut files = match kind {
        Kind::Service => workspace.services()?,
        Kind::Job => workspace.jobs()?,
    };
    let noun = kind.noun();
    if let Some(name) = name {
        if let Some(place) = files.iter().position(|file| file.name() == name || file.folder == name) {
            return Ok(files.swap_remove(place));
        }
        // A manifest that can't be read is neither a service nor a job: say why, rather than that it is missing.
        let broken = workspace.workloads()?.into_iter().find(|file| file.folder == name);
        if let Some(Err(problems)) = broken.map(|file| file.header) {
            return Err(Failure::Diagnostics(problems));
        }
        return Err(unknown(noun, name, files.iter().map(ManifestFile::name)));
    }
    let names: Vec<String> = files.iter().map(|file| file.name().to_owned()).collect();
    let place = one_of(&names, noun, "--name", io)?;
    Ok(files.swap_remove(place))
}

/// The environment; without a name, the only one that the application has, or the one that is chosen.
pub(super) fn environment(
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
    Err(Failure::with_hint(
        format!("the application `{application}` has no environment `{name}`"),
        format!("there are: {}", known.join(", ")),
    ))
}

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
