//! What the tests stand on.

#[cfg(target_os = "linux")]
pub(crate) mod daemon;
#[cfg(unix)]
pub(crate) mod fake_docker;
#[cfg(feature = "aws")]
pub(crate) mod http;
pub(crate) mod memory;

use std::path::Path;
use std::time::{Duration, SystemTime};

use copilot_artifact::{Backoff, BuildSpec, ImageId, ImageRequest, Options};

/// The time of the tests.
pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_hours(500_000)
}

/// Options that retry without waiting.
pub(crate) fn options(temp_dir: &Path) -> Options {
    let mut options = Options::new(now(), temp_dir);
    options.backoff = Backoff { attempts: 3, base: Duration::from_millis(1), max: Duration::from_millis(2) };
    options
}

/// An image of a service in one environment, built from `context` with its Dockerfile.
pub(crate) fn image(context: &Path, workload: &str, environment: &str, repository: &str) -> ImageRequest {
    ImageRequest {
        id: ImageId {
            workload: workload.to_owned(),
            container: workload.to_owned(),
            environment: environment.to_owned(),
        },
        build: BuildSpec {
            dockerfile: context.join("Dockerfile"),
            context: context.to_owned(),
            labels: copilot_artifact::standard_labels(workload, Some("v1")),
            ..BuildSpec::default()
        },
        repository: repository.to_owned(),
        tags: vec!["latest".to_owned(), environment.to_owned()],
    }
}

/// Writes files below a directory.
pub(crate) fn tree(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// A context with a Dockerfile and one file.
pub(crate) fn context(root: &Path) {
    tree(root, &[("Dockerfile", "FROM scratch\nCOPY . /\n"), ("app.txt", "hello\n")]);
}

/// Says something to whoever runs the tests: what a test prints is kept back where it passes.
#[cfg(target_os = "linux")]
pub(crate) fn say(text: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{text}\n").as_bytes());
}
