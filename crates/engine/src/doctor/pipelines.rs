//! Manifests of pipelines.

use copilot_workspace::{Header, ManifestFile};
use copilot_yaml::{Node, Severity};

use super::dates::Dates;
use super::finding::Finding;
use super::{calls, codes};

pub(super) fn findings(file: &ManifestFile, header: &Header, dates: &Dates) -> Vec<Finding> {
    let mut findings = calls::in_tests(header);
    findings.extend(image(header, dates));
    findings.extend(source(header));
    findings.extend(layout(file, header));
    findings
}

fn image(header: &Header, dates: &Dates) -> Option<Finding> {
    let node = header.root.get("build")?.get("image")?;
    let image = dates.image(node.as_str()?)?;
    let message = format!("the image `{}` has ended on {}", node.as_str()?, image.date);
    let at = (&header.source, node.span, "builds are slow and get no fixes");
    let finding = Finding::in_file(&codes::BUILD_IMAGE, Severity::Warning, message, at);
    let fix = format!("run `copilot-pipeline migrate`, or write `{}`", image.successor);
    Some(finding.date(image.date).reference(dates.images.as_str()).fix(fix))
}

fn source(header: &Header) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(source) = header.root.get("source") else { return findings };
    let provider = source.get("provider").filter(|node| node.as_str() == Some("GitHubV1"));
    let properties = source.get("properties");
    let property =
        |name: &str| properties.and_then(|properties| properties.get(name)).filter(|node| !node.is_null());
    if let Some(node) = provider.or_else(|| property("access_token_secret")) {
        let message = "the pipeline reads GitHub with a personal access token";
        let at = (&header.source, node.span, "of the first version of the action");
        let finding = Finding::in_file(&codes::GITHUB_TOKEN, Severity::Warning, message, at);
        let reference =
            "https://docs.aws.amazon.com/codepipeline/latest/userguide/appendix-github-oauth.html";
        let fix =
            "write `provider: GitHub` without `access_token_secret`, deploy, and complete the connection";
        findings.push(finding.reference(reference).fix(fix));
    }
    let arn = ["connection_arn", "connection_name"].into_iter().filter_map(property);
    let is_new = |node: &&Node| {
        node.as_str().is_some_and(|arn| arn.starts_with("arn:") && arn.contains(":codeconnections:"))
    };
    if let Some(node) = arn.into_iter().find(is_new) {
        let message = "the connection has the prefix `codeconnections`, which the roles of Copilot's pipelines don't allow";
        let at = (&header.source, node.span, "this connection");
        let finding = Finding::in_file(&codes::CONNECTION_PREFIX, Severity::Warning, message, at);
        let reference = "https://docs.aws.amazon.com/dtconsole/latest/userguide/security-iam.html";
        findings.push(
            finding
                .reference(reference)
                .fix("deploy the pipeline with `copilot-pipeline deploy`, which allows both prefixes"),
        );
    }
    findings
}

fn layout(file: &ManifestFile, header: &Header) -> Option<Finding> {
    let is_old = file.path.file_name() == Some("pipeline.yml");
    let message = format!("`{}` is where Copilot had pipelines before v1.16", file.display_path);
    let at = (&header.source, header.name_span, "this pipeline");
    let finding = Finding::in_file(&codes::OLD_LAYOUT, Severity::Warning, message, at);
    let fix = format!(
        "move it to `copilot/pipelines/{}/manifest.yml` and its buildspec beside it, and correct paths in both",
        header.name
    );
    is_old.then(|| finding.reference("https://github.com/aws/copilot-cli/pull/3231").fix(fix))
}
