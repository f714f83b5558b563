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
use copilot_workspace::Workspace;
use copilot_workspace::children::{self, Running};
use copilot_yaml::{Diagnostics, Source};

use super::turn::Turn;
use crate::failure::Failure;
use crate::files::{Existing, check_folder, write_all};
use crate::harmless::unstyled;
use crate::io::Io;

/// What Copilot appends to the description of a template that went through CDK.
const REMARK: &str = " using AWS Copilot and CDK.";

/// Allows CDK applications to be run as `--allow-cdk` does: the buildspecs that `init` writes set it.
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
    workspace: &Workspace,
    names: Names<'_>,
    io: &mut Io<'_>,
) -> Result<Value, Failure> {
    ask_leave(folder, workspace, io)?;
    let shown = workspace.display_path(folder);
    let given = folder.join(".build/in.yml");
    check_folder(&folder.join(".build"), io)?;
    // Applications read the template by a path that is written in them, so that two can't run at once.
    let _turn = Turn::wait(folder, &shown, io)?;
    install(folder, &shown, io)?;
    write_all(&[(given, to_yaml(template).into_bytes())], Existing::Replace, io)?;
    let printed = synth(folder, &shown, names, io)?;
    if printed.trim_ascii().is_empty() {
        return Err(Failure::with_hint(
            format!("the CDK application in `{shown}` printed no template"),
            "cdk prints one only where the application has exactly one stack",
        ));
    }
    let source = Source::from_bytes(format!("{shown} (output)"), printed)
        .map_err(|problem| Failure::from(*problem))?;
    let mut diagnostics = Diagnostics::default();
    match read::read(&source, &mut diagnostics) {
        Some(document) if !diagnostics.has_errors() => cleaned(document.value, &shown),
        _ => Err(Failure::Diagnostics(diagnostics)),
    }
}

/// An error unless it was said that CDK applications may be run.
pub(crate) fn ask_leave(folder: &Utf8Path, workspace: &Workspace, io: &Io<'_>) -> Result<(), Failure> {
    let by_variable = io.variables().get(ALLOW).is_some_and(|value| matches!(value.as_str(), "true" | "1"));
    if io.may_run_cdk() || by_variable {
        return Ok(());
    }
    let shown = workspace.display_path(folder);
    Err(Failure::with_hint(
        format!("the overrides in `{shown}` are a CDK application, and to apply them is to run its code"),
        format!("pass `--allow-cdk`, or set `{ALLOW}=true`, where the code of this repository is trusted"),
    ))
}

fn install(folder: &Utf8Path, shown: &str, io: &mut Io<'_>) -> Result<(), Failure> {
    let (name, program) = package_manager(shown, io)?;
    io.note(format!("installing the packages of `{shown}` with {name}"));
    let mut command = command(program, folder, io);
    command.arg("install");
    let printed = run(command, &format!("{name} install"), shown, io)?;
    io.err(unstyled(&String::from_utf8_lossy(&printed)));
    Ok(())
}

fn synth(folder: &Utf8Path, shown: &str, names: Names<'_>, io: &mut Io<'_>) -> Result<Vec<u8>, Failure> {
    let program = folder.join("node_modules/.bin/cdk");
    if !program.exists() {
        return Err(Failure::with_hint(
            format!(
                "the CDK application in `{shown}` has no `node_modules/.bin/cdk` after its packages were installed"
            ),
            "name `aws-cdk` among the dependencies in its `package.json`",
        ));
    }
    let mut command = command(program, folder, io);
    command.args(["synth", "--no-version-reporting"]);
    command.env("COPILOT_APPLICATION_NAME", names.application);
    if let Some(environment) = names.environment {
        command.env("COPILOT_ENVIRONMENT_NAME", environment);
    }
    io.note(format!("running the CDK application in `{shown}`"));
    run(command, "cdk synth", shown, io)
}

/// Only the sections that a template may have, without what CDK adds for its own deployments.
fn cleaned(value: Value, shown: &str) -> Result<Value, Failure> {
    let mut template = Template::from_value(value).map_err(|error| {
        Failure::new(format!("what the CDK application in `{shown}` printed is no template: {error}"))
    })?;
    template.section_mut(Section::Rules).retain(|_, _| false);
    template.section_mut(Section::Parameters).remove("BootstrapVersion");
    template.other.retain(|_, _| false);
    let mut value = template.into_value();
    remark_in_description(&mut value, REMARK);
    Ok(value)
}

/// npm, or yarn where only yarn is there or its lock file is the nearest, with the program's path.
fn package_manager(shown: &str, io: &Io<'_>) -> Result<(&'static str, PathBuf), Failure> {
    let there: Vec<_> =
        MANAGERS.into_iter().filter_map(|(name, lock)| Some((name, lock, on_path(name, io)?))).collect();
    // Copilot starts at the working directory as well, not at the overrides.
    let mut levels = io.folder().ancestors().take(LEVELS);
    let chosen = levels
        .find_map(|level| there.iter().find(|(_, lock, _)| level.join(lock).is_file()))
        .or_else(|| there.first());
    chosen.map(|(name, _, program)| (*name, program.clone())).ok_or_else(|| {
        Failure::with_hint(
            format!(
                "the overrides in `{shown}` are a CDK application, and there is neither npm nor yarn to run it"
            ),
            "install Node.js with npm, or write the overrides as `cfn.patches.yml`",
        )
    })
}

/// A program in the folders of `PATH`.
pub(crate) fn on_path(program: &str, io: &Io<'_>) -> Option<PathBuf> {
    let folders = io.variables().get("PATH")?;
    std::env::split_paths(folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// A command that sees the variables that it needs and those that were named for it.
fn command(program: impl AsRef<OsStr>, folder: &Utf8Path, io: &Io<'_>) -> Command {
    let more: Vec<&str> =
        io.variables().get(MORE).map(|names| names.split(',').map(str::trim).collect()).unwrap_or_default();
    let wanted =
        |name: &str| more.contains(&name) || PASSED.iter().any(|passed| passed.eq_ignore_ascii_case(name));
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().envs(io.variables().iter().filter(|(name, _)| wanted(name)));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command to its end and returns what it printed. What it says on its standard error goes to ours as it comes.
fn run(mut command: Command, name: &str, shown: &str, io: &mut Io<'_>) -> Result<Vec<u8>, Failure> {
    let (status, printed) = followed(&mut command, io).map_err(|error| {
        Failure::new(format!("can't run `{name}` for the overrides in `{shown}`: {error}"))
    })?;
    io.interrupt().check()?;
    if status.success() {
        return Ok(printed);
    }
    // Some complain on standard output.
    io.err(unstyled(&String::from_utf8_lossy(&printed)));
    Err(Failure::with_hint(
        format!("`{name}` failed for the overrides in `{shown}` ({status})"),
        "its own message stands above",
    ))
}

fn followed(command: &mut Command, io: &mut Io<'_>) -> std::io::Result<(ExitStatus, Vec<u8>)> {
    let mut child = children::spawn(command)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let interrupt = io.interrupt().clone();
    let running = Running::new(&child);
    thread::scope(|scope| {
        let _ended = running.until_dropped();
        scope.spawn(|| running.end_when(&|| interrupt.is_sent()));
        let printed = scope.spawn(|| {
            let mut bytes = Vec::new();
            stdout.map_or(Ok(0), |mut stdout| stdout.read_to_end(&mut bytes)).map(|_| bytes)
        });
        for line in stderr.into_iter().flat_map(|stderr| BufReader::new(stderr).split(b'\n')) {
            io.note(unstyled(&String::from_utf8_lossy(&line?)));
        }
        let status = child.wait()?;
        let printed = printed.join().map_err(|_| std::io::Error::other("its output could not be read"))?;
        Ok((status, printed?))
    })
}
