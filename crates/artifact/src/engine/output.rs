//! Reading what engines write for people.

use std::collections::HashMap;

use super::runner::Finished;
use crate::{Error, registry_host};

/// Lines shown of a failing layer.
const SHOWN_LINES: usize = 30;

/// The layer that failed, and its last lines.
pub(super) fn failing_layer(lines: &[String]) -> (Option<String>, Vec<String>) {
    buildkit_failure(lines).unwrap_or_else(|| legacy_failure(lines))
}

/// BuildKit's plain progress: `#7 [2/3] RUN make`, `#7 0.5 output`, `#7 ERROR: reason`.
fn buildkit_failure(lines: &[String]) -> Option<(Option<String>, Vec<String>)> {
    let vertex = |line: &str| {
        let (number, rest) = line.strip_prefix('#')?.split_once(' ')?;
        Some((number.parse::<u32>().ok()?, rest.to_owned()))
    };
    let (failed, reason) = lines.iter().rev().find_map(|line| {
        let (number, rest) = vertex(line)?;
        Some((number, rest.strip_prefix("ERROR: ")?.to_owned()))
    })?;
    let mut names = HashMap::new();
    let mut tail = Vec::new();
    for (number, rest) in lines.iter().filter_map(|line| vertex(line)) {
        names.entry(number).or_insert_with(|| rest.clone());
        if number == failed && names.get(&number) != Some(&rest) && !is_buildkit_noise(&rest) {
            tail.push(without_time(&rest).to_owned());
        }
    }
    tail.push(reason);
    Some((names.remove(&failed), last(tail)))
}

fn is_buildkit_noise(text: &str) -> bool {
    ["ERROR: ", "sha256:", "DONE ", "CANCELED", "CACHED", "..."].iter().any(|p| text.starts_with(p))
}

/// BuildKit puts the seconds since the start of the layer before each line.
fn without_time(text: &str) -> &str {
    match text.split_once(' ') {
        Some((time, rest)) if time.parse::<f64>().is_ok() => rest,
        _ => text,
    }
}

/// The classic builder and podman: `Step 2/3 : RUN make`, output, and the reason at the end.
fn legacy_failure(lines: &[String]) -> (Option<String>, Vec<String>) {
    let is_step = |line: &&String| line.starts_with("Step ") || line.starts_with("STEP ");
    let step = lines.iter().rposition(|line| is_step(&line));
    let name = step.map(|at| lines[at].clone());
    let from = step.map_or(0, |at| at + 1);
    let noise = ["Sending build context", " ---> ", "Removing intermediate container", "DEPRECATED:"];
    let tail = lines[from..]
        .iter()
        .filter(|line| !line.trim().is_empty() && !noise.iter().any(|n| line.starts_with(n)))
        .cloned();
    (name, last(tail.collect()))
}

fn last(mut lines: Vec<String>) -> Vec<String> {
    lines.split_off(lines.len().saturating_sub(SHOWN_LINES))
}

/// The digest in the last line of a push: `latest: digest: sha256:… size: 528`.
pub(super) fn pushed_digest(lines: &[String]) -> Option<String> {
    lines.iter().rev().find_map(|line| {
        let rest = &line[line.find("digest: sha256:")? + "digest: ".len()..];
        let digest = rest.split_whitespace().next()?;
        is_digest(digest).then(|| digest.to_owned())
    })
}

/// True for `sha256:` and 64 hexadecimal digits.
pub(super) fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|h| h.len() == 64 && h.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The digest of `repository` among an image's repository digests: an image that was pushed to several repositories
/// has one for each.
pub(super) fn repository_digest(repo_digests: &[String], repository: &str) -> Option<String> {
    let of = |entry: &&String| entry.split_once('@').is_some_and(|(name, _)| name == repository);
    let digest = repo_digests.iter().find(of)?.split_once('@')?.1;
    is_digest(digest).then(|| digest.to_owned())
}

/// Why a build failed.
pub(super) fn build_error(image: &str, finished: &Finished) -> Error {
    if let Some(line) = finished.lines.iter().find(|l| l.contains("no space left on device")) {
        return Error::DiskFull { what: line.trim().to_owned() };
    }
    let (layer, tail) = failing_layer(&finished.lines);
    Error::BuildFailed { image: image.to_owned(), layer, tail }
}

/// Why a push, a pull or a log-in failed, by the words that registries and engines use.
pub(super) fn registry_error(action: &'static str, reference: &str, finished: &Finished) -> Error {
    let text = finished.lines.join("\n").to_lowercase();
    let says = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
    let (reference, reason) = (reference.to_owned(), finished.reason());
    let registry = registry_host(&reference).to_owned();
    if says(&["no space left on device"]) {
        Error::DiskFull { what: reason }
    } else if says(&[
        "token has expired",
        "no basic auth credentials",
        "authentication required",
        "401 unauthorized",
        "not authorized",
    ]) {
        Error::TokenExpired { registry, reason }
    } else if says(&["name unknown", "does not exist in the registry", "repositorynotfound"]) {
        Error::RepositoryMissing { repository: repository_of(&reference).to_owned() }
    } else if says(&["immutable", "imagetagalreadyexists"]) {
        let (repository, tag) = reference.rsplit_once(':').unwrap_or((&reference, ""));
        Error::TagImmutable { repository: repository.to_owned(), tag: tag.to_owned() }
    } else if says(&[
        "denied",
        "403 forbidden",
        "tag does not exist",
        "invalid reference format",
        "manifest invalid",
    ]) {
        Error::RegistryRefused { reference, reason }
    } else {
        Error::Registry { action, reference, attempts: 1, reason }
    }
}

/// A reference without its tag; a port is no tag.
fn repository_of(reference: &str) -> &str {
    match reference.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => reference,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn buildkit_names_the_layer_and_its_output() {
        let log = "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n#4 [2/3] RUN make\n\
                   #4 sha256:71ef\n#5 [other 1/1] RUN long\n#4 0.311 cc -c x.c\n#5 0.1 noise\n#4 0.512 x.c:1: error\n\
                   #4 ERROR: executor failed running [/bin/sh -c make]: exit code: 2\n------\n > [2/3] RUN make:\n------\n\
                   executor failed running [/bin/sh -c make]: exit code: 2";
        let (layer, tail) = failing_layer(&lines(log));
        assert_eq!(layer.as_deref(), Some("[2/3] RUN make"));
        assert_eq!(
            tail,
            ["cc -c x.c", "x.c:1: error", "executor failed running [/bin/sh -c make]: exit code: 2"]
        );
    }

    #[test]
    fn the_classic_builder_names_the_step() {
        let log = "Sending build context to Docker daemon  4.096kB\nStep 1/2 : FROM x\n ---> a420\nStep 2/2 : RUN make\n \
                   ---> Running in 801a\nboom\nThe command '/bin/sh -c make' returned a non-zero code: 2";
        let (layer, tail) = failing_layer(&lines(log));
        assert_eq!(layer.as_deref(), Some("Step 2/2 : RUN make"));
        assert_eq!(tail[0], "boom");
        assert_eq!(tail.len(), 2);
    }

    #[test]
    fn digests_belong_to_their_repository() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let push = [format!("latest: digest: {digest} size: 528")];
        assert_eq!(pushed_digest(&push), Some(digest.clone()));
        assert_eq!(pushed_digest(&["digest: sha256:short".to_owned()]), None);
        let other = format!("sha256:{}", "b".repeat(64));
        let all = [format!("r/one@{other}"), format!("r/two@{digest}")];
        assert_eq!(repository_digest(&all, "r/two"), Some(digest));
        assert_eq!(repository_digest(&all, "r/three"), None);
    }

    #[test]
    fn refusals_are_told_from_what_may_pass() {
        let error = |text: &str| {
            let finished = Finished { lines: lines(text), ..Finished::default() };
            registry_error("pushing", "127.0.0.1:5000/app/api:t", &finished)
        };
        for (text, code) in [
            ("denied: Your authorization token has expired. Reauthenticate and try again.", "token_expired"),
            ("no basic auth credentials", "token_expired"),
            (
                "name unknown: The repository with name 'app/api' does not exist in the registry",
                "repository_missing",
            ),
            ("denied: User: arn:aws:sts::1 is not allowed to perform ecr:PutImage", "registry_refused"),
            (
                "tag invalid: The image tag 't' already exists and cannot be overwritten because the repository is immutable.",
                "tag_immutable",
            ),
            ("write /var/lib/docker: no space left on device", "disk_full"),
            ("dial tcp 127.0.0.1:5000: connect: connection refused", "registry"),
            ("received unexpected HTTP status: 503 Service Unavailable", "registry"),
        ] {
            let found = error(text);
            assert_eq!(found.code(), format!("copilot::artifact::{code}"), "{text}");
            assert_eq!(found.is_transient(), code == "registry", "{text}");
        }
        assert!(
            matches!(error("name unknown"), Error::RepositoryMissing { repository } if repository == "127.0.0.1:5000/app/api")
        );
    }
}
