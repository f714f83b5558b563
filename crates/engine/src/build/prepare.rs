//! Everything of a run that can be known before images are built.

use std::collections::{BTreeMap, BTreeSet};

use copilot_artifact::{Cancel, Plan};
use copilot_stack::Facts;
use copilot_stack::addons::Addons;
use copilot_stack::facts::Image;
use copilot_yaml::Diagnostics;

use super::functions::{self, Keys};
use super::places::Places;
use super::stacks::{self, Parts};
use super::units::Unit;
use super::uploads::{self, AddonsOf, Files};
use super::{Inputs, Manifests, Target, environments, images};
use crate::addons;
use crate::environment::Draft;
use crate::error::Error;
use crate::host::Host;
use crate::pipeline::unregistered;

/// A run, ready to be carried out.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// The stacks of environments.
    pub(crate) drafts: Vec<Draft>,
    pub(crate) stacks: Vec<Ready>,
    /// Images and files.
    pub(crate) plan: Plan,
}

/// A stack that lacks nothing but its images.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) unit: Unit,
    /// With what belongs to this workload in this environment.
    pub(crate) facts: Facts,
    addons: Option<Addons>,
    keys: Keys,
}

impl Ready {
    pub(crate) fn parts(&self) -> Parts<'_> {
        Parts { unit: &self.unit, facts: &self.facts, addons: self.addons.as_ref(), keys: &self.keys }
    }
}

/// Plans images and uploads, and renders every stack once to see whether it can be.
pub(crate) fn prepare(
    inputs: &Inputs<'_>,
    manifests: Manifests,
    facts: &Facts,
    host: &dyn Host,
) -> Result<Prepared, Error> {
    let Manifests { units, environments } = manifests;
    let places = Places { facts, registry: inputs.registry() };
    let commit = commit(inputs, host);
    let tags = images::Tags { main: inputs.tag.or(commit.as_deref()), commit: commit.as_deref() };
    let addons = merged_addons(inputs, &units, host)?;
    let mut plan = Plan::new();
    let mut ready = Vec::with_capacity(units.len());
    for unit in units {
        host.check()?;
        let keys = Keys::of(unit.workload.config.kind());
        let addons = addons.get(&unit.folder).cloned().flatten();
        let mut stack = Ready { unit, facts: facts.clone(), addons, keys };
        if inputs.target == Target::Nothing {
            set_tag(&mut stack.facts, &stack.unit.pair.workload, inputs.tag);
        } else {
            add_artifacts(inputs, &mut stack, places, tags, &mut plan, host.cancel())?;
        }
        ready.push(stack);
    }
    let mut problems = Diagnostics::default();
    let drafts = environments::drafts(inputs, &environments, facts, &mut problems, host)?;
    rehearse(inputs, &ready, problems, host)?;
    if inputs.target.builds() {
        add_functions(&ready, places, &mut plan)?;
        plan.objects_of(drafts.iter().flat_map(|draft| draft.assets.objects().cloned()));
    }
    Ok(Prepared { drafts, stacks: ready, plan })
}

/// Plans the images and files of a workload, and tells its stack where they will be.
fn add_artifacts(
    inputs: &Inputs<'_>,
    stack: &mut Ready,
    places: Places<'_>,
    tags: images::Tags<'_>,
    plan: &mut Plan,
    cancel: &Cancel,
) -> Result<(), Error> {
    let Ready { unit, facts, addons, .. } = stack;
    (facts.addons_url, facts.asset_mapping_url) = (None, None);
    // What an image would be is known once it is built, or from the facts.
    if inputs.target != Target::Compare {
        facts.images.clear();
    }
    facts.env_files.clear();
    let bucket = places.bucket(&unit.pair.environment)?;
    let root = inputs.project.root();
    let images = if inputs.target == Target::Compare { Vec::new() } else { images::built(unit, root) };
    for built in images {
        check_registered(inputs, &unit.pair.workload)?;
        let tag = if built.is_main { tags.main } else { tags.commit };
        let image =
            Image { repository: places.repository(&unit.pair)?, tag: tag.map(str::to_owned), digest: None };
        facts.images.insert(built.container.clone(), image);
        plan.image(images::request(unit, built, places, tags)?);
    }
    let files = Files { root, bucket: &bucket, threads: threads(), cancel };
    plan.objects_of(uploads::of_unit(unit, files, facts)?);
    if let Some(addons) = addons {
        let owner = AddonsOf::Workload(&unit.pair.workload);
        plan.objects_of(uploads::of_addons(owner, addons, files, facts)?);
    }
    Ok(())
}

/// Only workloads that the application knows have a repository for their images.
fn check_registered(inputs: &Inputs<'_>, workload: &str) -> Result<(), Error> {
    if inputs.registered.is_none_or(|known| known.iter().any(|name| name == workload)) {
        return Ok(());
    }
    let files = inputs.project.workspace().workloads()?;
    Err(Error::NotRegistered(unregistered(&files, workload)))
}

/// The image of the main container, where it was built under another tag than the facts know.
fn set_tag(facts: &mut Facts, container: &str, tag: Option<&str>) {
    if let (Some(image), Some(tag)) = (facts.images.get_mut(container), tag) {
        image.tag = Some(tag.to_owned());
    }
}

/// The addons of each workload, by its folder: they are the same in all environments.
fn merged_addons(
    inputs: &Inputs<'_>,
    units: &[Unit],
    host: &dyn Host,
) -> Result<BTreeMap<String, Option<Addons>>, Error> {
    let mut merged = BTreeMap::new();
    for unit in units {
        if !merged.contains_key(&unit.folder) {
            merged.insert(
                unit.folder.clone(),
                addons::of_workload(inputs.project.workspace(), &unit.folder, host)?,
            );
        }
    }
    Ok(merged)
}

/// Plans the zips of the functions that stacks name, each once for each bucket.
fn add_functions(ready: &[Ready], places: Places<'_>, plan: &mut Plan) -> Result<(), Error> {
    let mut known = BTreeSet::new();
    for stack in ready {
        let bucket = places.bucket(&stack.unit.pair.environment)?;
        for resource in stack.keys.asked() {
            if known.insert(bucket.at(resource.key())) {
                plan.object(functions::object(resource, &bucket));
            }
        }
    }
    Ok(())
}

/// Finds all that is wrong with any stack, besides what is known already.
fn rehearse(
    inputs: &Inputs<'_>,
    ready: &[Ready],
    mut problems: Diagnostics,
    host: &dyn Host,
) -> Result<(), Error> {
    for stack in ready {
        host.check()?;
        match stacks::rehearse(stack.parts(), inputs.project, host) {
            Ok(()) => {}
            Err(Error::Findings(found)) => problems.extend(found),
            Err(other) => return Err(other),
        }
    }
    problems.sort();
    if problems.has_errors() {
        return Err(Error::Findings(problems));
    }
    host.findings(problems);
    Ok(())
}

/// The commit of the workspace, if git knows one and nothing was changed since. CodePipeline's sources have no history.
fn commit(inputs: &Inputs<'_>, host: &dyn Host) -> Option<String> {
    if !inputs.target.builds() {
        return None;
    }
    inputs.project.git(host.cancel()).clean_commit()
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(16)
}
