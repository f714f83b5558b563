//! The files of a static site and the mapping that tells its stack where they go.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use copilot_workspace::Root;
use copilot_workspace::files::{DEEPEST, LARGEST_ASSET};
use regex::Regex;

use super::Bucket;
use crate::content_type::content_type;
use crate::glob::{Dialect, to_regex};
use crate::hash::sha256_files;
use crate::paths::{clean, slashed, sorted_names};
use crate::{Body, Cancel, Error, ObjectRequest, keys};

/// The largest mapping, in bytes, that the state machine of a deployed site can read.
pub const MAPPING_LIMIT: usize = 256 * 1024;

/// One entry of `files` in the manifest of a static site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileUpload {
    /// File or directory, relative to the root of the workspace.
    pub source: String,
    /// Where it goes in the site, the root if empty.
    pub destination: String,
    /// True if directories in the source are uploaded too.
    pub recursive: bool,
    /// Globs of files to leave out.
    pub exclude: Vec<String>,
    /// Globs of files to take nevertheless.
    pub reinclude: Vec<String>,
}

/// A file of the site, as the mapping names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mapped {
    /// Key in the artifact bucket.
    pub path: String,
    /// Key in the site's bucket.
    pub dest_path: String,
    /// Content type, empty if unknown.
    pub content_type: String,
}

/// A static site, ready for upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticSite {
    /// The files, sorted by path and destination.
    pub files: Vec<Mapped>,
    /// The mapping; upload it with the rest.
    pub mapping: ObjectRequest,
    /// The objects of the files.
    pub objects: Vec<ObjectRequest>,
}

/// Lists, filters and hashes the files of a static site. `root` is the workspace's root, out of which no file leads; files are
/// read by `threads` threads.
///
/// A glob that starts with `/` is matched against the absolute path, and its `*` stops at `/`. Any other is matched
/// against the path relative to the source as the AWS command line does it: `*` crosses `/` and `[!x]` negates.
pub fn static_site(
    root: &Path,
    uploads: &[FileUpload],
    environment: &str,
    workload: &str,
    bucket: &Bucket,
    threads: usize,
    cancel: &Cancel,
) -> Result<StaticSite, Error> {
    let within = Root::of(root).map_err(|problem| Error::file(root, problem))?;
    let mut listed = Vec::new();
    for upload in uploads {
        list(root, &within, upload, &mut listed)?;
    }
    let paths: Vec<_> = listed.iter().map(|file| file.path.clone()).collect();
    let hashes = sha256_files(&paths, LARGEST_ASSET, threads, cancel)?;
    let mut files = BTreeSet::new();
    let mut objects = Vec::new();
    for (file, (sha256, size)) in listed.into_iter().zip(hashes) {
        let key = keys::static_asset(&sha256);
        files.insert(Mapped {
            path: key.clone(),
            dest_path: file.destination,
            content_type: content_type(&file.path),
        });
        let what = format!("{workload}: {}", file.path.strip_prefix(root).unwrap_or(&file.path).display());
        objects.push(ObjectRequest::new(bucket.at(key), Body::File { path: file.path, sha256, size }, what));
    }
    let files: Vec<_> = files.into_iter().collect();
    let mapping = bucket.text(mapping_json(&files)?, format!("files of {workload}"), |hash| {
        keys::static_mapping(environment, workload, hash)
    });
    Ok(StaticSite { files, mapping, objects })
}

/// Compact JSON as Go writes it: the hash of the text is the key of a deployed mapping.
fn mapping_json(files: &[Mapped]) -> Result<String, Error> {
    let json = serde_json::to_string(files).map_err(|e| Error::Internal(e.to_string()))?;
    let escapes = [
        ('<', "\\u003c"),
        ('>', "\\u003e"),
        ('&', "\\u0026"),
        ('\u{2028}', "\\u2028"),
        ('\u{2029}', "\\u2029"),
    ];
    Ok(escapes.iter().fold(json, |json, (c, escape)| json.replace(*c, escape)))
}

struct Listed {
    path: PathBuf,
    destination: String,
}

fn list(root: &Path, within: &Root, upload: &FileUpload, listed: &mut Vec<Listed>) -> Result<(), Error> {
    let source = clean(&upload.source);
    let base = root.join(source.trim_start_matches('/'));
    let base = if source == "." { root.to_owned() } else { base };
    let filter = Filter::new(upload)?;
    within.resolve(&base).map_err(|problem| Error::file(&base, problem))?;
    let metadata = fs_err::metadata(&base).map_err(|e| Error::read(&base, e))?;
    if !metadata.is_dir() {
        let name = base.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if filter.keeps(&name, &base) {
            let destination = if upload.destination.is_empty() { name } else { clean(&upload.destination) };
            listed.push(Listed { path: base, destination });
        }
        return Ok(());
    }
    let mut relatives = Vec::new();
    walk(within, &base, Path::new(""), upload.recursive, &mut relatives)?;
    for relative in relatives {
        let path = base.join(&relative);
        let relative = slashed(&relative);
        if filter.keeps(&relative, &path) {
            let joined = if upload.destination.is_empty() {
                relative
            } else {
                format!("{}/{relative}", upload.destination)
            };
            listed.push(Listed { path, destination: clean(&joined) });
        }
    }
    Ok(())
}

fn walk(
    within: &Root,
    base: &Path,
    relative: &Path,
    recursive: bool,
    files: &mut Vec<PathBuf>,
) -> Result<(), Error> {
    if relative.components().count() > DEEPEST {
        let reason = format!("it lies more than {DEEPEST} directories deep");
        return Err(Error::UnsupportedFile { path: base.join(relative), reason });
    }
    for name in sorted_names(&base.join(relative))? {
        let relative = relative.join(name);
        let full = base.join(&relative);
        let is_link = fs_err::symlink_metadata(&full).map_err(|e| Error::read(&full, e))?.is_symlink();
        if is_link {
            within.resolve(&full).map_err(|problem| Error::file(&full, problem))?;
        }
        let metadata = fs_err::metadata(&full).map_err(|e| Error::read(&full, e))?;
        if metadata.is_file() {
            files.push(relative);
        } else if metadata.is_dir() && !recursive {
        } else if metadata.is_dir() && !is_link {
            walk(within, base, &relative, recursive, files)?;
        } else {
            let reason = if is_link {
                "symbolic links to directories are not followed: name the directory as a source of its own"
            } else {
                "it is neither a file nor a directory"
            };
            return Err(Error::UnsupportedFile { path: full, reason: reason.to_owned() });
        }
    }
    Ok(())
}

struct Filter {
    exclude: Vec<Glob>,
    reinclude: Vec<Glob>,
}

struct Glob {
    absolute: bool,
    regex: Regex,
}

impl Filter {
    fn new(upload: &FileUpload) -> Result<Self, Error> {
        let globs = |patterns: &[String]| patterns.iter().map(|p| Glob::new(p)).collect::<Result<_, _>>();
        Ok(Self { exclude: globs(&upload.exclude)?, reinclude: globs(&upload.reinclude)? })
    }

    fn keeps(&self, relative: &str, path: &Path) -> bool {
        let absolute = path.to_string_lossy();
        let any = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(relative, &absolute));
        !any(&self.exclude) || any(&self.reinclude)
    }
}

impl Glob {
    fn new(pattern: &str) -> Result<Self, Error> {
        let malformed =
            |reason: &str| Error::Pattern { pattern: pattern.to_owned(), reason: reason.to_owned() };
        let absolute = pattern.starts_with('/');
        let dialect = if absolute { Dialect::Path } else { Dialect::AwsCli };
        let regex = to_regex(pattern, dialect).map_err(malformed)?;
        Ok(Self { absolute, regex: Regex::new(&regex).map_err(|_| malformed("it is too large"))? })
    }

    fn matches(&self, relative: &str, absolute: &str) -> bool {
        self.regex.is_match(if self.absolute { absolute } else { relative })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let files = [
            ("index.html", "<h1>"),
            ("app.js", "1"),
            ("noext", "1"),
            ("sub/copy.js", "1"),
            ("sub/x.wasm", "w"),
        ];
        for (path, text) in files {
            let path = dir.path().join("src").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    fn site(root: &Path, upload: FileUpload) -> Result<StaticSite, Error> {
        let bucket = Bucket { region: "us-west-2".into(), name: "b".into() };
        static_site(root, &[upload], "test", "site", &bucket, 2, &Cancel::new())
    }

    fn destinations(root: &Path, upload: FileUpload) -> Vec<String> {
        let mut names: Vec<_> = site(root, upload).unwrap().files.into_iter().map(|f| f.dest_path).collect();
        names.sort();
        names
    }

    fn src() -> FileUpload {
        FileUpload { source: "src".into(), recursive: true, ..FileUpload::default() }
    }

    #[test]
    fn the_mapping_is_that_of_deployed_sites() {
        let dir = tree();
        let site = site(dir.path(), src()).unwrap();
        let key = "local-assets/environments/test/workloads/site/mapping/5da9434082897e32b860812eff9d874b6cc4271aa6e28c5e313462e8573f8c36";
        assert_eq!(site.mapping.at.key, key);
        assert!(
            site.objects.iter().all(|o| o.content_type.is_empty() && o.at.key.starts_with("local-assets/"))
        );
    }

    #[test]
    fn directories_destinations_and_single_files() {
        let dir = tree();
        let flat = FileUpload { recursive: false, destination: "assets/".into(), ..src() };
        assert_eq!(destinations(dir.path(), flat), ["assets/app.js", "assets/index.html", "assets/noext"]);
        let one = |destination: &str| FileUpload {
            source: "src/app.js".into(),
            destination: destination.into(),
            ..FileUpload::default()
        };
        assert_eq!(destinations(dir.path(), one("")), ["app.js"]);
        assert_eq!(destinations(dir.path(), one("foo/")), ["foo"]);
    }

    #[test]
    fn globs_are_relative_to_the_source_unless_they_are_absolute() {
        let dir = tree();
        let exclude = |patterns: &[&str], back: &[&str]| FileUpload {
            exclude: patterns.iter().map(ToString::to_string).collect(),
            reinclude: back.iter().map(ToString::to_string).collect(),
            ..src()
        };
        let all = |upload| destinations(dir.path(), upload);
        assert_eq!(all(exclude(&["*.js"], &[])), ["index.html", "noext", "sub/x.wasm"]);
        assert_eq!(all(exclude(&["*"], &["sub/*"])), ["sub/copy.js", "sub/x.wasm"]);
        assert_eq!(all(exclude(&["[!i]*"], &[])), ["index.html"]);
        let absolute = format!("{}/src/*.js", dir.path().display());
        assert_eq!(all(exclude(&[&absolute], &[])), ["index.html", "noext", "sub/copy.js", "sub/x.wasm"]);
        assert!(matches!(site(dir.path(), exclude(&["[a"], &[])), Err(Error::Pattern { .. })));
    }

    #[test]
    fn no_files_make_an_empty_list_and_html_is_escaped() {
        assert_eq!(mapping_json(&[]).unwrap(), "[]");
        let file = Mapped { path: "p".into(), dest_path: "<&>".into(), content_type: String::new() };
        assert_eq!(
            mapping_json(&[file]).unwrap(),
            r#"[{"path":"p","destPath":"\u003c\u0026\u003e","contentType":""}]"#
        );
    }

    #[test]
    fn a_missing_source_is_named() {
        let dir = tree();
        let upload = FileUpload { source: "none".into(), ..FileUpload::default() };
        assert!(matches!(site(dir.path(), upload), Err(Error::Read { path, .. }) if path.ends_with("none")));
    }
}
