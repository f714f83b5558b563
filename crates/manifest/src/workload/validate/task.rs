//! What all ECS tasks have: platform, count, exec, variables, files, the log router, rules for the task definition.

use super::{choose, count, fail, first_line, missing, storage, warn};
use crate::decode::{Context, Map, Spanned};
use crate::workload::value::Variable;
use crate::workload::{
    CommandOverride, Exec, Logging, OverrideRules, Platform, Storage, Task, WorkloadType, codes,
};

pub(super) fn check(kind: WorkloadType, task: &Task, cx: &mut Context<'_>) {
    if let Some(value) = &task.platform {
        cx.within("platform", |cx| platform(value, cx));
    }
    if let Some(value) = &task.count {
        cx.within("count", |cx| count::check(kind, value, cx));
    }
    if let Some(value) = &task.exec {
        cx.within("exec", |cx| exec(value, cx));
    }
    if let Some(value) = &task.storage {
        cx.within("storage", |cx| storage::check(value, cx));
    }
    if let Some(value) = task.variables.as_deref() {
        variables(value, cx);
    }
    env_file(task.env_file.as_ref(), cx);
    if task.is_windows() {
        windows(task.storage.as_deref(), cx);
    }
}

const SHORT_PLATFORMS: [&str; 6] =
    ["linux/amd64", "linux/x86_64", "linux/arm", "linux/arm64", "windows/amd64", "windows/x86_64"];
const FAMILIES: [&str; 6] = [
    "linux",
    "windows",
    "windows_server_2019_core",
    "windows_server_2019_full",
    "windows_server_2022_core",
    "windows_server_2022_full",
];

/// A platform that ECS can run.
pub(super) fn platform(value: &Spanned<Platform>, cx: &mut Context<'_>) {
    match &value.value {
        Platform::Text(text) => {
            if !SHORT_PLATFORMS.contains(&text.to_lowercase().as_str()) {
                let help = choose(text, &SHORT_PLATFORMS);
                fail(cx, &codes::PLATFORM, value.span, format!("`{text}` is not a platform"), help);
            }
        }
        Platform::Fields(fields) => {
            let (Some(os), Some(architecture)) = (&fields.osfamily, &fields.architecture) else {
                let span = first_line(cx, value.span);
                let message = "a platform needs both `osfamily` and `architecture`";
                return fail(cx, &codes::PLATFORM, span, message, "add the other key");
            };
            if !FAMILIES.contains(&os.to_lowercase().as_str()) {
                let message = format!("`{}` is not an operating system (`osfamily`)", os.value);
                return fail(cx, &codes::PLATFORM, os.span, message, choose(os, &FAMILIES));
            }
            let known: &[&str] = match os.to_lowercase().as_str() {
                "linux" => &["x86_64", "amd64", "arm", "arm64"],
                _ => &["x86_64", "amd64"],
            };
            if !known.contains(&architecture.to_lowercase().as_str()) {
                let message =
                    format!("`{}` can't run on `{}` (`architecture`)", os.value, architecture.value);
                fail(cx, &codes::PLATFORM, architecture.span, message, choose(architecture, known));
            }
        }
    }
}

fn exec(value: &Spanned<Exec>, cx: &mut Context<'_>) {
    let Some(enable) = value.config.as_ref().and_then(|config| config.enable.as_ref()) else { return };
    let short = value.enable.as_ref().is_some_and(|enable| enable.value);
    if !enable.value && !short {
        let message = "`exec: {enable: false}` allows commands: Copilot never looks at the value";
        warn(cx, &codes::EXEC_ENABLES, enable.span, message, "write `exec: false` to forbid them");
    }
}

/// Imports have a name.
pub(super) fn variables(variables: &Map<Variable>, cx: &mut Context<'_>) {
    cx.within("variables", |cx| {
        for (name, variable) in variables.iter() {
            if matches!(&variable.value, Variable::FromCfn(import) if import.is_empty()) {
                let message =
                    format!("variable `{name}` is imported (`from_cfn`) from an export without a name");
                let help = "write the name of an export of another CloudFormation stack";
                cx.within(name, |cx| fail(cx, &codes::EMPTY_IMPORT, variable.span, message, help));
            }
        }
    });
}

/// The ending that ECS asks for.
pub(super) fn env_file(file: Option<&Spanned<String>>, cx: &mut Context<'_>) {
    let Some(file) = file else { return };
    let last = file.rsplit('/').next().unwrap_or_default();
    if last.rfind('.').is_none_or(|dot| &last[dot..] != ".env") {
        let message = format!("environment file `{}` does not end in `.env`", file.value);
        let help = "rename the file: ECS reads only files with that ending";
        cx.within("env_file", |cx| fail(cx, &codes::ENV_FILE, file.span, message, help));
    }
}

fn windows(storage: Option<&Storage>, cx: &mut Context<'_>) {
    let Some(storage) = storage else { return };
    let help = "remove it, or choose a Linux `platform`";
    cx.within("storage", |cx| {
        if let Some(readonly) = storage.readonly_fs.as_ref().filter(|readonly| readonly.value) {
            let message = "`readonly_fs` can't be true on Windows";
            cx.within("readonly_fs", |cx| fail(cx, &codes::WINDOWS, readonly.span, message, help));
        }
        for (name, volume) in storage.volumes.as_deref().into_iter().flat_map(Map::iter) {
            if !volume.is_scratch() {
                let message = format!("volume `{name}` is in EFS, which Windows does not support");
                let span = volume.efs.as_ref().map_or(volume.span, |efs| efs.span);
                cx.within("volumes", |cx| {
                    cx.within(name, |cx| fail(cx, &codes::WINDOWS, span, message, help));
                });
            }
        }
    });
}

/// The log router's env file; and, once it exists, nothing else needs to be right.
pub(super) fn logging(logging: Option<&Logging>, cx: &mut Context<'_>) {
    let Some(logging) = logging.filter(|logging| logging.has_router()) else { return };
    cx.within("logging", |cx| env_file(logging.env_file.as_ref(), cx));
}

/// Paths that Copilot itself needs.
pub(super) fn taskdef_overrides(rules: Option<&OverrideRules>, cx: &mut Context<'_>) {
    for (index, rule) in rules.into_iter().flatten().enumerate() {
        let Some(path) = &rule.path else {
            cx.within("taskdef_overrides", |cx| {
                cx.within(index, |cx| missing(cx, rule.span, "path", "a rule"));
            });
            continue;
        };
        if path.value == "Family" || is_container_name(path) {
            let message = format!("`{}` can't be overridden", path.value);
            let help = "remove the rule: Copilot finds the workload by this name";
            cx.within("taskdef_overrides", |cx| {
                cx.within(index, |cx| fail(cx, &codes::TASKDEF_PATH, path.span, message, help));
            });
        }
    }
}

/// `ContainerDefinitions[<digits>]`, any character, `Name`.
fn is_container_name(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("ContainerDefinitions[") else { return false };
    let Some((index, rest)) = rest.split_once(']') else { return false };
    let mut rest = rest.chars();
    !index.is_empty()
        && index.bytes().all(|byte| byte.is_ascii_digit())
        && rest.next().is_some_and(|c| c != '\n')
        && rest.as_str() == "Name"
}

/// Tracing vendors other than X-Ray do nothing on ECS.
pub(super) fn tracing(tracing: Option<&Spanned<String>>, cx: &mut Context<'_>) {
    let Some(vendor) = tracing.filter(|vendor| !vendor.eq_ignore_ascii_case("awsxray")) else { return };
    let message = format!("`{}` is not a tracing vendor: nothing is traced", vendor.value);
    cx.within("observability", |cx| {
        cx.within("tracing", |cx| warn(cx, &codes::NO_EFFECT, vendor.span, message, "write `awsxray`"));
    });
}

/// Command lines whose quotes are closed.
pub(super) fn command_lines(command: &CommandOverride, cx: &mut Context<'_>) {
    for (key, value) in [("entrypoint", &command.entrypoint), ("command", &command.command)] {
        let Some(value) = value.as_ref().filter(|value| value.words().is_err()) else { continue };
        let message =
            format!("`{key}` can't be split into words: a quote or a backslash at its end is not closed");
        let help = "close the quote, or write a list of words";
        cx.within(key, |cx| fail(cx, &codes::COMMAND_LINE, value.span, message, help));
    }
}
