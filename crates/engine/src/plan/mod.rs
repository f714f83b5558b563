//! What deploying would change: every difference of every stack, by what it does to what is deployed. Nothing is changed here.
//!
//! What is to be is rendered as the other modules of this crate render it ([`proposed`]); what is deployed comes from files
//! ([`Folder`]) or from AWS. Both are compared without either.

mod against;
mod attribution;
mod budget;
mod compare;
mod cost;
mod nested;
mod online;
mod proposed;
mod remote;
mod saved;
mod since;

use copilot_cfn::effect::{Class, Effect};
use copilot_deployer::stack::Drift;
use copilot_stack::Facts;
use copilot_workspace::ManifestFile;
use serde::Serialize;

pub use against::{Current, Folder};
pub use budget::{Budget, Limit};
pub use cost::{Assumed, Cost, PipelineType};
pub use nested::Within;
pub use online::online;
pub use proposed::Proposed;
pub use remote::{Asking, Disagreement, Fate, Remote};
pub use saved::{Moved, Saved, of_environment, of_observed};
pub use since::version_of;

use crate::error::Error;
use crate::host::Host;
use crate::project::Project;

/// Which stacks are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// The pipeline's own.
    pub pipeline: bool,
    /// Those of the workloads that it deploys.
    pub workloads: bool,
    /// Those of the environments that the workspace has a manifest of.
    pub environments: bool,
}

/// Whose stack it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// A pipeline's.
    Pipeline {
        /// Its name.
        name: String,
    },
    /// An environment's.
    Environment {
        /// Its name.
        name: String,
    },
    /// A workload's in an environment.
    Workload {
        /// The service or job.
        workload: String,
        /// The environment.
        environment: String,
    },
    /// The addons of a workload in an environment, or of an environment: a stack that is nested in theirs.
    Addons {
        /// The service or job; nothing where they belong to the environment.
        workload: Option<String>,
        /// The environment.
        environment: String,
    },
}

/// What deploying would do.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// The application.
    pub application: String,
    /// What each stack would become: environments, then workloads, then the pipeline.
    pub stacks: Vec<StackPlan>,
    /// What the pipeline costs a month, where it was looked at.
    pub cost: Option<Cost>,
}

/// What a stack would become.
#[derive(Debug, Clone, Serialize)]
pub struct StackPlan {
    /// Whose it is.
    pub subject: Subject,
    /// Its name.
    pub stack: String,
    /// Whether it would be made for the first time.
    pub creates: bool,
    /// The version of the program that deployed it.
    pub version: Option<String>,
    /// What differs.
    pub differences: Vec<Difference>,
    /// How much of CloudFormation's and `CodePipeline`'s limits it takes.
    pub budget: Budget,
    /// Of what is deployed, as far as it was compared: the SHA-256 in hexadecimal.
    pub deployed_hash: Option<String>,
    /// Of what it is to be.
    pub proposed_hash: String,
    /// What CloudFormation says of the change, where it was asked.
    pub remote: Option<Remote>,
    /// What was changed behind its back, where that was looked at.
    pub drift: Option<Drift>,
    /// What it is nested in.
    #[serde(skip)]
    pub within: Option<Within>,
}

/// A difference, and where it comes from.
#[derive(Debug, Clone, Serialize)]
pub struct Difference {
    /// What differs, and what that does.
    pub effect: Effect,
    /// The line of the manifest that it comes from, as far as that can be told.
    pub place: Option<Place>,
    /// The version of Copilot that would have made the same change.
    pub since: Option<&'static str>,
}

/// A place in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file, from the project's folder.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The key, such as `http.path`.
    pub key: String,
}

/// How many differences there are of each class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Stacks that would be made.
    pub creates: usize,
    /// Stacks that would change.
    pub changes: usize,
    /// Stacks that stay as they are.
    pub same: usize,
    /// How many differences, the worst class first.
    pub classes: Vec<(Class, usize)>,
}

impl StackPlan {
    /// Whether the stack stays as it is.
    pub fn is_same(&self) -> bool {
        let remote = self.remote.as_ref();
        !self.creates && self.differences.is_empty() && remote.is_none_or(Remote::is_quiet)
    }

    /// Whether there is nothing at all to say of it.
    pub fn is_quiet(&self) -> bool {
        self.is_same() && !self.has_drifted()
    }

    /// Whether somebody has changed it behind CloudFormation's back, as far as that was looked at.
    pub fn has_drifted(&self) -> bool {
        self.drift.as_ref().is_some_and(|drift| !drift.resources.is_empty())
    }

    /// The worst that happens: what CloudFormation says of a resource goes before what this plan says.
    pub fn worst(&self) -> Option<Class> {
        let told = || self.remote.iter().flat_map(|remote| &remote.disagreements);
        let settled = |difference: &&Difference| {
            let change = &difference.effect.change;
            change.section == "Resources" && told().any(|one| one.resource == change.name)
        };
        let own = self.differences.iter().filter(|difference| !settled(difference));
        let own = own.map(|difference| difference.effect.class);
        own.chain(told().filter_map(|one| one.theirs.class())).max()
    }
}

impl Plan {
    /// Whether every stack stays as it is.
    pub fn is_empty(&self) -> bool {
        self.stacks.iter().all(StackPlan::is_same)
    }

    /// The stacks whose change CloudFormation would refuse.
    pub fn refused(&self) -> impl Iterator<Item = &StackPlan> {
        let refused = |stack: &&StackPlan| stack.remote.as_ref().is_some_and(|it| it.refused.is_some());
        self.stacks.iter().filter(refused)
    }

    /// Whether something was changed behind CloudFormation's back, as far as that was looked at.
    pub fn has_drifted(&self) -> bool {
        self.stacks.iter().any(StackPlan::has_drifted)
    }

    /// The worst that happens to anything that is there.
    pub fn worst(&self) -> Option<Class> {
        self.stacks.iter().filter(|stack| !stack.creates).filter_map(StackPlan::worst).max()
    }

    /// Counts. What is in a stack that would be made is not.
    pub fn summary(&self) -> Summary {
        let mut counts = std::collections::BTreeMap::new();
        let mut summary = Summary::default();
        for stack in &self.stacks {
            match (stack.creates, stack.is_same()) {
                (true, _) => summary.creates += 1,
                (false, true) => summary.same += 1,
                (false, false) => summary.changes += 1,
            }
            for difference in stack.differences.iter().filter(|_| !stack.creates) {
                *counts.entry(difference.effect.class).or_insert(0) += 1;
            }
        }
        summary.classes = counts.into_iter().rev().collect();
        summary
    }
}

/// What is to be planned.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The workspace.
    pub project: &'a Project,
    /// The pipeline. Without one, every workload of the workspace counts as deployed to every environment.
    pub pipeline: Option<&'a ManifestFile>,
    /// Which stacks.
    pub scope: Scope,
}

/// Plans without asking AWS: with facts, and what is deployed from a folder with the files that `package` and `build` write.
///
/// # Errors
/// As rendering does, and when a file of the folder can't be read.
pub async fn offline(
    request: Request<'_>,
    facts: &Facts,
    folder: &Folder,
    host: &dyn Host,
) -> Result<Plan, Error> {
    let proposed = proposed::offline(request, facts, host).await?;
    let pairs = proposed.into_iter().map(|proposed| {
        host.check()?;
        let current = folder.current(&proposed.subject)?;
        Ok((proposed, current))
    });
    made(&facts.application.name, pairs)
}

/// Compares each.
fn made(
    application: &str,
    pairs: impl Iterator<Item = Result<(Proposed, Option<Current>), Error>>,
) -> Result<Plan, Error> {
    let mut plan = Plan { application: application.to_owned(), stacks: Vec::new(), cost: None };
    for pair in pairs {
        let (proposed, current) = pair?;
        let (stacks, cost) = compare::compare(proposed, current)?;
        plan.stacks.extend(stacks);
        plan.cost = plan.cost.or(cost);
    }
    Ok(plan)
}
