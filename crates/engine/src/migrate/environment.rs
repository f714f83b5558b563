//! What a buildspec says of the machine that it runs on: variables and runtimes.

use copilot_manifest::buildspec::Command;
use copilot_yaml::{Edit, Entry, Node, Span};

use super::buildspec::{PINS, Reason};
use super::lines::Lines;
use crate::doctor::buildspecs::Found;

const CDK: &str = "COPILOT_PIPELINE_ALLOW_CDK";

/// Puts in the variables that pin a program.
pub(super) fn variables(found: &Found, lines: &Lines<'_>) -> Result<Edit, Reason> {
    let ending = lines.ending();
    let written = |indent: usize| -> String {
        let mut all = vec![
            "# SHA-256 of the program that builds run, by the processor of their image. `copilot-pipeline deploy` pins the first;".to_owned(),
            "# `copilot-pipeline self upload` brings another one to the application's artifact bucket and changes its hash here.".to_owned(),
        ];
        let missing = |name: &&str| found.buildspec.variable(name).is_none();
        all.extend(PINS.iter().filter(|name| missing(name)).map(|name| format!("{name}: \"\"")));
        if missing(&CDK) {
            all.push("# Overrides may be a CDK application: code of this repository, which builds of a pipeline may run.".to_owned());
            all.push(format!("{CDK}: \"true\""));
        }
        all.iter().map(|line| format!("{}{line}{ending}", " ".repeat(indent))).collect::<Vec<_>>().concat()
    };
    let in_brackets = |at: Span| Reason { why: "its `env` stands in brackets".to_owned(), at };
    let Some(environment) = found.root.get("env") else {
        let version = entry(&found.root, "version");
        let at = version.map_or(0, |entry| lines.of(entry.value.span.start).end);
        return Ok(Edit::insert(at, format!("env:{ending}  variables:{ending}{}", written(4))));
    };
    // The first entry of a block mapping begins its line.
    let first = |node: &Node| {
        let at = node.as_mapping()?.first()?.key.span.start;
        let before = lines.before(at);
        before.trim().is_empty().then(|| (lines.of(at).start, before.len()))
    };
    let (at, indent) = first(environment).ok_or_else(|| in_brackets(environment.span))?;
    if let Some(node) = environment.get("variables") {
        let (at, indent) = first(node).ok_or_else(|| in_brackets(node.span))?;
        Ok(Edit::insert(at, written(indent)))
    } else {
        let head = format!("{}variables:{ending}", " ".repeat(indent));
        Ok(Edit::insert(at, head + &written(indent + 2)))
    }
}

fn entry<'a>(node: &'a Node, key: &str) -> Option<&'a Entry> {
    node.as_mapping()?.iter().find(|entry| &*entry.key.text == key)
}

/// Takes out runtimes that newer images don't have and that no command of the user's own needs.
pub(super) fn runtimes(found: &Found, own: &[&Command], lines: &Lines<'_>) -> Vec<Edit> {
    let install = found.root.get("phases").and_then(|phases| phases.get("install"));
    let Some(section) = install.and_then(|install| entry(install, "runtime-versions")) else {
        return Vec::new();
    };
    let entries = section.value.as_mapping().unwrap_or_default();
    // Brackets, or more than one on a line.
    let alone = |entry: &&Entry| lines.before(entry.key.span.start).trim().is_empty();
    if entries.is_empty() || !entries.iter().all(|entry| alone(&entry)) {
        return Vec::new();
    }
    let goes: Vec<&Entry> = entries.iter().filter(|entry| is_spare(entry, own)).collect();
    let mut edits: Vec<Edit> =
        goes.iter().map(|entry| Edit::delete(lines.of(entry.key.span.start))).collect();
    if goes.len() == entries.len() {
        edits.push(Edit::delete(lines.of(section.key.span.start)));
    }
    edits
}

/// Whether a runtime was there for Copilot alone.
fn is_spare(entry: &Entry, own: &[&Command]) -> bool {
    let version = entry.value.as_scalar().map(copilot_yaml::Scalar::text).unwrap_or_default();
    let uses: &[&str] = match (&*entry.key.text, version) {
        ("docker", _) => return true,
        ("ruby", "2.6" | "3.1") => &["ruby", "bundle", "rake", "gem", "rails"],
        ("nodejs", "16") => &["node", "npm", "npx", "yarn", "pnpm", "corepack"],
        _ => return false,
    };
    // Who asks for no version gets the image's own, so that a script that needs it still finds one.
    let names = |text: &str| {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.any(|word| uses.contains(&word))
    };
    !own.iter().any(|command| names(&command.text))
}
