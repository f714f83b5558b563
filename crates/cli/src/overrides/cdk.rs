//! Overrides that are a CDK application: it reads the template and prints another one.

use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use copilot_cfn::patch::remark_in_description;
use copilot_cfn::write::to_yaml;
use copilot_cfn::{Section, Template, Value, read};
use copilot_workspace::Workspace;
use copilot_yaml::{Diagnostics, Source};

use crate::failure::{Failure, with_causes};

/// What Copilot appends to the description of a template that went through CDK.
const REMARK: &str = " using AWS Copilot and CDK.";

/// How far up lock files are looked for.
const LEVELS: usize = 5;

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
) -> Result<Value, Failure> {
    let shown = workspace.display_path(folder);
    let manager = package_manager(folder)?;
    run(Command::new(manager).arg("install").current_dir(folder), manager, &shown)?;
    let build = folder.join(".build");
    let input = build.join("in.yml");
    fs_err::create_dir_all(&build)
        .and_then(|()| fs_err::write(&input, to_yaml(template)))
        .map_err(|error| Failure::new(with_causes(&error)))?;
    let program = folder.join("node_modules").join(".bin").join("cdk");
    let mut command = Command::new(&program);
    command.args(["synth", "--no-version-reporting"]).current_dir(folder);
    command.env("COPILOT_APPLICATION_NAME", names.application);
    if let Some(environment) = names.environment {
        command.env("COPILOT_ENVIRONMENT_NAME", environment);
    }
    let printed = run(&mut command, "cdk", &shown)?;
    let source = Source::from_bytes(format!("{shown} (output)"), printed)
        .map_err(|problem| Failure::from(*problem))?;
    let mut diagnostics = Diagnostics::default();
    match read::read(&source, &mut diagnostics) {
        Some(document) if !diagnostics.has_errors() => cleaned(document.value, &shown),
        _ => Err(Failure::Diagnostics(diagnostics)),
    }
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

/// npm, or yarn where only yarn is there or its lock file is the nearest.
fn package_manager(folder: &Utf8Path) -> Result<&'static str, Failure> {
    let there = |program: &str| {
        let status =
            Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    match (there("npm"), there("yarn")) {
        (true, false) => Ok("npm"),
        (false, true) => Ok("yarn"),
        (true, true) => Ok(by_lock_file(folder)),
        (false, false) => Err(Failure::with_hint(
            format!(
                "the overrides in `{folder}` are a CDK application, and there is neither npm nor yarn to run it"
            ),
            "install Node.js with npm, or write the overrides as `cfn.patches.yml`",
        )),
    }
}

fn by_lock_file(folder: &Utf8Path) -> &'static str {
    let levels = folder.ancestors().map(Utf8Path::to_owned).take(LEVELS);
    let found = |level: &Utf8PathBuf| {
        let files = [("package-lock.json", "npm"), ("yarn.lock", "yarn")];
        files.into_iter().find(|(file, _)| level.join(file).is_file()).map(|(_, manager)| manager)
    };
    levels.into_iter().find_map(|level| found(&level)).unwrap_or("npm")
}

/// Runs a program to its end and returns what it printed; what it complains about goes to our own standard error.
fn run(command: &mut Command, name: &str, shown: &str) -> Result<Vec<u8>, Failure> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output
        .map_err(|error| Failure::new(format!("can't run {name} for the overrides in `{shown}`: {error}")))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(Failure::with_hint(
        format!("{name} failed for the overrides in `{shown}` ({})", output.status),
        "its own message stands above",
    ))
}
