//! Deleting a pipeline: its stack, then the secret of its GitHub token.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretError;

use crate::error::Error;
use crate::session::Session;
use crate::stack::{self, Observer, Patience};

/// A secret with a GitHub token that was made for the pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}

/// What was deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deletion {
    /// The stacks that were there.
    pub stacks: Vec<String>,
    /// The secret, if it was there and was to be deleted.
    pub secret: Option<String>,
}

/// Finds the secret of a pipeline's GitHub token: by the name that `init` gives it, and only if its tag says that this
/// application made it.
///
/// # Errors
/// When Secrets Manager refuses.
pub async fn find_secret(session: &Session, app: &str, pipeline: &str) -> Result<Option<Secret>, Error> {
    let client = Client::new(session.config());
    let short = pipeline.strip_prefix("pipeline-").unwrap_or(pipeline);
    for name in [format!("github-token-{short}"), format!("github-token-{app}-{short}")] {
        let secret = match client.describe_secret().secret_id(&name).send().await {
            Ok(secret) => secret,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(DescribeSecretError::is_resource_not_found_exception) =>
            {
                continue;
            }
            Err(error) => return Err(Error::aws("secretsmanager:DescribeSecret", &error)),
        };
        // Old versions wrote the time of creation into the tag instead of the application.
        let tagged = secret.tags().iter().any(|tag| tag.key.as_deref() == Some("copilot-application"));
        if tagged && secret.deleted_date.is_none() {
            return Ok(secret.arn.map(|arn| Secret { name, arn }));
        }
    }
    Ok(None)
}

/// Deletes the stack of a pipeline, wherever it is: under its own name, or under a legacy one. The secret, if given, goes
/// last, so that a stack that can't be deleted keeps its token.
///
/// # Errors
/// [`Error::StackFailed`] with the first resource that can't be deleted.
pub async fn delete(
    session: &Session,
    stacks: &[String],
    secret: Option<&Secret>,
    patience: Patience,
    observer: Observer<'_>,
) -> Result<Deletion, Error> {
    let cloudformation = stack::client(session);
    let mut done = Deletion::default();
    for name in stacks {
        if stack::delete(&cloudformation, name, patience, observer).await? {
            done.stacks.push(name.clone());
        }
    }
    if let Some(secret) = secret {
        let request = Client::new(session.config()).delete_secret().secret_id(&secret.arn);
        let answer = request.force_delete_without_recovery(true).send().await;
        answer.map_err(|e| Error::aws("secretsmanager:DeleteSecret", &e))?;
        done.secret = Some(secret.name.clone());
    }
    Ok(done)
}
