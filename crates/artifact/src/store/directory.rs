//! A store in a local directory.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures::future::BoxFuture;

use super::{Location, ObjectInfo, ObjectStore, Part, StoreError, StoreErrorKind};
use crate::{Cancel, checksum};

/// A store in a local directory: objects are files `{root}/{bucket}/{key}`. For trying the build stage on a laptop.
#[derive(Debug, Clone)]
pub struct DirectoryStore {
    root: PathBuf,
}

impl DirectoryStore {
    /// A store below `root`, which is created when the first object is written.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// An object that is there, as a whole.
    ///
    /// # Errors
    /// When it is not, or can't be read.
    pub fn read(&self, at: &Location) -> io::Result<Vec<u8>> {
        std::fs::read(self.path(at))
    }

    fn path(&self, at: &Location) -> PathBuf {
        let safe = at.key.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
        safe.fold(self.root.join(&at.bucket), |path, part| path.join(part))
    }

    /// Where the parts of uploads are, each in a folder of its own: several processes may write the same object.
    fn uploads(&self) -> PathBuf {
        self.root.join(".parts")
    }
}

impl ObjectStore for DirectoryStore {
    fn head<'a>(&'a self, at: &'a Location) -> BoxFuture<'a, Result<Option<ObjectInfo>, StoreError>> {
        let path = self.path(at);
        blocking("looking up", at, move || match std::fs::metadata(&path) {
            Ok(found) => Ok(Some(ObjectInfo {
                size: found.len(),
                modified: found.modified().ok(),
                sha256: Some(sum(&path)?),
            })),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        })
    }

    fn put<'a>(
        &'a self,
        at: &'a Location,
        _: &'a str,
        _: &'a str,
        body: Bytes,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let path = self.path(at);
        blocking("writing", at, move || write(&path, |file| file.write_all(&body)))
    }

    fn start<'a>(&'a self, at: &'a Location, _: &'a str) -> BoxFuture<'a, Result<String, StoreError>> {
        let uploads = self.uploads();
        blocking("writing", at, move || {
            std::fs::create_dir_all(&uploads)?;
            let folder = tempfile::Builder::new().prefix("upload-").tempdir_in(&uploads)?.keep();
            Ok(folder.file_name().unwrap_or_default().to_string_lossy().into_owned())
        })
    }

    fn part<'a>(
        &'a self,
        at: &'a Location,
        upload: &'a str,
        number: i32,
        sha256: &'a str,
        body: Bytes,
    ) -> BoxFuture<'a, Result<Part, StoreError>> {
        let path = self.uploads().join(upload).join(number.to_string());
        let sha256 = sha256.to_owned();
        blocking("writing", at, move || {
            write(&path, |file| file.write_all(&body))?;
            Ok(Part { number, etag: String::new(), sha256 })
        })
    }

    fn finish<'a>(
        &'a self,
        at: &'a Location,
        upload: &'a str,
        parts: &'a [Part],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let (folder, path) = (self.uploads().join(upload), self.path(at));
        let numbers: Vec<i32> = parts.iter().map(|part| part.number).collect();
        blocking("writing", at, move || {
            write(&path, |file| {
                for number in &numbers {
                    io::copy(&mut std::fs::File::open(folder.join(number.to_string()))?, file)?;
                }
                Ok(())
            })?;
            std::fs::remove_dir_all(&folder)
        })
    }

    fn abort<'a>(&'a self, at: &'a Location, upload: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        let folder = self.uploads().join(upload);
        blocking("removing", at, move || match std::fs::remove_dir_all(folder) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        })
    }
}

/// Work on files, away from the threads that serve everything else.
fn blocking<'a, T: Send + 'static>(
    action: &'static str,
    at: &'a Location,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> BoxFuture<'a, Result<T, StoreError>> {
    Box::pin(async move {
        let done = tokio::task::spawn_blocking(work).await.map_err(io::Error::other).and_then(|done| done);
        done.map_err(|e| io_error(action, at, &e))
    })
}

/// The checksum that S3 would have of the file.
fn sum(path: &Path) -> io::Result<String> {
    let (sha256, _) = crate::sha256_file(path, &Cancel::new()).map_err(io::Error::other)?;
    Ok(checksum::of_hex(&sha256))
}

/// Writes a file under a name that nobody else has, then renames it.
fn write(
    path: &Path,
    content: impl FnOnce(&mut tempfile::NamedTempFile) -> io::Result<()>,
) -> io::Result<()> {
    let Some(parent) = path.parent() else { return Err(io::ErrorKind::InvalidInput.into()) };
    std::fs::create_dir_all(parent)?;
    let mut file = tempfile::Builder::new().prefix(".partial-").tempfile_in(parent)?;
    content(&mut file)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

fn io_error(action: &'static str, at: &Location, error: &io::Error) -> StoreError {
    let kind = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreErrorKind::Full,
        io::ErrorKind::PermissionDenied => StoreErrorKind::Denied,
        _ => StoreErrorKind::Other,
    };
    StoreError::new(action, at, kind, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_directory_keeps_objects_and_joins_parts() {
        let dir = tempfile::tempdir().unwrap();
        let store = DirectoryStore::new(dir.path());
        let object = Location { region: "r".into(), bucket: "b".into(), key: "../x/y".into() };
        assert_eq!(store.head(&object).await.unwrap(), None);
        store.put(&object, "", "", Bytes::from_static(b"hello")).await.unwrap();
        let found = store.head(&object).await.unwrap().unwrap();
        assert_eq!((found.size, found.sha256), (5, Some(crate::checksum::of_bytes(b"hello"))));
        let other = store.start(&object, "").await.unwrap();
        let upload = store.start(&object, "").await.unwrap();
        let one = store.part(&object, &upload, 1, "", Bytes::from_static(b"ab")).await.unwrap();
        let two = store.part(&object, &upload, 2, "", Bytes::from_static(b"c")).await.unwrap();
        store.finish(&object, &upload, &[one, two]).await.unwrap();
        assert_eq!(std::fs::read(dir.path().join("b/x/y")).unwrap(), b"abc");
        assert_ne!(upload, other);
        store.abort(&object, &other).await.unwrap();
        assert_eq!(std::fs::read_dir(dir.path().join(".parts")).unwrap().count(), 0);
    }
}
