//! The git command line, so that it runs nothing that the repository names.
//!
//! A repository can come with a configuration: somebody sent an archive with its `.git`, or committed the files of a bare
//! repository. Much of what git reads there is a command to run, and what is asked here has to be safe to ask anywhere.

use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::{fmt, io, thread};

use camino::Utf8Path;

use crate::children::{self, Running};

/// What a finished command said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandOutput {
    /// Whether it succeeded.
    pub success: bool,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// Runs git. Tests answer from memory.
pub trait Runner {
    /// Runs git with `arguments` in `folder`.
    ///
    /// # Errors
    /// When the command can't be started; [`io::ErrorKind::Interrupted`] if it was ended because somebody wanted that.
    fn run(&self, folder: &Utf8Path, arguments: &[&str]) -> io::Result<CommandOutput>;
}

/// The git command line. Nothing that a repository's configuration names is run, but for filters: see
/// [`Git::clean_commit`](crate::Git::clean_commit).
#[derive(Clone)]
pub struct GitCommand {
    program: String,
    wanted: Option<Arc<Wanted>>,
}

type Wanted = dyn Fn() -> bool + Send + Sync;

impl GitCommand {
    /// The program to run: `git`, or a path.
    pub fn new(program: impl Into<String>) -> Self {
        Self { program: program.into(), wanted: None }
    }

    /// Ends git, with all that it has started, as soon as `wanted` says so, and starts none after that.
    #[must_use]
    pub fn end_when(mut self, wanted: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.wanted = Some(Arc::new(wanted));
        self
    }
}

impl fmt::Debug for GitCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitCommand").field("program", &self.program).finish_non_exhaustive()
    }
}

/// Runs a command to its end, which comes early if somebody wants that.
fn output(command: &mut Command, wanted: &Wanted) -> io::Result<Output> {
    let ended = || io::Error::new(io::ErrorKind::Interrupted, "git was ended");
    if wanted() {
        return Err(ended());
    }
    let child = children::spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let running = Running::new(&child);
    let output = thread::scope(|scope| {
        let _ended = running.until_dropped();
        scope.spawn(|| running.end_when(&wanted));
        child.wait_with_output()
    })?;
    if wanted() && !output.status.success() { Err(ended()) } else { Ok(output) }
}

/// What is set above every configuration file.
const SETTINGS: [&str; 9] = [
    // Empty is "no" both to versions that take a truth value here and to those that take only a command.
    "core.fsmonitor=",
    // The files of a bare repository can be committed, configuration and all.
    "safe.bareRepository=explicit",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.editor=false",
    "core.askPass=",
    "core.sshCommand=false",
    "credential.helper=",
    "protocol.allow=never",
];

const ENVIRONMENT: [(&str, &str); 6] = [
    ("LC_ALL", "C"),
    ("GIT_TERMINAL_PROMPT", "0"),
    // `git status` writes no index, so that looking leaves no trace.
    ("GIT_OPTIONAL_LOCKS", "0"),
    // Missing objects of a partial clone would be fetched from wherever the configuration says, by whatever it says. The second
    // one also holds for versions that don't know the first, and nothing in a file is above it.
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_PAGER", "cat"),
];

/// Variables that point git at another repository than that of the folder, or name commands.
const REMOVED: [&str; 24] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ASKPASS",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_EDITOR",
    "GIT_EXEC_PATH",
    "GIT_EXTERNAL_DIFF",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_PROXY_COMMAND",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_WORK_TREE",
];

impl Runner for GitCommand {
    fn run(&self, folder: &Utf8Path, arguments: &[&str]) -> io::Result<CommandOutput> {
        let mut command = Command::new(&self.program);
        for name in REMOVED {
            command.env_remove(name);
        }
        command
            .envs(ENVIRONMENT)
            .arg("--no-pager")
            .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]))
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null());
        let output = match &self.wanted {
            Some(wanted) => output(&mut command, &**wanted)?,
            None => command.output()?,
        };
        Ok(CommandOutput {
            success: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}
