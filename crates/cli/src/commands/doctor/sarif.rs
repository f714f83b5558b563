//! Findings as SARIF 2.1.0, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use std::fmt::Write as _;

use copilot_engine::doctor::{Finding, Place, Report};
use copilot_yaml::Code;
use serde_json::{Value, json};

pub(super) fn log(report: &Report) -> Value {
    let mut rules: Vec<&'static Code> = report.findings.iter().map(|finding| finding.code).collect();
    rules.sort_by_key(|code| code.id);
    rules.dedup();
    let results: Vec<Value> = report.findings.iter().map(|finding| result(finding, &rules)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "copilot-pipeline",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: &Code) -> Value {
    let page = code.id.trim_start_matches("copilot::").replace("::", "-");
    json!({
        "id": code.id,
        "shortDescription": { "text": code.summary },
        "fullDescription": { "text": code.explanation },
        "help": { "text": code.explanation, "markdown": code.explanation },
        "helpUri": format!("{}/blob/main/docs/errors/{page}.md", env!("CARGO_PKG_REPOSITORY")),
    })
}

fn result(finding: &Finding, rules: &[&'static Code]) -> Value {
    let mut properties = json!({ "fix": finding.fix, "reference": finding.reference });
    if let Some(date) = finding.date {
        properties["date"] = date.to_string().into();
    }
    json!({
        "ruleId": finding.code.id,
        "ruleIndex": rules.iter().position(|code| *code == finding.code),
        "level": if finding.is_error() { "error" } else { "warning" },
        "message": { "text": format!("{}. {}.", finding.message, finding.fix) },
        "locations": [location(&finding.place)],
        "properties": properties,
    })
}

fn location(place: &Place) -> Value {
    match place {
        Place::File { source, span, .. } => {
            let (start_line, start_column) = source.line_column(span.start);
            let (end_line, end_column) = source.line_column(span.end.max(span.start));
            json!({ "physicalLocation": {
                "artifactLocation": { "uri": uri(source.name()), "uriBaseId": "%SRCROOT%" },
                "region": {
                    "startLine": start_line,
                    "startColumn": start_column,
                    "endLine": end_line,
                    "endColumn": end_column,
                },
            } })
        }
        Place::Resource { id, .. } => {
            json!({ "logicalLocations": [{ "fullyQualifiedName": id, "kind": "resource" }] })
        }
    }
}

/// A relative path as a reference.
fn uri(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_are_references() {
        assert_eq!(super::uri("copilot/a b/größe:1.yml"), "copilot/a%20b/gr%C3%B6%C3%9Fe%3A1.yml");
    }
}
