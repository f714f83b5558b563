//! What the differences of two stacks do to what is deployed: each difference in a class, the worst of which is a loss.
//!
//! Differences are found by meaning, as in [`crate::diff`], and twice: in the templates as they are written, and in the
//! [resources](crate::resolve) that come of them with the values of their parameters. So a parameter's new value is shown where
//! it acts, a difference in a branch that is not taken is text, and whatever refers to a resource that is replaced follows it.

mod follow;
mod of_resource;

use std::collections::BTreeMap;

use serde::Serialize;

use self::of_resource::{inside, leads};
use crate::diff::{Change, Kind, PARAMETERS, Side, Step, TAGS, TemplateDiff};
use crate::{Map, Value, resolve};

/// What a difference does, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Nothing to any resource: descriptions, metadata, order, branches that are not taken.
    Text,
    /// A parameter's value, or a tag of the stack. What it does to resources is a difference of its own.
    Parameter,
    /// Something comes to be.
    Added,
    /// A resource is changed, and stays.
    InPlace,
    /// A task definition is made anew as the next revision of itself, as with every change; services that run the old one go over
    /// to it.
    Revision,
    /// A resource is changed, with some interruption of what it does.
    Interruption,
    /// Nobody knows: the type is not in the [table](crate::classes), or depends on what only AWS knows.
    Unknown,
    /// A resource may be made anew: the registry says so under conditions of its own, or it refers to one that may be.
    MayReplace,
    /// The structure of a pipeline in CodePipeline: a stage is rolled back only to executions of the present one.
    Structure,
    /// A resource is made anew, and the old one is deleted.
    Replacement,
    /// A resource is deleted.
    Removal,
}

/// Why a resource changes although nothing is written differently there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Values of parameters, conditions and mappings.
    Values,
    /// It refers to a resource that is replaced.
    Follows(String),
}

/// Something about a difference that its class does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remark {
    /// The old resource is left, by its `DeletionPolicy` or `UpdateReplacePolicy`.
    Kept,
    /// A snapshot of the old resource is taken.
    Snapshot,
    /// It is written differently, but no resource becomes another one.
    WithoutEffect,
    /// CloudFormation refuses to change the type of a resource.
    TypeChanged,
}

/// A difference with what it does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effect {
    /// The difference.
    pub change: Change,
    /// What it does.
    pub class: Class,
    /// Why, where the difference is not written at this place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// What else there is to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<Remark>,
}

/// The type of a task definition in ECS.
const TASK_DEFINITION: &str = "AWS::ECS::TaskDefinition";
/// The type of a pipeline in CodePipeline.
pub const PIPELINE: &str = "AWS::CodePipeline::Pipeline";

/// All differences of two stacks with what they do: those that are written in the order of the new template, then what comes of
/// values, then what follows replaced resources.
pub fn effects(old: Side<'_>, new: Side<'_>) -> Vec<Effect> {
    let mut written = TemplateDiff::between_stacks(old, new).changes;
    written.retain(|change| !is_noise(change));
    if written.is_empty() {
        return Vec::new();
    }
    let (before, after) = (resolve::resources(old), resolve::resources(new));
    let mut real = TemplateDiff::between(&before, &after).changes;
    real.retain(|change| !is_noise(change));
    let mut by_name: BTreeMap<&str, Vec<Real<'_>>> = BTreeMap::new();
    for change in &real {
        by_name.entry(&change.name).or_default().push(Real { path: inside(&change.path), change });
    }
    let stacks = Stacks { old, new, before: &before, after: &after };
    let mut effects: Vec<Effect> = Vec::with_capacity(written.len());
    for change in written {
        effects.push(match change.section.as_str() {
            "Resources" => {
                let real = by_name.get(change.name.as_str()).map(Vec::as_slice).unwrap_or_default();
                of_resource::written(change, real, &stacks)
            }
            _ => of_other(change, &stacks),
        });
    }
    let told = Told::of(&effects);
    let untold = real
        .iter()
        .filter(|change| !told.tells(change))
        .map(|change| Effect { cause: Some(Cause::Values), ..of_resource::real(change.clone(), &stacks) });
    let untold: Vec<Effect> = untold.collect();
    effects.extend(untold);
    follow::replaced(&mut effects, &stacks);
    effects
}

/// Differences of one resource that are looked at one by one: a template that has more of them is not what people write.
const MOST: usize = 500;

/// A difference of what comes to be, with its path as [`inside`] has it.
struct Real<'a> {
    path: Vec<Step>,
    change: &'a Change,
}

/// Where differences of resources are told.
struct Told(BTreeMap<String, Vec<(Vec<Step>, Class)>>);

impl Told {
    fn of(effects: &[Effect]) -> Self {
        let mut told = Self(BTreeMap::new());
        for effect in effects {
            told.add(effect);
        }
        told
    }

    fn add(&mut self, effect: &Effect) {
        if effect.change.section == "Resources" {
            let places = self.0.entry(effect.change.name.clone()).or_default();
            places.push((inside(&effect.change.path), effect.class));
        }
    }

    fn of_resource(&self, name: &str) -> &[(Vec<Step>, Class)] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a difference is told: at the same place, or with what it is a part of.
    fn tells(&self, change: &Change) -> bool {
        let (told, path) = (self.of_resource(&change.name), inside(&change.path));
        let tells = |told: &[Step]| (told.is_empty() || !path.is_empty()) && leads(told, &path);
        told.len() > MOST || told.iter().any(|(told, _)| tells(told))
    }
}

/// Both stacks, as they are written and as they come to be.
struct Stacks<'a> {
    old: Side<'a>,
    new: Side<'a>,
    before: &'a Value,
    after: &'a Value,
}

impl Stacks<'_> {
    fn resources(template: &Value) -> Option<&Map> {
        template.get("Resources")?.as_map()
    }

    fn before(&self, name: &str) -> Option<&Value> {
        Self::resources(self.before)?.get(name)
    }

    fn after(&self, name: &str) -> Option<&Value> {
        Self::resources(self.after)?.get(name)
    }
}

/// What makes a custom resource run although nothing has changed: each render of Copilot writes another one.
fn is_noise(change: &Change) -> bool {
    let custom = change.resource_type.as_deref().is_some_and(|kind| kind.starts_with("Custom::"));
    let is_id = |path: &[Step]| matches!(path, [Step::Key(_), Step::Key(key)] if key == "UpdateID");
    custom && change.kind == Kind::Changed && is_id(&change.path)
}

/// What is no resource.
fn of_other(change: Change, stacks: &Stacks<'_>) -> Effect {
    let described = matches!(&change.path[..], [Step::Key(key)] if key == "Description");
    let class = match change.section.as_str() {
        PARAMETERS | TAGS => Class::Parameter,
        "Parameters" | "Outputs" if described => Class::Text,
        "Parameters" => Class::Parameter,
        // Another stack may import it.
        "Outputs" if change.path.is_empty() && is_export(change.old.as_ref()) => Class::Removal,
        "Outputs" if change.path.is_empty() && change.kind == Kind::Added => Class::Added,
        "Outputs" => Class::InPlace,
        "Conditions" => match [stacks.old, stacks.new].map(|stack| declares(stack, &change.name)) {
            // What it decides is shown where it decides.
            [Decided::No, Decided::No] => Class::Unknown,
            [Decided::No, _] | [_, Decided::No] if change.kind == Kind::Changed => Class::Unknown,
            _ => Class::Text,
        },
        "Transform" | "Hooks" => Class::Unknown,
        _ => Class::Text,
    };
    Effect { change, class, cause: None, remark: None }
}

fn is_export(removed: Option<&Value>) -> bool {
    removed.is_some_and(|output| output.get("Export").is_some())
}

#[derive(Clone, Copy)]
enum Decided {
    Yes,
    No,
    Absent,
}

fn declares(stack: Side<'_>, name: &str) -> Decided {
    let there = stack.template.get("Conditions").is_some_and(|conditions| conditions.get(name).is_some());
    match (there, resolve::condition(stack, name)) {
        (false, _) => Decided::Absent,
        (true, Some(_)) => Decided::Yes,
        (true, None) => Decided::No,
    }
}

impl Effect {
    /// Whether CloudFormation makes the resource anew, surely or perhaps.
    pub fn replaces(&self) -> bool {
        matches!(self.class, Class::Revision | Class::MayReplace | Class::Replacement)
    }
}
