//! Buildspecs: who wrote them, what they download, and which runtimes they ask for.

use std::collections::BTreeMap;

use copilot_manifest::buildspec::{Buildspec, Command, Invocation, Role, read};
use copilot_workspace::ManifestFile;
use copilot_yaml::{Diagnostics, Node, Severity, Source, Span, parse};

use super::dates::{Dates, Version};
use super::era::{Origin, origin};
use super::finding::Finding;
use super::{Clock, codes};
use crate::project::Project;
use crate::validate::buildspecs::all_named;

/// A buildspec of a pipeline.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) source: Source,
    pub(crate) root: Node,
    pub(crate) buildspec: Buildspec,
    pub(crate) origin: Origin,
    /// The pipelines whose build runs it.
    pub(crate) pipelines: Vec<String>,
}

/// All buildspecs that pipelines run and the project has, by path.
pub(crate) fn all(project: &Project, pipelines: &[ManifestFile]) -> Vec<Found> {
    let workspace = project.workspace();
    let mut paths: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in pipelines {
        let Some(header) = file.header.as_ref().ok().or(file.partial.as_ref()) else { continue };
        let beside = workspace.default_buildspec(file);
        let own = header.root.get("build").and_then(|build| build.get("buildspec")?.as_str());
        let own = own.filter(|path| !path.is_empty()).unwrap_or(&beside);
        for (path, _) in all_named(header, &beside) {
            let users = paths.entry(path.trim_start_matches("./").to_owned()).or_default();
            if path == own && !users.contains(&header.name) {
                users.push(header.name.clone());
            }
        }
    }
    let read = |(path, pipelines): (String, Vec<String>)| {
        let full = workspace.root().join(&path);
        let source = full.is_file().then(|| workspace.read_text(&full).ok()).flatten()?;
        let mut problems = Diagnostics::default();
        let root = parse(&source, &mut problems)?;
        let buildspec = read(&source, &mut problems)?;
        let origin = origin(&buildspec, &root);
        Some(Found { source, root, buildspec, origin, pipelines })
    };
    paths.into_iter().filter(|(path, _)| !path.starts_with("arn:")).filter_map(read).collect()
}

/// What is wrong with one.
pub(super) fn findings(found: &Found, dates: &Dates, clock: &Clock) -> Vec<Finding> {
    if !found.buildspec.is_shell() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let source = &found.source;
    let mut said = false;
    for (command, invocation) in invocations(&found.buildspec) {
        match invocation.role() {
            Role::DownloadsCopilot { version } if !said => {
                said = true;
                findings.extend(program(found, command, version, dates, clock));
            }
            Role::Copilot(words) => {
                findings.extend(super::calls::old(source, command.span, &command.text, words, found));
            }
            _ => {}
        }
    }
    findings.extend(found.buildspec.commands().filter_map(|command| piped(source, command)));
    findings.extend(runtimes(found));
    findings
}

fn invocations(buildspec: &Buildspec) -> impl Iterator<Item = (&Command, &Invocation)> {
    buildspec
        .commands()
        .flat_map(|command| command.invocations.iter().flatten().map(move |invocation| (command, invocation)))
}

/// The download of Copilot, and what becomes of the functions in its templates.
fn program(
    found: &Found,
    command: &Command,
    version: Option<&str>,
    dates: &Dates,
    clock: &Clock,
) -> Vec<Finding> {
    let at = |label| (&found.source, command.span, label);
    let by = match found.origin {
        Origin::Copilot { era, .. } if era.first == era.last => format!(", in a buildspec of {}", era.first),
        Origin::Copilot { era, .. } => format!(", in a buildspec of {} to {}", era.first, era.last),
        Origin::Own | Origin::Ours => String::new(),
    };
    let fix = "run `copilot-pipeline migrate`, which pins a program by its SHA-256";
    let Some(version) = version else {
        let message = format!("the build downloads whichever Copilot is at this address, unchecked{by}");
        let finding =
            Finding::in_file(&codes::UNVERSIONED_PROGRAM, Severity::Warning, message, at("no version"));
        let reference = "https://github.com/aws/copilot-cli/issues/3825";
        return vec![finding.date(dates.support_ended).reference(reference).fix(fix)];
    };
    let message = format!("the build downloads Copilot {version}, unchecked{by}");
    let finding = Finding::in_file(&codes::OLD_PROGRAM, Severity::Warning, message, at("here"));
    let mut findings = vec![finding.date(dates.support_ended).reference(dates.copilot.as_str()).fix(fix)];
    if let Some(runtime) = dates.runtime_of(version).filter(|runtime| clock.matters(runtime.create)) {
        let what = format!("the templates of Copilot {version}");
        let finding = super::runtimes::finding(runtime, &what, dates, clock);
        let fix = if Version::parse(version) < Version::parse("v1.33.0") {
            "run `copilot-pipeline migrate`, deploy, then raise the runtime with an override in `copilot/NAME/overrides/cfn.patches.yml`"
        } else {
            "raise the runtime with an override in `copilot/NAME/overrides/cfn.patches.yml`"
        };
        findings.push(finding.into_file(at("this version")).fix(fix));
    }
    findings
}

/// A script that is run as it comes.
fn piped(source: &Source, command: &Command) -> Option<Finding> {
    let invocations = command.invocations.as_ref().ok()?;
    let name = |at: usize| invocations.get(at)?.words.first().map(|word| word.text.as_str());
    let runs = (0..invocations.len())
        .any(|at| matches!(name(at), Some("curl" | "wget")) && matches!(name(at + 1), Some("sh" | "bash")));
    let finding = Finding::in_file(
        &codes::UNCHECKED_DOWNLOAD,
        Severity::Warning,
        "the build runs a script that it downloads, whatever it is",
        (source, command.span, "from the network into a shell"),
    );
    let reference = "https://docs.aws.amazon.com/codebuild/latest/userguide/security.html";
    (runs && command.text.contains('|')).then(|| {
        finding
            .reference(reference)
            .fix("download a fixed version to a file and compare it with `sha256sum --check`")
    })
}

/// Runtimes that newer images don't have.
fn runtimes(found: &Found) -> Vec<Finding> {
    let install = found.root.get("phases").and_then(|phases| phases.get("install"));
    let entries =
        install.and_then(|install| install.get("runtime-versions")?.as_mapping()).unwrap_or_default();
    let gone = entries.iter().filter_map(|entry| {
        let version = entry.value.as_scalar().map(copilot_yaml::Scalar::text).unwrap_or_default();
        let name = &*entry.key.text;
        let reference = match (name, version) {
            ("docker", _) => "https://github.com/aws/copilot-cli/issues/5793",
            ("ruby", "2.6" | "2.7" | "3.1") => "https://github.com/aws/copilot-cli/issues/5290",
            ("nodejs", "8" | "10" | "12" | "14" | "16") => {
                "https://docs.aws.amazon.com/codebuild/latest/userguide/available-runtimes.html"
            }
            _ => return None,
        };
        let span = Span::new(entry.key.span.start, entry.value.span.end.max(entry.key.span.end));
        let message = format!("the buildspec asks for `{name}: {version}`, which newer images don't have");
        let at = (&found.source, span, "the build would end before its first command");
        let finding = Finding::in_file(&codes::RUNTIME_VERSION, Severity::Warning, message, at);
        Some(
            finding
                .reference(reference)
                .fix("run `copilot-pipeline migrate`, or take out what your commands don't use"),
        )
    });
    gone.collect()
}

/// Whether a build logs in to Docker Hub.
pub(super) fn logs_in(found: &Found) -> bool {
    invocations(&found.buildspec).any(|(_, invocation)| {
        let mut words = invocation.words.iter().map(|word| word.text.as_str());
        if (words.next(), words.next()) != (Some("docker"), Some("login")) {
            return false;
        }
        let rest: Vec<&str> = words.collect();
        let takes = |word: &str| matches!(word, "-u" | "--username" | "-p" | "--password");
        let registry = rest.iter().enumerate().find(|(at, word)| {
            !word.starts_with('-') && !at.checked_sub(1).is_some_and(|before| takes(rest[before]))
        });
        registry.is_none_or(|(_, word)| word.contains("docker.io"))
    })
}
