//! The stacks of environments in a run.

use std::collections::BTreeMap;

use copilot_stack::Facts;
use copilot_stack::environment::check_version;
use copilot_yaml::Diagnostics;

use super::places::Places;
use super::{Inputs, Target};
use crate::addons;
use crate::environment::{self, AddonFiles, AddonsIn, Draft, LoadedManifest};
use crate::error::Error;
use crate::host::Host;
use crate::project::Project;

/// Environments whose own stacks are made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Environments<'a> {
    /// Their names, in the order of the stages.
    pub names: &'a [String],
    /// Makes their stacks differ from the deployed ones.
    pub force_deploy_id: Option<&'a str>,
    /// A stack that a newer program has deployed may be replaced.
    pub allow_downgrade: bool,
}

/// Loads their manifests; `problems` learn of all that is wrong or odd.
pub(super) fn read(
    project: &Project,
    names: &[String],
    problems: &mut Diagnostics,
) -> Result<Vec<LoadedManifest>, Error> {
    let mut all = Vec::with_capacity(names.len());
    for name in names {
        match environment::read(project, &environment::find(project, name)?) {
            Ok(loaded) => {
                problems.extend(loaded.warnings().clone());
                all.push(loaded);
            }
            Err(found) => problems.extend(found),
        }
    }
    Ok(all)
}

/// Renders their stacks, each once; `problems` learn of all that is wrong with them. Addons are the same for all environments:
/// their files are read once for each bucket.
pub(super) fn drafts(
    inputs: &Inputs<'_>,
    loaded: &[LoadedManifest],
    facts: &Facts,
    problems: &mut Diagnostics,
    host: &dyn Host,
) -> Result<Vec<Draft>, Error> {
    if loaded.is_empty() {
        return Ok(Vec::new());
    }
    let Inputs { project, environments, .. } = *inputs;
    let files = if inputs.target == Target::Nothing { AddonFiles::Leave } else { AddonFiles::Read };
    let merged = addons::of_environments(project.workspace(), host)?;
    let mut placed: BTreeMap<String, AddonsIn> = BTreeMap::new();
    let mut drafts = Vec::with_capacity(loaded.len());
    for environment in loaded {
        host.check()?;
        if !environments.allow_downgrade {
            check_version(&environment.name, environment::deployed(facts, &environment.name)?)?;
        }
        let bucket = Places { facts, registry: None }.bucket(&environment.name)?;
        if let Some(addons) = merged.as_ref().filter(|_| !placed.contains_key(&bucket.name)) {
            let here = AddonsIn::new(addons.clone(), &bucket, files, facts, project, host.cancel())?;
            placed.insert(bucket.name.clone(), here);
        }
        let force_deploy_id = environments.force_deploy_id;
        let request = environment::Inputs { project, environment, facts, force_deploy_id };
        match Draft::new(request, placed.get(&bucket.name)) {
            Ok(draft) => drafts.push(draft),
            Err(Error::Findings(found)) => problems.extend(found),
            Err(error) => return Err(error),
        }
    }
    for draft in &drafts {
        match draft.rehearse(project, host) {
            Err(Error::Findings(found)) => problems.extend(found),
            other => other?,
        }
    }
    Ok(drafts)
}
