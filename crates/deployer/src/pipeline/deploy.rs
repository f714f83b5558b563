//! Deploying a pipeline's stack, and making its first execution run.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ObjectCannedAcl;

use super::{DeployedPipeline, client, control};
use crate::connection;
use crate::error::Error;
use crate::session::Session;
use crate::stack::{self, ChangeSet, Deployed, Event, Observer, Patience, Template};

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

/// Name of a pipeline's stack.
pub fn stack_name(app: &str, pipeline: &str, legacy: bool) -> String {
    if legacy { pipeline.to_owned() } else { format!("pipeline-{app}-{pipeline}") }
}

/// The template of the deployed pipeline; `None` if it is not deployed.
///
/// # Errors
/// When CloudFormation refuses.
pub async fn deployed_template(session: &Session, stack_name: &str) -> Result<Option<String>, Error> {
    stack::template(&stack::client(session), stack_name).await
}

/// Deploys the stack, waits for a pending connection, and has the source fetched again if it was tried before that.
///
/// # Errors
/// As [`stack::deploy`] and [`connection::wait`].
pub async fn deploy(session: &Session, request: &Request, observer: Observer<'_>) -> Result<Outcome, Error> {
    let name = stack_name(&request.app, &request.pipeline, request.legacy);
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
    };
    let deployed = stack::deploy(&cloudformation, &change, request.patience, observer).await?;
    let resources = stack::resources(&cloudformation, &name).await?;
    let is_pipeline =
        |r: &&stack::Resource| r.logical_id == "Pipeline" && r.kind == "AWS::CodePipeline::Pipeline";
    let Some(pipeline) = resources.iter().find(is_pipeline) else {
        return Err(Error::NoPipeline { app: request.app.clone(), name: request.pipeline.clone() });
    };
    let resource_name = pipeline.physical_id.clone();
    let description = stack::describe(&cloudformation, &name).await?;
    let connection = description.and_then(|stack| stack.outputs.get("PipelineConnectionARN").cloned());
    if let Some(arn) = connection.filter(|arn| !arn.is_empty())
        && connection::wait(session, &arn, request.connection_patience, observer).await?
    {
        retry_source(session, &resource_name, observer).await?;
    }
    Ok(Outcome { deployed, stack: name, resource_name })
}

fn tags(request: &Request) -> BTreeMap<String, String> {
    let mut tags = request.tags.clone();
    tags.insert("copilot-application".into(), request.app.clone());
    if !request.legacy {
        tags.insert("copilot-pipeline".into(), request.pipeline.clone());
    }
    tags
}

/// Puts the template where Copilot puts it, so that both tools overwrite the same object.
async fn upload(session: &Session, bucket: &str, stack: &str, template: &str) -> Result<String, Error> {
    let config = aws_sdk_s3::config::Builder::from(session.config());
    let local = session.config().endpoint_url().is_some();
    let client = aws_sdk_s3::Client::from_conf(config.force_path_style(local).build());
    let key = format!("{stack}.pipeline.stack.yml");
    let request = client.put_object().bucket(bucket).key(&key).acl(ObjectCannedAcl::BucketOwnerFullControl);
    let body = ByteStream::from(template.as_bytes().to_vec());
    let answer = request.content_type("application/x-yaml").body(body).send().await;
    answer.map_err(|e| Error::aws("s3:PutObject", &e))?;
    Ok(match session.config().endpoint_url() {
        Some(endpoint) => format!("{}/{bucket}/{key}", endpoint.trim_end_matches('/')),
        None => format!("https://{bucket}.s3.{}.{}/{key}", session.region(), suffix(session.region())),
    })
}

fn suffix(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

/// The execution that CodePipeline starts by itself fails in Source while the connection is pending.
async fn retry_source(session: &Session, resource_name: &str, observer: Observer<'_>) -> Result<(), Error> {
    let patience = Patience { interval: Duration::from_secs(2), limit: Duration::from_mins(1) };
    let deadline = patience.deadline();
    loop {
        let request = client(session).list_pipeline_executions().pipeline_name(resource_name).max_results(1);
        let answer =
            request.send().await.map_err(|e| Error::aws("codepipeline:ListPipelineExecutions", &e))?;
        let newest = answer.pipeline_execution_summaries.unwrap_or_default().into_iter().next();
        let Some(id) = newest.and_then(|execution| execution.pipeline_execution_id) else {
            // Registered a moment after the stack is done. If it never is, a push starts the first one.
            if patience.pause(deadline, "the first execution").await.is_err() {
                return Ok(());
            }
            continue;
        };
        return match control::retry_stage(session, resource_name, "Source", &id, false).await {
            Ok(()) => {
                observer(Event::SourceRetried { pipeline: resource_name.to_owned() });
                Ok(())
            }
            // The source did not fail: there is nothing to run again.
            Err(error) if error.code() == Some("StageNotRetryableException") => Ok(()),
            Err(error) => Err(error),
        };
    }
}

impl Request {
    /// Whether a deployed pipeline is the one that this request deploys to.
    pub fn matches(&self, pipeline: &DeployedPipeline) -> bool {
        pipeline.name == self.pipeline && pipeline.legacy == self.legacy
    }
}
