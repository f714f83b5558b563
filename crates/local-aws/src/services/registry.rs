//! What docker speaks to a repository: the OCI distribution API, with user `AWS` and a token as password.

use bytes::{Bytes, BytesMut};
use serde_json::json;

use super::ecr::{self, Upload};
use crate::core::ids::sha256_hex;
use crate::core::state::State;
use crate::core::world::World;
use crate::error::AwsError;
use crate::http::auth::{Credential, basic};
use crate::http::dispatch::guarded;
use crate::http::guard::registry_secret;
use crate::http::message::{Request, Response};
use crate::protocol::Protocol;

/// What a path below `/v2/` addresses.
enum Resource<'a> {
    Ping,
    StartUpload(&'a str),
    Upload(&'a str, &'a str),
    Blob(&'a str, &'a str),
    Manifest(&'a str, &'a str),
    Tags(&'a str),
}

fn resource(path: &str) -> Option<Resource<'_>> {
    let rest = path.strip_prefix("/v2")?.trim_start_matches('/');
    if rest.is_empty() {
        return Some(Resource::Ping);
    }
    if let Some(name) = rest.strip_suffix("/tags/list") {
        return Some(Resource::Tags(name));
    }
    if let Some((name, id)) = rest.rsplit_once("/blobs/uploads/") {
        return Some(if id.is_empty() { Resource::StartUpload(name) } else { Resource::Upload(name, id) });
    }
    if let Some(name) = rest.strip_suffix("/blobs/uploads") {
        return Some(Resource::StartUpload(name));
    }
    if let Some((name, digest)) = rest.rsplit_once("/blobs/") {
        return Some(Resource::Blob(name, digest));
    }
    rest.rsplit_once("/manifests/").map(|(name, reference)| Resource::Manifest(name, reference))
}

fn operation(resource: &Resource, method: &str) -> &'static str {
    match (resource, method) {
        (Resource::Ping, _) => "Ping",
        (Resource::StartUpload(_), _) => "StartUpload",
        (Resource::Upload(..), "PATCH") => "UploadPiece",
        (Resource::Upload(..), _) => "CompleteUpload",
        (Resource::Blob(..), "HEAD") => "HeadBlob",
        (Resource::Blob(..), _) => "GetBlob",
        (Resource::Manifest(..), "PUT") => "PutManifest",
        (Resource::Manifest(..), "HEAD") => "HeadManifest",
        (Resource::Manifest(..), "DELETE") => "DeleteManifest",
        (Resource::Manifest(..), _) => "GetManifest",
        (Resource::Tags(_), _) => "ListTags",
    }
}

/// Account and region of the registry: those in its host name, or those that the token was issued for.
fn scope_of(world: &World, request: &Request) -> Option<(String, String)> {
    let (user, password) = basic(request)?;
    let mut parts = password.strip_prefix("local.")?.split('.');
    let (account, region) = (parts.next()?, parts.next()?);
    let secret = parts.next().filter(|secret| secret.len() == 32)?;
    let wanted = registry_secret(world, account, region);
    if user != "AWS" || wanted.is_some_and(|wanted| wanted != secret) {
        return None;
    }
    if let Some((account, rest)) = request.host().split_once(".dkr.ecr.") {
        return Some((account.to_owned(), rest.split('.').next()?.to_owned()));
    }
    Some((account.to_owned(), region.to_owned()))
}

/// Answers a request of a container engine.
pub(crate) fn respond(world: &mut World, request: &Request) -> Response {
    let Some((account, region)) = scope_of(world, request) else {
        return error_response(401, "UNAUTHORIZED", "authentication required").header(
            "www-authenticate",
            &format!("Basic realm=\"{}/\",service=\"ecr.amazonaws.com\"", world.endpoint),
        );
    };
    let Some(resource) = resource(&request.path) else {
        return error_response(404, "NAME_UNKNOWN", "no such path");
    };
    let operation = operation(&resource, request.method.as_str());
    let credential = Credential { access_key: account, region, service: "registry".into(), token: None };
    let scope = State::scope(&credential.access_key, &credential.region);
    let answer = guarded(world, Protocol::Json, &credential, operation, |world, _| {
        act(world, &scope, request, &resource)
    });
    let mut response = match answer.result {
        Ok(response) => response,
        Err(error) => {
            let status = if error.code == "ThrottlingException" { 429 } else { error.status };
            let code = if status == 429 { "TOOMANYREQUESTS" } else { &error.code };
            error_response(status, code, &error.message)
        }
    };
    response.mishap = answer.mishap;
    response.header("docker-distribution-api-version", "registry/2.0")
}

fn error_response(status: u16, code: &str, message: &str) -> Response {
    let body = json!({"errors": [{"code": code, "message": message}]});
    Response::new(status).header("content-type", "application/json").body(body.to_string().into_bytes())
}

fn refused(status: u16, code: &str, message: impl Into<String>) -> AwsError {
    AwsError::new(code, message).status(status)
}

fn act(world: &mut World, scope: &str, request: &Request, resource: &Resource) -> Result<Response, AwsError> {
    let method = request.method.as_str();
    match *resource {
        Resource::Ping => Ok(Response::new(200).header("content-type", "application/json").body("{}")),
        Resource::Tags(name) => {
            let tags: Vec<_> = repository(world, scope, name)?.image_tags.keys().cloned().collect();
            let body = json!({"name": name, "tags": tags});
            Ok(Response::new(200)
                .header("content-type", "application/json")
                .body(body.to_string().into_bytes()))
        }
        Resource::StartUpload(name) => start_upload(world, scope, request, name),
        Resource::Upload(name, id) => match method {
            "PATCH" => upload_piece(world, scope, request, name, id),
            "PUT" => complete_upload(world, scope, request, name, id),
            "DELETE" => {
                world.state.at(scope).uploads.remove(id);
                Ok(Response::new(204))
            }
            _ => {
                let size = upload(world, scope, id)?.size;
                Ok(progress(204, name, id, size))
            }
        },
        Resource::Blob(name, digest) => {
            if !repository(world, scope, name)?.layers.contains(digest) {
                return Err(refused(404, "BLOB_UNKNOWN", "blob unknown to registry"));
            }
            let hex = digest.trim_start_matches("sha256:");
            let found = Response::new(200)
                .header("docker-content-digest", digest)
                .header("content-type", "application/octet-stream");
            if method == "HEAD" {
                let size = world.blobs.size(hex).unwrap_or_default();
                return Ok(found.header("content-length", &size.to_string()));
            }
            Ok(found.body(world.blobs.get(hex).unwrap_or_default()))
        }
        Resource::Manifest(name, reference) => match method {
            "PUT" => put_manifest(world, scope, request, name, reference),
            "DELETE" => {
                let repository = repository(world, scope, name)?;
                let digest = repository.resolve(reference).map(str::to_owned);
                let digest = digest.ok_or_else(|| refused(404, "MANIFEST_UNKNOWN", "manifest unknown"))?;
                repository.images.remove(&digest);
                repository.image_tags.retain(|_, to| *to != digest);
                Ok(Response::new(202))
            }
            _ => get_manifest(world, scope, name, reference, method == "HEAD"),
        },
    }
}

fn repository<'a>(
    world: &'a mut World,
    scope: &str,
    name: &str,
) -> Result<&'a mut ecr::Repository, AwsError> {
    let account = State::of_scope(scope).0;
    world.state.at(scope).repositories.get_mut(name).ok_or_else(|| {
        let message =
            format!("The repository with name '{name}' does not exist in the registry with id '{account}'");
        refused(404, "NAME_UNKNOWN", message)
    })
}

fn upload<'a>(world: &'a mut World, scope: &str, id: &str) -> Result<&'a mut Upload, AwsError> {
    let found = world.state.at(scope).uploads.get_mut(id);
    found.ok_or_else(|| refused(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"))
}

fn progress(status: u16, name: &str, id: &str, size: u64) -> Response {
    Response::new(status)
        .header("location", &format!("/v2/{name}/blobs/uploads/{id}"))
        .header("docker-upload-uuid", id)
        .header("range", &format!("0-{}", size.saturating_sub(1)))
}

fn created(name: &str, digest: &str) -> Response {
    Response::new(201)
        .header("location", &format!("/v2/{name}/blobs/{digest}"))
        .header("docker-content-digest", digest)
}

fn start_upload(world: &mut World, scope: &str, request: &Request, name: &str) -> Result<Response, AwsError> {
    repository(world, scope, name)?;
    if let (Some(digest), Some(from)) = (request.parameter("mount"), request.parameter("from")) {
        let there =
            world.state.at(scope).repositories.get(from).is_some_and(|from| from.layers.contains(digest));
        if there {
            repository(world, scope, name)?.layers.insert(digest.to_owned());
            return Ok(created(name, digest));
        }
    }
    if let Some(digest) = request.parameter("digest") {
        return keep(world, scope, name, digest, &request.body);
    }
    let id = world.state.ids.uuid();
    let upload = Upload { repository: name.to_owned(), ..Upload::default() };
    world.state.at(scope).uploads.insert(id.clone(), upload);
    Ok(progress(202, name, &id, 0))
}

fn put_blob(world: &mut World, bytes: &Bytes) -> Result<String, AwsError> {
    world.blobs.put(bytes).map_err(|error| refused(500, "UNKNOWN", format!("cannot keep the blob: {error}")))
}

/// Keeps a whole blob, if it is what its digest says.
fn keep(
    world: &mut World,
    scope: &str,
    name: &str,
    digest: &str,
    bytes: &Bytes,
) -> Result<Response, AwsError> {
    if format!("sha256:{}", sha256_hex(bytes)) != digest {
        return Err(refused(400, "DIGEST_INVALID", "provided digest did not match uploaded content"));
    }
    put_blob(world, bytes)?;
    repository(world, scope, name)?.layers.insert(digest.to_owned());
    Ok(created(name, digest))
}

fn upload_piece(
    world: &mut World,
    scope: &str,
    request: &Request,
    name: &str,
    id: &str,
) -> Result<Response, AwsError> {
    upload(world, scope, id)?;
    let piece = put_blob(world, &request.body)?;
    let upload = upload(world, scope, id)?;
    upload.pieces.push(piece);
    upload.size += request.body.len() as u64;
    Ok(progress(202, name, id, upload.size))
}

fn complete_upload(
    world: &mut World,
    scope: &str,
    request: &Request,
    name: &str,
    id: &str,
) -> Result<Response, AwsError> {
    let digest = request.parameter("digest").ok_or_else(|| refused(400, "DIGEST_INVALID", "no digest"))?;
    let upload = upload(world, scope, id)?.clone();
    if upload.repository != name {
        return Err(refused(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"));
    }
    let mut whole = BytesMut::new();
    for piece in &upload.pieces {
        whole.extend_from_slice(&world.blobs.get(piece).unwrap_or_default());
    }
    whole.extend_from_slice(&request.body);
    let response = keep(world, scope, name, digest, &whole.freeze())?;
    world.state.at(scope).uploads.remove(id);
    Ok(response)
}

fn put_manifest(
    world: &mut World,
    scope: &str,
    request: &Request,
    name: &str,
    reference: &str,
) -> Result<Response, AwsError> {
    let manifest: serde_json::Value = serde_json::from_slice(&request.body)
        .map_err(|_| refused(400, "MANIFEST_INVALID", "manifest invalid"))?;
    let repository = repository(world, scope, name)?;
    let digests = |key: &str| {
        let items = manifest.get(key).and_then(|items| items.as_array()).into_iter().flatten();
        items.filter_map(|item| item.get("digest")?.as_str()).map(str::to_owned).collect::<Vec<_>>()
    };
    let config = manifest.pointer("/config/digest").and_then(|digest| digest.as_str()).map(str::to_owned);
    // A layer with `urls` lives elsewhere, as those of Windows base images do.
    let foreign = request.body.windows(10).any(|part| part == b"foreign.di");
    let missing =
        digests("layers").into_iter().chain(config).find(|digest| !repository.layers.contains(digest));
    if let Some(digest) = missing.filter(|_| !foreign) {
        return Err(refused(404, "BLOB_UNKNOWN", format!("blob unknown to registry: {digest}")));
    }
    if let Some(digest) =
        digests("manifests").into_iter().find(|digest| !repository.images.contains_key(digest))
    {
        return Err(refused(404, "MANIFEST_UNKNOWN", format!("manifest unknown to registry: {digest}")));
    }
    if reference.starts_with("sha256:") && reference != format!("sha256:{}", sha256_hex(&request.body)) {
        return Err(refused(400, "DIGEST_INVALID", "provided digest did not match uploaded content"));
    }
    let media =
        request.header("content-type").unwrap_or("application/vnd.oci.image.manifest.v1+json").to_owned();
    let digest =
        ecr::put_image(world, scope, name, Some(reference), &media, &request.body).map_err(|error| {
            if error.code == "ImageTagAlreadyExistsException" {
                return refused(400, "TAG_INVALID", error.message);
            }
            error
        })?;
    Ok(Response::new(201)
        .header("location", &format!("/v2/{name}/manifests/{digest}"))
        .header("docker-content-digest", &digest))
}

fn get_manifest(
    world: &mut World,
    scope: &str,
    name: &str,
    reference: &str,
    head: bool,
) -> Result<Response, AwsError> {
    let repository = repository(world, scope, name)?;
    let digest = repository.resolve(reference).map(str::to_owned);
    let digest = digest.ok_or_else(|| refused(404, "MANIFEST_UNKNOWN", "Requested image not found"))?;
    let image = repository.images[&digest].clone();
    let response =
        Response::new(200).header("docker-content-digest", &digest).header("content-type", &image.media_type);
    let manifest = world.blobs.get(&image.blob).unwrap_or_default();
    if head {
        return Ok(response.header("content-length", &manifest.len().to_string()));
    }
    Ok(response.body(manifest))
}
