//! A `docker` that is a shell script: it notes its calls, and fails as it is told to.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use copilot_artifact::{CliEngine, EngineKind};

const SCRIPT: &str = r#"#!/bin/sh
dir=$(dirname "$0")
echo "$*" >> "$dir/calls"
for answer in "$dir/fail/$1"/*; do
    if [ -f "$answer" ]; then
        cat "$answer" >&2
        rm "$answer"
        exit 1
    fi
done
case "$1" in
info) cat "$dir/info" ;;
buildx) exit 1 ;;
version) cat "$dir/version" ;;
login) cat > "$dir/stdin" ;;
build)
    echo "buildkit=$DOCKER_BUILDKIT" >> "$dir/calls"
    echo "the secret is $COPILOT_BUILD_SECRET_0"
    if [ -f "$dir/hang" ]; then
        sleep 600 &
        echo $! > "$dir/child"
        touch "$dir/hanging"
        wait
    fi
    ;;
push) echo "latest: digest: sha256:$(printf %s "$2" | sha256sum | cut -d' ' -f1) size: 528" ;;
esac
"#;

/// A directory with the script and what it reads.
pub(crate) struct FakeDocker {
    dir: PathBuf,
}

impl FakeDocker {
    pub(crate) fn new(dir: &Path) -> Self {
        let fake = Self { dir: dir.join("fake-docker") };
        std::fs::create_dir_all(&fake.dir).unwrap();
        fake.write("info", r#"{"OSType":"linux","Architecture":"x86_64"}"#);
        fake.write("version", "20.10.24+dfsg1");
        fake.write("docker", SCRIPT);
        std::fs::set_permissions(fake.path("docker"), std::fs::Permissions::from_mode(0o755)).unwrap();
        fake
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The next call of a subcommand writes this and fails.
    pub(crate) fn fail(&self, subcommand: &str, says: &str) {
        let folder = self.path(&format!("fail/{subcommand}"));
        let nth = std::fs::read_dir(&folder).map_or(0, Iterator::count);
        self.write(&format!("fail/{subcommand}/{nth}"), says);
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub(crate) fn calls(&self, subcommand: &str) -> usize {
        self.read("calls").lines().filter(|line| line.split(' ').next() == Some(subcommand)).count()
    }

    pub(crate) fn engine(&self) -> CliEngine {
        CliEngine::new(EngineKind::Docker, self.path("docker"))
    }
}
