//! What the tests of the build stage stand on: the program as a process, a local AWS, and container engines.

#[path = "../../../artifact/tests/it/support/daemon.rs"]
#[expect(dead_code, reason = "the tests that own it use more of it")]
pub(crate) mod daemon;

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use copilot_local_aws::{Application, LocalAws, Options};
use tokio::runtime::Runtime;

use crate::{Done, Folder};

/// Says something to whoever runs the tests: what a test prints is kept back where it passes.
pub(crate) fn say(text: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{text}\n").as_bytes());
}

/// Says that something could not be tried, which is a failure where everything is required.
pub(crate) fn left_out(what: &str) {
    let required = std::env::var_os("COPILOT_REQUIRE_ALL").is_some();
    assert!(!required, "everything is required, but this could not be tried: {what}");
    say(&format!("SKIPPED: {what}"));
}

/// A local AWS that answers while the test goes on.
pub(crate) struct Cloud {
    pub(crate) aws: LocalAws,
    _runtime: Runtime,
}

impl Cloud {
    pub(crate) fn with(application: &Application) -> Self {
        Self::start(application, Options::default())
    }

    pub(crate) fn start(application: &Application, options: Options) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let aws = runtime.block_on(LocalAws::start(options)).unwrap();
        aws.create_application(application).unwrap();
        aws.reset_calls();
        Self { aws, _runtime: runtime }
    }

    /// The application of `examples/storefront`.
    pub(crate) fn storefront() -> Self {
        let workloads = [
            ("api", "Backend Service"),
            ("cleanup", "Scheduled Job"),
            ("frontend", "Load Balanced Web Service"),
            ("worker", "Worker Service"),
        ];
        let application = Application::new("storefront", "123456789012", "us-west-2")
            .environment("test", "us-west-2")
            .environment("prod", "us-west-2");
        Self::with(&workloads.into_iter().fold(application, |app, (name, kind)| app.workload(name, kind)))
    }

    /// The variables that lead the program to it.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        [
            ("AWS_ENDPOINT_URL", self.aws.endpoint()),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_REGION", "us-west-2"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// Calls of AWS, without what container engines say to registries.
    pub(crate) fn calls(&self) -> usize {
        let calls = self.aws.calls();
        calls.log().iter().filter(|call| call.service != "registry").count()
    }
}

/// The program in a folder, with variables besides those of the tests.
pub(crate) fn command(folder: &Utf8Path, arguments: &[&str], variables: &[(String, String)]) -> Command {
    let mut command = Command::new(crate::program());
    command.args(arguments).current_dir(folder).envs(variables.iter().cloned());
    command.env("CI", "true").env_remove("LANG").env("COLOR", "false").stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Waits for the end of a process.
pub(crate) fn done(child: Child) -> Done {
    let output = child.wait_with_output().unwrap();
    Done {
        code: output.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A copy of `examples/storefront`.
pub(crate) fn storefront() -> Folder {
    let folder = Folder::new();
    copy(&crate::root().join("examples/storefront"), &folder.path);
    folder
}

fn copy(from: &Utf8Path, to: &Utf8Path) {
    fs_err::create_dir_all(to).unwrap();
    for entry in from.read_dir_utf8().unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(entry.path(), &target);
        } else {
            fs_err::copy(entry.path(), target).unwrap();
        }
    }
}

/// A `docker` that is a shell script: `body` decides by `$1` what it does beyond answering `info`.
pub(crate) fn fake_docker(folder: &Utf8Path, body: &str) -> Utf8PathBuf {
    let path = folder.join("docker");
    let script = format!(
        "#!/bin/sh\ncase \"$1\" in\ninfo) echo '{{\"OSType\":\"linux\",\"Architecture\":\"x86_64\"}}' ;;\nbuildx) exit 1 ;;\nversion) echo 20.10.24 ;;\n{body}\nesac\n"
    );
    fs_err::write(&path, script).unwrap();
    fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// The beginning of a program for Linux on the processor with this number in ELF.
pub(crate) fn fake_program(processor: u8) -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0".to_vec();
    bytes.extend([processor, 0]);
    bytes.extend([0; 64]);
    bytes
}
