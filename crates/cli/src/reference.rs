//! Pages that are made from the code: each command, each diagnostic.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use copilot_manifest::decode::{Describe, Shape};
use copilot_manifest::environment::EnvironmentManifest;
use copilot_manifest::pipeline::PipelineManifest;
use copilot_manifest::schema::json_schema;
use copilot_manifest::workload::WorkloadType;
use copilot_yaml::Code;

use crate::{arguments, codes};

/// Files by name.
pub type Files = BTreeMap<String, String>;

/// The folder of the repository with the sessions that end the pages of commands: files named like these pages, whose first
/// line, a comment, says what the session begins with. Tests try them.
pub const SESSIONS: &str = "tests/commands";

/// Folders of the repository, with all files of each. A new one is a new line.
pub fn generated(sessions: &Files) -> [(&'static str, Files); 4] {
    [
        ("docs/commands", commands(sessions)),
        ("docs/errors", errors()),
        ("docs/manifests", manifests()),
        ("schemas", schemas()),
    ]
}

/// One page for each command, by file name.
pub fn commands(sessions: &Files) -> Files {
    let mut root = arguments::command().term_width(100);
    root.build();
    let mut pages = BTreeMap::new();
    let mut index = String::from("# Commands\n\nMade by `cargo xtask generate`.\n\n");
    add(&mut root, "copilot-pipeline", sessions, &mut pages, &mut index);
    pages.insert("README.md".to_owned(), index);
    pages
}

fn add(command: &mut clap::Command, path: &str, sessions: &Files, pages: &mut Files, index: &mut String) {
    let file = format!("{}.md", path.replace(' ', "-"));
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(index, "- [`{path}`]({file}): {about}");
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
    let mut page = format!("# {path}\n\n```text\n{}\n```\n", help.join("\n"));
    if let Some((_, session)) = sessions.get(&file).and_then(|text| text.split_once('\n')) {
        let _ = write!(page, "\n## Example\n\n{}", session.trim_start());
    }
    pages.insert(file, page);
    // The verbs below `pipeline` are those at the top.
    if path.ends_with(" pipeline") {
        return;
    }
    for sub in command.get_subcommands_mut() {
        let path = format!("{path} {}", sub.get_name());
        add(sub, &path, sessions, pages, index);
    }
}

/// One page of keys for each type of manifest, by file name.
pub fn manifests() -> Files {
    let mut pages = BTreeMap::new();
    let mut index = String::from("# Manifests\n\nMade by `cargo xtask generate`.\n\n");
    let workloads = WorkloadType::ALL.map(|kind| (kind.as_str(), kind.shape()));
    let others = [("Pipeline", PipelineManifest::shape()), ("Environment", EnvironmentManifest::shape())];
    for (title, shape) in workloads.into_iter().chain(others) {
        let file = format!("{}.md", title.to_lowercase().replace(' ', "-"));
        let _ = writeln!(index, "- [{title}]({file})");
        pages.insert(file, copilot_manifest::reference::page(title, &shape));
    }
    pages.insert("README.md".to_owned(), index);
    pages
}

/// One JSON Schema for each type of manifest, by file name.
pub fn schemas() -> Files {
    let workloads = WorkloadType::ALL.map(|kind| (kind.as_str(), kind.shape()));
    let environment = ("Environment", EnvironmentManifest::shape());
    let place = |title: &str| {
        let file = format!("{}.schema.json", title.to_lowercase().replace(' ', "-"));
        let id = format!("{}/raw/main/schemas/{file}", env!("CARGO_PKG_REPOSITORY"));
        (file, id)
    };
    let schema = |(title, shape): (&str, Shape)| {
        let (file, id) = place(title);
        (file, format!("{:#}\n", json_schema(&shape, &id, title)))
    };
    let (file, id) = place("Pipeline");
    let pipeline = (file, format!("{:#}\n", copilot_manifest::pipeline::json_schema(&id)));
    std::iter::once(environment).chain(workloads).map(schema).chain([pipeline]).collect()
}

/// One page for each diagnostic, by file name.
pub fn errors() -> Files {
    let mut pages = BTreeMap::new();
    let mut index = String::from(
        "# Diagnostics\n\nMade by `cargo xtask generate`. `copilot-pipeline explain CODE` prints the same pages.\n\n",
    );
    for code in codes::all() {
        let file = format!("{}.md", code.id.trim_start_matches("copilot::").replace("::", "-"));
        let _ = writeln!(index, "- [`{}`]({file}): {}", code.id, code.summary);
        pages.insert(file, error_page(code));
    }
    pages.insert("README.md".to_owned(), index);
    pages
}

pub(crate) fn error_page(code: &Code) -> String {
    format!("# {}\n\n{}.\n\n{}\n", code.id, sentence(code.summary), code.explanation)
}

fn sentence(summary: &str) -> String {
    let mut letters = summary.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
