//! Elastic Container Registry: the API. What docker speaks is in [`super::registry`].

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::tags::{self, Tags};
use crate::core::caller::Caller;
use crate::core::input::{Input, base64, page, page_size, timestamp};
use crate::core::options::RegistryNames;
use crate::core::world::World;
use crate::error::{Answer, AwsError};
use crate::http::guard::registry_secret;

/// A repository of images.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Repository {
    pub(crate) arn: String,
    pub(crate) created: i64,
    /// Whether a tag, once there, stays with its image.
    pub(crate) immutable: bool,
    pub(crate) scan_on_push: bool,
    pub(crate) policy: Option<String>,
    pub(crate) lifecycle: Option<String>,
    pub(crate) tags: Tags,
    /// By digest (`sha256:...`).
    pub(crate) images: BTreeMap<String, Image>,
    /// Digests of the images behind image tags.
    pub(crate) image_tags: BTreeMap<String, String>,
    /// Digests of layers and configurations.
    pub(crate) layers: BTreeSet<String>,
}

/// An image or an index of images.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Image {
    /// SHA-256 of the manifest, without the prefix.
    pub(crate) blob: String,
    pub(crate) media_type: String,
    pub(crate) size: u64,
    pub(crate) pushed: i64,
}

/// A layer that is being uploaded.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub(crate) repository: String,
    /// SHA-256 of the pieces so far.
    pub(crate) pieces: Vec<String>,
    pub(crate) size: u64,
}

impl Repository {
    /// The digest that a digest or tag stands for.
    pub(crate) fn resolve(&self, reference: &str) -> Option<&str> {
        let digest =
            if reference.starts_with("sha256:") { reference } else { self.image_tags.get(reference)? };
        self.images.get_key_value(digest).map(|(digest, _)| digest.as_str())
    }

    fn tags_of(&self, digest: &str) -> Vec<&str> {
        self.image_tags.iter().filter(|(_, to)| *to == digest).map(|(tag, _)| tag.as_str()).collect()
    }
}

/// Makes a repository and says its ARN.
pub(crate) fn new_repository(
    world: &mut World,
    caller: &Caller,
    name: &str,
    repository: Repository,
) -> Result<String, AwsError> {
    let created = world.now();
    let repositories = &mut world.state.at(&caller.scope()).repositories;
    if repositories.contains_key(name) {
        let message = format!(
            "The repository with name '{name}' already exists in the registry with id '{}'",
            caller.account
        );
        return Err(AwsError::new("RepositoryAlreadyExistsException", message));
    }
    let arn = caller.arn("ecr", &format!("repository/{name}"));
    repositories.insert(name.to_owned(), Repository { arn: arn.clone(), created, ..repository });
    Ok(arn)
}

pub(crate) fn no_repository(name: &str, account: &str) -> AwsError {
    let message =
        format!("The repository with name '{name}' does not exist in the registry with id '{account}'");
    AwsError::new("RepositoryNotFoundException", message)
}

/// The bytes of an image: those of its configuration and layers.
fn image_size(manifest: &[u8]) -> u64 {
    let manifest: Json = serde_json::from_slice(manifest).unwrap_or_default();
    let parts = manifest.get("config").into_iter().chain(manifest.list("layers"));
    parts.filter_map(|part| part.get("size")?.as_u64()).sum()
}

/// Keeps a manifest under its digest and, if it is not one itself, under the reference.
pub(crate) fn put_image(
    world: &mut World,
    scope: &str,
    name: &str,
    reference: Option<&str>,
    media_type: &str,
    manifest: &bytes::Bytes,
) -> Result<String, AwsError> {
    let pushed = world.now();
    let blob = world
        .blobs
        .put(manifest)
        .map_err(|error| AwsError::new("ServerException", error.to_string()).status(500))?;
    let digest = format!("sha256:{blob}");
    let account = scope.split('/').next().unwrap_or_default().to_owned();
    let repository =
        world.state.at(scope).repositories.get_mut(name).ok_or_else(|| no_repository(name, &account))?;
    let tag = reference.filter(|reference| !reference.starts_with("sha256:"));
    if let Some(tag) = tag {
        let other = repository.image_tags.get(tag).is_some_and(|old| *old != digest);
        if other && repository.immutable {
            return Err(AwsError::new(
                "ImageTagAlreadyExistsException",
                format!(
                    "The image tag '{tag}' already exists in the '{name}' repository and cannot be overwritten because the repository is immutable."
                ),
            ));
        }
        repository.image_tags.insert(tag.to_owned(), digest.clone());
    }
    let image = Image { blob, media_type: media_type.into(), size: image_size(manifest), pushed };
    repository.images.entry(digest.clone()).or_insert(image);
    Ok(digest)
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "GetAuthorizationToken" => Ok(token(world, caller)),
        "CreateRepository" => create(world, caller, input),
        "DescribeRepositories" => describe(world, caller, input),
        _ => of_repository(world, caller, operation, input),
    }
}

fn token(world: &mut World, caller: &Caller) -> Json {
    let secret =
        registry_secret(world, &caller.account, &caller.region).unwrap_or_else(|| world.state.ids.hex(32));
    let password = format!("local.{}.{}.{secret}", caller.account, caller.region);
    let host = world.registry_host(&caller.account, &caller.region);
    let scheme = if world.options.registry_names == RegistryNames::Loopback { "http" } else { "https" };
    json!({"authorizationData": [{
        "authorizationToken": base64(format!("AWS:{password}").as_bytes()),
        "expiresAt": timestamp(world.now() + 12 * 3_600_000),
        "proxyEndpoint": format!("{scheme}://{host}"),
    }]})
}

fn shape(world: &World, caller: &Caller, name: &str, repository: &Repository) -> Json {
    json!({
        "repositoryArn": repository.arn, "registryId": caller.account, "repositoryName": name,
        "repositoryUri": world.repository_uri(&caller.account, &caller.region, name),
        "createdAt": timestamp(repository.created),
        "imageTagMutability": if repository.immutable { "IMMUTABLE" } else { "MUTABLE" },
        "imageScanningConfiguration": {"scanOnPush": repository.scan_on_push},
        "encryptionConfiguration": {"encryptionType": "AES256"},
    })
}

fn create(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let name = input.need("repositoryName")?.to_owned();
    let repository = Repository {
        immutable: input.text("imageTagMutability") == Some("IMMUTABLE"),
        scan_on_push: input.get("imageScanningConfiguration").is_some_and(|scan| scan.flag("scanOnPush")),
        tags: tags::read(input.list("tags")),
        ..Repository::default()
    };
    new_repository(world, caller, &name, repository)?;
    let repository = &world.state.regional[&caller.scope()].repositories[&name];
    Ok(json!({"repository": shape(world, caller, &name, repository)}))
}

fn describe(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let names = input.texts("repositoryNames");
    world.state.at(&caller.scope());
    let repositories = &world.state.regional[&caller.scope()].repositories;
    if let Some(name) = names.iter().find(|name| !repositories.contains_key(*name)) {
        return Err(no_repository(name, &caller.account));
    }
    let all: Vec<Json> = repositories
        .iter()
        .filter(|(name, _)| names.is_empty() || names.contains(name))
        .map(|(name, repository)| shape(world, caller, name, repository))
        .collect();
    let (page, next) = page(&all, input.text("nextToken"), page_size(input, "maxResults", 1000));
    Ok(json!({"repositories": page, "nextToken": next}))
}

fn of_repository(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    let name = match input.text("resourceArn") {
        Some(arn) => arn.split_once(":repository/").map_or(arn, |(_, name)| name),
        None => input.need("repositoryName")?,
    };
    if operation == "PutImage" {
        return api_put_image(world, caller, name, input);
    }
    let scope = caller.scope();
    let repositories = &mut world.state.at(&scope).repositories;
    let repository = repositories.get_mut(name).ok_or_else(|| no_repository(name, &caller.account))?;
    match operation {
        "DeleteRepository" => {
            if !repository.images.is_empty() && !input.flag("force") {
                let message = format!(
                    "The repository with name '{name}' in registry with id '{}' cannot be deleted because it still contains images",
                    caller.account
                );
                return Err(AwsError::new("RepositoryNotEmptyException", message));
            }
            let removed = repositories.remove(name).unwrap_or_default();
            Ok(json!({"repository": shape(world, caller, name, &removed)}))
        }
        "ListTagsForResource" => Ok(json!({"tags": tags::write(&repository.tags)})),
        "TagResource" => {
            repository.tags.extend(tags::read(input.list("tags")));
            Ok(json!({}))
        }
        "GetRepositoryPolicy" => match &repository.policy {
            Some(text) => {
                Ok(json!({"registryId": caller.account, "repositoryName": name, "policyText": text}))
            }
            None => {
                Err(AwsError::new("RepositoryPolicyNotFoundException", "Repository policy does not exist"))
            }
        },
        "SetRepositoryPolicy" => {
            repository.policy = Some(input.need("policyText")?.to_owned());
            Ok(json!({"repositoryName": name, "policyText": repository.policy}))
        }
        "ListImages" => {
            let list: Json = repository
                .images
                .keys()
                .flat_map(|digest| {
                    let tags = repository.tags_of(digest);
                    let ids: Vec<Json> = if tags.is_empty() {
                        vec![json!({"imageDigest": digest})]
                    } else {
                        tags.iter().map(|tag| json!({"imageDigest": digest, "imageTag": tag})).collect()
                    };
                    ids
                })
                .collect();
            Ok(json!({"imageIds": list}))
        }
        "DescribeImages" => describe_images(repository, caller, name, input),
        "BatchDeleteImage" => Ok(delete_images(repository, input)),
        "BatchGetImage" => {
            let repository = repository.clone();
            Ok(get_images(world, &repository, caller, name, input))
        }
        "BatchCheckLayerAvailability" => {
            let list: Json = input
                .texts("layerDigests")
                .iter()
                .map(|digest| {
                    let there = repository.layers.contains(digest);
                    json!({"layerDigest": digest, "layerAvailability": if there { "AVAILABLE" } else { "UNAVAILABLE" }})
                })
                .collect();
            Ok(json!({"layers": list, "failures": []}))
        }
        _ => Err(AwsError::unknown_operation("ecr", operation)),
    }
}

/// The reference in an image identifier.
fn reference(id: &Json) -> &str {
    id.text("imageDigest").or_else(|| id.text("imageTag")).unwrap_or_default()
}

fn describe_images(repository: &Repository, caller: &Caller, name: &str, input: &Json) -> Answer {
    let mut digests: Vec<&str> = Vec::new();
    for id in input.list("imageIds") {
        let wanted = reference(id);
        let digest = repository.resolve(wanted).ok_or_else(|| {
            let message = format!(
                "The image with imageId {{imageTag:'{wanted}'}} does not exist within the repository with name '{name}' in the registry with id '{}'",
                caller.account
            );
            AwsError::new("ImageNotFoundException", message)
        })?;
        digests.push(digest);
    }
    if !input.has("imageIds") {
        digests = repository.images.keys().map(String::as_str).collect();
    }
    let list: Vec<Json> = digests
        .into_iter()
        .map(|digest| {
            let image = &repository.images[digest];
            let tags = repository.tags_of(digest);
            json!({
                "registryId": caller.account, "repositoryName": name, "imageDigest": digest,
                "imageTags": (!tags.is_empty()).then_some(tags), "imageSizeInBytes": image.size,
                "imagePushedAt": timestamp(image.pushed), "imageManifestMediaType": image.media_type,
            })
        })
        .collect();
    let (page, next) = page(&list, input.text("nextToken"), page_size(input, "maxResults", 1000));
    Ok(json!({"imageDetails": page, "nextToken": next}))
}

fn failure(id: &Json) -> Json {
    json!({"imageId": id, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"})
}

fn delete_images(repository: &mut Repository, input: &Json) -> Json {
    let (mut gone, mut failures) = (Vec::new(), Vec::new());
    for id in input.list("imageIds") {
        let Some(digest) = repository.resolve(reference(id)).map(str::to_owned) else {
            failures.push(failure(id));
            continue;
        };
        if let (None, Some(tag)) = (id.text("imageDigest"), id.text("imageTag")) {
            repository.image_tags.remove(tag);
            if repository.tags_of(&digest).is_empty() {
                repository.images.remove(&digest);
            }
        } else {
            repository.images.remove(&digest);
            repository.image_tags.retain(|_, to| *to != digest);
        }
        gone.push(json!({"imageDigest": digest, "imageTag": id.text("imageTag")}));
    }
    json!({"imageIds": gone, "failures": failures})
}

fn get_images(world: &World, repository: &Repository, caller: &Caller, name: &str, input: &Json) -> Json {
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in input.list("imageIds") {
        let Some(digest) = repository.resolve(reference(id)) else {
            failures.push(failure(id));
            continue;
        };
        let image = &repository.images[digest];
        let manifest = world.blobs.get(&image.blob).unwrap_or_default();
        images.push(json!({
            "registryId": caller.account, "repositoryName": name,
            "imageId": {"imageDigest": digest, "imageTag": id.text("imageTag")},
            "imageManifest": String::from_utf8_lossy(&manifest), "imageManifestMediaType": image.media_type,
        }));
    }
    json!({"images": images, "failures": failures})
}

fn api_put_image(world: &mut World, caller: &Caller, name: &str, input: &Json) -> Answer {
    let manifest = bytes::Bytes::from(input.need("imageManifest")?.to_owned());
    let tag = input.text("imageTag");
    let media = input.text("imageManifestMediaType").map(str::to_owned);
    let media = media
        .or_else(|| {
            let parsed: Json = serde_json::from_slice(&manifest).ok()?;
            parsed.text("mediaType").map(str::to_owned)
        })
        .unwrap_or_else(|| "application/vnd.docker.distribution.manifest.v2+json".into());
    let scope = caller.scope();
    let repository = world.state.at(&scope).repositories.get(name);
    let repository = repository.ok_or_else(|| no_repository(name, &caller.account))?;
    let digest = format!("sha256:{}", crate::core::ids::sha256_hex(&manifest));
    if repository.images.contains_key(&digest)
        && tag.is_none_or(|tag| repository.image_tags.get(tag) == Some(&digest))
    {
        return Err(AwsError::new(
            "ImageAlreadyExistsException",
            format!("Image with digest '{digest}' already exists in the '{name}' repository"),
        ));
    }
    let digest = put_image(world, &scope, name, tag, &media, &manifest)?;
    Ok(json!({"image": {
        "registryId": caller.account, "repositoryName": name,
        "imageId": {"imageDigest": digest, "imageTag": tag},
        "imageManifest": String::from_utf8_lossy(&manifest), "imageManifestMediaType": media,
    }}))
}
