//! A user's own templates and patches: runtimes and databases in them.

use copilot_workspace::{Overrides, Workspace};
use copilot_yaml::{Diagnostics, Node, Severity, Source, parse};

use super::dates::Dates;
use super::finding::Finding;
use super::{Clock, codes, runtimes};

/// What is in the addons and overrides of workloads, of environments and of pipelines. What can't be read is for `validate` to
/// say.
pub(super) fn findings(
    workloads: &[String],
    pipelines: &[String],
    workspace: &Workspace,
    dates: &Dates,
    clock: &Clock,
) -> Vec<Finding> {
    let mut addons = vec![workspace.environment_addons()];
    let mut overrides = vec![workspace.environment_overrides()];
    addons.extend(workloads.iter().map(|name| workspace.addons(name)));
    overrides.extend(workloads.iter().map(|name| workspace.overrides(name)));
    overrides.extend(pipelines.iter().map(|name| workspace.pipeline_overrides(name)));
    let mut files: Vec<_> =
        addons.into_iter().flatten().flatten().flat_map(|addons| addons.templates).collect();
    files.extend(overrides.into_iter().flatten().flatten().filter_map(|overrides| match overrides {
        Overrides::Patches(path) => Some(path),
        Overrides::Cdk(_) => None,
    }));
    let mut findings = Vec::new();
    for path in files {
        let Ok(source) = workspace.read_text(&path) else { continue };
        let Some(root) = parse(&source, &mut Diagnostics::default()) else { continue };
        findings.extend(runtimes::in_template(&source, &root, dates, clock));
        findings.extend(databases(&source, &root, dates, clock));
    }
    findings
}

fn databases(source: &Source, root: &Node, dates: &Dates, clock: &Clock) -> Vec<Finding> {
    let resources = root.get("Resources").and_then(Node::as_mapping).unwrap_or_default();
    let clusters = resources.iter().filter(|entry| {
        let kind = entry.value.get("Type").and_then(Node::as_str);
        matches!(kind, Some("AWS::RDS::DBCluster" | "AWS::RDS::DBInstance"))
    });
    clusters
        .filter_map(|entry| database(source, &entry.key.text, entry.value.get("Properties")?, dates, clock))
        .collect()
}

fn database(source: &Source, name: &str, properties: &Node, dates: &Dates, clock: &Clock) -> Option<Finding> {
    let text = |key: &str| properties.get(key).and_then(|node| Some((node, node.as_str()?)));
    let fix = |engine: &str| {
        format!(
            "take a version that `aws rds describe-db-engine-versions --engine {engine}` lists, and update what exists to it first"
        )
    };
    let (_, engine) = text("Engine")?;
    if let Some((node, "serverless")) = text("EngineMode") {
        let day = dates.serverless_v1;
        let message =
            format!("`{name}` is an Aurora Serverless v1 cluster, of which none can be created since {day}");
        let at = (source, node.span, "Serverless v1");
        let severity = if clock.today >= day { Severity::Error } else { Severity::Warning };
        let finding = Finding::in_file(&codes::DATABASE_VERSION, severity, message, at);
        let fix = "move to Serverless v2: `EngineMode` away, `ServerlessV2ScalingConfiguration` and an instance of class `db.serverless`";
        return Some(finding.date(day).reference(dates.serverless.as_str()).fix(fix));
    }
    let (node, version) = text("EngineVersion")?;
    let known = dates.database(engine, version)?;
    let message = format!("`{name}` wants {engine} {version}, of which RDS creates no more clusters");
    let at = (source, node.span, "this version");
    let finding = Finding::in_file(&codes::DATABASE_VERSION, Severity::Error, message, at);
    Some(finding.date(known.date).reference(known.source.as_str()).fix(fix(engine)))
}
