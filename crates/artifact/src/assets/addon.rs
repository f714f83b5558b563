//! Local files and directories that addons templates refer to.

use std::collections::HashSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use copilot_workspace::Root;
use copilot_workspace::files::{DEEPEST, LARGEST_ASSET};
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;

use crate::hash::{feed_file, hex, sha256_file};
use crate::paths::{mode, sorted_names};
use crate::{Body, Cancel, Error};

/// The hash of a local artifact, which is also the end of its key, and its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddonAsset {
    /// SHA-256 in lower-case hexadecimal: of the bytes of a plain file; of names, modes and contents of what is
    /// zipped, so that the time of a checkout changes nothing.
    pub hash: String,
    /// The file, or the zip to be made of it.
    pub body: Body,
}

/// Hashes what an addons template of the workspace at `root` refers to; `path` is relative to the root. A directory is zipped;
/// so is a file if `zip_file` is set, as for the code of a Lambda function. Symbolic links are followed, but not out of the
/// workspace.
pub fn addon_asset(root: &Path, path: &Path, zip_file: bool, cancel: &Cancel) -> Result<AddonAsset, Error> {
    let full = root.join(path);
    let within = Root::of(root).map_err(|problem| Error::file(root, problem))?;
    let real = within.resolve(&full).map_err(|problem| Error::file(&full, problem))?;
    let metadata = fs_err::metadata(&real).map_err(|e| Error::read(&full, e))?;
    if !metadata.is_dir() && !zip_file {
        let (sha256, size) = sha256_file(&real, cancel)?;
        let body = Body::File { path: real, sha256: sha256.clone(), size };
        return Ok(AddonAsset { hash: sha256, body });
    }
    let mut hasher = Sha256::new();
    for member in members(&within, &full, cancel)? {
        hasher.update(format!("{} {}", member.name, ls_mode(member.mode)));
        feed_file(&member.path, LARGEST_ASSET, cancel, &mut |chunk| hasher.update(chunk))?;
    }
    let body = Body::Zip { root: root.to_owned(), path: full };
    Ok(AddonAsset { hash: hex(&hasher.finalize()), body })
}

/// Writes the zip of a file or directory of the workspace: the same input gives the same bytes.
pub(crate) fn write_zip(
    root: &Path,
    path: &Path,
    out: &mut std::fs::File,
    cancel: &Cancel,
) -> Result<(), Error> {
    let failed = |e: zip::result::ZipError| Error::write(path, e.into());
    let mut zip = zip::ZipWriter::new(std::io::BufWriter::new(out));
    let root = Root::of(root).map_err(|problem| Error::file(root, problem))?;
    for member in members(&root, path, cancel)? {
        let size = fs_err::metadata(&member.path).map_err(|e| Error::read(&member.path, e))?.len();
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(member.mode)
            .large_file(size >= u64::from(u32::MAX));
        zip.start_file(&member.name, options).map_err(failed)?;
        let mut result = Ok(());
        feed_file(&member.path, LARGEST_ASSET, cancel, &mut |chunk| {
            if result.is_ok() {
                result = zip.write_all(chunk);
            }
        })?;
        result.map_err(|e| Error::write(path, e))?;
    }
    zip.finish().map_err(failed)?.flush().map_err(|e| Error::write(path, e))
}

/// A file of a zip.
struct Member {
    /// Relative to the root of the zip, with `/`.
    name: String,
    /// Without links.
    path: PathBuf,
    mode: u32,
}

fn members(root: &Root, path: &Path, cancel: &Cancel) -> Result<Vec<Member>, Error> {
    let real = root.resolve(path).map_err(|problem| Error::file(path, problem))?;
    let metadata = fs_err::metadata(&real).map_err(|e| Error::read(path, e))?;
    let mut walk =
        Walk { root, cancel, above: Vec::new(), seen: HashSet::new(), again: 0, members: Vec::new() };
    if metadata.is_dir() {
        walk.directory(path, &real, "")?;
    } else {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        walk.members.push(Member { name, path: real, mode: mode(&metadata) });
    }
    Ok(walk.members)
}

/// How often links may lead to a directory that was there before. Each may have links to the next, and n of them lead to 2ⁿ files.
const AGAIN: usize = 1_000;

struct Walk<'a> {
    root: &'a Root,
    cancel: &'a Cancel,
    /// The real directories on the way here: a link to one of them would never end.
    above: Vec<PathBuf>,
    seen: HashSet<PathBuf>,
    again: usize,
    members: Vec<Member>,
}

impl Walk<'_> {
    /// `path` is how the directory was reached, `real` where it is.
    fn directory(&mut self, path: &Path, real: &Path, prefix: &str) -> Result<(), Error> {
        if self.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        self.refuse_endless(path, real)?;
        self.above.push(real.to_owned());
        for name in sorted_names(real)? {
            let path = path.join(&name);
            let mut real = real.join(&name);
            let name = format!("{prefix}{}", name.to_string_lossy());
            let mut metadata = fs_err::symlink_metadata(&real).map_err(|e| Error::read(&path, e))?;
            if metadata.is_symlink() {
                real = self.root.resolve(&real).map_err(|problem| Error::file(&path, problem))?;
                metadata = fs_err::metadata(&real).map_err(|e| Error::read(&path, e))?;
            }
            if metadata.is_dir() {
                self.directory(&path, &real, &format!("{name}/"))?;
            } else if metadata.is_file() {
                self.members.push(Member { name, path: real, mode: mode(&metadata) });
            } else {
                return Err(unsupported(&path, "it is neither a file nor a directory"));
            }
        }
        self.above.pop();
        Ok(())
    }

    fn refuse_endless(&mut self, path: &Path, real: &Path) -> Result<(), Error> {
        if self.above.iter().any(|above| above == real) {
            return Err(unsupported(path, "the symbolic link leads back to a directory above it"));
        }
        if self.above.len() >= DEEPEST {
            return Err(unsupported(path, &format!("it lies more than {DEEPEST} directories deep")));
        }
        if !self.seen.insert(real.to_owned()) {
            self.again += 1;
        }
        if self.again > AGAIN {
            let reason = format!("symbolic links lead to the same directories more than {AGAIN} times");
            return Err(unsupported(path, &reason));
        }
        Ok(())
    }
}

fn unsupported(path: &Path, reason: &str) -> Error {
    Error::UnsupportedFile { path: path.to_owned(), reason: reason.to_owned() }
}

/// The mode as `ls -l` writes it, with Go's letters for the special bits: keys of deployed functions depend on it.
fn ls_mode(mode: u32) -> String {
    let mut out = String::new();
    for (bit, letter) in [(0o4000, 'u'), (0o2000, 'g'), (0o1000, 't')] {
        if mode & bit != 0 {
            out.push(letter);
        }
    }
    if out.is_empty() {
        out.push('-');
    }
    out.extend("rwxrwxrwx".chars().enumerate().map(|(i, c)| if mode & (0o400 >> i) == 0 { '-' } else { c }));
    out
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn write(path: &Path, text: &str, mode: u32) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn hash(path: &Path, zip: bool) -> String {
        addon_asset(path.parent().unwrap(), path, zip, &Cancel::new()).unwrap().hash
    }

    #[test]
    fn hashes_are_those_of_deployed_assets() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("lambdas");
        write(&root.join("fn.js"), "x", 0o644);
        let file = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
        assert_eq!(hash(&root.join("fn.js"), false), file);
        let zipped = "ad2cb99a4193a6c989a522c7c3564c5ba2511e04ec2376bed54817319899e3ad";
        assert_eq!(hash(&root.join("fn.js"), true), zipped);
        write(&root.join("run.sh"), "y", 0o755);
        write(&root.join("sub/z.txt"), "z", 0o644);
        let directory = "02223cc520c91b32f914a9c5e6ffde3be06d528ce49e15a4edee010c5b93201d";
        assert_eq!(hash(&root, false), directory);
    }

    #[test]
    fn zips_are_the_same_bytes_and_follow_links() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("fn");
        write(&root.join("lib/a.js"), "a", 0o755);
        std::fs::create_dir_all(root.join("bin")).unwrap();
        symlink("../lib/a.js", root.join("bin/a")).unwrap();
        symlink("lib", root.join("again")).unwrap();
        let zip = |name: &str| {
            let path = dir.path().join(name);
            write_zip(&root, &root, &mut std::fs::File::create(&path).unwrap(), &Cancel::new()).unwrap();
            std::fs::read(path).unwrap()
        };
        let bytes = zip("1.zip");
        assert_eq!(bytes, zip("2.zip"));
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let names: Vec<_> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
        assert_eq!(names, ["again/a.js", "bin/a", "lib/a.js"]);
        let link = archive.by_name("bin/a").unwrap();
        assert_eq!(link.unix_mode().unwrap() & 0o777, 0o755);
        assert_eq!(std::io::read_to_string(link).unwrap(), "a");
    }

    #[test]
    fn a_link_that_leads_back_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        symlink(".", dir.path().join("loop")).unwrap();
        let error = addon_asset(dir.path(), dir.path(), false, &Cancel::new()).unwrap_err();
        assert!(matches!(error, Error::UnsupportedFile { .. }));
    }

    #[test]
    fn special_bits_have_letters() {
        assert_eq!(ls_mode(0o644), "-rw-r--r--");
        assert_eq!(ls_mode(0o4755), "urwxr-xr-x");
        assert_eq!(ls_mode(0o7000), "ugt---------");
    }
}
