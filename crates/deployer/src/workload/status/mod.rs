//! How a service is: its rollout, its tasks and its alarms; an App Runner service; the files of a static site.

mod alarms;
mod site;

use aws_sdk_apprunner::Client as AppRunner;
use aws_sdk_ecs::Client as Ecs;
use aws_sdk_ecs::types;
use aws_sdk_elasticloadbalancingv2::Client as Balancers;
use aws_sdk_elasticloadbalancingv2::types::{TargetHealthReasonEnum, TargetHealthStateEnum};
use futures::future::{try_join, try_join_all, try_join4};
use serde::Serialize;

pub use alarms::Alarm;
pub(crate) use alarms::by_names;
pub use site::SiteStatus;
pub(crate) use site::objects;

use super::find::{Deployed, Platform};
use super::logs::{LogEvent, LogGroup};
use super::tasks::{Of, Task, tasks};
use crate::error::Error;
use crate::null::{null_if_empty, or_zero};
use crate::time::Time;

/// Lines of App Runner's own log that belong to a status.
const LINES: usize = 10;

/// How a service is.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// On ECS.
    Service(Box<ServiceStatus>),
    /// On App Runner.
    AppRunner(AppRunnerStatus),
    /// A static site.
    StaticSite(SiteStatus),
}

/// How an ECS service is. Its JSON is what Copilot prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceStatus {
    /// The service itself.
    #[serde(rename = "Service")]
    pub service: Service,
    /// The tasks that run or are about to.
    #[serde(serialize_with = "null_if_empty")]
    pub tasks: Vec<Task>,
    /// Alarms of its stack, of its scaling and of its rollbacks, by type and name.
    pub alarms: Vec<Alarm>,
    /// Tasks that have ended in about the last hour.
    #[serde(rename = "stoppedTasks", serialize_with = "null_if_empty")]
    pub stopped: Vec<Task>,
    /// What load balancers think of the tasks.
    #[serde(rename = "targetHealthDescriptions", serialize_with = "null_if_empty")]
    pub targets: Vec<Target>,
}

/// An ECS service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// How many tasks it is to have.
    pub desired_count: i32,
    /// How many run.
    pub running_count: i32,
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub status: String,
    /// Its rollouts, the newest first.
    #[serde(serialize_with = "null_if_empty")]
    pub deployments: Vec<Rollout>,
    /// When the newest rollout changed last.
    #[serde(serialize_with = "or_zero")]
    pub last_deployment_at: Option<Time>,
    /// Task definition of the newest rollout.
    pub task_definition: String,
    /// How many tasks are about to run.
    #[serde(skip)]
    pub pending_count: i32,
    /// What ECS did last, the newest first.
    #[serde(skip)]
    pub events: Vec<(Option<Time>, String)>,
}

/// A rollout of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rollout {
    /// Its ID.
    pub id: String,
    /// How many tasks it is to have.
    pub desired_count: i32,
    /// How many of them run.
    pub running_count: i32,
    /// When it changed last.
    #[serde(serialize_with = "or_zero")]
    pub updated_at: Option<Time>,
    /// `FARGATE` or `EC2`; empty for one with capacity providers.
    pub launch_type: String,
    /// Its task definition.
    pub task_definition: String,
    /// `PRIMARY`, `ACTIVE` or `INACTIVE`.
    pub status: String,
    /// How many tasks are about to run.
    #[serde(skip)]
    pub pending_count: i32,
    /// How many tasks ended in a row without having become healthy.
    #[serde(skip)]
    pub failed_tasks: i32,
    /// `COMPLETED`, `FAILED` or `IN_PROGRESS`.
    #[serde(skip)]
    pub state: String,
    /// Why it is in that state, in ECS's words.
    #[serde(skip)]
    pub reason: String,
}

/// What a load balancer thinks of a target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Target {
    /// Its health.
    #[serde(rename = "healthStatus")]
    pub health: TargetHealth,
    /// The task that it is; empty if it is none of the service.
    #[serde(rename = "taskID")]
    pub task: String,
    /// ARN of its target group.
    #[serde(rename = "targetGroup")]
    pub group: String,
}

/// The health of a target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TargetHealth {
    /// Its address.
    #[serde(rename = "targetID")]
    pub id: String,
    /// Why it is not healthy, in a sentence.
    pub description: String,
    /// `healthy`, `unhealthy`, `initial` and so on.
    pub state: String,
    /// Why it is not healthy, in a code.
    pub reason: String,
}

/// How an App Runner service is. Its JSON is what Copilot prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppRunnerStatus {
    /// Its ARN.
    pub arn: String,
    /// `RUNNING`, `PAUSED`, `OPERATION_IN_PROGRESS` and so on.
    pub status: String,
    /// When it was created.
    pub created_at: Time,
    /// When it changed last.
    pub updated_at: Time,
    /// What it runs.
    pub source: Source,
    /// The last lines of what App Runner did, oldest first.
    #[serde(skip)]
    pub log: Vec<LogEvent>,
}

/// What an App Runner service runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// Its image.
    pub image_id: String,
}

/// How a service is.
///
/// # Errors
/// [`Error::NotThere`] for a job and for a stack without a service, or when AWS refuses.
pub async fn status(deployed: &Deployed) -> Result<Status, Error> {
    match deployed.platform() {
        Platform::AppRunner => Box::pin(app_runner(deployed)).await.map(Status::AppRunner),
        Platform::StaticSite => site::status(deployed).await.map(Status::StaticSite),
        _ => Box::pin(service(deployed)).await.map(|status| Status::Service(Box::new(status))),
    }
}

async fn service(deployed: &Deployed) -> Result<ServiceStatus, Error> {
    let found = deployed.service()?;
    let cluster = deployed.cluster().await?;
    let config = deployed.config();
    let of = Of::Service(&found.name);
    let asked = try_join4(
        describe(deployed, &cluster, &found.arn),
        tasks(config, &cluster, of, false),
        tasks(config, &cluster, of, true),
        alarms::alarms(deployed, &cluster, &found.name),
    );
    let (described, running, stopped, alarms) = Box::pin(asked).await?;
    let groups = described.load_balancers().iter().filter_map(|balancer| balancer.target_group_arn());
    let targets = try_join_all(groups.map(|group| targets(deployed, group, &running))).await?;
    let mut targets: Vec<Target> = targets.into_iter().flatten().collect();
    targets.sort_by(|a, b| (&a.group, &a.task).cmp(&(&b.group, &b.task)));
    Ok(ServiceStatus { service: shape(described), tasks: running, alarms, stopped, targets })
}

/// The ECS service itself, as ECS describes it.
///
/// # Errors
/// [`Error::Nothing`] when ECS has none, or when it refuses.
pub(crate) async fn describe(deployed: &Deployed, cluster: &str, arn: &str) -> Result<types::Service, Error> {
    let request = Ecs::new(deployed.config()).describe_services().cluster(cluster).services(arn);
    let answer = request.send().await.map_err(|error| Error::aws("ecs:DescribeServices", &error))?;
    let found = answer.services.unwrap_or_default().into_iter().next();
    found.ok_or_else(|| Error::Nothing(format!("ECS knows no service {arn}")))
}

fn shape(service: types::Service) -> Service {
    let rollouts: Vec<Rollout> = service.deployments.unwrap_or_default().into_iter().map(rollout).collect();
    let newest = rollouts.first();
    let events = service.events.unwrap_or_default().into_iter();
    Service {
        desired_count: service.desired_count,
        running_count: service.running_count,
        status: service.status.unwrap_or_default(),
        last_deployment_at: newest.and_then(|rollout| rollout.updated_at),
        task_definition: newest.map(|rollout| rollout.task_definition.clone()).unwrap_or_default(),
        pending_count: service.pending_count,
        events: events
            .map(|event| (event.created_at.map(Time::from), event.message.unwrap_or_default()))
            .collect(),
        deployments: rollouts,
    }
}

fn rollout(deployment: types::Deployment) -> Rollout {
    Rollout {
        id: deployment.id.unwrap_or_default(),
        desired_count: deployment.desired_count,
        running_count: deployment.running_count,
        updated_at: deployment.updated_at.map(Time::from),
        launch_type: deployment.launch_type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        task_definition: deployment.task_definition.unwrap_or_default(),
        status: deployment.status.unwrap_or_default(),
        pending_count: deployment.pending_count,
        failed_tasks: deployment.failed_tasks,
        state: deployment.rollout_state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        reason: deployment.rollout_state_reason.unwrap_or_default(),
    }
}

/// What a target group thinks of its targets. A group that is gone thinks nothing.
async fn targets(deployed: &Deployed, group: &str, running: &[Task]) -> Result<Vec<Target>, Error> {
    let request = Balancers::new(deployed.config()).describe_target_health().target_group_arn(group);
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => {
            let error = Error::aws("elasticloadbalancing:DescribeTargetHealth", &error);
            let gone = error.code() == Some("TargetGroupNotFound");
            return if gone { Ok(Vec::new()) } else { Err(error) };
        }
    };
    let described = answer.target_health_descriptions.unwrap_or_default().into_iter();
    let target = described.map(|target| {
        let id = target.target.and_then(|target| target.id).unwrap_or_default();
        let task = running.iter().find(|task| task.address.as_deref() == Some(&id));
        let health = target.target_health;
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let health = health.as_ref();
        Target {
            health: TargetHealth {
                description: text(health.and_then(|health| health.description())),
                state: text(health.and_then(|health| health.state()).map(TargetHealthStateEnum::as_str)),
                reason: text(health.and_then(|health| health.reason()).map(TargetHealthReasonEnum::as_str)),
                id,
            },
            task: task.map(|task| task.id.clone()).unwrap_or_default(),
            group: group.to_owned(),
        }
    });
    Ok(target.collect())
}

/// The service as App Runner describes it.
pub(crate) async fn describe_app_runner(
    deployed: &Deployed,
) -> Result<aws_sdk_apprunner::types::Service, Error> {
    let arn = deployed.app_runner()?;
    let request = AppRunner::new(deployed.config()).describe_service().service_arn(arn);
    let answer = request.send().await.map_err(|error| Error::aws("apprunner:DescribeService", &error))?;
    answer.service.ok_or_else(|| Error::Nothing(format!("App Runner knows no service {arn}")))
}

async fn app_runner(deployed: &Deployed) -> Result<AppRunnerStatus, Error> {
    let group = LogGroup::new(deployed.config(), deployed.app_runner_log_group(true)?);
    let (service, log) = try_join(describe_app_runner(deployed), newest(&group)).await?;
    let source = service.source_configuration.and_then(|source| source.image_repository);
    Ok(AppRunnerStatus {
        arn: service.service_arn,
        status: service.status.as_str().to_owned(),
        created_at: service.created_at.into(),
        updated_at: service.updated_at.into(),
        source: Source { image_id: source.map(|image| image.image_identifier).unwrap_or_default() },
        log,
    })
}

/// The last lines of a group with few streams. One that is not there yet has none.
async fn newest(group: &LogGroup) -> Result<Vec<LogEvent>, Error> {
    let (mut events, mut next) = (Vec::new(), None);
    loop {
        let page = match group.page("", super::Range::default(), next).await {
            Ok(page) => page,
            Err(Error::Nothing(_)) => break,
            Err(error) => return Err(error),
        };
        events.extend(page.events);
        let more = events.len().saturating_sub(LINES);
        events.drain(..more);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    Ok(events)
}
