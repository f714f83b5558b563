//! What ECS keeps: task definitions, services with their deployments, and tasks.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::engine::Session;
use super::script::TaskScript;
use crate::core::ids::sha256_hex;
use crate::services::tags::Tags;

/// ECS of an account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Ecs {
    /// Names of clusters that no stack made.
    pub(crate) clusters: BTreeSet<String>,
    /// By ARN.
    pub(crate) definitions: BTreeMap<String, Definition>,
    /// By ARN.
    pub(crate) services: BTreeMap<String, Service>,
    /// By ARN.
    pub(crate) tasks: BTreeMap<String, Task>,
    /// What tasks do that nothing runs, for those that are not to run and be well.
    pub(crate) scripts: Vec<TaskScript>,
    /// Sessions in which a command may be run, by their tokens.
    pub(crate) sessions: BTreeMap<String, Session>,
    /// How functions behind hooks end, by a part of their names: `SUCCEEDED`, `FAILED` or, for ever, `IN_PROGRESS`.
    pub(crate) hooks: BTreeMap<String, String>,
    /// How many names were made up.
    pub(crate) made: u64,
}

impl Ecs {
    /// A name that nothing else here has: hexadecimal digits.
    pub(crate) fn name(&mut self, what: &str) -> String {
        self.made += 1;
        sha256_hex(format!("{what} {}", self.made).as_bytes())
    }

    /// The same with digits only.
    pub(crate) fn number(&mut self, what: &str) -> String {
        self.name(what).bytes().take(19).map(|letter| char::from(b'0' + letter % 10)).collect()
    }
}

/// A revision of a task definition.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Definition {
    pub(crate) family: String,
    pub(crate) revision: i64,
    /// As `RegisterTaskDefinition` takes it.
    pub(crate) shape: Json,
    pub(crate) registered: i64,
    pub(crate) tags: Tags,
    /// Whether it was deregistered.
    pub(crate) inactive: bool,
}

/// A service.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Service {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) cluster: String,
    pub(crate) created: i64,
    /// As `CreateService` takes it.
    pub(crate) shape: Json,
    pub(crate) desired: i64,
    pub(crate) tags: Tags,
    /// The oldest first.
    pub(crate) revisions: Vec<Revision>,
    /// What `DescribeServices` calls deployments: the newest first, which is the primary one.
    pub(crate) rollouts: Vec<Rollout>,
    /// Service deployments, the oldest first.
    pub(crate) deployments: Vec<Deployment>,
    /// The oldest first.
    pub(crate) events: Vec<Event>,
    /// The service deployment that decides how the last change by CloudFormation ends.
    pub(crate) awaited: Option<String>,
    /// Steps since CloudFormation began to wait.
    pub(crate) waited: u32,
    /// Steps before the next task is started, after many have failed.
    pub(crate) pause: u32,
    /// Whether it has said that it is steady since something last changed.
    pub(crate) steady: bool,
}

/// What a service was told to be at one time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Revision {
    pub(crate) arn: String,
    pub(crate) created: i64,
    /// The service's shape then.
    pub(crate) shape: Json,
    /// The target group of each load balancer that its tasks stand behind.
    pub(crate) groups: Vec<String>,
    /// Of 100, how much of the traffic of users it gets.
    pub(crate) weight: f64,
    /// The same for the traffic of tests.
    pub(crate) test_weight: f64,
}

/// The tasks of a revision.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Rollout {
    /// `ecs-svc/NUMBER`.
    pub(crate) id: String,
    pub(crate) revision: String,
    pub(crate) definition: String,
    pub(crate) created: i64,
    pub(crate) updated: i64,
    pub(crate) desired: i64,
    pub(crate) failed: i64,
    /// `IN_PROGRESS`, `COMPLETED` or `FAILED`.
    pub(crate) state: String,
    pub(crate) reason: String,
}

/// A service deployment.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Deployment {
    pub(crate) arn: String,
    pub(crate) created: i64,
    pub(crate) updated: i64,
    pub(crate) finished: Option<i64>,
    pub(crate) stopped: Option<i64>,
    /// ARNs of revisions.
    pub(crate) sources: Vec<String>,
    pub(crate) target: String,
    /// The revision to go back to: that of the last deployment that came to a good end.
    pub(crate) back: Option<String>,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) stage: String,
    /// Steps in this stage, or since the last part of the traffic was shifted; how many parts that were.
    pub(crate) steps: u32,
    pub(crate) substep: u32,
    pub(crate) hooks: Vec<Hook>,
    /// As `CreateService` takes it.
    pub(crate) configuration: Json,
    pub(crate) rollback: Option<Rollback>,
    pub(crate) failures: i64,
    pub(crate) threshold: i64,
    /// `DISABLED`, `MONITORING`, `MONITORING_COMPLETE` or `TRIGGERED`.
    pub(crate) breaker: String,
    pub(crate) alarms: String,
    pub(crate) triggered: Vec<String>,
}

/// A deployment on its way back.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Rollback {
    pub(crate) reason: String,
    pub(crate) started: i64,
    pub(crate) revision: String,
}

/// A hook of a deployment that has begun.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Hook {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) target: Option<String>,
    pub(crate) stage: String,
    /// `AWAITING_ACTION`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED` or `TIMED_OUT`.
    pub(crate) status: String,
    /// What happens when its time is over, and when that is.
    pub(crate) timeout: String,
    pub(crate) expires: i64,
    /// Steps until then.
    pub(crate) left: u32,
}

/// An event of a service.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) time: i64,
    pub(crate) message: String,
}

/// A task.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing of its own that has happened to a task")]
pub(crate) struct Task {
    pub(crate) arn: String,
    pub(crate) id: String,
    pub(crate) cluster: String,
    pub(crate) definition: String,
    pub(crate) group: String,
    pub(crate) started_by: Option<String>,
    /// ARN of the service and id of the rollout that it belongs to.
    pub(crate) service: Option<String>,
    pub(crate) rollout: Option<String>,
    /// Whether it is to stop.
    pub(crate) ending: bool,
    pub(crate) status: String,
    /// Steps in this status.
    pub(crate) steps: u32,
    pub(crate) created: i64,
    pub(crate) started: Option<i64>,
    pub(crate) stopping: Option<i64>,
    pub(crate) stopped: Option<i64>,
    pub(crate) code: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) containers: Vec<Container>,
    /// Launch type, network and so on, as it was asked for.
    pub(crate) shape: Json,
    pub(crate) tags: Tags,
    /// Whether it ended otherwise than it was told to.
    pub(crate) failed: bool,
    /// Whether it counted as failed, or as well, already.
    pub(crate) counted: bool,
    pub(crate) script: Option<TaskScript>,
    /// Why nothing runs its containers, if that is so although there is an engine.
    pub(crate) unfit: Option<String>,
    /// Whether containers of an engine do its work, and whether they have done so for a while.
    pub(crate) real: bool,
    pub(crate) settled: bool,
}

/// A container of a task.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Container {
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) digest: Option<String>,
    pub(crate) essential: bool,
    /// Whether it has a health check.
    pub(crate) checked: bool,
    pub(crate) status: String,
    pub(crate) health: String,
    pub(crate) exit: Option<i64>,
    pub(crate) reason: Option<String>,
    /// The engine's name for it.
    pub(crate) runtime: Option<String>,
    /// Ports that are reached on loopback: the container's, and the machine's.
    pub(crate) ports: Vec<(i64, i64)>,
    /// How many lines of it are in the log.
    pub(crate) lines: usize,
    /// Log group and stream, if it logs to CloudWatch.
    pub(crate) log: Option<(String, String)>,
}

impl Task {
    /// Whether it has come to its end.
    pub(crate) fn over(&self) -> bool {
        self.status == "STOPPED"
    }

    /// `HEALTHY`, `UNHEALTHY` or, if no essential container has a check, `UNKNOWN`.
    pub(crate) fn health(&self) -> &'static str {
        let checked = || self.containers.iter().filter(|container| container.checked && container.essential);
        if checked().any(|container| container.health == "UNHEALTHY") {
            "UNHEALTHY"
        } else if checked().next().is_some() && checked().all(|container| container.health == "HEALTHY") {
            "HEALTHY"
        } else {
            "UNKNOWN"
        }
    }

    /// Whether it runs, has done so for a while, and passes its checks.
    pub(crate) fn well(&self) -> bool {
        let checked = self.containers.iter().any(|container| container.checked && container.essential);
        let fits = if checked { self.health() == "HEALTHY" } else { true };
        let lasts = if self.real { self.settled } else { self.steps > 0 };
        self.status == "RUNNING" && lasts && !self.ending && fits && !self.turned_away()
    }

    /// Whether a script says that the load balancer's check fails.
    pub(crate) fn turned_away(&self) -> bool {
        self.script.as_ref().is_some_and(|script| script.unhealthy_target)
    }

    /// Lets it stop because something went wrong.
    pub(crate) fn fail(&mut self, now: i64, code: &str, reason: &str) {
        self.failed |= !self.ending;
        self.end(now, code, reason);
    }

    /// Lets it stop. What it was told first counts.
    pub(crate) fn end(&mut self, now: i64, code: &str, reason: &str) {
        if self.ending || self.over() {
            return;
        }
        self.ending = true;
        self.stopping = Some(now);
        self.code = Some(code.to_owned());
        self.reason = Some(reason.to_owned());
    }

    /// A step in another status begins.
    pub(crate) fn turn(&mut self, status: &str) {
        status.clone_into(&mut self.status);
        self.steps = 0;
    }
}

impl Service {
    /// Its events are kept as far as they are described.
    pub(crate) fn tell(&mut self, time: i64, message: String) {
        let id = sha256_hex(format!("{} {} {time} {message}", self.arn, self.events.len()).as_bytes());
        let id = format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..32]);
        self.events.push(Event { id, time, message });
        if self.events.len() > 100 {
            self.events.remove(0);
        }
    }

    /// The deployment under way.
    pub(crate) fn under_way(&self) -> Option<&Deployment> {
        self.deployments.last().filter(|deployment| deployment.finished.is_none())
    }

    /// The revision with this ARN.
    pub(crate) fn revision(&self, arn: &str) -> Option<&Revision> {
        self.revisions.iter().find(|revision| revision.arn == arn)
    }
}
