//! Manifests of workloads and environments, and keys that nothing reads in any of them.

use copilot_manifest::codes::UNKNOWN_KEY;
use copilot_manifest::pipeline::codes::{APPROVAL_MISSPELT, GATE_MISSPELT};
use copilot_workspace::Header;
use copilot_yaml::{Diagnostic, Diagnostics, Node, Severity, Source};

use super::codes;
use super::dates::Dates;
use super::finding::Finding;

pub(super) fn findings(header: &Header, dates: &Dates) -> Vec<Finding> {
    let findings = match header.kind.as_str() {
        "Environment" => source_ips(&header.source, &header.root),
        "Request-Driven Web Service" => app_runner(header, dates),
        _ => None,
    };
    findings.into_iter().collect()
}

/// Those problems of manifests that Copilot said nothing about.
pub(super) fn ignored(problems: &Diagnostics) -> Vec<Finding> {
    problems.iter().filter_map(ignored_key).collect()
}

fn ignored_key(problem: &Diagnostic) -> Option<Finding> {
    let (code, severity, page) = if [&APPROVAL_MISSPELT, &GATE_MISSPELT].contains(&problem.code) {
        (&codes::LOST_GATE, Severity::Error, "pipeline")
    } else if problem.code == &UNKNOWN_KEY {
        (&codes::IGNORED_KEY, Severity::Warning, "overview")
    } else {
        return None;
    };
    let (source, label) = (problem.source.as_ref()?, problem.labels.first()?);
    let finding =
        Finding::in_file(code, severity, problem.message.as_str(), (source, label.span, &label.text));
    let fix = problem.help.as_deref().unwrap_or("delete it");
    let reference = format!("https://aws.github.io/copilot-cli/docs/manifest/{page}/");
    Some(finding.reference(reference).fix(fix))
}

/// Addresses in the place that Copilot checks and does not use.
pub(super) fn source_ips(source: &Source, root: &Node) -> Option<Finding> {
    let public = root.get("http")?.get("public")?;
    let old = public.get("security_groups")?.get("ingress")?.get("restrict_to")?.get("source_ips")?;
    let addresses = old.as_sequence().map_or(usize::from(!old.is_null()), <[Node]>::len);
    let new = public.get("ingress").and_then(|ingress| ingress.get("source_ips"));
    if addresses == 0 || new.is_some_and(|new| !new.is_null()) {
        return None;
    }
    let message = "the load balancer is open to everybody: these addresses are checked and then ignored";
    let at = (source, old.span, "not read since v1.23");
    let finding = Finding::in_file(&codes::IGNORED_SOURCE_IPS, Severity::Error, message, at);
    let reference =
        "https://aws.github.io/copilot-cli/docs/manifest/environment/#http-public-ingress-source-ips";
    Some(finding.reference(reference).fix("write them as `http.public.ingress.source_ips`"))
}

fn app_runner(header: &Header, dates: &Dates) -> Option<Finding> {
    let node = header.root.get("type")?;
    let message = format!(
        "`{}` needs App Runner, which takes no new customers since {}",
        header.name, dates.app_runner_closed
    );
    let at = (&header.source, node.span, "can't be created in a new account");
    let finding = Finding::in_file(&codes::APP_RUNNER, Severity::Warning, message, at);
    let fix = "plan to make it a Load Balanced Web Service; what exists goes on";
    Some(finding.date(dates.app_runner_closed).reference(dates.app_runner.as_str()).fix(fix))
}
