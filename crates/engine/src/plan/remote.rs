//! What CloudFormation itself says of the changes, held against the plan; and what was changed behind its back.

use std::collections::{BTreeMap, BTreeSet};

use copilot_artifact::{Plan as Assets, keys};
use copilot_cfn::effect::Class;
use copilot_cfn::limits::INLINE_BYTES;
use copilot_deployer::stack::{
    ChangeAction, ChangeSet, Invalid, Manner, Patience, Preview, Previewed, PropertyChange, Replacement,
    Template, Where, drifts, previews,
};
use copilot_stack::Facts;
use serde::Serialize;

use super::{Current, Plan, Proposed, StackPlan, Subject};
use crate::build::{Places, upload};
use crate::cloud::Cloud;
use crate::environment;
use crate::error::Error;
use crate::event::Happening;
use crate::host::Host;
use crate::project::Project;

/// What is asked of CloudFormation beyond what is deployed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asking {
    /// What it would do: a change set of each stack is made, read and deleted.
    pub changes: bool,
    /// Whether resources are still as their stacks have made them.
    pub drift: bool,
}

/// What CloudFormation says of the change of a stack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Remote {
    /// Why it would refuse it.
    pub refused: Option<String>,
    /// What it has found wrong.
    pub findings: Vec<Invalid>,
    /// How many resources it would change.
    pub changes: usize,
    /// Where it judges otherwise than the plan.
    pub disagreements: Vec<Disagreement>,
    /// What else could not be asked.
    pub unread: Option<String>,
}

impl Remote {
    /// Whether there is nothing to say.
    pub fn is_quiet(&self) -> bool {
        self.refused.is_none() && self.findings.is_empty() && self.disagreements.is_empty()
    }
}

/// A resource of which CloudFormation says otherwise than the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Disagreement {
    /// Its name in the template.
    pub resource: String,
    /// Its type.
    pub resource_type: String,
    /// What becomes of it by the plan.
    pub ours: Fate,
    /// What becomes of it as CloudFormation says.
    pub theirs: Fate,
    /// The properties because of which CloudFormation makes it anew.
    pub causes: Vec<PropertyChange>,
}

/// What becomes of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It stays as it is.
    Unchanged,
    /// It is changed and stays.
    Changed,
    /// It is made.
    Added,
    /// It is changed, and may be made anew.
    MayBeReplaced,
    /// It is made anew.
    Replaced,
    /// It is removed.
    Removed,
}

impl Fate {
    /// The class of a difference that does this.
    pub const fn class(self) -> Option<Class> {
        match self {
            Self::Unchanged => None,
            Self::Changed => Some(Class::InPlace),
            Self::Added => Some(Class::Added),
            Self::MayBeReplaced => Some(Class::MayReplace),
            Self::Replaced => Some(Class::Replacement),
            Self::Removed => Some(Class::Removal),
        }
    }

    /// By the differences of a resource.
    const fn of_class(class: Class) -> Self {
        match class {
            Class::Text | Class::Parameter => Self::Unchanged,
            Class::Added => Self::Added,
            Class::InPlace | Class::Interruption | Class::Structure => Self::Changed,
            Class::MayReplace | Class::Unknown => Self::MayBeReplaced,
            Class::Revision | Class::Replacement => Self::Replaced,
            Class::Removal => Self::Removed,
        }
    }

    fn of_change(change: &Previewed) -> Self {
        match (change.change.action, change.change.replacement) {
            (ChangeAction::Add | ChangeAction::Import, _) => Self::Added,
            (ChangeAction::Remove, _) => Self::Removed,
            (_, Replacement::Yes) => Self::Replaced,
            (_, Replacement::Conditional) => Self::MayBeReplaced,
            (_, Replacement::No) => Self::Changed,
        }
    }
}

/// A stack about which CloudFormation is asked.
pub(super) struct Asked {
    place: Where,
    environment: Option<String>,
    change: ChangeSet,
    /// What has to lie in the bucket for CloudFormation to read it.
    assets: Assets,
    /// Nested stacks that are there.
    nested: Vec<String>,
}

impl Asked {
    /// Of a stack that is there. `run` is a text that no other run has.
    pub(super) fn of(
        proposed: &Proposed,
        current: &Current,
        facts: &Facts,
        region: &str,
        run: &str,
    ) -> Result<Self, Error> {
        let environment = match &proposed.subject {
            Subject::Environment { name } | Subject::Workload { environment: name, .. } => Some(name),
            Subject::Pipeline { .. } | Subject::Addons { .. } => None,
        };
        let places = Places { facts, registry: None };
        let bucket = match environment {
            Some(name) => Some(places.bucket(name)?),
            None => places.bucket_in(region),
        };
        let mut assets = Assets::new();
        let mut template = Template::Body(proposed.text.clone());
        if let Some(bucket) = &bucket {
            if proposed.text.len() > INLINE_BYTES {
                let what = format!("template of stack {}", proposed.stack);
                let object =
                    bucket.text(proposed.text.clone(), what, |hash| keys::template(&proposed.stack, hash));
                template = Template::Url(object.at.url());
                assets.object(object);
            }
            if let Some(nested) = &proposed.nested {
                let what = format!("addons template of stack {}", proposed.stack);
                assets.object(bucket.text(nested.text.clone(), what, |hash| match &proposed.subject {
                    Subject::Workload { workload, .. } => keys::addons_template(workload, hash),
                    _ => keys::environment_addons_template(hash),
                }));
            }
        }
        let deployed = current.parameters.as_ref();
        let is_there = |name: &&&str| deployed.is_some_and(|deployed| deployed.contains_key(**name));
        let kept = proposed.kept.iter().filter(is_there).map(|name| (*name).to_owned()).collect();
        let role = environment.and_then(|name| facts.environments.get(name)?.execution_role_arn.clone());
        let change = ChangeSet {
            stack: proposed.stack.clone(),
            template,
            parameters: proposed.parameters.clone(),
            tags: proposed.tags.clone(),
            name: format!("copilot-plan-{run}"),
            recreate: false,
            wait: false,
            manner: Manner { role_arn: role, kept, update_only: true, ..Manner::default() },
        };
        Ok(Self {
            place: place_of(&proposed.subject, facts)?,
            environment: environment.cloned(),
            change,
            assets,
            nested: current.nested.values().filter_map(|nested| nested.stack.clone()).collect(),
        })
    }
}

/// Where a stack is.
pub(super) fn place_of(subject: &Subject, facts: &Facts) -> Result<Where, Error> {
    match subject {
        Subject::Pipeline { .. } => Ok(Where::Here),
        Subject::Environment { name }
        | Subject::Workload { environment: name, .. }
        | Subject::Addons { environment: name, .. } => {
            let place = environment::place(facts, name)?;
            Ok(Where::Environment { region: place.region, role_arn: place.manager_role_arn })
        }
    }
}

/// Asks, and adds the answers to the plan.
pub(super) async fn ask(
    plan: &mut Plan,
    asking: Asking,
    asked: Vec<Asked>,
    (project, facts): (&Project, &Facts),
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<(), Error> {
    let patience = cloud.patience(Patience::STACK);
    if asking.changes {
        for one in asked.iter().filter(|one| one.assets.objects().len() > 0) {
            upload(&one.assets, one.environment.as_deref(), facts, project, cloud, host).await?;
        }
        host.tell(Happening::Asking { application: plan.application.clone() });
        let changes: Vec<_> = asked.iter().map(|one| (one.place.clone(), one.change.clone())).collect();
        // It stops by itself, after it has cleaned up.
        let told = previews(cloud.session(), &changes, patience, || host.cancel().cancelled()).await;
        host.tell(Happening::Asked);
        host.check()?;
        judge(plan, told?);
    }
    if asking.drift {
        host.tell(Happening::Asking { application: plan.application.clone() });
        let names = asked.iter().flat_map(|one| {
            let nested = one.nested.iter().cloned();
            nested.chain([one.change.stack.clone()]).map(|name| (one.place.clone(), name))
        });
        let names: Vec<_> = names.collect();
        let told = host.or_cancelled(drifts(cloud.session(), &names, patience)).await;
        host.tell(Happening::Asked);
        let mut told = told?;
        for stack in &mut plan.stacks {
            stack.drift = told.remove(&stack.stack);
        }
    }
    Ok(())
}

/// Holds what CloudFormation says against the plan.
fn judge(plan: &mut Plan, mut told: BTreeMap<String, Preview>) {
    for stack in &mut plan.stacks {
        let (name, within) = match &stack.within {
            Some(within) => (within.stack.clone(), Some(within.logical_id.as_str())),
            None => (stack.stack.clone(), None),
        };
        let Some(preview) = told.get_mut(&name) else { continue };
        let is_own = |one: &Previewed| one.within.as_deref() == within;
        let own: Vec<Previewed> = preview.changes.iter().filter(|one| is_own(one)).cloned().collect();
        let mut remote = Remote { changes: own.len(), ..Remote::default() };
        if within.is_none() {
            remote.refused.clone_from(&preview.refused);
            remote.findings = std::mem::take(&mut preview.findings);
            remote.unread = preview.unread.take();
        }
        let is_gone = |one: &Previewed| {
            one.change.action == ChangeAction::Remove && Some(one.change.logical_id.as_str()) == within
        };
        // Of a nested stack that comes or goes as a whole, what is in it need not be told.
        let whole = own.is_empty() && (stack.creates || preview.changes.iter().any(is_gone));
        // What was refused was not looked at any further.
        if remote.refused.is_none() && preview.refused.is_none() && !whole {
            remote.disagreements = disagreements(stack, &own);
        }
        stack.remote = Some(remote);
    }
}

/// Where the two say otherwise. Whether a resource is touched at all is a difference only where the plan has none: references
/// to what changes are changes for CloudFormation.
fn disagreements(stack: &StackPlan, told: &[Previewed]) -> Vec<Disagreement> {
    let mut ours: BTreeMap<&str, (Fate, &str)> = BTreeMap::new();
    for difference in stack.differences.iter().filter(|it| it.effect.change.section == "Resources") {
        let change = &difference.effect.change;
        let fate = Fate::of_class(difference.effect.class);
        let kind = change.resource_type.as_deref().unwrap_or_default();
        let known = ours.entry(&change.name).or_insert((fate, kind));
        known.0 = known.0.max(fate);
    }
    let theirs: BTreeMap<&str, &Previewed> =
        told.iter().map(|one| (one.change.logical_id.as_str(), one)).collect();
    let names: BTreeSet<&str> = ours.keys().chain(theirs.keys()).copied().collect();
    let mut found = Vec::new();
    for name in names {
        let (own, kind) = ours.get(name).copied().unwrap_or((Fate::Unchanged, ""));
        let change = theirs.get(name);
        let other = change.map_or(Fate::Unchanged, |change| Fate::of_change(change));
        if agree(own, other, stack.differences.is_empty()) {
            continue;
        }
        found.push(Disagreement {
            resource: name.to_owned(),
            resource_type: change.map_or(kind, |change| change.change.kind.as_str()).to_owned(),
            ours: own,
            theirs: other,
            causes: change.map(|change| change.causes.clone()).unwrap_or_default(),
        });
    }
    found
}

/// Whether both say the same, as far as it matters.
fn agree(ours: Fate, theirs: Fate, is_same: bool) -> bool {
    let stays = |fate: Fate| fate <= Fate::Changed;
    match (ours, theirs) {
        _ if ours == theirs => true,
        (Fate::Unchanged, Fate::Changed) => !is_same,
        (one, other) => stays(one) && stays(other),
    }
}

#[cfg(test)]
mod tests {
    use super::{Fate, agree};

    #[test]
    fn they_differ_where_a_resource_is_lost_to_one_of_them() {
        assert!(agree(Fate::Changed, Fate::Unchanged, false));
        assert!(agree(Fate::Unchanged, Fate::Changed, false), "a reference to what changes");
        assert!(!agree(Fate::Unchanged, Fate::Changed, true), "the plan says that nothing changes");
        assert!(!agree(Fate::Changed, Fate::Replaced, false));
        assert!(!agree(Fate::Replaced, Fate::Changed, false));
        assert!(!agree(Fate::MayBeReplaced, Fate::Replaced, false), "it is settled");
        assert!(!agree(Fate::Unchanged, Fate::Removed, false));
    }
}
