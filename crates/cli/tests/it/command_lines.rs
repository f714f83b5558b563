//! Every command line of the program that we recommend is one that it takes: in messages, help, pages, and generated files.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use clap::error::ErrorKind;
use copilot_manifest::buildspec::invocations;

use crate::root;

const PROGRAM: &str = "copilot-pipeline";

/// What stands for a word that only the reader knows.
const STANDS_FOR: [&str; 7] = ["main", "7", "bash", "pipeline", "validate", "amd64", "svc"];

/// What follows the program's name where it is not called: the file for a processor, options of cargo.
const NO_LINES: [&str; 4] = ["for {}", "--", "--test it -- pages", "--target x86_64-pc-windows-gnu"];

/// A command line, and where it stands.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    text: String,
    place: String,
}

/// Texts in which our program's command lines may stand.
#[derive(Debug, Default)]
struct Found(BTreeSet<Line>);

impl Found {
    /// All of a text's lines: those in quotes or brackets up to there, others to the next backtick or the end of the line.
    fn take(&mut self, text: &str, place: &str) {
        for line in text.lines() {
            for (at, _) in line.match_indices(PROGRAM) {
                let (before, from) = line.split_at(at);
                let rest = &from[PROGRAM.len()..];
                let last = before.chars().last().unwrap_or(' ');
                // Clap writes those, and they are no lines that one could type.
                let is_usage = before.trim_end().ends_with("Usage:");
                if !rest.starts_with(' ') || last.is_alphanumeric() || "-_/.".contains(last) || is_usage {
                    continue;
                }
                let end = match last {
                    '(' => rest.find(')'),
                    '\'' | '"' => rest.find(last),
                    _ => rest.find('`'),
                };
                self.add(from[..PROGRAM.len() + end.unwrap_or(rest.len())].to_owned(), place);
            }
        }
    }

    /// A verb that the program puts behind its own name.
    fn verb(&mut self, verb: &str, place: &str) {
        if verb.starts_with(|c: char| c.is_ascii_lowercase()) {
            self.add(format!("{PROGRAM} {verb}"), place);
        }
    }

    /// What stands in backticks and begins with a command's name: `svc ls --local`.
    fn short(&mut self, text: &str, place: &str) {
        for part in text.split('`').skip(1).step_by(2) {
            let (first, more) = part.split_once(' ').unwrap_or((part, ""));
            let is_command = copilot_pipeline::command().find_subcommand(first).is_some();
            if is_command && more.starts_with(|c: char| c.is_ascii_lowercase() || c == '-') {
                let line = format!("{PROGRAM} {part}");
                // The name of an option stands for itself with any value.
                let with_value = format!("{line} NAME");
                let names_option = part.rsplit(' ').next().is_some_and(|word| word.starts_with('-'));
                let is_fine = names_option && problem(&with_value).is_none();
                self.add(if is_fine { with_value } else { line }, place);
            }
        }
    }

    fn add(&mut self, text: String, place: &str) {
        let next = text[PROGRAM.len()..].trim_start();
        let is_one = next.starts_with(|c: char| c.is_ascii_alphabetic() || "-{$".contains(c));
        if is_one && !NO_LINES.contains(&next) {
            self.0.insert(Line { text, place: place.to_owned() });
        }
    }
}

/// The texts of a Rust file: its literals, and what its comments have in backticks.
fn rust(source: &str) -> (Vec<String>, String) {
    let (mut literals, mut comments) = (Vec::new(), String::new());
    let mut rest = source;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let before = &rest[..at];
        let from = &rest[at..];
        rest = if from.starts_with("//") {
            let end = from.find('\n').unwrap_or(from.len());
            comments += &from[..end];
            comments.push('\n');
            &from[end..]
        } else if let Some(after) = from.strip_prefix("'\"'").or_else(|| from.strip_prefix("'\\\"'")) {
            after
        } else if from.starts_with('"') {
            let hashes = before.len() - before.trim_end_matches('#').len();
            let is_raw = before[..before.len() - hashes].ends_with('r');
            let (literal, after) = if is_raw { raw(from, hashes) } else { escaped(from) };
            literals.push(literal);
            after
        } else {
            &from[1..]
        };
    }
    (literals, comments)
}

fn raw(from: &str, hashes: usize) -> (String, &str) {
    let close = format!("\"{}", "#".repeat(hashes));
    let end = from[1..].find(&close).map_or(from.len(), |end| end + 1);
    (from[1..end].to_owned(), &from[(end + close.len()).min(from.len())..])
}

fn escaped(from: &str) -> (String, &str) {
    let mut literal = String::new();
    let mut letters = from.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (literal, &from[at + 1..]),
            '\\' => match letters.next() {
                Some((_, 'n')) => literal.push('\n'),
                // A letter by its number acts on a terminal: what comes then is no part of a line.
                Some((_, 'u')) => {
                    while letters.next().is_some_and(|(_, letter)| letter != '}') {}
                    literal.push('\n');
                }
                Some((_, '\n')) => while letters.next_if(|(_, letter)| letter.is_whitespace()).is_some() {},
                Some((_, letter)) => literal.push(letter),
                None => {}
            },
            letter => literal.push(letter),
        }
    }
    (literal, "")
}

fn files(folder: &Utf8Path, found: &mut Vec<Utf8PathBuf>) {
    for entry in folder.read_dir_utf8().unwrap() {
        let path = entry.unwrap().into_path();
        let name = path.file_name().unwrap();
        if matches!(name, "target" | "node_modules" | ".git" | "tests") && path.parent() != Some(root()) {
            continue;
        }
        if path.is_dir() && !matches!(name, "target" | ".git" | "fuzz") {
            files(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

/// Texts of the repository.
fn written(found: &mut Found) {
    let mut all = Vec::new();
    files(root(), &mut all);
    for path in all {
        let place = path.strip_prefix(root()).unwrap().to_string();
        match path.extension() {
            Some("md" | "yml" | "json") => {
                let text = fs_err::read_to_string(&path).unwrap();
                found.take(&text, &place);
                if path.extension() == Some("md") {
                    found.short(&text, &place);
                }
            }
            Some("rs") => {
                let source = fs_err::read_to_string(&path).unwrap();
                let (literals, comments) = rust(&source);
                for literal in literals {
                    found.short(&literal, &place);
                    // Names of commands that the text is about.
                    found.take(
                        &literal.replace("{commands}", PROGRAM).replace("{{", "{").replace("}}", "}"),
                        &place,
                    );
                }
                // Sentences about the program are no command lines.
                let quoted = comments.split('`').skip(1).step_by(2);
                quoted.for_each(|text| found.take(text, &place));
                if place.starts_with("crates/cli/") || place.starts_with("crates/engine/") {
                    verbs(&source, &place, found);
                }
            }
            _ => {}
        }
    }
}

/// The verbs of lines that are put together: `command("status --watch")`, `command(&before, "deploy", &after)`.
fn verbs(source: &str, place: &str, found: &mut Found) {
    for (at, call) in source.match_indices("command(") {
        let arguments = &source[at + call.len()..];
        let first = arguments
            .find(['"', ';'])
            .filter(|end| !arguments[..*end].contains([')', '{']) || arguments[..*end].contains("(),"));
        let is_call = !source[..at].ends_with(|c: char| c.is_alphanumeric() || "_#[".contains(c));
        if let Some(start) = first.filter(|start| is_call && arguments[*start..].starts_with('"')) {
            found.verb(&escaped(&arguments[start..]).0, place);
        }
    }
}

/// The help of a command and of those below it.
fn help(command: &mut clap::Command, place: &str, found: &mut Found) {
    let text = command.render_long_help().to_string();
    found.take(&text, place);
    for below in command.get_subcommands_mut() {
        let place = format!("{place} {}", below.get_name());
        help(below, &place, found);
    }
}

/// Words of a line, those that stand for others replaced by `value`.
fn words(text: &str, value: &str) -> Option<Vec<String>> {
    let sentence = text.trim_end_matches(['.', ',', ';', ':', ')']);
    let script = sentence.replace("\u{2026}", "");
    let found = invocations(&script)
        .ok()?
        .into_iter()
        .find(|found| found.words.first().is_some_and(|word| word.text == PROGRAM))?;
    let words = found.words.into_iter().map(|word| word.text);
    Some(words.filter(|word| word != "..." && word != "\\").map(|word| stand_in(&word, value)).collect())
}

fn stand_in(word: &str, value: &str) -> String {
    let plain = word.trim_matches(['<', '>']);
    let is_placeholder = !plain.is_empty()
        && plain.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c == '-')
        && plain.starts_with(|c: char| c.is_ascii_uppercase());
    match (word.find('{'), word.rfind('}')) {
        _ if is_placeholder => value.to_owned(),
        (Some(start), Some(end)) if start < end => format!("{}{value}{}", &word[..start], &word[end + 1..]),
        _ => word.to_owned(),
    }
}

/// Why a line is none of the program's.
fn problem(line: &str) -> Option<String> {
    let mut last = "it is no line of shell".to_owned();
    for value in STANDS_FOR {
        let Some(words) = words(line, value) else { continue };
        let names_only = words
            .iter()
            .skip(1)
            .all(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-'));
        match copilot_pipeline::command().try_get_matches_from(&words) {
            Ok(_) => return None,
            Err(error) => match error.kind() {
                ErrorKind::DisplayHelp
                | ErrorKind::DisplayVersion
                | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                // The name of a command, or the beginning of many lines.
                | ErrorKind::MissingSubcommand => return None,
                ErrorKind::MissingRequiredArgument if names_only => return None,
                _ => last = error.to_string(),
            },
        }
    }
    Some(last)
}

#[test]
fn every_line_that_is_recommended_is_understood() {
    let mut found = Found::default();
    written(&mut found);
    help(&mut copilot_pipeline::command(), PROGRAM, &mut found);
    let wrong: Vec<String> = found
        .0
        .iter()
        .filter_map(|line| {
            Some(format!(
                "{}: {}\n    {}",
                line.place,
                line.text,
                problem(&line.text)?.lines().next().unwrap_or_default()
            ))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(found.0.len() > 200, "{}", found.0.len());
}

#[test]
fn what_does_not_exist_is_found() {
    for line in ["env init", "env deploy --nothing", "deploy --name", "svc ls --env test", "logs NAME"] {
        assert!(problem(&format!("{PROGRAM} {line}")).is_some(), "{line}");
    }
    for line in [
        "deploy --name NAME",
        "explain CODE",
        "self upload --file {path}",
        "explain",
        "build --tag \"${TAG}\" # now",
    ] {
        assert_eq!(problem(&format!("{PROGRAM} {line}")), None, "{line}");
    }
}
