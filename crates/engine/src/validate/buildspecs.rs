//! Whether the files that a pipeline runs are there, and whether CodeBuild can run them.

use std::collections::HashSet;

use camino::Utf8Path;
use copilot_manifest::buildspec::{HASH_AMD64, HASH_ARM64, Role, Word, check, codes, read};
use copilot_workspace::{Header, ManifestFile, Root, Workspace};
use copilot_yaml::{Diagnostic, Diagnostics, Node, Span, closest};

use crate::codes::MISSING_BUILDSPEC;
use crate::project::Project;

/// How many buildspecs of a pipeline are read, and how many of their commands are judged.
const MOST: usize = 100;

/// Neighbours are looked for only for so many problems.
const MOST_NEIGHBOURS: usize = 50;

/// Says why a command line of this tool would be refused: its words after the program, as far as they are known before a shell
/// has put values into them. The program that has the command line knows.
pub type CommandCheck<'a> = dyn Fn(&[Word]) -> Option<String> + Sync + 'a;

/// What to do without the buildspec that stands beside a manifest.
const RESTORE: &str = "restore the file, or name another one with `build.buildspec`; `copilot-pipeline init` writes one for a new \
                       pipeline, which fits here once its `--name` is this pipeline's";

/// Before a pipeline is deployed: an error for each buildspec that is not there or that no build can run.
pub(crate) fn required(
    file: &ManifestFile,
    is_arm: bool,
    project: &Project,
    commands: Option<&CommandCheck<'_>>,
) -> Diagnostics {
    let Ok(header) = &file.header else { return Diagnostics::default() };
    let mut found = missing(file, header, project.workspace());
    found.deny_warnings();
    found.extend(problems(file, header, is_arm, project.workspace(), commands));
    found
}

/// What is wrong with the buildspecs that are there. `is_arm` is about the image of the pipeline's build.
pub(super) fn problems(
    file: &ManifestFile,
    header: &Header,
    is_arm: bool,
    workspace: &Workspace,
    commands: Option<&CommandCheck<'_>>,
) -> Diagnostics {
    let mut found = Diagnostics::default();
    let beside = workspace.default_buildspec(file);
    let named = all_named(header, &beside);
    let build = header.root.get("build").and_then(|build| build.get("buildspec")?.as_str());
    let build = build.filter(|path| !path.is_empty()).unwrap_or(&beside);
    let mut seen = HashSet::new();
    for (path, _) in named.into_iter().filter(|(path, _)| seen.insert(*path)).take(MOST) {
        let hash = if is_arm { HASH_ARM64 } else { HASH_AMD64 };
        found.extend(problems_of(path, (path == build).then_some(hash), workspace, commands));
    }
    found
}

/// What is wrong with a buildspec. `hash` is the variable in which it pins the program that it runs.
fn problems_of(
    path: &str,
    hash: Option<&str>,
    workspace: &Workspace,
    judge: Option<&CommandCheck<'_>>,
) -> Diagnostics {
    let mut found = Diagnostics::default();
    let full = workspace.root().join(path);
    if path.starts_with("arn:") || !full.is_file() {
        return found;
    }
    let source = match workspace.read_text(&full) {
        Ok(source) => source,
        Err(problem) => {
            found.push(*problem);
            return found;
        }
    };
    let Some(buildspec) = read(&source, &mut found) else { return found };
    check(&buildspec, hash, &source, &mut found);
    let Some(judge) = judge else { return found };
    let commands = buildspec.commands().filter(|_| buildspec.is_shell());
    let invocations = commands.flat_map(|command| {
        command.invocations.iter().flatten().map(move |invocation| (command, invocation))
    });
    let ours = invocations.filter_map(|(command, invocation)| match invocation.role() {
        Role::CopilotPipeline(words) => Some((command, words)),
        _ => None,
    });
    for (command, words) in ours.take(MOST) {
        if let Some(problem) = judge(words) {
            let message = format!("`copilot-pipeline` would refuse this: {problem}");
            let diagnostic = Diagnostic::error(&codes::COMMAND, message);
            found.push(diagnostic.at(&source, command.span, "this command"));
        }
    }
    found
}

/// A warning for each buildspec that the manifest names, or relies on, and that the project does not have.
pub(super) fn missing(file: &ManifestFile, header: &Header, workspace: &Workspace) -> Diagnostics {
    let mut found = Diagnostics::default();
    let beside = workspace.default_buildspec(file);
    for (path, span) in all_named(header, &beside) {
        // A buildspec can also stand in S3.
        if path.starts_with("arn:") || workspace.root().join(path).is_file() {
            continue;
        }
        let diagnostic = Diagnostic::warning(&MISSING_BUILDSPEC, format!("the project has no file `{path}`"))
            .at(&header.source, span, "the pipeline would fail here");
        let near = if found.len() < MOST_NEIGHBOURS { neighbour(path, workspace) } else { None };
        found.push(match near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None if path == beside => diagnostic.help(RESTORE),
            None => diagnostic.help("write the path from the project's folder"),
        });
    }
    found
}

/// The buildspecs of a pipeline with the places that name them. `beside` is that of a build whose manifest names none.
pub(crate) fn all_named<'a>(header: &'a Header, beside: &'a str) -> Vec<(&'a str, Span)> {
    let mut named = named(&header.root);
    let own = header.root.get("build").and_then(|build| build.get("buildspec")?.as_str());
    if own.is_none_or(str::is_empty) {
        named.push((beside, header.name_span));
    }
    named
}

fn named(manifest: &Node) -> Vec<(&str, Span)> {
    let build = manifest.get("build");
    let stages = manifest.get("stages").and_then(Node::as_sequence).unwrap_or_default();
    let actions = stages.iter().flat_map(|stage| {
        ["pre_deployments", "post_deployments"]
            .into_iter()
            .filter_map(|key| stage.get(key)?.as_mapping())
            .flatten()
            .map(|entry| &entry.value)
    });
    let owners = build.into_iter().chain(actions);
    owners
        .filter_map(|owner| owner.get("buildspec"))
        .filter_map(|node| Some((node.as_str()?, node.span)))
        .filter(|(path, _)| !path.is_empty())
        .collect()
}

/// A file of a similar name in the same folder.
pub(super) fn neighbour(path: &str, workspace: &Workspace) -> Option<String> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let inside = Root::of(workspace.root().as_std_path()).ok()?.resolve(folder.as_ref()).ok()?;
    let entries = Utf8Path::from_path(&inside)?.read_dir_utf8().ok()?;
    let mut names: Vec<String> = entries.flatten().map(|entry| entry.file_name().to_owned()).collect();
    names.sort();
    let near = closest(name, names.iter().map(String::as_str))?;
    Some(if folder.is_empty() { near.to_owned() } else { format!("{folder}/{near}") })
}
