//! Problems, for people on standard error and for programs on standard output.

use copilot_yaml::{Diagnostic, Diagnostics};
use serde::Serialize;

use crate::failure::Failure;
use crate::io::Io;

#[derive(Debug, Serialize)]
struct Report<'a> {
    files: usize,
    errors: usize,
    warnings: usize,
    problems: Vec<Problem<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Problem<'a> {
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    /// From 1; the column counts letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "str::is_empty")]
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    /// `file:line:column: text` of places in other files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<String>,
}

impl<'a> From<&'a Diagnostic> for Problem<'a> {
    fn from(diagnostic: &'a Diagnostic) -> Self {
        let source = diagnostic.source.as_ref();
        let at =
            source.zip(diagnostic.labels.first()).map(|(source, label)| source.line_column(label.span.start));
        Self {
            severity: if diagnostic.is_error() { "error" } else { "warning" },
            code: diagnostic.code.id,
            message: &diagnostic.message,
            file: source.map(copilot_yaml::Source::name),
            line: at.map(|(line, _)| line),
            column: at.map(|(_, column)| column),
            path: &diagnostic.path,
            help: diagnostic.help.as_deref(),
            related: diagnostic.related.iter().map(ToString::to_string).collect(),
        }
    }
}

pub(super) fn print(
    diagnostics: &Diagnostics,
    files: usize,
    json: bool,
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let warnings = diagnostics.len() - errors;
    if json {
        io.json(&Report {
            files,
            errors,
            warnings,
            problems: diagnostics.iter().map(Problem::from).collect(),
        })?;
    } else {
        io.diagnostics(diagnostics);
        let summary = format!(
            "{} checked, {}, {}",
            count(files, "manifest"),
            count(errors, "error"),
            count(warnings, "warning")
        );
        if errors == 0 {
            io.done(&summary);
        } else {
            io.error_line(&summary);
        }
    }
    if errors == 0 { Ok(()) } else { Err(Failure::Said) }
}

fn count(number: usize, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}
