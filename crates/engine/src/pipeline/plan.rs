//! What deploying a pipeline would do, what keeps it from being done, and what has to be asked before. Nothing here asks AWS or
//! a person.

use copilot_deployer::pipeline::is_later;
use copilot_deployer::stack::Status;
use copilot_manifest::buildspec::codes::NO_PROGRAM;
use copilot_stack::TEMPLATE_VERSION;
use copilot_yaml::Diagnostics;
use serde::Serialize;

use super::stages::{Stage, stages};
use super::{Observed, Unregistered, pushed, windows};
use crate::error::Error;
use crate::event::Notice;
use crate::host::Host;
use crate::project::Project;
use crate::question::{Field, Question, Remains, Subject};
use crate::validate::{CommandCheck, buildspecs};

/// What is wanted beyond the usual.
#[expect(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Another operation on the stack may be waited for.
    pub wait: bool,
    /// A newer stack may be replaced.
    pub allow_downgrade: bool,
    /// Whoever is asked has seen how the stack differs.
    pub shows_difference: bool,
    /// A stack that is found to have failed only when the plan is carried out may be deleted and made anew, too.
    pub recreate: bool,
}

/// Why a deployment can't begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "blocker", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Blocker {
    /// No stage deploys anything: AWS would refuse it, or it would run for nothing.
    #[error("the pipeline `{pipeline}` would deploy nothing")]
    NothingToDeploy {
        /// The pipeline.
        pipeline: String,
        /// A workload that it would deploy if the application knew it.
        #[serde(skip)]
        left_out: Option<Unregistered>,
    },
    /// Somebody else changes the stack.
    #[error("stack {stack} is being changed by somebody else ({status})")]
    Busy {
        /// The stack.
        stack: String,
        /// Its status.
        status: Status,
    },
    /// A newer program has deployed it.
    #[error(
        "cannot downgrade pipeline {pipeline} (currently in version {version}) to version {TEMPLATE_VERSION}"
    )]
    Newer {
        /// The pipeline.
        pipeline: String,
        /// The version of what is deployed.
        version: String,
    },
}

/// What a deployment would do.
#[expect(clippy::struct_excessive_bools, reason = "each is a property of the plan")]
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// The pipeline.
    pub pipeline: String,
    /// Its application.
    pub application: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The stack.
    pub stack: String,
    /// Whether the stack is made anew.
    pub creates: bool,
    /// Whether the application gets its bucket and key in this region first.
    pub bootstraps: bool,
    /// What the pipeline will do.
    pub stages: Vec<Stage>,
    /// Why it can't be carried out; nothing if it can.
    pub blockers: Vec<Blocker>,
    /// What is wrong with the files that the pipeline runs. An error keeps the plan from being carried out.
    #[serde(serialize_with = "as_texts")]
    pub findings: Diagnostics,
    /// What has to be asked before it is carried out.
    pub questions: Vec<Question>,
    /// Whether all that the stack is made of is known: the name of a bucket that is still to be made is not.
    pub complete: bool,
    /// Whether nothing stands against it.
    pub applicable: bool,
    #[serde(skip)]
    pub(super) observed: Observed,
    #[serde(skip)]
    pub(super) wait: bool,
    /// The pipeline's stack may be deleted and made anew.
    #[serde(skip)]
    pub(super) recreates_stack: bool,
    /// So may the application's resources in this region.
    #[serde(skip)]
    pub(super) recreates_region: bool,
}

impl Plan {
    /// Plans the deployment of what was observed. `check` judges the command lines of this tool that buildspecs run.
    ///
    /// # Errors
    /// When the workspace can't be read.
    pub fn new(
        observed: Observed,
        wishes: Wishes,
        project: &Project,
        check: Option<&CommandCheck<'_>>,
    ) -> Result<Self, Error> {
        let blockers = blockers(&observed, wishes);
        let is_arm = observed.loaded.pipeline.build.is_arm();
        let mut findings = buildspecs::required(&observed.file, is_arm, project, check);
        // Deploying brings the program there, or says why it can't.
        findings.retain(|problem| problem.code != &NO_PROGRAM);
        findings.extend(windows::windows_of(&observed.loaded.pipeline, project)?);
        findings.sort();
        let facts = observed.facts();
        let is_stuck = observed.deployed.as_ref().is_some_and(copilot_deployer::stack::Description::is_stuck);
        Ok(Self {
            pipeline: observed.name().to_owned(),
            application: facts.application.name.clone(),
            account: facts.application.account_id.clone(),
            region: observed.region.clone(),
            stack: observed.stack.clone(),
            creates: observed.deployed.is_none() || is_stuck,
            bootstraps: observed.own_region().is_none(),
            complete: observed.own_region().is_some(),
            stages: stages(&observed.loaded),
            applicable: blockers.is_empty() && !findings.has_errors(),
            questions: vec![question(&observed, wishes)],
            blockers,
            findings,
            wait: wishes.wait,
            recreates_stack: is_stuck || wishes.recreate,
            recreates_region: observed.left_over.is_some() || wishes.recreate,
            observed,
        })
    }

    /// What it was made from.
    pub fn observed(&self) -> &Observed {
        &self.observed
    }

    /// Tells the host what of the workspace the pipeline would not find, since it was not pushed.
    pub fn check_pushed(&self, project: &Project, host: &dyn Host) {
        if let Some(missing) =
            pushed::missing(&self.observed.loaded.pipeline, &self.region, project, host.cancel())
        {
            host.notice(Notice::NotPushed(missing));
        }
    }
}

fn blockers(observed: &Observed, wishes: Wishes) -> Vec<Blocker> {
    let mut found = Vec::new();
    let loaded = &observed.loaded;
    if loaded.pipeline.stages.iter().all(|stage| stage.deployments.is_empty()) {
        let left_out = loaded.left_out.first().cloned();
        found.push(Blocker::NothingToDeploy { pipeline: observed.name().to_owned(), left_out });
    }
    if let Some(stack) = observed.deployed.as_ref().filter(|stack| stack.in_progress() && !wishes.wait) {
        found.push(Blocker::Busy { stack: stack.name.clone(), status: stack.status.clone() });
    }
    if let Some(version) = observed.version.as_ref().filter(|_| !wishes.allow_downgrade)
        && is_later(version, TEMPLATE_VERSION)
    {
        found.push(Blocker::Newer { pipeline: observed.name().to_owned(), version: version.clone() });
    }
    found
}

fn question(observed: &Observed, wishes: Wishes) -> Question {
    let left = observed.deployed.iter().filter(|stack| stack.is_stuck()).chain(&observed.left_over);
    let remains: Vec<Remains> =
        left.map(|stack| Remains { name: stack.name.clone(), status: stack.status.clone() }).collect();
    let about = match &observed.deployed {
        _ if !remains.is_empty() => Subject::Recreate { stacks: remains },
        _ if wishes.shows_difference => Subject::Difference,
        Some(stack) => Subject::Update { stack: stack.name.clone() },
        None => Subject::CreatePipeline { pipeline: observed.name().to_owned() },
    };
    Question { about, field: Field::Confirmed, default: None }
}

fn as_texts<S: serde::Serializer>(findings: &Diagnostics, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(findings.iter().map(ToString::to_string))
}
