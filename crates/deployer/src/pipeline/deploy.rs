//! Deploying a pipeline's stack, and making its first execution run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ObjectCannedAcl;
use copilot_stack::stack_name;
use sha2::{Digest as _, Sha256};

use super::{RunStatus, client, control};
use crate::connection;
use crate::error::Error;
use crate::session::Session;
use crate::stack::{self, ChangeSet, Deployed, Event, Manner, Observer, Patience, Template};

/// What to deploy.
#[derive(Debug, Clone)]
pub struct Request {
    /// Name of the application.
    pub app: String,
    /// Name of the pipeline in its manifest.
    pub pipeline: String,
    /// Whether its stack is named without the application.
    pub legacy: bool,
    /// The rendered template.
    pub template: String,
    /// The application's bucket in the session's region.
    pub bucket: String,
    /// The application's own tags; Copilot's are added and win.
    pub tags: BTreeMap<String, String>,
    /// Something that no other run has, for the name of the change set.
    pub run_id: String,
    /// Delete a stack whose creation failed, and make it anew.
    pub recreate: bool,
    /// Wait for another operation on the stack.
    pub wait: bool,
    /// How long to wait for the stack.
    pub patience: Patience,
    /// How long to wait for a person to complete the connection.
    pub connection_patience: Patience,
}

/// How the deployment ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What happened to the stack.
    pub deployed: Deployed,
    /// Name of the stack.
    pub stack: String,
    /// The pipeline's name in CodePipeline.
    pub resource_name: String,
}

/// Deploys the stack, waits for a pending connection, and has the source fetched again if it was tried before that.
///
/// # Errors
/// As [`stack::deploy`] and [`connection::wait`].
pub async fn deploy(session: &Session, request: &Request, observer: Observer<'_>) -> Result<Outcome, Error> {
    let name = stack_name::pipeline(&request.app, &request.pipeline, request.legacy);
    let cloudformation = stack::client(session);
    let url = upload(session, &request.bucket, &name, &request.template).await?;
    let change = ChangeSet {
        stack: name.clone(),
        template: Template::Url(url),
        parameters: BTreeMap::new(),
        tags: tags(request),
        name: format!("copilot-{}", request.run_id),
        recreate: request.recreate,
        wait: request.wait,
        manner: Manner::default(),
    };
    let early = ReportsConnection { inner: observer, told: AtomicBool::new(false) };
    let observe = |event| early.observe(event);
    let deployed = stack::deploy(&cloudformation, &change, request.patience, &observe).await?;
    let resources = stack::resources(&cloudformation, &name).await?;
    let Some(found) = resources.iter().find(|resource| resource.is_pipeline()) else {
        return Err(Error::NoPipeline { app: request.app.clone(), name: request.pipeline.clone() });
    };
    let outcome = Outcome { deployed, stack: name.clone(), resource_name: found.physical_id.clone() };
    let description = stack::describe(&cloudformation, &name).await?;
    let connection = description.and_then(|stack| stack.outputs.get("PipelineConnectionARN").cloned());
    if let Some(arn) = connection.filter(|arn| !arn.is_empty()) {
        let told = early.told.load(Ordering::Relaxed);
        let waited = connection::wait(session, &arn, told, request.connection_patience, observer).await?;
        fetch_source(session, &outcome.resource_name, waited, observer).await?;
    }
    Ok(outcome)
}

/// Reports a new connection as soon as the stack has it: somebody can complete it while the rest is being made.
struct ReportsConnection<'a> {
    inner: Observer<'a>,
    told: AtomicBool,
}

impl ReportsConnection<'_> {
    fn observe(&self, event: Event) {
        let new = match &event {
            Event::Resource(resource) if resource.kind.ends_with("Connections::Connection") => {
                resource.status.is_created().then(|| resource.physical_id.clone())
            }
            _ => None,
        };
        (self.inner)(event);
        if let Some(arn) = new.filter(|arn| connection::is_arn(arn)) {
            self.told.store(true, Ordering::Relaxed);
            let url = connection::console_url(&arn);
            (self.inner)(Event::ConnectionPending { arn, url });
        }
    }
}

fn tags(request: &Request) -> BTreeMap<String, String> {
    let mut tags = request.tags.clone();
    tags.insert("copilot-application".into(), request.app.clone());
    if !request.legacy {
        tags.insert("copilot-pipeline".into(), request.pipeline.clone());
    }
    tags
}

/// Puts the template where no other one is put: of two deployments at once each reads its own.
async fn upload(session: &Session, bucket: &str, stack: &str, template: &str) -> Result<String, Error> {
    let config = aws_sdk_s3::config::Builder::from(session.config());
    let local = session.config().endpoint_url().is_some();
    let client = aws_sdk_s3::Client::from_conf(config.force_path_style(local).build());
    let key = key(stack, template);
    let request = client.put_object().bucket(bucket).key(&key).acl(ObjectCannedAcl::BucketOwnerFullControl);
    let body = ByteStream::from(template.as_bytes().to_vec());
    let answer = request.content_type("application/x-yaml").body(body).send().await;
    answer.map_err(|e| Error::aws("s3:PutObject", &e))?;
    Ok(match session.config().endpoint_url() {
        Some(endpoint) => format!("{}/{bucket}/{key}", endpoint.trim_end_matches('/')),
        None => format!("https://{bucket}.s3.{}.{}/{key}", session.region(), suffix(session.region())),
    })
}

/// Where a template lies: its own hash is a part of it.
fn key(stack: &str, template: &str) -> String {
    let hash = Sha256::digest(template).iter().fold(String::new(), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    });
    format!("manual/templates/{stack}/{hash}.yml")
}

fn suffix(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

/// Has the source fetched again if it failed, as it does in the execution that CodePipeline starts by itself while the
/// connection is pending. After a wait for the connection that execution may still be on its way to fail.
async fn fetch_source(
    session: &Session,
    resource_name: &str,
    waited: bool,
    observer: Observer<'_>,
) -> Result<(), Error> {
    let patience = Patience { interval: Duration::from_secs(2), limit: Duration::from_mins(1) };
    let deadline = patience.deadline();
    loop {
        let source = source_stage(session, resource_name).await?;
        let (execution, status) = source.unwrap_or_default();
        if status == RunStatus::Failed {
            return match control::retry_stage(session, resource_name, "Source", &execution, false).await {
                Ok(()) => {
                    observer(Event::SourceRetried { pipeline: resource_name.to_owned() });
                    Ok(())
                }
                // Somebody else was quicker, or a newer execution took its place.
                Err(error) if error.code().is_some_and(|code| NOT_RETRYABLE.contains(&code)) => Ok(()),
                Err(error) => Err(error),
            };
        }
        // If no execution ever registers, a push starts the first one.
        let settled = !matches!(status, RunStatus::NotRun | RunStatus::InProgress);
        if !waited || settled || patience.pause(deadline, "the first execution").await.is_err() {
            return Ok(());
        }
    }
}

const NOT_RETRYABLE: [&str; 3] = [
    "StageNotRetryableException",
    "NotLatestPipelineExecutionException",
    "ConcurrentPipelineExecutionsLimitExceededException",
];

/// Id and status of the execution that is or was last in the first stage.
async fn source_stage(session: &Session, resource_name: &str) -> Result<Option<(String, RunStatus)>, Error> {
    let answer = client(session).get_pipeline_state().name(resource_name).send().await;
    let state = answer.map_err(|e| Error::aws("codepipeline:GetPipelineState", &e))?;
    let latest =
        state.stage_states.unwrap_or_default().into_iter().next().and_then(|stage| stage.latest_execution);
    Ok(latest.map(|latest| (latest.pipeline_execution_id, latest.status.as_str().into())))
}
