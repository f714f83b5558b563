//! The workloads of a run, read: each manifest once, as it is in each of its environments.

use std::collections::BTreeMap;

use copilot_manifest::interpolate::Variables;
use copilot_manifest::workload::{Workload, WorkloadManifest};
use copilot_workspace::{ManifestFile, Workspace};
use copilot_yaml::{Diagnostics, Source};

use super::selection::Pair;
use crate::commands::unknown;
use crate::failure::Failure;
use crate::io::Io;

/// A workload as it is in an environment.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) pair: Pair,
    /// Its folder below `copilot`.
    pub(crate) folder: String,
    pub(crate) source: Source,
    pub(crate) workload: Workload,
}

/// Loads what is wanted. Warnings are printed; all problems of all manifests come at once.
pub(crate) fn load(
    workspace: &Workspace,
    application: &str,
    pairs: &[Pair],
    io: &mut Io<'_>,
) -> Result<Vec<Unit>, Failure> {
    let (units, warnings) = read(workspace, application, pairs, io)?;
    io.diagnostics(&warnings);
    Ok(units)
}

/// As [`load`], with the warnings to be printed.
pub(super) fn read(
    workspace: &Workspace,
    application: &str,
    pairs: &[Pair],
    io: &Io<'_>,
) -> Result<(Vec<Unit>, Diagnostics), Failure> {
    let files = workspace.workloads()?;
    let variables = Variables { application: application.to_owned(), shell: io.variables().clone() };
    let mut problems = Diagnostics::default();
    let manifests = manifests(&files, pairs, &mut problems)?;
    let mut units = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let Some((folder, manifest)) = manifests.get(pair.workload.as_str()) else { continue };
        match manifest.load(&pair.environment, &variables) {
            Ok(loaded) => {
                problems.extend(loaded.warnings);
                units.push(Unit {
                    pair: pair.clone(),
                    folder: (*folder).to_owned(),
                    source: manifest.source().clone(),
                    workload: loaded.workload,
                });
            }
            Err(found) => problems.extend(found),
        }
    }
    // What is wrong in one environment is usually wrong in all, and is said once.
    problems.sort();
    if problems.has_errors() {
        return Err(Failure::Diagnostics(problems));
    }
    Ok((units, problems))
}

/// Folder and manifest of each workload, by its name. A manifest that can't be read is a problem.
fn manifests<'a>(
    files: &'a [ManifestFile],
    pairs: &[Pair],
    problems: &mut Diagnostics,
) -> Result<BTreeMap<&'a str, (&'a str, WorkloadManifest)>, Failure> {
    let mut manifests = BTreeMap::new();
    for pair in pairs {
        let Some(file) = files.iter().find(|file| file.name() == pair.workload) else {
            return Err(unknown("workload", &pair.workload, files.iter().map(ManifestFile::name)));
        };
        if manifests.contains_key(file.name()) {
            continue;
        }
        let header = file.header.as_ref().map_err(Clone::clone);
        match header.and_then(|header| WorkloadManifest::parse(header.source.clone())) {
            Ok(manifest) => {
                manifests.insert(file.name(), (file.folder.as_str(), manifest));
            }
            Err(found) => problems.extend(found),
        }
    }
    Ok(manifests)
}
