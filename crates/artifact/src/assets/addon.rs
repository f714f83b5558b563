//! Local files and directories that addons templates refer to.

use std::io::Write as _;
use std::path::{Path, PathBuf};

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

/// Hashes what an addons template refers to. A directory is zipped; so is a file if `zip_file` is set, as for the
/// code of a Lambda function. Symbolic links are followed.
pub fn addon_asset(path: &Path, zip_file: bool, cancel: &Cancel) -> Result<AddonAsset, Error> {
    let metadata = fs_err::metadata(path).map_err(|e| Error::read(path, e))?;
    if metadata.is_file() && !zip_file {
        let (sha256, size) = sha256_file(path, cancel)?;
        let body = Body::File { path: path.to_owned(), sha256: sha256.clone(), size };
        return Ok(AddonAsset { hash: sha256, body });
    }
    let mut hasher = Sha256::new();
    for member in members(path)? {
        hasher.update(format!("{} {}", member.name, ls_mode(member.mode)));
        feed_file(&member.path, cancel, &mut |chunk| hasher.update(chunk))?;
    }
    Ok(AddonAsset { hash: hex(&hasher.finalize()), body: Body::Zip(path.to_owned()) })
}

/// Writes the zip of a file or directory: the same input gives the same bytes.
pub(crate) fn write_zip(path: &Path, out: &mut std::fs::File, cancel: &Cancel) -> Result<(), Error> {
    let failed = |e: zip::result::ZipError| Error::write(path, e.into());
    let mut zip = zip::ZipWriter::new(std::io::BufWriter::new(out));
    for member in members(path)? {
        let size = fs_err::metadata(&member.path).map_err(|e| Error::read(&member.path, e))?.len();
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(member.mode)
            .large_file(size >= u64::from(u32::MAX));
        zip.start_file(&member.name, options).map_err(failed)?;
        let mut result = Ok(());
        feed_file(&member.path, cancel, &mut |chunk| {
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
    /// Relative to the root, with `/`.
    name: String,
    path: PathBuf,
    mode: u32,
}

fn members(root: &Path) -> Result<Vec<Member>, Error> {
    let mut members = Vec::new();
    let metadata = fs_err::metadata(root).map_err(|e| Error::read(root, e))?;
    if metadata.is_dir() {
        collect(root, "", &mut Vec::new(), &mut members)?;
    } else {
        let name = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
        members.push(Member { name, path: root.to_owned(), mode: mode(&metadata) });
    }
    Ok(members)
}

/// `above` are the real directories on the way here: a link to one of them would never end.
fn collect(
    directory: &Path,
    prefix: &str,
    above: &mut Vec<PathBuf>,
    members: &mut Vec<Member>,
) -> Result<(), Error> {
    let real = fs_err::canonicalize(directory).map_err(|e| Error::read(directory, e))?;
    if above.contains(&real) {
        let reason = "the symbolic link leads back to a directory above it".to_owned();
        return Err(Error::UnsupportedFile { path: directory.to_owned(), reason });
    }
    above.push(real);
    for name in sorted_names(directory)? {
        let path = directory.join(&name);
        let name = format!("{prefix}{}", name.to_string_lossy());
        let metadata = fs_err::metadata(&path).map_err(|e| Error::read(&path, e))?;
        if metadata.is_dir() {
            collect(&path, &format!("{name}/"), above, members)?;
        } else if metadata.is_file() {
            members.push(Member { name, path, mode: mode(&metadata) });
        } else {
            let reason = "it is neither a file nor a directory".to_owned();
            return Err(Error::UnsupportedFile { path, reason });
        }
    }
    above.pop();
    Ok(())
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
        addon_asset(path, zip, &Cancel::new()).unwrap().hash
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
            write_zip(&root, &mut std::fs::File::create(&path).unwrap(), &Cancel::new()).unwrap();
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
        let error = addon_asset(dir.path(), false, &Cancel::new()).unwrap_err();
        assert!(matches!(error, Error::UnsupportedFile { .. }));
    }

    #[test]
    fn special_bits_have_letters() {
        assert_eq!(ls_mode(0o644), "-rw-r--r--");
        assert_eq!(ls_mode(0o4755), "urwxr-xr-x");
        assert_eq!(ls_mode(0o7000), "ugt---------");
    }
}
