//! From a request to the service it is for.

use super::auth::{Credential, credential};
use super::message::{Mishap, Request, Response};
use super::{admin, guard};
use crate::core::caller::{Caller, identify};
use crate::core::calls::Call;
use crate::core::faults::Effect;
use crate::core::options::Pace;
use crate::core::world::World;
use crate::error::{AwsError, Error};
use crate::protocol::{self, Asked, Protocol};
use crate::services;

/// Answers one request. What it changes is saved before anybody hears of it.
pub(crate) fn respond_and_save(world: &mut World, request: &Request) -> Response {
    let response = respond(world, request);
    if world.settle() { response } else { troubled(world).unwrap_or(response) }
}

fn respond(world: &mut World, request: &Request) -> Response {
    if let Some(path) = request.path.strip_prefix("/_local/") {
        if !guard::may_arrange(world, request) {
            return guard::refusal("it lacks the key, as `Authorization: Bearer KEY`");
        }
        return admin::respond(world, request, path);
    }
    if let Some(response) = troubled(world) {
        return response;
    }
    if world.options.pace == Pace::PerRequest {
        world.tick();
    }
    let credential = credential(request);
    if credential.is_none() && (request.path == "/v2" || request.path.starts_with("/v2/")) {
        return services::registry::respond(world, request);
    }
    let service = match &credential {
        Some(credential) => credential.service.clone(),
        None if world.options.access_key.is_none() && services::s3::is_anonymous_read(request) => "s3".into(),
        None => return nameless(world),
    };
    if let Some(credential) = credential.as_ref().filter(|credential| !guard::has_key(world, credential)) {
        return stranger(world, request, credential);
    }
    if service == "s3" || service == "s3express" {
        return services::s3::respond(world, request, credential.as_ref());
    }
    let credential = credential.unwrap_or_else(|| unreachable!("only S3 is asked anonymously"));
    call(world, request, &credential)
}

/// Why the state could not be read or saved, as an answer.
fn troubled(world: &mut World) -> Option<Response> {
    let error = AwsError::new("InternalFailure", with_cause(world.trouble.as_ref()?)).status(500);
    Some(protocol::write_error(Protocol::Query, &error, &world.requests.uuid()))
}

fn stranger(world: &mut World, request: &Request, credential: &Credential) -> Response {
    let protocol = match credential.service.as_str() {
        "s3" | "s3express" => Protocol::S3,
        service => {
            protocol::read(service, request).map_or_else(|(protocol, _)| protocol, |asked| asked.protocol)
        }
    };
    let error =
        AwsError::new("InvalidClientTokenId", "The security token included in the request is invalid");
    let error = protocol::localise(protocol, error.status(403));
    protocol::write_error(protocol, &error, &world.requests.uuid())
}

fn nameless(world: &mut World) -> Response {
    let error = AwsError::new("MissingAuthenticationToken", "Missing Authentication Token").status(403);
    protocol::write_error(Protocol::Query, &error, &world.requests.uuid())
}

fn with_cause(error: &Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

fn call(world: &mut World, request: &Request, credential: &Credential) -> Response {
    let request_id = world.requests.uuid();
    let service = credential.service.as_str();
    let Asked { protocol, operation, input } = match protocol::read(service, request) {
        Ok(asked) => asked,
        Err((protocol, error)) => return protocol::write_error(protocol, &error, &request_id),
    };
    let mut answer = guarded(world, protocol, credential, &operation, |world, caller| {
        services::call(world, caller, service, &operation, &input)
    });
    let mut response = match &answer.result {
        Ok(output) => protocol::write(protocol, service, &operation, output, &request_id),
        Err(error) => protocol::write_error(protocol, error, &request_id),
    };
    response.headers.push(("x-amzn-requestid".into(), request_id));
    response.mishap = answer.mishap.take();
    response
}

/// Whether an operation may change anything, to tell by its name.
fn changes(operation: &str) -> bool {
    !["Describe", "Get", "List", "Head", "BatchGet", "Filter", "Lookup", "Validate"]
        .iter()
        .any(|prefix| operation.starts_with(prefix))
}

/// What came of a call, and how to deliver it.
pub(crate) struct Guarded<T> {
    pub(crate) result: Result<T, AwsError>,
    pub(crate) mishap: Option<Mishap>,
}

/// Carries out `act` for the caller behind `credential`, unless the credential or a fault prevents it, and counts it.
pub(crate) fn guarded<T>(
    world: &mut World,
    protocol: Protocol,
    credential: &Credential,
    operation: &str,
    act: impl FnOnce(&mut World, &Caller) -> Result<T, AwsError>,
) -> Guarded<T> {
    let service = credential.service.as_str();
    let caller = identify(world, &credential.access_key, credential.token.as_deref(), &credential.region)
        .map_err(|error| protocol::localise(protocol, error));
    let role = caller.as_ref().ok().and_then(|caller| caller.role.clone());
    let account = caller.as_ref().map(|caller| caller.account.clone()).unwrap_or_default();
    let mut mishap = None;
    let result = match caller {
        Err(error) => Err(error),
        Ok(caller) => match world.faults.strike(service, operation, role.as_deref()) {
            None => act(world, &caller),
            Some(effect) => {
                mishap = match effect {
                    Effect::CutConnection => Some(Mishap::Cut),
                    Effect::CutAnswer => Some(Mishap::CutBody),
                    Effect::Slow(time) => Some(Mishap::Slow(time)),
                    _ => None,
                };
                let action = format!("{service}:{operation}");
                match protocol::injected(protocol, &effect, &caller.arn, &action) {
                    Some(error) => Err(error),
                    None if effect == Effect::CutConnection => {
                        Err(AwsError::new("CutConnection", "the connection was cut"))
                    }
                    None => act(world, &caller),
                }
            }
        },
    };
    world.dirty |= result.is_ok() && changes(operation);
    world.calls.record(Call {
        service: service.to_owned(),
        operation: operation.to_owned(),
        account,
        region: credential.region.clone(),
        role,
        error: result.as_ref().err().map(|error| error.code.clone()),
    });
    Guarded { result, mishap }
}
