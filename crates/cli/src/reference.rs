//! Pages that are made from the code: each command, each diagnostic.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use copilot_manifest::Kind;
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
    for kind in Kind::ALL {
        let file = format!("{}.md", slug(kind));
        let _ = writeln!(index, "- [{kind}]({file})");
        pages.insert(file, copilot_manifest::reference::page(kind.as_str(), &kind.shape()));
    }
    pages.insert("README.md".to_owned(), index);
    pages
}

/// A schema of several types of manifest: its name, and what makes it for an `$id`.
type OfSeveral = (&'static str, fn(&str) -> serde_json::Value);

const OF_SEVERAL: [OfSeveral; 2] =
    [("manifest", copilot_manifest::schema::manifests), ("workload", copilot_manifest::schema::workloads)];

/// One JSON Schema for each type of manifest, one for all of them, and one for services and jobs, by file name.
pub fn schemas() -> Files {
    let names = Kind::ALL.map(slug).into_iter().chain(OF_SEVERAL.map(|(name, _)| name.to_owned()));
    names.filter_map(|name| Some((schema_file(&name), schema(&name)?))).collect()
}

/// The JSON Schema of this name.
pub(crate) fn schema(name: &str) -> Option<String> {
    let id = format!("{}/raw/main/schemas/{}", env!("CARGO_PKG_REPOSITORY"), schema_file(name));
    let of_several = OF_SEVERAL.into_iter().find(|(known, _)| *known == name);
    let schema = match Kind::ALL.into_iter().find(|kind| slug(*kind) == name) {
        Some(kind) => kind.json_schema(&id),
        None => of_several?.1(&id),
    };
    Some(format!("{schema:#}\n"))
}

fn schema_file(name: &str) -> String {
    format!("{name}.schema.json")
}

fn slug(kind: Kind) -> String {
    kind.as_str().to_lowercase().replace(' ', "-")
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
