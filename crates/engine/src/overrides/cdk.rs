//! Overrides that are a CDK application: it reads the template and prints another one.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

use camino::Utf8Path;
use copilot_cfn::patch::remark_in_description;
use copilot_cfn::write::to_yaml;
use copilot_cfn::{Section, Template, Value, read};
use copilot_workspace::children::{self, Running};
use copilot_yaml::{Diagnostics, Source};

use super::turn::Turn;
use crate::error::Error;
use crate::event::Notice;
use crate::files::{Existing, check_folder, write_all};
use crate::host::Host;
use crate::project::Project;

/// What Copilot appends to the description of a template that went through CDK.
const REMARK: &str = " using AWS Copilot and CDK.";

/// A variable that allows CDK applications to be run: generated buildspecs set it.
const ALLOW: &str = "COPILOT_PIPELINE_ALLOW_CDK";

/// Names of more variables that the application gets to see, with commas between them.
const MORE: &str = "COPILOT_PIPELINE_CDK_VARIABLES";

/// The variables that Node.js and a package manager need to find what they work with. The others, tokens and keys among them,
/// are nobody's business: packages run scripts when they are installed.
const PASSED: [&str; 38] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "TERM",
    "TZ",
    "TMPDIR",
    "TMP",
    "TEMP",
    "CI",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "APPDATA",
    "COMSPEC",
    "HOMEDRIVE",
    "HOMEPATH",
    "LOCALAPPDATA",
    "PATHEXT",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "USERPROFILE",
    "WINDIR",
    "XDG_CACHE_HOME",
];

/// How far up lock files are looked for.
const LEVELS: usize = 5;

/// Package managers with their lock files; the first is taken where nothing speaks for another.
const MANAGERS: [(&str, &str); 2] = [("npm", "package-lock.json"), ("yarn", "yarn.lock")];

/// Why a CDK application could not be run, or has made nothing that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CdkError {
    /// Nobody has allowed it.
    #[error("the overrides in `{folder}` are a CDK application, and to apply them is to run its code")]
    NotAllowed {
        /// The application's folder, for people.
        folder: String,
    },
    /// There is neither npm nor yarn.
    #[error("the overrides in `{folder}` are a CDK application, and there is neither npm nor yarn to run it")]
    NoPackageManager {
        /// The application's folder.
        folder: String,
    },
    /// Its packages have no CDK.
    #[error(
        "the CDK application in `{folder}` has no `node_modules/.bin/cdk` after its packages were installed"
    )]
    NoCdk {
        /// The application's folder.
        folder: String,
    },
    /// A program can't be started, or its files not be written.
    #[error("can't run `{program}` for the overrides in `{folder}`: {source}")]
    Start {
        /// The program.
        program: String,
        /// The application's folder.
        folder: String,
        /// Why.
        source: std::io::Error,
    },
    /// A program has failed; what it said was told as it came.
    #[error("`{program}` failed for the overrides in `{folder}` ({status})")]
    Failed {
        /// The program.
        program: String,
        /// The application's folder.
        folder: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// It printed nothing.
    #[error("the CDK application in `{folder}` printed no template")]
    NoTemplate {
        /// The application's folder.
        folder: String,
    },
    /// It printed something else.
    #[error("what the CDK application in `{folder}` printed is not a template: {problem}")]
    NotATemplate {
        /// The application's folder.
        folder: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The template can't be handed to it.
    #[error("{0}")]
    Input(#[source] std::io::Error),
}

/// What the application gets to know in variables.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) application: &'a str,
    /// Left out for stacks that belong to no environment.
    pub(crate) environment: Option<&'a str>,
}

/// Installs the application's packages, gives it the template as `.build/in.yml`, and reads what it prints.
pub(super) fn synthesize(
    template: &Value,
    folder: &Utf8Path,
    project: &Project,
    names: Names<'_>,
    host: &dyn Host,
) -> Result<Value, Error> {
    check_leave(folder, project)?;
    let shown = project.workspace().display_path(folder);
    let given = folder.join(".build/in.yml");
    check_folder(&folder.join(".build"), project.folder())?;
    // Applications read the template by a path that is written in them, so that two can't run at once.
    let _turn = Turn::wait(folder, &shown, host)?;
    install(folder, &shown, project, host)?;
    write_all(&[(given, to_yaml(template).into_bytes())], Existing::Replace, project.folder())?;
    let printed = synth(folder, &shown, names, project, host)?;
    if printed.trim_ascii().is_empty() {
        return Err(CdkError::NoTemplate { folder: shown }.into());
    }
    let source =
        Source::from_bytes(format!("{shown} (output)"), printed).map_err(|problem| Error::from(*problem))?;
    let mut diagnostics = Diagnostics::default();
    match read::read(&source, &mut diagnostics) {
        Some(document) if !diagnostics.has_errors() => Ok(cleaned(document.value, &shown)?),
        _ => Err(Error::Findings(diagnostics)),
    }
}

/// An error unless it was said that CDK applications may be run.
pub(crate) fn check_leave(folder: &Utf8Path, project: &Project) -> Result<(), CdkError> {
    let by_variable =
        project.variables().get(ALLOW).is_some_and(|value| matches!(value.as_str(), "true" | "1"));
    if project.may_run_cdk() || by_variable {
        return Ok(());
    }
    Err(CdkError::NotAllowed { folder: project.workspace().display_path(folder) })
}

fn install(folder: &Utf8Path, shown: &str, project: &Project, host: &dyn Host) -> Result<(), Error> {
    let (name, program) = package_manager(shown, project)?;
    host.notice(Notice::InstallingPackages { folder: shown.to_owned(), manager: name });
    let mut command = command(program, folder, project);
    command.arg("install");
    let printed = run(command, &format!("{name} install"), shown, host)?;
    output(&printed, host);
    Ok(())
}

fn synth(
    folder: &Utf8Path,
    shown: &str,
    names: Names<'_>,
    project: &Project,
    host: &dyn Host,
) -> Result<Vec<u8>, Error> {
    let program = folder.join("node_modules/.bin/cdk");
    if !program.exists() {
        return Err(CdkError::NoCdk { folder: shown.to_owned() }.into());
    }
    let mut command = command(program, folder, project);
    command.args(["synth", "--no-version-reporting"]);
    command.env("COPILOT_APPLICATION_NAME", names.application);
    if let Some(environment) = names.environment {
        command.env("COPILOT_ENVIRONMENT_NAME", environment);
    }
    host.notice(Notice::RunningCdk { folder: shown.to_owned() });
    run(command, "cdk synth", shown, host)
}

/// Only the sections that a template may have, without what CDK adds for its own deployments.
fn cleaned(value: Value, shown: &str) -> Result<Value, CdkError> {
    let mut template = Template::from_value(value)
        .map_err(|error| CdkError::NotATemplate { folder: shown.to_owned(), problem: error.to_string() })?;
    template.section_mut(Section::Rules).retain(|_, _| false);
    template.section_mut(Section::Parameters).remove("BootstrapVersion");
    template.other.retain(|_, _| false);
    let mut value = template.into_value();
    remark_in_description(&mut value, REMARK);
    Ok(value)
}

/// npm, or yarn where only yarn is there or its lock file is the nearest, with the program's path.
fn package_manager(shown: &str, project: &Project) -> Result<(&'static str, PathBuf), CdkError> {
    let there: Vec<_> =
        MANAGERS.into_iter().filter_map(|(name, lock)| Some((name, lock, project.on_path(name)?))).collect();
    // Copilot starts at the working directory as well, not at the overrides.
    let mut levels = project.folder().ancestors().take(LEVELS);
    let chosen = levels
        .find_map(|level| there.iter().find(|(_, lock, _)| level.join(lock).is_file()))
        .or_else(|| there.first());
    chosen
        .map(|(name, _, program)| (*name, program.clone()))
        .ok_or_else(|| CdkError::NoPackageManager { folder: shown.to_owned() })
}

/// A command that sees the variables that it needs and those that were named for it.
fn command(program: impl AsRef<OsStr>, folder: &Utf8Path, project: &Project) -> Command {
    let variables = project.variables();
    let more: Vec<&str> =
        variables.get(MORE).map(|names| names.split(',').map(str::trim).collect()).unwrap_or_default();
    let wanted =
        |name: &str| more.contains(&name) || PASSED.iter().any(|passed| passed.eq_ignore_ascii_case(name));
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().envs(variables.iter().filter(|(name, _)| wanted(name)));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command to its end and returns what it printed. What it says on its standard error is told as it comes.
fn run(mut command: Command, name: &str, shown: &str, host: &dyn Host) -> Result<Vec<u8>, Error> {
    let (status, printed) = followed(&mut command, host).map_err(|source| CdkError::Start {
        program: name.to_owned(),
        folder: shown.to_owned(),
        source,
    })?;
    host.check()?;
    if status.success() {
        return Ok(printed);
    }
    // Some complain on standard output.
    output(&printed, host);
    Err(CdkError::Failed { program: name.to_owned(), folder: shown.to_owned(), status }.into())
}

fn output(bytes: &[u8], host: &dyn Host) {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_suffix('\n').unwrap_or(&text);
    if !text.is_empty() {
        host.notice(Notice::Output(text.to_owned()));
    }
}

fn followed(command: &mut Command, host: &dyn Host) -> std::io::Result<(ExitStatus, Vec<u8>)> {
    let mut child = children::spawn(command)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let running = Running::new(&child);
    thread::scope(|scope| {
        let _ended = running.until_dropped();
        scope.spawn(|| running.end_when(&|| host.cancel().is_cancelled()));
        let printed = scope.spawn(|| {
            let mut bytes = Vec::new();
            stdout.map_or(Ok(0), |mut stdout| stdout.read_to_end(&mut bytes)).map(|_| bytes)
        });
        for line in stderr.into_iter().flat_map(|stderr| BufReader::new(stderr).split(b'\n')) {
            host.notice(Notice::Output(String::from_utf8_lossy(&line?).into_owned()));
        }
        let status = child.wait()?;
        let printed = printed.join().map_err(|_| std::io::Error::other("its output could not be read"))?;
        Ok((status, printed?))
    })
}
