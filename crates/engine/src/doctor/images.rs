//! Images that Dockerfiles are based on.

use std::collections::{BTreeMap, BTreeSet};

use copilot_workspace::Workspace;
use copilot_yaml::{Node, Severity, Source, Span};

use super::codes;
use super::finding::Finding;

/// The Dockerfiles that a workload's manifest names, in any environment.
pub(super) fn dockerfiles(manifest: &Node) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let environments = manifest.get("environments").and_then(Node::as_mapping).unwrap_or_default();
    for level in std::iter::once(manifest).chain(environments.iter().map(|entry| &entry.value)) {
        let sidecars = level.get("sidecars").and_then(Node::as_mapping).unwrap_or_default();
        let owners = std::iter::once(level).chain(sidecars.iter().map(|entry| &entry.value));
        let builds = owners.filter_map(|owner| owner.get("image")?.get("build"));
        found.extend(builds.filter_map(dockerfile).filter(|path| !path.contains('$')));
    }
    found
}

fn dockerfile(build: &Node) -> Option<String> {
    if let Some(path) = build.as_str() {
        return Some(path.to_owned());
    }
    let text = |key: &str| build.get(key).and_then(Node::as_str).filter(|text| !text.is_empty());
    let context = text("context").map(|context| format!("{}/Dockerfile", context.trim_end_matches('/')));
    text("dockerfile").map(str::to_owned).or(context)
}

/// A finding for each image of Docker Hub.
pub(super) fn findings(path: &str, workspace: &Workspace) -> Vec<Finding> {
    let full = workspace.root().join(path);
    let Some(source) = full.is_file().then(|| workspace.read_text(&full).ok()).flatten() else {
        return Vec::new();
    };
    let images = bases(source.text());
    let findings = images.into_iter().filter_map(|(image, span)| finding(&source, &image, span));
    findings.collect()
}

fn finding(source: &Source, image: &str, span: Span) -> Option<Finding> {
    let name = of_docker_hub(image)?;
    let message = format!("the image is based on `{image}` of Docker Hub, which limits downloads");
    let finding =
        Finding::in_file(&codes::REGISTRY_LIMIT, Severity::Warning, message, (source, span, "this image"));
    let fix = match name.strip_prefix("library/").or_else(|| (!name.contains('/')).then_some(name)) {
        Some(official) => format!(
            "take `public.ecr.aws/docker/library/{official}`, or log in to Docker Hub in the buildspec"
        ),
        None => "log in to Docker Hub in the buildspec, or let ECR keep a copy with a pull-through cache"
            .to_owned(),
    };
    Some(finding.reference("https://docs.docker.com/docker-hub/usage/").fix(fix))
}

/// The name within Docker Hub of an image that is from there.
fn of_docker_hub(image: &str) -> Option<&str> {
    let (host, rest) = image.split_once('/').unwrap_or(("", image));
    match host {
        "docker.io" | "index.docker.io" | "registry-1.docker.io" => Some(rest),
        host if host.contains(['.', ':']) || host == "localhost" => None,
        _ => Some(image),
    }
}

/// The images after `FROM` that are no stages of the same file, with values of arguments put in. What is known only to whoever
/// builds is left out.
fn bases(text: &str) -> Vec<(String, Span)> {
    let (mut arguments, mut stages, mut found) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let mut words = line.split_whitespace();
        match words.next().map(str::to_ascii_uppercase).as_deref() {
            Some("ARG") if stages.is_empty() && found.is_empty() => {
                for word in words {
                    if let Some((name, value)) = word.split_once('=') {
                        arguments.insert(name.to_owned(), value.trim_matches(['"', '\'']).to_owned());
                    }
                }
            }
            Some("FROM") => {
                let words: Vec<&str> = words.filter(|word| !word.starts_with("--")).collect();
                let Some(written) = words.first() else { continue };
                if let Some(image) = expanded(written, &arguments)
                    && image != "scratch"
                    && !stages.contains(&image.to_ascii_lowercase())
                {
                    let from = at + line.find(written).unwrap_or_default();
                    found.push((image, Span::new(from, from + written.len())));
                }
                if let [_, by, name, ..] = words[..]
                    && by.eq_ignore_ascii_case("as")
                {
                    stages.insert(name.to_ascii_lowercase());
                }
            }
            _ => {}
        }
    }
    found
}

/// A text with `$NAME`, `${NAME}` and `${NAME:-DEFAULT}` put in.
fn expanded(text: &str, arguments: &BTreeMap<String, String>) -> Option<String> {
    let mut parts = text.split('$');
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let (name, rest) = match part.strip_prefix('{') {
            Some(inner) => inner.split_once('}')?,
            None => part
                .split_at(part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len())),
        };
        let (name, default) =
            name.split_once(":-").map_or((name, None), |(name, default)| (name, Some(default)));
        out.push_str(arguments.get(name).map(String::as_str).or(default)?);
        out.push_str(rest);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::{bases, of_docker_hub};

    #[test]
    fn bases_are_images_of_others() {
        let text = "# FROM no\nARG TAG=20\nARG BASE\nFROM --platform=linux/amd64 node:$TAG-slim AS build\nRUN x\nfrom build as test\nFROM ${BASE}\nFROM ${X:-docker.io/acme/run}\nFROM scratch\nFROM public.ecr.aws/nginx/nginx:1\n";
        let found: Vec<(String, &str)> =
            bases(text).into_iter().map(|(image, span)| (image, &text[span.start..span.end])).collect();
        let shown: Vec<(&str, &str)> = found.iter().map(|(image, at)| (image.as_str(), *at)).collect();
        assert_eq!(
            shown,
            [
                ("node:20-slim", "node:$TAG-slim"),
                ("docker.io/acme/run", "${X:-docker.io/acme/run}"),
                ("public.ecr.aws/nginx/nginx:1", "public.ecr.aws/nginx/nginx:1")
            ]
        );
        let hub: Vec<_> = shown.iter().filter_map(|(image, _)| of_docker_hub(image)).collect();
        assert_eq!(hub, ["node:20-slim", "acme/run"]);
        assert_eq!(of_docker_hub("localhost:5000/a"), None);
    }
}
