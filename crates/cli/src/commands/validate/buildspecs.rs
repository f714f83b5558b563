//! Whether the files that a pipeline runs are there.

use camino::Utf8Path;
use copilot_workspace::{Header, ManifestFile, Root, Workspace};
use copilot_yaml::{Diagnostic, Diagnostics, Node, Span, closest};

use crate::codes::MISSING_BUILDSPEC;
use crate::drawn;

/// What to do without the buildspec that stands beside a manifest: `init` writes one only together with a manifest.
const RESTORE: &str = "restore the file, or name another one with `build.buildspec`; `copilot-pipeline init` writes one for a new \
                       pipeline, which fits here once its `--name` is this pipeline's";

/// A warning for each buildspec that the manifest names, or relies on, and that the project does not have.
pub(super) fn missing(file: &ManifestFile, header: &Header, workspace: &Workspace) -> Diagnostics {
    let mut found = Diagnostics::default();
    let beside = workspace.default_buildspec(file);
    let mut named = named(&header.root);
    let own = header.root.get("build").and_then(|build| build.get("buildspec")?.as_str());
    if own.is_none_or(str::is_empty) {
        named.push((&beside, header.name_span));
    }
    for (path, span) in named {
        // A buildspec can also stand in S3.
        if path.starts_with("arn:") || workspace.root().join(path).is_file() {
            continue;
        }
        let diagnostic = Diagnostic::warning(&MISSING_BUILDSPEC, format!("the project has no file `{path}`"))
            .at(&header.source, span, "the pipeline would fail here");
        let near = if found.len() < drawn::MOST { neighbour(path, workspace) } else { None };
        found.push(match near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None if path == beside => diagnostic.help(RESTORE),
            None => diagnostic.help("write the path from the project's folder"),
        });
    }
    found
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
