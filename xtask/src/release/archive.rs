//! Archives that depend on nothing but what is in them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};

/// Sorted, without times and owners: the same files make the same archive.
pub(super) fn pack(folder: &Path, name: &str, archive: &Path) -> Result<()> {
    let gzip = GzBuilder::new().mtime(0).write(fs_err::File::create(archive)?, Compression::best());
    let mut tar = tar::Builder::new(gzip);
    tar.mode(tar::HeaderMode::Deterministic);
    for path in files_below(folder)? {
        tar.append_path_with_name(&path, Path::new(name).join(path.strip_prefix(folder)?))?;
    }
    tar.into_inner()?.finish()?.flush()?;
    Ok(())
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_below(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Writes the SHA-256 beside the file, in the form that `sha256sum --check` reads.
pub(super) fn checksum(file: &Path) -> Result<PathBuf> {
    let name = file.file_name().and_then(|name| name.to_str()).context("a name that is not UTF-8")?;
    let mut line = String::new();
    for byte in Sha256::digest(fs_err::read(file)?) {
        write!(line, "{byte:02x}")?;
    }
    writeln!(line, "  {name}")?;
    let path = file.with_file_name(format!("{name}.sha256"));
    fs_err::write(&path, line)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_make_the_same_archive() {
        let dir = tempfile::tempdir().unwrap();
        let mut archives = Vec::new();
        // Files come into being in another order each time, and at another time.
        for (round, names) in [["a", "b/c", "d"], ["d", "b/c", "a"]].into_iter().enumerate() {
            let folder = dir.path().join(round.to_string());
            for name in names {
                let path = folder.join(name);
                fs_err::create_dir_all(path.parent().unwrap()).unwrap();
                fs_err::write(path, name).unwrap();
            }
            let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_hours(round as u64 + 1);
            std::fs::File::open(folder.join("a")).unwrap().set_modified(old).unwrap();
            let archive = dir.path().join(format!("{round}.tar.gz"));
            pack(&folder, "release", &archive).unwrap();
            archives.push(fs_err::read(&archive).unwrap());
        }
        assert_eq!(archives[0], archives[1]);
        let sum = checksum(&dir.path().join("0.tar.gz")).unwrap();
        let sum = fs_err::read_to_string(sum).unwrap();
        assert!(sum.ends_with("  0.tar.gz\n") && sum.len() == 64 + 11, "{sum}");
    }
}
