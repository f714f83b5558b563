//! Questions on a terminal, as a person sees and answers them.

mod screen;
mod terminal;

use std::process::Command;

use crate::Folder;
use terminal::Terminal;

const DOWN: &str = "\x1b[B";
const DELETE: &str = "\x1b[3~";
const CONTROL_A: &str = "\x01";
const CONTROL_C: &str = "\x03";

/// A workspace in a clone that has two remotes.
fn workspace() -> Folder {
    let folder = Folder::workspace();
    for arguments in [
        &["init", "-q", "-b", "main"][..],
        &["remote", "add", "origin", "https://github.com/acme/shop"],
        &["remote", "add", "upstream", "https://github.com/acme/upstream"],
    ] {
        let git = Command::new("git").args(arguments).current_dir(&folder.path).status().unwrap();
        assert!(git.success());
    }
    folder
}

#[test]
fn a_refused_answer_is_kept_and_can_be_edited() {
    let folder = workspace();
    let mut terminal = Terminal::start(&folder.path, &["init"]);
    terminal.answer("Which repository does the pipeline follow?", &format!("{DOWN}\r"));
    terminal.answer("What is the pipeline called?", "Release\r");
    terminal.answer(
        "Release\n  ✘ the pipeline name `Release` does not begin with a lower-case letter",
        &format!("{CONTROL_A}{DELETE}r\r"),
    );
    terminal.answer("What does the pipeline deploy?", "\r");
    terminal.answer("Which environments does it deploy to", "\r");
    let (screen, status) = terminal.end();
    assert_eq!(status.code(), Some(0), "{screen}");
    insta::assert_snapshot!(screen);
    let manifest = folder.read("copilot/pipelines/release/manifest.yml");
    assert!(
        manifest.contains("https://github.com/acme/upstream") && manifest.contains("- name: \"test\""),
        "{manifest}"
    );
}

#[test]
fn control_c_leaves_everything_as_it_is() {
    let folder = workspace();
    let before = folder.content();
    let mut terminal = Terminal::start(&folder.path, &["init"]);
    terminal.answer("Which repository does the pipeline follow?", "\r");
    terminal.answer("What is the pipeline called?", "half a na");
    terminal.answer("half a na", CONTROL_C);
    let (screen, status) = terminal.end();
    assert_eq!(status.code(), Some(130), "{screen}");
    insta::assert_snapshot!(screen);
    assert!(folder.content() == before, "nothing was written");
}

#[test]
fn a_question_ends_when_the_process_is_to_end() {
    let folder = workspace();
    let mut terminal = Terminal::start(&folder.path, &["init"]);
    terminal.answer("Which repository does the pipeline follow?", "");
    let id = terminal.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let (screen, status) = terminal.end();
    assert_eq!(status.code(), Some(143), "{screen}");
    assert!(screen.contains("Which repository does the pipeline follow?"), "{screen}");
}
