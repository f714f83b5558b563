//! Commands as users type them, in process: the library is given its streams.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod api_calls;
#[cfg(target_os = "linux")]
mod at_once;
mod bad_input;
#[cfg(target_os = "linux")]
mod building;
mod command_lines;
mod conformance;
mod corpus;
mod demo;
mod doctoring;
mod domains;
mod environments;
mod faults;
mod generated;
mod hostile;
#[cfg(unix)]
mod hostile_repository;
mod hostile_text;
mod init;
#[cfg(target_os = "linux")]
mod interrupting;
#[cfg(unix)]
mod links;
mod listing;
#[cfg(unix)]
mod migrating;
mod mutations;
#[cfg(unix)]
mod overrides;
mod packaging;
#[cfg(target_os = "linux")]
mod pages;
mod permissions;
mod planning;
#[cfg(target_os = "linux")]
mod prompting;
mod properties;
mod readme;
#[path = "../../../../tests/reference.rs"]
mod reference;
mod remote;
mod showing;
#[cfg(target_os = "linux")]
mod support;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use copilot_pipeline::{Io, Look, Prompt, run};

/// A folder that is gone after the test.
struct Folder {
    _guard: tempfile::TempDir,
    path: Utf8PathBuf,
}

impl Folder {
    fn new() -> Self {
        let guard = tempfile::Builder::new().prefix("größe und blank ").tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(guard.path().canonicalize().unwrap()).unwrap();
        Self { _guard: guard, path }
    }

    /// A workspace of the application `shop` with one service and one environment.
    fn workspace() -> Self {
        let folder = Self::new();
        folder.write("copilot/.workspace", "application: shop\n");
        folder.write(
            "copilot/api/manifest.yml",
            "name: api\ntype: Backend Service\nimage:\n  location: shop/api\n",
        );
        folder.write("copilot/environments/test/manifest.yml", "name: test\ntype: Environment\n");
        folder
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path.join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs_err::read_to_string(self.path.join(name)).unwrap()
    }

    /// Every file with its content.
    fn content(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        collect(&self.path, &self.path, &mut found);
        found
    }
}

fn collect(root: &Utf8Path, folder: &Utf8Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in folder.read_dir_utf8().unwrap() {
        let path = entry.unwrap().into_path();
        if path.is_dir() {
            collect(root, &path, found);
        } else {
            // A pipe or an unreadable file counts by its name alone.
            let bytes = if path.is_file() { std::fs::read(&path).unwrap_or_default() } else { Vec::new() };
            found.insert(path.strip_prefix(root).unwrap().to_string(), bytes);
        }
    }
}

/// What a command did.
#[derive(Debug)]
struct Done {
    code: u8,
    stdout: String,
    stderr: String,
}

impl Done {
    /// All of it, with the folder's own path replaced.
    fn shown(&self, folder: &Utf8Path) -> String {
        let text = format!("exit code {}\n-- stdout\n{}-- stderr\n{}", self.code, self.stdout, self.stderr);
        text.replace(folder.as_str(), "[FOLDER]")
    }
}

fn copilot(folder: &Utf8Path, arguments: &[&str]) -> Done {
    with(folder, arguments, BTreeMap::new(), None)
}

fn with(
    folder: &Utf8Path,
    arguments: &[&str],
    variables: BTreeMap<String, String>,
    prompt: Option<Box<dyn Prompt>>,
) -> Done {
    with_io(folder, arguments, |io| {
        let io = io.with_variables(variables);
        match prompt {
            Some(prompt) => io.with_prompt(prompt),
            None => io,
        }
    })
}

fn with_io(folder: &Utf8Path, arguments: &[&str], set_up: impl for<'a> FnOnce(Io<'a>) -> Io<'a>) -> Done {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut io = set_up(Io::new(&mut stdout, &mut stderr, Look::PLAIN, folder.to_owned()));
    let code = run(std::iter::once("copilot-pipeline").chain(arguments.iter().copied()), &mut io);
    Done { code, stdout: String::from_utf8(stdout).unwrap(), stderr: String::from_utf8(stderr).unwrap() }
}

/// The program that is tried: the one that was built with these tests, or one that a release has made.
fn program() -> std::path::PathBuf {
    let released = std::env::var_os("COPILOT_PIPELINE_PROGRAM").filter(|path| !path.is_empty());
    released.unwrap_or_else(|| env!("CARGO_BIN_EXE_copilot-pipeline").into()).into()
}

/// The checkout's own root.
fn root() -> &'static Utf8Path {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().and_then(Utf8Path::parent).unwrap()
}
