//! The forms in which AWS services are asked and answer.

pub(crate) mod cbor;
pub(crate) mod json;
pub(crate) mod query;
pub(crate) mod xml;

use serde_json::Value as Json;

use crate::core::faults::Effect;
use crate::error::AwsError;
use crate::http::message::{Request, Response};
use crate::services::route53;

/// A protocol, which also fixes how its services call the errors they have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Form fields in, XML out: CloudFormation, STS, IAM, SNS, ELB.
    Query,
    /// EC2's dialect of it.
    Ec2,
    /// JSON 1.0 and 1.1 with an `X-Amz-Target` header.
    Json,
    /// Smithy RPC v2 with CBOR bodies.
    Cbor,
    /// S3's REST with XML.
    S3,
    /// REST with XML as Route 53 has it.
    RestXml,
}

/// Operation and input of a request.
pub(crate) struct Asked {
    pub(crate) protocol: Protocol,
    pub(crate) operation: String,
    pub(crate) input: Json,
}

/// Reads a request of any protocol but S3's.
pub(crate) fn read(service: &str, request: &Request) -> Result<Asked, (Protocol, AwsError)> {
    if service == "route53" && request.header("x-amz-target").is_none() {
        return route53::rest::read(request)
            .map(|(operation, input)| Asked { protocol: Protocol::RestXml, operation, input })
            .map_err(|error| (Protocol::RestXml, error));
    }
    if request.header("smithy-protocol") == Some("rpc-v2-cbor") {
        let operation = request.path.rsplit('/').next().unwrap_or_default().to_owned();
        let input = if request.body.is_empty() {
            Ok(Json::Object(serde_json::Map::new()))
        } else {
            cbor::decode(&request.body)
                .ok_or_else(|| AwsError::new("SerializationException", "the body is not CBOR"))
        };
        return input
            .map(|input| Asked { protocol: Protocol::Cbor, operation, input })
            .map_err(|error| (Protocol::Cbor, error));
    }
    if let Some(target) = request.header("x-amz-target") {
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        return json::decode(&request.body)
            .map(|input| Asked { protocol: Protocol::Json, operation, input })
            .map_err(|error| (Protocol::Json, error));
    }
    let protocol = if service == "ec2" { Protocol::Ec2 } else { Protocol::Query };
    let mut input = query::decode(&request.body);
    let operation = input
        .as_object_mut()
        .and_then(|fields| fields.remove("Action"))
        .and_then(|action| action.as_str().map(str::to_owned));
    match operation {
        Some(operation) => Ok(Asked { protocol, operation, input }),
        None => Err((protocol, AwsError::new("MissingAction", "the request names no operation"))),
    }
}

/// Writes what an operation answers.
pub(crate) fn write(
    protocol: Protocol,
    service: &str,
    operation: &str,
    output: &Json,
    request_id: &str,
) -> Response {
    match protocol {
        Protocol::Query => query::answer(service, operation, output, request_id),
        Protocol::Ec2 => query::ec2_answer(operation, output, request_id),
        Protocol::Json => json::answer(output),
        Protocol::Cbor => cbor::answer(output),
        Protocol::S3 => Response::new(200),
        Protocol::RestXml => route53::rest::answer(operation, output),
    }
}

/// Writes an error.
pub(crate) fn write_error(protocol: Protocol, error: &AwsError, request_id: &str) -> Response {
    match protocol {
        Protocol::Query | Protocol::RestXml => query::error(error, request_id),
        Protocol::Ec2 => query::ec2_error(error, request_id),
        Protocol::Json => json::error(error),
        Protocol::Cbor => cbor::error(error),
        Protocol::S3 => xml::s3_error(error, request_id),
    }
}

/// The error behind an injected fault, as services of this protocol call it.
pub(crate) fn injected(protocol: Protocol, effect: &Effect, caller: &str, action: &str) -> Option<AwsError> {
    let error = match effect {
        Effect::Throttle => match protocol {
            Protocol::S3 => AwsError::new("SlowDown", "Please reduce your request rate.").status(503),
            Protocol::Ec2 => AwsError::new("RequestLimitExceeded", "Request limit exceeded.").status(503),
            Protocol::Query | Protocol::RestXml => AwsError::new("Throttling", "Rate exceeded"),
            _ => AwsError::new("ThrottlingException", "Rate exceeded"),
        },
        Effect::InternalError => match protocol {
            Protocol::S3 => {
                AwsError::new("InternalError", "We encountered an internal error. Please try again.")
            }
            Protocol::Query | Protocol::Ec2 | Protocol::RestXml => AwsError::new(
                "InternalFailure",
                "The request processing has failed because of an unknown error",
            ),
            _ => AwsError::new("InternalServerError", "An internal server error occurred"),
        }
        .status(500),
        Effect::Unavailable => {
            AwsError::new("ServiceUnavailable", "Service is unable to handle request.").status(503)
        }
        Effect::ExpiredToken => expired(protocol),
        Effect::AccessDenied => denied(protocol, caller, action),
        Effect::Error { code, message, status } => AwsError::new(code, message).status(*status),
        Effect::CutConnection | Effect::CutAnswer | Effect::Slow(_) => return None,
    };
    Some(error)
}

/// The session token has run out.
fn expired(protocol: Protocol) -> AwsError {
    let message = "The security token included in the request is expired";
    match protocol {
        Protocol::Query | Protocol::RestXml => AwsError::new("ExpiredToken", message).status(403),
        Protocol::Ec2 => AwsError::new("RequestExpired", message),
        Protocol::S3 => AwsError::new("ExpiredToken", "The provided token has expired."),
        Protocol::Json | Protocol::Cbor => AwsError::new("ExpiredTokenException", message),
    }
}

/// The caller may not do this.
pub(crate) fn denied(protocol: Protocol, caller: &str, action: &str) -> AwsError {
    let message = format!(
        "User: {caller} is not authorized to perform: {action} because no identity-based policy allows the {action} action"
    );
    match protocol {
        Protocol::Query | Protocol::S3 | Protocol::RestXml => {
            AwsError::new("AccessDenied", message).status(403)
        }
        Protocol::Ec2 => AwsError::new("UnauthorizedOperation", message).status(403),
        Protocol::Json | Protocol::Cbor => AwsError::new("AccessDeniedException", message),
    }
}

/// Gives errors of authentication the code that this protocol's services use for them.
pub(crate) fn localise(protocol: Protocol, error: AwsError) -> AwsError {
    match (error.code.as_str(), protocol) {
        ("ExpiredToken", _) => expired(protocol),
        ("InvalidClientTokenId", Protocol::Json | Protocol::Cbor) => {
            AwsError { code: "UnrecognizedClientException".into(), status: 400, ..error }
        }
        ("InvalidClientTokenId", Protocol::S3) => AwsError {
            code: "InvalidAccessKeyId".into(),
            message: "The AWS Access Key Id you provided does not exist in our records.".into(),
            ..error
        },
        ("InvalidClientTokenId", Protocol::Ec2) => AwsError {
            code: "AuthFailure".into(),
            message: "AWS was not able to validate the provided access credentials".into(),
            status: 401,
            ..error
        },
        _ => error,
    }
}
