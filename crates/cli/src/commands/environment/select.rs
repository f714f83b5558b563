//! Which environment of the workspace a command is about.

use copilot_workspace::{ManifestFile, Workspace};

use crate::commands::unknown;
use crate::commands::workload::select::one_of;
use crate::failure::Failure;
use crate::io::Io;

/// The manifest of the environment; without a name, the only one there is, or the one that is chosen.
pub(super) fn select(
    workspace: &Workspace,
    name: Option<&str>,
    io: &mut Io<'_>,
) -> Result<ManifestFile, Failure> {
    let mut files = workspace.environments()?;
    if let Some(name) = name {
        return match files.iter().position(|file| file.folder == name) {
            Some(place) => Ok(files.swap_remove(place)),
            None => Err(unknown("environment", name, files.iter().map(|file| file.folder.as_str()))),
        };
    }
    let names: Vec<String> = files.iter().map(|file| file.folder.clone()).collect();
    let place = one_of(&names, "environment", "--name", io)?;
    Ok(files.swap_remove(place))
}
