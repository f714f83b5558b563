//! What goes into an image, and its identity.

use std::collections::BTreeMap;
use std::path::PathBuf;

use copilot_workspace::files::LARGEST_TEXT;

use crate::context::{Context, Entry, Kind};
use crate::hash::{Fields, sha256_limited};
use crate::{Cancel, DockerIgnore, Error};

/// Label that names the tool that built an image.
pub const BUILDER_LABEL: &str = "com.aws.copilot.image.builder";
/// Label that names the container of an image.
pub const CONTAINER_LABEL: &str = "com.aws.copilot.image.container.name";
/// Label with the version of the tool. It is no part of an image's identity: a new version rebuilds nothing.
pub const VERSION_LABEL: &str = "com.aws.copilot.image.version";

/// The inputs of an image build. Paths are absolute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuildSpec {
    /// The Dockerfile.
    pub dockerfile: PathBuf,
    /// The directory whose files `COPY` sees.
    pub context: PathBuf,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// The stage to build, the last one if none.
    pub target: Option<String>,
    /// `os/arch`, the engine's own if none.
    pub platform: Option<String>,
    /// Images whose layers may be reused.
    pub cache_from: Vec<String>,
    /// Labels of the image.
    pub labels: BTreeMap<String, String>,
    /// Secrets that `RUN --mount=type=secret` sees.
    pub secrets: Vec<BuildSecret>,
}

/// A secret of a build. Its value never reaches an argument, a log or an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildSecret {
    /// The id that the Dockerfile names.
    pub id: String,
    /// Where the value comes from.
    pub source: SecretSource,
}

/// Where the value of a build secret comes from.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretSource {
    /// An environment variable of the engine's command.
    Env(String),
    /// A file.
    File(PathBuf),
    /// The value itself, handed over in the environment of the engine's command.
    Value(String),
}

impl std::fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Env(name) => f.debug_tuple("Env").field(name).finish(),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Value(_) => f.write_str("Value(***)"),
        }
    }
}

/// The hash of everything that goes into an image, and a record to notice later changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// SHA-256 in lower-case hexadecimal.
    pub hash: String,
    /// Number of files in the context after `.dockerignore`.
    pub files: usize,
    /// Their size in bytes.
    pub bytes: u64,
    pub(crate) context: Context,
}

impl Identity {
    /// The tag under which a registry remembers this identity.
    pub fn tag(&self) -> String {
        format!("cp-{}", &self.hash[..40])
    }
}

/// The labels that Copilot's images carry.
pub fn standard_labels(container: &str, version: Option<&str>) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::from([
        (BUILDER_LABEL.to_owned(), "copilot-cli".to_owned()),
        (CONTAINER_LABEL.to_owned(), container.to_owned()),
    ]);
    if let Some(version) = version.filter(|v| !v.is_empty()) {
        labels.insert(VERSION_LABEL.to_owned(), version.to_owned());
    }
    labels
}

/// The tags of a workload's main image: `latest`, and `tag` if there is one.
pub fn main_tags(tag: Option<&str>) -> Vec<String> {
    let tag = tag.filter(|t| !t.is_empty() && *t != "latest");
    std::iter::once("latest").chain(tag).map(str::to_owned).collect()
}

/// The tags of a sidecar's image, which lives in the repository of the workload: `{name}-latest`, and
/// `{name}-{commit}` if the short commit is known. A tag given by the user is for the main image only.
pub fn sidecar_tags(name: &str, short_commit: Option<&str>) -> Vec<String> {
    let commit = short_commit.filter(|c| !c.is_empty());
    std::iter::once("latest").chain(commit).map(|suffix| format!("{name}-{suffix}")).collect()
}

impl BuildSpec {
    /// The operating system that the image is for, if the manifest says so.
    pub fn os(&self) -> Option<&str> {
        self.platform.as_deref()?.split('/').next()
    }

    /// Fails unless the Dockerfile and the context exist. `image` names the image in messages.
    pub fn check_paths(&self, image: &str) -> Result<(), Error> {
        if !self.dockerfile.is_file() {
            return Err(Error::DockerfileMissing { image: image.to_owned(), path: self.dockerfile.clone() });
        }
        if !self.context.is_dir() {
            return Err(Error::ContextMissing { image: image.to_owned(), path: self.context.clone() });
        }
        Ok(())
    }

    /// Hashes what goes into the image: the Dockerfile, the context after `.dockerignore` with modes and symbolic
    /// links, arguments, target, platform, labels and the ids of secrets. Modification times, owners, `cache_from`,
    /// [`VERSION_LABEL`] and where the files lie are no part of it. `host_platform` stands in for a missing platform.
    ///
    /// Blocks; files are read by `threads` threads.
    pub fn identity(&self, host_platform: &str, threads: usize, cancel: &Cancel) -> Result<Identity, Error> {
        let ignore = DockerIgnore::load(&self.dockerfile, &self.context)?;
        let context = Context::read(&self.context, &ignore, cancel)?;
        let contents = context.hash_files(threads, cancel)?;
        let mut hash = Fields::new("copilot image 1");
        hash.push(sha256_limited(&self.dockerfile, LARGEST_TEXT, cancel)?.0);
        hash.push(self.platform.as_deref().unwrap_or(host_platform));
        hash.push(self.target.as_deref().unwrap_or_default());
        push_map(&mut hash, &self.args, |_| true);
        push_map(&mut hash, &self.labels, |key| key != VERSION_LABEL);
        hash.number(self.secrets.len());
        self.secrets.iter().for_each(|secret| hash.push(&secret.id));
        hash.number(context.entries.len());
        for (entry, content) in context.entries.iter().zip(&contents) {
            push_entry(&mut hash, entry, content.as_deref());
        }
        Ok(Identity { hash: hash.finish(), files: context.files(), bytes: context.bytes(), context })
    }
}

fn push_map(hash: &mut Fields, map: &BTreeMap<String, String>, keep: impl Fn(&str) -> bool) {
    let kept: Vec<_> = map.iter().filter(|(key, _)| keep(key)).collect();
    hash.number(kept.len());
    for (key, value) in kept {
        hash.push(key);
        hash.push(value);
    }
}

fn push_entry(hash: &mut Fields, entry: &Entry, content: Option<&str>) {
    hash.push(entry.path.as_os_str().as_encoded_bytes());
    hash.push(entry.mode.to_be_bytes());
    match &entry.kind {
        Kind::Directory => hash.push("d"),
        Kind::File { .. } => {
            hash.push("f");
            hash.push(content.unwrap_or_default());
        }
        Kind::Symlink(target) => {
            hash.push("l");
            hash.push(target.as_os_str().as_encoded_bytes());
        }
        Kind::Special => hash.push("s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_follow_the_scheme_users_know() {
        assert_eq!(main_tags(Some("t")), ["latest", "t"]);
        assert_eq!(main_tags(Some("")), ["latest"]);
        assert_eq!(main_tags(Some("latest")), ["latest"]);
        assert_eq!(sidecar_tags("nginx", Some("abc")), ["nginx-latest", "nginx-abc"]);
        assert_eq!(sidecar_tags("nginx", None), ["nginx-latest"]);
    }

    #[test]
    fn a_secret_is_not_printed() {
        let secret = BuildSecret { id: "npm".into(), source: SecretSource::Value("hunter2".into()) };
        assert!(!format!("{secret:?}").contains("hunter2"));
    }
}
