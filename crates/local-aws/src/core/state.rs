//! What exists in the local AWS.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::ids::Ids;
use crate::services::cloudformation;
use crate::services::{
    acm, apprunner, codebuild, codepipeline, connections, ec2, ecr, ecs, elb, iam, kms, logs, monitoring,
    route53, s3, secrets, sns, ssm, states, sts,
};

/// All accounts and regions: what a test inspects and what is saved to the state directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    pub(crate) ids: Ids,
    /// Sessions of assumed roles by access key.
    pub(crate) sessions: BTreeMap<String, sts::Session>,
    /// ARNs of roles that nobody may assume, whatever their trust policy says.
    pub(crate) refused_roles: BTreeSet<String>,
    /// IAM by account.
    pub(crate) iam: BTreeMap<String, iam::Iam>,
    /// Buckets of all accounts: their names are global.
    pub(crate) buckets: BTreeMap<String, s3::Bucket>,
    /// Hosted zones of all accounts.
    #[serde(default)]
    pub(crate) zones: route53::Zones,
    /// What belongs to one account and region, by [`State::scope`].
    pub(crate) regional: BTreeMap<String, Regional>,
    /// Account and region of callers who do not say otherwise, if they are not those of the options.
    pub(crate) home: Option<(String, String)>,
    /// Up to when everything that takes time has been moved on, in milliseconds since 1970.
    pub(crate) moved_at: i64,
}

/// What exists in one account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Regional {
    pub(crate) parameters: BTreeMap<String, ssm::Parameter>,
    pub(crate) secrets: BTreeMap<String, secrets::Secret>,
    pub(crate) repositories: BTreeMap<String, ecr::Repository>,
    pub(crate) uploads: BTreeMap<String, ecr::Upload>,
    pub(crate) keys: BTreeMap<String, kms::Key>,
    pub(crate) connections: BTreeMap<String, connections::Connection>,
    pub(crate) projects: BTreeMap<String, codebuild::Project>,
    pub(crate) builds: BTreeMap<String, codebuild::Build>,
    pub(crate) build_scripts: BTreeMap<String, codebuild::BuildScript>,
    /// What the builds of a project build from, by its name.
    pub(crate) build_sources: BTreeMap<String, Json>,
    pub(crate) pipelines: BTreeMap<String, codepipeline::Pipeline>,
    /// Actions that are to fail, by pipeline.
    pub(crate) dooms: BTreeMap<String, Vec<codepipeline::Doom>>,
    pub(crate) logs: BTreeMap<String, logs::Group>,
    pub(crate) certificates: BTreeMap<String, acm::Certificate>,
    pub(crate) topics: BTreeMap<String, sns::Topic>,
    pub(crate) load_balancers: elb::LoadBalancing,
    pub(crate) network: ec2::Network,
    pub(crate) ecs: ecs::Ecs,
    /// What was done to services of App Runner, by ARN.
    pub(crate) runners: BTreeMap<String, apprunner::Runner>,
    /// Executions of state machines, by ARN.
    pub(crate) executions: BTreeMap<String, states::Execution>,
    /// Alarms that are not `OK`, or were not once.
    pub(crate) alarms: BTreeMap<String, monitoring::Alarm>,
    pub(crate) stacks: cloudformation::Stacks,
    pub(crate) stack_sets: cloudformation::StackSets,
}

impl State {
    pub(crate) fn new(ids: Ids) -> Self {
        Self {
            ids,
            sessions: BTreeMap::new(),
            refused_roles: BTreeSet::new(),
            iam: BTreeMap::new(),
            buckets: BTreeMap::new(),
            zones: BTreeMap::new(),
            regional: BTreeMap::new(),
            home: None,
            moved_at: 0,
        }
    }

    /// Key of an account and region in [`State::regional`].
    pub(crate) fn scope(account: &str, region: &str) -> String {
        format!("{account}/{region}")
    }

    /// The account and region behind a key of [`State::regional`].
    pub(crate) fn of_scope(scope: &str) -> (&str, &str) {
        scope.split_once('/').unwrap_or((scope, ""))
    }

    /// What exists in an account and region.
    pub(crate) fn at(&mut self, scope: &str) -> &mut Regional {
        self.regional.entry(scope.to_owned()).or_default()
    }

    /// IAM of an account.
    pub(crate) fn iam(&mut self, account: &str) -> &mut iam::Iam {
        self.iam.entry(account.to_owned()).or_default()
    }
}
