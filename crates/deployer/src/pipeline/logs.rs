//! Why an action failed: the end of its build's log, or what failed in the stack that it deployed.

use aws_sdk_cloudwatchlogs::operation::get_log_events::GetLogEventsError;
use aws_sdk_codebuild::types::{Build, StatusType};
use serde::Serialize;

use super::refusal::Refusal;
use super::{Action, DeployedPipeline, Stage, Status, status};
use crate::error::Error;
use crate::session::Session;
use crate::{application, stack};

/// The log of an action that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionLog {
    /// The stage.
    pub stage: String,
    /// The action.
    pub action: String,
    /// Whether this is of an execution before the newest one.
    #[serde(skip_serializing_if = "is_false")]
    pub earlier: bool,
    /// Who rejected it, if it is an approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected_by: Option<String>,
    /// AWS's error message, or what was said about a rejection.
    pub error: Option<String>,
    /// The phase of the build that failed, with its message.
    pub phase: Option<String>,
    /// Last lines of the log, oldest first.
    pub lines: Vec<String>,
    /// Page with the whole log.
    pub url: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// The logs of the actions that failed in the newest execution, or of one action whatever its state, the first of a stage first.
/// At most `lines` lines of each.
///
/// # Errors
/// A [`Refusal`] when nothing failed, or there is no such action.
pub async fn logs(
    session: &Session,
    app: &str,
    pipeline: &DeployedPipeline,
    action: Option<&str>,
    lines: usize,
) -> Result<Vec<ActionLog>, Error> {
    let status = status(session, pipeline).await?;
    let mut found = Vec::new();
    for (stage, candidate) in wanted(&status, action)? {
        let earlier = candidate.earlier || !status.is_current(stage);
        found.push(ActionLog { earlier, ..read(session, app, &stage.stage_name, candidate, lines).await? });
    }
    Ok(found)
}

/// The actions whose logs are read; at least one.
fn wanted<'a>(status: &'a Status, named: Option<&str>) -> Result<Vec<(&'a Stage, &'a Action)>, Refusal> {
    let pipeline = || status.name.clone();
    let stages = status.stage_states.iter();
    let all = || stages.clone().flat_map(|stage| stage.actions.iter().map(move |action| (stage, action)));
    let list = |actions: &mut dyn Iterator<Item = (&'a Stage, &'a Action)>| -> Vec<String> {
        actions.map(|(_, action)| action.name.clone()).collect()
    };
    let Some(name) = named else {
        let failed: Vec<_> = status.current_actions().filter(|(_, action)| action.has_failed()).collect();
        if failed.is_empty() {
            let ran = list(&mut all().filter(|(_, action)| !action.status.is_none()));
            return Err(Refusal::NothingFailed { pipeline: pipeline(), newest: status.newest(), ran });
        }
        return Ok(failed);
    };
    let found: Vec<_> = all().filter(|(_, action)| action.name == name).collect();
    if found.is_empty() {
        let (name, known) = (name.to_owned(), list(&mut all()));
        return Err(Refusal::NoAction { pipeline: pipeline(), name, known });
    }
    if found.iter().all(|(_, action)| action.status.is_none()) {
        return Err(Refusal::NotRun { pipeline: pipeline(), action: name.to_owned() });
    }
    Ok(found)
}

async fn read(
    session: &Session,
    app: &str,
    stage: &str,
    action: &Action,
    lines: usize,
) -> Result<ActionLog, Error> {
    let rejection = action.rejection();
    let why = rejection.map(|rejection| rejection.why.to_owned()).filter(|why| !why.is_empty());
    let mut log = ActionLog {
        stage: stage.to_owned(),
        action: action.name.clone(),
        earlier: false,
        rejected_by: rejection.map(|rejection| rejection.by.to_owned()),
        error: if rejection.is_some() { why } else { action.problem().map(str::to_owned) },
        phase: None,
        lines: Vec::new(),
        url: action.url.clone(),
    };
    let Some(id) = action.external_execution_id.as_deref() else { return Ok(log) };
    if id.starts_with("arn:") && id.contains(":cloudformation:") {
        log.lines = match stack_failures(session, app, id).await {
            Ok(failures) => failures,
            // Who may look at the pipeline need not be allowed to look into each environment.
            Err(error @ (Error::AssumeRole { .. } | Error::AccessDenied { .. })) => {
                vec![format!("what failed in the stack can't be read: {error}")]
            }
            Err(error) => return Err(error),
        };
        return Ok(log);
    }
    // A build's identifier has the form PROJECT:UUID; other actions have no log.
    if !id.contains(':') {
        return Ok(log);
    }
    let client = aws_sdk_codebuild::Client::new(session.config());
    let answer = client.batch_get_builds().ids(id).send().await;
    let builds = answer.map_err(|e| Error::aws("codebuild:BatchGetBuilds", &e))?.builds.unwrap_or_default();
    if let Some(build) = builds.first() {
        log.phase = failed_phase(build);
        log.lines = tail(session, build, lines).await?;
    }
    Ok(log)
}

/// What failed in the last operation on a workload's stack, the first failure first.
async fn stack_failures(session: &Session, app: &str, arn: &str) -> Result<Vec<String>, Error> {
    let mut parts = arn.split(':').skip(3);
    let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let config = if account == session.account().await? {
        session.in_region(region)
    } else {
        let environments = application::environments(session, app).await?;
        let there = |env: &&application::Environment| env.account_id == account && env.region == region;
        let Some(environment) = environments.iter().find(there) else { return Ok(Vec::new()) };
        session.assume(&environment.manager_role_arn, region).await?
    };
    stack::last_failures(&stack::Stacks::new(&config), arn).await
}

fn failed_phase(build: &Build) -> Option<String> {
    let phase = build.phases().iter().find(|phase| {
        matches!(phase.phase_status, Some(StatusType::Failed | StatusType::Fault | StatusType::TimedOut))
    })?;
    let name = phase.phase_type.as_ref().map(|t| t.as_str().to_owned()).unwrap_or_default();
    let messages = phase.contexts().iter().filter_map(|context| context.message.as_deref());
    let message = messages.collect::<Vec<_>>().join("; ");
    Some(if message.is_empty() { name } else { format!("{name}: {message}") })
}

async fn tail(session: &Session, build: &Build, lines: usize) -> Result<Vec<String>, Error> {
    let Some(logs) = build.logs.as_ref() else { return Ok(Vec::new()) };
    let (Some(group), Some(stream)) = (logs.group_name.as_deref(), logs.stream_name.as_deref()) else {
        return Ok(Vec::new());
    };
    let client = aws_sdk_cloudwatchlogs::Client::new(session.config());
    let limit = i32::try_from(lines).unwrap_or(10_000).clamp(1, 10_000);
    let request = client.get_log_events().log_group_name(group).log_stream_name(stream);
    let answer = match request.start_from_head(false).limit(limit).send().await {
        Ok(answer) => answer,
        // A build that failed before its first line has no stream.
        Err(error)
            if error.as_service_error().is_some_and(GetLogEventsError::is_resource_not_found_exception) =>
        {
            return Ok(Vec::new());
        }
        Err(error) => return Err(Error::aws("logs:GetLogEvents", &error)),
    };
    let events = answer.events.unwrap_or_default().into_iter();
    Ok(events.filter_map(|event| event.message).map(|line| line.trim_end().to_owned()).collect())
}
