//! From the manifest as it is written to the pipeline as it is rendered.

use copilot_yaml::{Node, Span};

use super::codes;
use super::limits;
use super::manifest::{BuildManifest, PipelineManifest};
use super::model::{Build, Pipeline};
use super::{Surroundings, repository, stages};
use crate::decode::{Context, Spanned};

/// Resolves a manifest; what is wrong with it is reported. `root` tells a key that is missing from one that is wrong.
pub(super) fn resolve(
    manifest: &PipelineManifest,
    root: &Node,
    around: &Surroundings,
    cx: &mut Context<'_>,
) -> Option<Pipeline> {
    version(manifest, root, cx);
    let name = name(manifest, root, around, cx);
    let source = match &manifest.source {
        Some(source) => cx.within("source", |cx| {
            if source.provider.is_none()
                && cx.diagnostics().iter().all(|found| found.path != "source.provider")
            {
                missing("provider", "the source has no provider", source.span, cx);
            }
            repository::resolve(source, source.span, cx)
        }),
        None => absent("source", "the pipeline has no source", root, cx),
    };
    let build = build(manifest.build.as_ref().map(|build| &build.value), around);
    let stages = match &manifest.stages {
        Some(stages) => Some(cx.within("stages", |cx| stages::resolve(stages, around, cx))),
        None => absent("stages", "the pipeline has no stages", root, cx),
    };
    Some(Pipeline { name: name?, source: source?, build, stages: stages? })
}

fn version(manifest: &PipelineManifest, root: &Node, cx: &mut Context<'_>) {
    let Some(version) = &manifest.version else {
        let _: Option<()> = absent("version", "the manifest has no version", root, cx);
        return;
    };
    if version.value != 1 {
        let message = format!("there is no version {} of the pipeline manifest", version.value);
        let diagnostic = cx.error(&codes::VERSION, message, version.span, "unknown version");
        cx.within("version", |cx| cx.report(diagnostic.help("write `version: 1`")));
    }
}

fn name(
    manifest: &PipelineManifest,
    root: &Node,
    around: &Surroundings,
    cx: &mut Context<'_>,
) -> Option<String> {
    let Some(name) = manifest.name.as_ref().filter(|name| !name.is_empty()) else {
        return absent("name", "the pipeline has no name", root, cx);
    };
    cx.within("name", |cx| limits::pipeline_name(name, around, cx));
    Some(name.value.clone())
}

fn build(manifest: Option<&BuildManifest>, around: &Surroundings) -> Build {
    let given = |text: Option<&Spanned<String>>| {
        text.map(|spanned| spanned.value.clone()).filter(|text| !text.is_empty())
    };
    let policy = manifest.and_then(|build| build.additional_policy.as_ref()?.policy_document.as_ref());
    Build {
        image: given(manifest.and_then(|build| build.image.as_ref()))
            .unwrap_or_else(|| Build::DEFAULT_IMAGE.to_owned()),
        buildspec: given(manifest.and_then(|build| build.buildspec.as_ref()))
            .unwrap_or_else(|| around.buildspec()),
        additional_policy: policy.map(|document| document.value.0.clone()),
    }
}

/// Reports a key of the manifest that has no value. One of a wrong type is reported where it stands.
fn absent<T>(key: &'static str, message: &str, root: &Node, cx: &mut Context<'_>) -> Option<T> {
    let node = root.get(key);
    let empty =
        |node: &Node| node.is_null() || node.as_scalar().is_some_and(|scalar| scalar.text().is_empty());
    if node.is_none_or(empty) {
        let top = Span::new(root.span.start, root.span.start);
        missing(key, message, node.map_or(top, |node| node.span), cx);
    }
    None
}

fn missing(key: &'static str, message: &str, at: Span, cx: &mut Context<'_>) {
    let help = match key {
        "version" => "add `version: 1`".to_owned(),
        "provider" => "add `provider: GitHub`, `Bitbucket` or `CodeCommit`".to_owned(),
        "source" => "add `source` with `provider` and `properties`".to_owned(),
        "stages" => "add `stages` with the environments to deploy to: `- name: test`".to_owned(),
        _ => format!("add `{key}`"),
    };
    let diagnostic = cx.error(&codes::MISSING, message, at, &format!("`{key}` belongs here"));
    cx.within(key, |cx| cx.report(diagnostic.help(help)));
}
