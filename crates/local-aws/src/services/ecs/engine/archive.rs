//! Images of the registry as files that the engine loads: nothing has to be pulled, so the engine needs no way to the registry.

use std::io::{Read as _, Write};

use bytes::Bytes;
use serde_json::{Value as Json, json};

use super::plan::image_name;
use crate::core::blobs::Source;
use crate::core::input::Input;
use crate::core::world::World;
use crate::services::ecr::Repository;

/// An image with all that belongs to it.
#[derive(Debug)]
pub(super) struct Archive {
    /// Its name in the engine.
    pub(super) name: String,
    files: Vec<(String, Source)>,
}

/// The image with this name, if its name is one of the registry here; why not, if the registry lacks it.
pub(super) fn of(
    world: &World,
    scope: &str,
    image: &str,
    architecture: &str,
) -> Result<Option<Archive>, String> {
    let Some((host, path)) = image.split_once('/') else { return Ok(None) };
    let own = host.contains(".dkr.ecr.") || host.starts_with("127.0.0.1") || host.starts_with("localhost");
    if !own {
        return Ok(None);
    }
    let (name, reference) = match path.split_once('@') {
        Some((name, digest)) => (name.split(':').next().unwrap_or(name), digest),
        None => path.rsplit_once(':').unwrap_or((path, "latest")),
    };
    let missing = |what: &str| {
        format!(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: {what}"
        )
    };
    let here = world.state.regional.get(scope);
    let repository = here.and_then(|here| here.repositories.get(name)).ok_or_else(|| missing("not found"))?;
    let digest = repository.resolve(reference).ok_or_else(|| missing("not found"))?.to_owned();
    let files =
        files(world, repository, &digest, architecture).ok_or_else(|| missing("its layers are not there"))?;
    let name = image_name(name, &digest);
    Ok(Some(Archive { files: with_manifest(files, &name), name }))
}

fn manifest(world: &World, repository: &Repository, digest: &str) -> Option<Json> {
    let bytes = world.blobs.get(&repository.images.get(digest)?.blob)?;
    serde_json::from_slice(&bytes).ok()
}

/// Configuration and layers of an image, the configuration first. Of several, the one that fits.
fn files(
    world: &World,
    repository: &Repository,
    digest: &str,
    architecture: &str,
) -> Option<Vec<(String, Source)>> {
    let found = manifest(world, repository, digest)?;
    let fits = |one: &&Json| {
        let platform = one.get("platform");
        platform.and_then(|platform| platform.text("os")) == Some("linux")
            && platform.and_then(|platform| platform.text("architecture")) == Some(architecture)
    };
    let inner = found.list("manifests").iter().find(fits).or_else(|| found.list("manifests").first());
    if let Some(inner) = inner.and_then(|inner| inner.text("digest")) {
        return files(world, repository, inner, architecture);
    }
    let hex =
        |one: &Json| one.text("digest").and_then(|digest| digest.strip_prefix("sha256:")).map(str::to_owned);
    let config = hex(found.get("config")?)?;
    let mut files = vec![(format!("{config}.json"), world.blobs.source(&config)?)];
    for layer in found.list("layers") {
        let layer = hex(layer)?;
        files.push((format!("{layer}.tar"), world.blobs.source(&layer)?));
    }
    Some(files)
}

fn with_manifest(mut files: Vec<(String, Source)>, name: &str) -> Vec<(String, Source)> {
    let layers: Vec<&String> = files.iter().skip(1).map(|(name, _)| name).collect();
    let config = files.first().map(|(name, _)| name);
    let manifest = json!([{"Config": config, "RepoTags": [name], "Layers": layers}]).to_string();
    // An image may have the same layer twice.
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|(name, _)| seen.insert(name.clone()));
    files.push(("manifest.json".into(), Source::Bytes(Bytes::from(manifest))));
    files
}

impl Archive {
    /// Writes it as a tape archive.
    pub(super) fn write(&self, out: &mut impl Write) -> std::io::Result<()> {
        for (name, source) in &self.files {
            let size = source.size();
            out.write_all(&header(name, size))?;
            match source {
                Source::Bytes(bytes) => out.write_all(bytes)?,
                Source::File(path, size) => {
                    let mut file = fs_err::File::open(path)?.take(*size);
                    std::io::copy(&mut file, out)?;
                }
            }
            let rest = usize::try_from((512 - size % 512) % 512).unwrap_or(0);
            out.write_all(&[0; 512][..rest])?;
        }
        out.write_all(&[0; 1024])
    }
}

/// The header of a file in a tape archive.
fn header(name: &str, size: u64) -> [u8; 512] {
    let mut header = [0_u8; 512];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, &name[..name.len().min(99)]);
    put(100, "0000644\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{size:011o}\0"));
    put(136, "00000000000\0");
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\0");
    put(263, "00");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(148, &format!("{sum:06o}\0 "));
    header
}
