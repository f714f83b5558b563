//! The sessions on the pages of commands, tried as they stand there.
//!
//! Their text is in `tests/commands`; `cargo xtask generate` puts it on the pages. After a change to what a command prints,
//! `TRYCMD=overwrite cargo test -p copilot-pipeline --test it -- pages` writes the new output there.

mod beginnings;

use std::collections::BTreeSet;

use copilot_pipeline::reference::{Files, SESSIONS};

use crate::{Folder, generated, program, root};
use beginnings::Beginnings;

/// All sessions by the file names of the pages that they end.
fn sessions() -> Files {
    generated::files(&root().join(SESSIONS))
}

#[test]
fn what_the_sessions_show_is_true() {
    let folder = Folder::new();
    let pages = folder.path.join("pages");
    fs_err::create_dir_all(&pages).unwrap();
    let beginnings = Beginnings::new(folder.path.join("beginnings"));
    for (name, text) in sessions() {
        // A link, so that `TRYCMD=overwrite` writes to the file itself. `trycmd` runs a session in the folder beside it.
        let page = pages.join(&name);
        std::os::unix::fs::symlink(root().join(SESSIONS).join(&name), &page).unwrap();
        beginnings.copy(beginning(&name, &text), &page.with_extension("in"));
    }
    let cases = trycmd::TestCases::new();
    cases.register_bin("copilot-pipeline", program());
    for tool in ["cat", "sed"] {
        cases.register_bin(tool, std::path::Path::new("/bin").join(tool));
    }
    cases
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C.UTF-8")
        .env("COPILOT_LOCAL_NODE", "")
        .env("COPILOT_LOCAL_ENGINE", "")
        .env("COPILOT_LOCAL_STEP_MS", "5");
    cases.case(pages.join("*.md"));
    cases.run();
}

/// Where a session begins, which its first line says.
fn beginning<'a>(name: &str, text: &'a str) -> &'a str {
    let line = text.lines().next().unwrap_or_default();
    let found = line.strip_prefix("<!-- begins with: ").and_then(|rest| rest.strip_suffix(" -->"));
    found.unwrap_or_else(|| {
        panic!("`{SESSIONS}/{name}` has to say in its first line what it begins with, as the others do")
    })
}

#[test]
fn each_command_has_a_session_that_runs_it() {
    let sessions = sessions();
    let mut root = copilot_pipeline::command();
    root.build();
    let mut pages = BTreeSet::new();
    let mut missing = Vec::new();
    visit(&root, &mut Vec::new(), &mut |path| {
        let page = format!("{}.md", [&["copilot-pipeline"], path].concat().join("-"));
        // A group of commands does nothing by itself: its page shows one of its commands.
        let tried = sessions.get(&page).is_some_and(|text| typed(text).any(|words| runs(&words, path)));
        if !tried {
            missing.push(format!("{SESSIONS}/{page} does not run `copilot-pipeline {}`", path.join(" ")));
        }
        pages.insert(page);
    });
    missing.extend(
        sessions
            .keys()
            .filter(|name| !pages.contains(*name))
            .map(|name| format!("{SESSIONS}/{name} is of no command")),
    );
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Calls `look` with the words of each command that has a page.
fn visit<'a>(command: &'a clap::Command, path: &mut Vec<&'a str>, look: &mut impl FnMut(&[&str])) {
    look(path);
    // The verbs below `pipeline` are those at the top.
    if path[..] == ["pipeline"] {
        return;
    }
    for sub in command.get_subcommands() {
        path.push(sub.get_name());
        visit(sub, path, look);
        path.pop();
    }
}

/// The words after the program's name, in each line that runs it.
fn typed(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines()
        .filter_map(|line| line.strip_prefix("$ copilot-pipeline "))
        .map(|line| line.split_whitespace().collect())
}

/// Whether this is a command of that name, which only global flags with a value may come before.
fn runs(mut words: &[&str], path: &[&str]) -> bool {
    while let [flag, _, rest @ ..] = words
        && flag.starts_with('-')
    {
        words = rest;
    }
    words.starts_with(path)
}
