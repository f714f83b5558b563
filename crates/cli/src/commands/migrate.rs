//! `migrate`: rewrites what can be rewritten of what `doctor` finds.

use anstyle::{AnsiColor, Style};
use clap::Args;
use copilot_engine::migrate::{Plan, plan, write};
use serde::Serialize;

use crate::failure::Failure;
use crate::host::engage;
use crate::io::Io;
use crate::phrases::count;
use crate::project;
use crate::text::Text;
use crate::view::View;

#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Write the changes, all or none.
    #[arg(long)]
    write: bool,
    /// Exit with 1 if anything would change.
    #[arg(long, conflicts_with = "write")]
    check: bool,
    /// Name of the application, for a workspace that doesn't name it.
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Print the changes as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Printed<'a> {
    written: bool,
    changes: Vec<Changed<'a>>,
    left: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Changed<'a> {
    file: &'a str,
    diff: String,
}

pub(crate) fn run(arguments: &Migrate, io: &mut Io<'_>) -> Result<(), Failure> {
    let project = match &arguments.app {
        Some(app) => project::optional(Some(app), io)?,
        None => project::around(io)?,
    };
    let plan = engage(View::default(), io, |host| plan(&project, host))?;
    if !arguments.json {
        io.diagnostics(&plan.left);
        io.lines(plan.changes.iter().flat_map(|change| lines(&change.diff())))?;
    }
    if arguments.write {
        write(&plan, &project)?;
    }
    if arguments.json {
        io.json(&Printed {
            written: arguments.write,
            changes: plan
                .changes
                .iter()
                .map(|change| Changed { file: &change.file, diff: change.diff() })
                .collect(),
            left: plan.left.iter().map(ToString::to_string).collect(),
        })?;
    } else {
        summary(&plan, arguments, io);
    }
    if arguments.check && !plan.changes.is_empty() { Err(Failure::Said) } else { Ok(()) }
}

fn summary(plan: &Plan, arguments: &Migrate, io: &mut Io<'_>) {
    let files = count(plan.changes.len(), "file");
    match (plan.changes.len(), arguments.write) {
        (0, _) => io.done("nothing to change"),
        (_, true) => {
            io.done(&format!("changed {files}"));
            io.hint(
                "`copilot-pipeline deploy --diff` shows what becomes of the pipeline, and pins the program that builds run; commit \
                 the buildspec afterwards",
            );
        }
        (_, false) if arguments.check => io.error_line(&format!("{files} would change")),
        (_, false) => {
            io.done(&format!("{files} would change"));
            io.hint("`--write` changes them");
        }
    }
}

/// The lines of a difference, in its colours.
fn lines(diff: &str) -> Vec<Text> {
    let line = |line: &str| {
        let style = match line.as_bytes().first() {
            Some(b'+') => AnsiColor::Green.on_default(),
            Some(b'-') => AnsiColor::Red.on_default(),
            Some(b'@') => AnsiColor::Cyan.on_default(),
            _ => Style::new(),
        };
        let mut text = Text::new();
        text.paint(style, line.trim_end_matches('\r'));
        text
    };
    diff.lines().map(line).collect()
}
