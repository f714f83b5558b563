//! Files that become objects: environment files, what addons refer to, static sites.
//!
//! These functions read the files that they are given, to hash them, and upload nothing.

mod addon;
mod static_site;

use std::path::Path;

use bytes::Bytes;
use copilot_workspace::Root;
use copilot_workspace::files::LARGEST_TEXT;

pub(crate) use addon::write_zip;
pub use addon::{AddonAsset, addon_asset};
pub use static_site::{FileUpload, MAPPING_LIMIT, Mapped, StaticSite, static_site};

use crate::hash::{sha256_hex, sha256_limited};
use crate::{Body, Cancel, Error, Location, ObjectRequest, keys};

/// An application's artifact bucket in one region.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Bucket {
    /// AWS region of the bucket.
    pub region: String,
    /// Its name.
    pub name: String,
}

impl Bucket {
    /// A place in the bucket.
    pub fn at(&self, key: impl Into<String>) -> Location {
        Location { region: self.region.clone(), bucket: self.name.clone(), key: key.into() }
    }

    /// A text at a key made of its hash: `bucket.text(template, "addons template of api", |hash| keys::addons_template("api", hash))`.
    pub fn text(
        &self,
        text: impl Into<String>,
        what: impl Into<String>,
        key: impl FnOnce(&str) -> String,
    ) -> ObjectRequest {
        let text = text.into();
        let at = self.at(key(&sha256_hex(&text)));
        ObjectRequest::new(at, Body::Bytes(Bytes::from(text)), what)
    }

    /// Bytes at a key made of their hash.
    pub fn bytes(
        &self,
        bytes: impl Into<Bytes>,
        what: impl Into<String>,
        key: impl FnOnce(&str) -> String,
    ) -> ObjectRequest {
        let bytes = bytes.into();
        let at = self.at(key(&sha256_hex(&bytes)));
        ObjectRequest::new(at, Body::Bytes(bytes), what)
    }
}

/// An environment file. `path` is relative to the workspace's root, as the manifest has it, and does not lead out of it.
pub fn env_file(root: &Path, path: &str, bucket: &Bucket, cancel: &Cancel) -> Result<ObjectRequest, Error> {
    let full = root.join(path.trim_start_matches('/'));
    let real = Root::of(root).and_then(|root| root.resolve(&full));
    let real = real.map_err(|problem| Error::file(&full, problem))?;
    let (sha256, size) = sha256_limited(&real, LARGEST_TEXT, cancel)?;
    let at = bucket.at(keys::env_file(path, &sha256));
    Ok(ObjectRequest::new(at, Body::File { path: real, sha256, size }, format!("environment file {path}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_env_file_is_named_by_its_content() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("conf")).unwrap();
        std::fs::write(dir.path().join("conf/magic"), "x").unwrap();
        let bucket = Bucket { region: "us-west-2".into(), name: "b".into() };
        let object = env_file(dir.path(), "conf/magic", &bucket, &Cancel::new()).unwrap();
        assert_eq!(
            object.at.key,
            "manual/env-files/magic/2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881.env"
        );
        assert!(matches!(env_file(dir.path(), "none", &bucket, &Cancel::new()), Err(Error::Read { .. })));
    }
}
