//! The workloads of a run, read: each manifest once, as it is in each of its environments.

use std::collections::BTreeMap;

use copilot_manifest::workload::{Workload, WorkloadManifest};
use copilot_workspace::ManifestFile;
use copilot_yaml::{Diagnostics, Source};

use super::selection::Pair;
use crate::error::Error;
use crate::project::Project;

/// A workload as it is in an environment.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) pair: Pair,
    /// Its folder below `copilot`.
    pub(crate) folder: String,
    pub(crate) source: Source,
    pub(crate) workload: Workload,
}

/// Loads what is wanted; `problems` learn of all that is wrong or odd.
pub(super) fn read(
    project: &Project,
    pairs: &[Pair],
    problems: &mut Diagnostics,
) -> Result<Vec<Unit>, Error> {
    let files = project.workspace().workloads()?;
    let variables = project.interpolated();
    let manifests = manifests(&files, pairs, problems)?;
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
    Ok(units)
}

/// Folder and manifest of each workload, by its name. A manifest that can't be read is a problem.
fn manifests<'a>(
    files: &'a [ManifestFile],
    pairs: &[Pair],
    problems: &mut Diagnostics,
) -> Result<BTreeMap<&'a str, (&'a str, WorkloadManifest)>, Error> {
    let mut manifests = BTreeMap::new();
    for pair in pairs {
        let Some(file) = files.iter().find(|file| file.name() == pair.workload) else {
            return Err(Error::unknown("workload", &pair.workload, files.iter().map(ManifestFile::name)));
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
