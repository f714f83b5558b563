//! What can go wrong between us and AWS, with the next step for whoever reads it.

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::http::{Unreachable, innermost};
use crate::pipeline::Refusal;
use crate::stack::{FailedResource, Status};

/// Everything that this crate's functions can return.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No provider of the default chain has credentials.
    #[error("no AWS credentials were found{}", clause(cause.as_deref()))]
    NoCredentials {
        /// Why the one place that was to have them gave none; nothing where no place has any.
        cause: Option<String>,
    },
    /// The credentials belong to nobody, or the secret is wrong.
    #[error("AWS doesn't accept the credentials: {message} ({operation})")]
    InvalidCredentials {
        /// Service and operation that refused them.
        operation: &'static str,
        /// AWS's sentence.
        message: String,
    },
    /// A profile that no configuration file has.
    #[error("there is no AWS profile `{name}` in {files}")]
    NoProfile {
        /// Its name.
        name: String,
        /// The files that were read.
        files: String,
        /// The profiles that are there, sorted.
        known: Vec<String>,
    },
    /// The AWS configuration can't be read at all.
    #[error("the AWS configuration in {files} can't be read: {reason}")]
    Configuration {
        /// The files that were read.
        files: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The credentials were valid once.
    #[error("the AWS credentials have expired ({operation})")]
    ExpiredCredentials {
        /// Service and operation that refused them.
        operation: &'static str,
    },
    /// Neither a flag nor the configuration names a region.
    #[error("no AWS region is configured")]
    NoRegion,
    /// A permission is missing.
    #[error("{operation} was refused: {message}")]
    AccessDenied {
        /// Service and operation.
        operation: &'static str,
        /// AWS's sentence, which names principal, action and resource.
        message: String,
    },
    /// No answer came at all.
    #[error("no answer to {operation}: {detail}")]
    Network {
        /// Service and operation.
        operation: &'static str,
        /// The chain of causes.
        detail: String,
    },
    /// AWS still asked to slow down after the last retry.
    #[error("AWS throttles {operation}, also after retries: {message}")]
    Throttled {
        /// Service and operation.
        operation: &'static str,
        /// AWS's sentence.
        message: String,
    },
    /// Any other refusal.
    #[error("{operation} failed: {message} ({code})")]
    Aws {
        /// Service and operation.
        operation: &'static str,
        /// AWS's error code.
        code: String,
        /// AWS's sentence.
        message: String,
    },
    /// An environment's manager role can't be assumed.
    #[error("can't assume the role `{role}`: {message}")]
    AssumeRole {
        /// ARN of the role.
        role: String,
        /// AWS's sentence.
        message: String,
    },
    /// There is no record of the application.
    #[error("couldn't find an application named {name} in account {account} and region {region}")]
    NoApplication {
        /// The application.
        name: String,
        /// Account that was asked, or `unknown`.
        account: String,
        /// Region that was asked.
        region: String,
    },
    /// There is no record of the environment.
    #[error("couldn't find environment {name} in the application {app}")]
    NoEnvironment {
        /// The application.
        app: String,
        /// The environment.
        name: String,
    },
    /// The workload has no stack in the environment, or nothing is in it.
    #[error("`{workload}` is not deployed in the environment `{environment}`")]
    NotDeployed {
        /// The service or job.
        workload: String,
        /// The environment.
        environment: String,
    },
    /// A stack has nothing of a kind that was looked for in it.
    #[error("the stack {stack} has no {thing}")]
    NotThere {
        /// Name of the stack.
        stack: String,
        /// What was looked for, such as `ECS service`.
        thing: &'static str,
    },
    /// A record in SSM can't be read.
    #[error("the record `{name}` is not what Copilot writes: {detail}")]
    BadRecord {
        /// Name of the SSM parameter.
        name: String,
        /// What is wrong with its JSON.
        detail: String,
    },
    /// An application's stack lacks an output that everything needs.
    #[error("couldn't find the output {output} in stack {stack}")]
    NoOutput {
        /// Key of the output.
        output: &'static str,
        /// The stack instance.
        stack: String,
    },
    /// The application has no bucket and key in the region.
    #[error("no regional resources for application {app} in region {region} found")]
    NoRegionalResources {
        /// The application.
        app: String,
        /// The region.
        region: String,
    },
    /// No deployed pipeline has that name.
    #[error("cannot find a deployed pipeline named {name} in application {app}")]
    NoPipeline {
        /// The application.
        app: String,
        /// The display name asked for.
        name: String,
    },
    /// No connection has that name.
    #[error("no connection is named `{name}` in region {region}")]
    NoConnection {
        /// `connection_name` of the manifest.
        name: String,
        /// The region.
        region: String,
    },
    /// More than one connection has that name.
    #[error("{} connections are named `{name}`: {}", arns.len(), arns.join(", "))]
    AmbiguousConnection {
        /// `connection_name` of the manifest.
        name: String,
        /// All of them.
        arns: Vec<String>,
    },
    /// Nobody completed the connection in time.
    #[error("the connection {arn} is still {status} after {minutes} minutes")]
    ConnectionPending {
        /// The connection.
        arn: String,
        /// Its last status.
        status: String,
        /// How long it was waited for.
        minutes: u64,
    },
    /// The stack is in the middle of another operation.
    #[error("stack {stack} is being changed by somebody else ({status})")]
    StackBusy {
        /// Name of the stack.
        stack: String,
        /// Its status.
        status: Status,
    },
    /// Another deployment got ahead, and nothing of this one was done.
    #[error("another deployment of stack {stack} {} ({status})", if status.is_in_progress() { "is under way" } else { "was quicker" })]
    Overtaken {
        /// Name of the stack.
        stack: String,
        /// Its status.
        status: Status,
    },
    /// Another deployment followed before the end of this one was seen.
    #[error(
        "another deployment of stack {stack} has followed this one, of which the end was not seen ({status})"
    )]
    Replaced {
        /// Name of the stack.
        stack: String,
        /// Its status.
        status: Status,
    },
    /// There is no such stack, and it is not for this deployment to create it.
    #[error("there is no stack {stack} to update")]
    NoStack {
        /// Name of the stack.
        stack: String,
    },
    /// The stack can't be updated in its state.
    #[error("stack {stack} is in {status}: {}", if status.is_not_undone() { "CloudFormation couldn't undo its last update" } else { "an earlier operation failed" })]
    StackStuck {
        /// Name of the stack.
        stack: String,
        /// Its status.
        status: Status,
    },
    /// CloudFormation ran the change set and gave up.
    #[error("{}stack {stack} ended in {status}", failed.as_ref().map(|f| format!("{f}\n")).unwrap_or_default())]
    StackFailed {
        /// Name of the stack.
        stack: String,
        /// Its final status.
        status: Status,
        /// The first resource that failed; the others are its consequences.
        failed: Option<Box<FailedResource>>,
    },
    /// CloudFormation refused the template before changing anything.
    #[error("the change set for stack {stack} was refused: {reason}")]
    ChangeSet {
        /// Name of the stack.
        stack: String,
        /// CloudFormation's sentence.
        reason: String,
    },
    /// The operation did not end in time; it is still running in AWS.
    #[error("{what} did not end within {minutes} minutes")]
    TimedOut {
        /// What was waited for.
        what: String,
        /// For how long.
        minutes: u64,
    },
    /// The regional resources can't be created.
    #[error("add pipeline resources to application {app} in region {region}: {reason}")]
    StackSet {
        /// The application.
        app: String,
        /// The region.
        region: String,
        /// Why.
        reason: String,
    },
    /// A pipeline has nothing to act on: no approval waits, nothing failed, nothing runs.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something that a manifest names is not there.
    #[error("{0}")]
    Nothing(String),
}

impl Error {
    /// Sorts what the SDK returned into one of the variants.
    pub(crate) fn aws<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        let Some(service) = error.as_service_error() else {
            return Self::without_answer(operation, error);
        };
        let code = service.code().unwrap_or("Unknown").to_owned();
        let message = service.message().unwrap_or("AWS gives no reason").to_owned();
        match code.as_str() {
            "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired" => {
                Self::ExpiredCredentials { operation }
            }
            "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "UnauthorizedAccess" => {
                Self::AccessDenied { operation, message }
            }
            "Throttling"
            | "ThrottlingException"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "SlowDown" => Self::Throttled { operation, message },
            "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "InvalidAccessKeyId" => Self::InvalidCredentials { operation, message },
            _ => Self::Aws { operation, code, message },
        }
    }

    fn without_answer<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: std::error::Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        if let Some(unreachable) = find::<Unreachable>(error) {
            return Self::Network { operation, detail: unreachable.to_string() };
        }
        let detail = chain(error);
        let lower = detail.to_lowercase();
        if lower.contains("credentials") && !lower.contains("connector") {
            Self::NoCredentials { cause: credentials_cause(error) }
        } else if lower.contains("missing region") || lower.contains("region was not set") {
            Self::NoRegion
        } else {
            Self::Network { operation, detail }
        }
    }

    /// AWS's error code, where it gave one.
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Aws { code, .. } => Some(code),
            _ => None,
        }
    }
}

/// The first cause of a type.
fn find<'a, T: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a T> {
    with_sources(error).find_map(|cause| cause.downcast_ref::<T>())
}

/// An error and its causes, outermost first.
pub(crate) fn with_sources<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// Why there are no credentials, in one clause. Nothing if that only says where they were looked for in vain: each place of
/// the chain, the last of which is the metadata of an EC2 instance, which this need not be. A trace has it all.
fn credentials_cause(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let found = find::<CredentialsError>(error);
    if matches!(found, Some(CredentialsError::CredentialsNotLoaded(_))) || chain(error).contains("IMDS") {
        return None;
    }
    innermost(error).lines().next().map(ToOwned::to_owned)
}

fn clause(cause: Option<&str>) -> String {
    cause.map_or_else(String::new, |cause| format!(": {cause}"))
}

/// The messages of an error of the SDK and its causes, outermost first, without what says nothing.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    // The SDK's outer layers only repeat that there was no answer.
    let empty = ["dispatch failure", "other", "io error"];
    let mut parts: Vec<String> = with_sources(error).map(ToString::to_string).collect();
    parts.dedup();
    parts.retain(|part| !empty.contains(&part.as_str()));
    parts.join(": ")
}
