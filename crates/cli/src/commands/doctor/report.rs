//! Findings, for people on standard error and for programs on standard output.

use copilot_engine::doctor::{Finding, Origin, Place, Report};
use serde::Serialize;

use crate::drawn::MOST;
use crate::failure::Failure;
use crate::io::Io;
use crate::phrases::count;

/// Days after which dates should be looked up again.
const OLD: i64 = 120;

pub(super) fn text(report: &Report, io: &mut Io<'_>) -> Result<(), Failure> {
    io.diagnostics(&report.findings.iter().take(MOST).map(Finding::diagnostic).collect());
    if let Some(more) = report.findings.len().checked_sub(MOST).filter(|more| *more > 0) {
        io.note(format!("{more} more: `copilot-pipeline doctor --json` lists all\n"));
    }
    io.lines(report.buildspecs.iter().map(|found| format!("{}: {}", found.file, origin(found.origin))))?;
    let (errors, warnings) = totals(report);
    let age = report.age();
    let dates = format!("dates looked up on {}, {} ago", report.checked, days(age));
    let summary = format!("{}, {}; {dates}", count(errors, "error"), count(warnings, "warning"));
    if errors == 0 {
        io.done(&summary);
    } else {
        io.error_line(&summary);
    }
    if age > OLD {
        io.hint("AWS moves such dates: a newer version of this program may know better ones");
    }
    Ok(())
}

fn days(number: i64) -> String {
    count(usize::try_from(number).unwrap_or_default(), "day")
}

fn totals(report: &Report) -> (usize, usize) {
    let errors = report.findings.iter().filter(|finding| finding.is_error()).count();
    (errors, report.findings.len() - errors)
}

/// Where a buildspec comes from, in words.
fn origin(origin: Origin) -> String {
    match origin {
        Origin::Own => "your own".to_owned(),
        Origin::Ours => "runs copilot-pipeline".to_owned(),
        Origin::Copilot { era, changed, added } => {
            let by = if era.first == era.last {
                format!("written by Copilot {}", era.first)
            } else {
                format!("written by Copilot {} to {}", era.first, era.last)
            };
            match (changed, added) {
                (0, 0) => by,
                _ => format!("{by}; {} changed, {} added", count(changed, "command"), added),
            }
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    errors: usize,
    warnings: usize,
    dates: Dates,
    buildspecs: Vec<Buildspec<'a>>,
    findings: Vec<Item<'a>>,
}

#[derive(Debug, Serialize)]
struct Dates {
    checked: String,
    days: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Buildspec<'a> {
    file: &'a str,
    /// `own`, `copilot-pipeline` or `copilot`.
    origin: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    added: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Item<'a> {
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    reference: &'a str,
    fix: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    /// From 1; the column counts letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
}

pub(super) fn json(report: &Report, io: &mut Io<'_>) -> Result<(), Failure> {
    let (errors, warnings) = totals(report);
    let buildspecs = report.buildspecs.iter().map(|found| {
        let own = Buildspec {
            file: &found.file,
            origin: "own",
            first_version: None,
            last_version: None,
            changed: None,
            added: None,
        };
        match found.origin {
            Origin::Own => own,
            Origin::Ours => Buildspec { origin: "copilot-pipeline", ..own },
            Origin::Copilot { era, changed, added } => Buildspec {
                origin: "copilot",
                first_version: Some(era.first),
                last_version: Some(era.last),
                changed: Some(changed),
                added: Some(added),
                ..own
            },
        }
    });
    io.json(&Printed {
        errors,
        warnings,
        dates: Dates { checked: report.checked.to_string(), days: report.age() },
        buildspecs: buildspecs.collect(),
        findings: report.findings.iter().map(item).collect(),
    })
}

fn item(finding: &Finding) -> Item<'_> {
    let item = Item {
        severity: if finding.is_error() { "error" } else { "warning" },
        code: finding.code.id,
        message: &finding.message,
        date: finding.date.map(|date| date.to_string()),
        reference: &finding.reference,
        fix: &finding.fix,
        file: None,
        line: None,
        column: None,
        resource: None,
        region: None,
    };
    match &finding.place {
        Place::File { source, span, .. } => {
            let (line, column) = source.line_column(span.start);
            Item { file: Some(source.name()), line: Some(line), column: Some(column), ..item }
        }
        Place::Resource { id, region } => Item {
            resource: Some(id),
            region: Some(region).filter(|it| !it.is_empty()).map(String::as_str),
            ..item
        },
    }
}
