//! An OCI image layout: a folder that holds images without a registry.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::hash::{hex, sha256_hex};
use crate::lock::FolderLock;
use crate::{Cancel, Error};

const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
const LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar";
const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const NAME: &str = "org.opencontainers.image.ref.name";

/// A folder in the OCI image layout.
#[derive(Debug)]
pub struct OciLayout {
    root: PathBuf,
    /// The index is read, changed and written by one at a time.
    index: Mutex<()>,
}

impl OciLayout {
    /// A layout at `root`, which is created when the first image is added.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), index: Mutex::new(()) }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The digest of the image that has a name, if its manifest is there.
    pub fn find(&self, name: &str) -> Option<String> {
        let index: Value = serde_json::from_slice(&fs_err::read(self.root.join("index.json")).ok()?).ok()?;
        let named = |m: &&Value| m["annotations"][NAME] == name;
        let digest = index["manifests"].as_array()?.iter().find(named)?["digest"].as_str()?.to_owned();
        self.blob(&digest).is_file().then_some(digest)
    }

    /// Adds an image from an archive in the format of `docker save` under the given names, and returns the digest
    /// of its manifest. Blocks.
    pub fn add(&self, archive: &Path, names: &[String], cancel: &Cancel) -> Result<String, Error> {
        let blobs = self.root.join("blobs/sha256");
        fs_err::create_dir_all(&blobs).map_err(|e| Error::write(&blobs, e))?;
        let unexpected = |what: &str| Error::UnsupportedFile {
            path: archive.to_owned(),
            reason: format!("it is not an image archive: {what}"),
        };
        let mut archive_file = Archive::open(archive)?;
        let list: Value = archive_file
            .json("manifest.json", archive)?
            .ok_or_else(|| unexpected("`manifest.json` is missing"))?;
        let image = &list[0];
        let config_name = image["Config"].as_str().ok_or_else(|| unexpected("it names no config"))?;
        let config = self
            .take(&mut archive_file, config_name, archive, cancel)?
            .ok_or_else(|| unexpected("its config is missing"))?;
        let mut layers = Vec::new();
        for layer in image["Layers"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let blob = self
                .take(&mut archive_file, layer, archive, cancel)?
                .ok_or_else(|| unexpected("a layer is missing"))?;
            layers.push(json!({ "mediaType": blob.layer_type(), "digest": blob.digest, "size": blob.size }));
        }
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": { "mediaType": CONFIG_TYPE, "digest": config.digest, "size": config.size },
            "layers": layers,
        });
        let bytes = manifest.to_string().into_bytes();
        let digest = format!("sha256:{}", sha256_hex(&bytes));
        self.write(&self.blob(&digest), &bytes)?;
        self.name(&digest, bytes.len(), names)?;
        Ok(digest)
    }

    /// Points names at an image that the layout has.
    pub fn retag(&self, digest: &str, names: &[String]) -> Result<(), Error> {
        let path = self.blob(digest);
        let size = fs_err::metadata(&path).map_err(|e| Error::read(&path, e))?.len();
        self.name(digest, usize::try_from(size).unwrap_or(usize::MAX), names)
    }

    fn blob(&self, digest: &str) -> PathBuf {
        self.root.join("blobs/sha256").join(digest.trim_start_matches("sha256:"))
    }

    /// Copies a member of the archive to its blob.
    fn take(
        &self,
        archive: &mut Archive,
        name: &str,
        path: &Path,
        cancel: &Cancel,
    ) -> Result<Option<Blob>, Error> {
        let Some(mut member) = archive.member(name).map_err(|e| Error::read(path, e))? else {
            return Ok(None);
        };
        let folder = self.root.join("blobs");
        let mut out = tempfile::NamedTempFile::new_in(&folder).map_err(|e| Error::write(&folder, e))?;
        let (mut hasher, mut size, mut magic) = (Sha256::new(), 0u64, Vec::new());
        let mut buffer = vec![0; 128 * 1024];
        loop {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let n = member.read(&mut buffer).map_err(|e| Error::read(path, e))?;
            if n == 0 {
                break;
            }
            magic.extend(buffer[..n].iter().take(4_usize.saturating_sub(magic.len())));
            hasher.update(&buffer[..n]);
            size += n as u64;
            std::io::Write::write_all(&mut out, &buffer[..n]).map_err(|e| Error::write(&folder, e))?;
        }
        let digest = format!("sha256:{}", hex(&hasher.finalize()));
        let target = self.blob(&digest);
        out.persist(&target).map_err(|e| Error::write(&target, e.error))?;
        Ok(Some(Blob { digest, size, magic }))
    }

    fn name(&self, digest: &str, size: usize, names: &[String]) -> Result<(), Error> {
        let _one_at_a_time = self.index.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Nor with another process.
        let _alone = FolderLock::wait(&self.root).map_err(|e| Error::read(&self.root, e))?;
        let path = self.root.join("index.json");
        let old = fs_err::read(&path).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
        let mut manifests = match old {
            Some(mut index) => index["manifests"].take().as_array().cloned().unwrap_or_default(),
            None => Vec::new(),
        };
        manifests.retain(|m| !names.iter().any(|name| m["annotations"][NAME] == *name));
        manifests.extend(names.iter().map(|name| {
            json!({ "mediaType": MANIFEST_TYPE, "digest": digest, "size": size, "annotations": { NAME: name } })
        }));
        manifests.sort_by_cached_key(|m| m["annotations"][NAME].as_str().map(str::to_owned));
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": manifests });
        self.write(&self.root.join("oci-layout"), br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        self.write(&path, index.to_string().as_bytes())
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let failed = |e| Error::write(path, e);
        let mut out = tempfile::NamedTempFile::new_in(&self.root).map_err(failed)?;
        std::io::Write::write_all(&mut out, bytes).map_err(failed)?;
        out.persist(path).map_err(|e| Error::write(path, e.error))?;
        Ok(())
    }
}

struct Blob {
    digest: String,
    size: u64,
    magic: Vec<u8>,
}

impl Blob {
    fn layer_type(&self) -> String {
        match self.magic.as_slice() {
            [0x1f, 0x8b, ..] => format!("{LAYER_TYPE}+gzip"),
            [0x28, 0xb5, 0x2f, 0xfd] => format!("{LAYER_TYPE}+zstd"),
            _ => LAYER_TYPE.to_owned(),
        }
    }
}

/// A tar archive whose members are found by name without reading the rest.
struct Archive {
    file: File,
    members: HashMap<String, (u64, u64)>,
}

impl Archive {
    fn open(path: &Path) -> Result<Self, Error> {
        let failed = |e| Error::read(path, e);
        let mut tar = tar::Archive::new(File::open(path).map_err(failed)?);
        let mut members = HashMap::new();
        let mut links = Vec::new();
        for entry in tar.entries_with_seek().map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.path().map_err(failed)?.to_string_lossy().into_owned();
            match entry.link_name().map_err(failed)? {
                Some(target) => links.push((name, target.to_string_lossy().into_owned())),
                None => drop(members.insert(name, (entry.raw_file_position(), entry.size()))),
            }
        }
        // Docker links layers that several images share: `abc/layer.tar -> ../def/layer.tar`.
        for (name, target) in links {
            let target = crate::paths::clean(&format!("{name}/../{target}"));
            if let Some(place) = members.get(&target).copied() {
                members.insert(name, place);
            }
        }
        Ok(Self { file: tar.into_inner(), members })
    }

    fn member(&mut self, name: &str) -> std::io::Result<Option<impl Read + '_>> {
        let Some(&(position, size)) = self.members.get(name) else { return Ok(None) };
        self.file.seek(SeekFrom::Start(position))?;
        Ok(Some((&mut self.file).take(size)))
    }

    fn json(&mut self, name: &str, path: &Path) -> Result<Option<Value>, Error> {
        let failed = |e| Error::read(path, e);
        let Some(mut member) = self.member(name).map_err(failed)? else { return Ok(None) };
        let mut text = String::new();
        member.read_to_string(&mut text).map_err(failed)?;
        serde_json::from_str(&text).map(Some).map_err(|e| failed(e.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(dir: &Path, layer: &[u8]) -> PathBuf {
        let path = dir.join("image.tar");
        let mut tar = tar::Builder::new(File::create(&path).unwrap());
        let mut add = |name: &str, bytes: &[u8]| {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, bytes).unwrap();
        };
        add("c.json", b"{\"rootfs\":{}}");
        add("a/layer.tar", layer);
        add("manifest.json", br#"[{"Config":"c.json","Layers":["a/layer.tar","b/layer.tar"]}]"#);
        let mut link = tar::Header::new_gnu();
        link.set_entry_type(tar::EntryType::Symlink);
        link.set_size(0);
        tar.append_link(&mut link, "b/layer.tar", "../a/layer.tar").unwrap();
        tar.finish().unwrap();
        path
    }

    #[test]
    fn an_archive_becomes_a_layout_with_names() {
        let dir = tempfile::tempdir().unwrap();
        let layout = OciLayout::new(dir.path().join("images"));
        let names = ["app/api:latest".to_owned(), "app/api:cp-1".to_owned()];
        let digest = layout.add(&archive(dir.path(), b"layer"), &names, &Cancel::new()).unwrap();
        assert_eq!(layout.find("app/api:cp-1"), Some(digest.clone()));
        assert_eq!(layout.find("app/api:none"), None);
        let manifest: Value = serde_json::from_slice(&std::fs::read(layout.blob(&digest)).unwrap()).unwrap();
        let layers: Vec<_> = manifest["layers"].as_array().unwrap().iter().map(|l| &l["digest"]).collect();
        let layer = json!(format!("sha256:{}", sha256_hex("layer")));
        assert_eq!(layers, [&layer, &layer]);
        let gzip = archive(dir.path(), &[0x1f, 0x8b, 8, 0, 0]);
        let other = layout.add(&gzip, &names[..1], &Cancel::new()).unwrap();
        assert_eq!(layout.find("app/api:latest"), Some(other.clone()));
        assert_eq!(layout.find("app/api:cp-1"), Some(digest));
        let manifest = std::fs::read_to_string(layout.blob(&other)).unwrap();
        assert!(manifest.contains("tar+gzip"));
        layout.retag(&other, &["x:1".to_owned()]).unwrap();
        assert_eq!(layout.find("x:1"), Some(other));
    }

    #[test]
    fn what_is_no_image_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.tar");
        tar::Builder::new(File::create(&path).unwrap()).finish().unwrap();
        let error = OciLayout::new(dir.path()).add(&path, &[], &Cancel::new()).unwrap_err();
        assert!(matches!(error, Error::UnsupportedFile { .. }));
    }
}
