//! What others write acts on no terminal, whatever it stands in.

use std::fmt::Write as _;

use copilot_pipeline::{Io, Look, run};

use crate::{Folder, copilot};

/// A clear of the screen, one in a single byte, a title that never ends, a turn of the direction of writing, a hidden letter.
const HOSTILE: &str = "\u{1b}[2J\u{9b}31m\u{1b}]0;pwned\u{202e}\u{200b}\r";

/// Everything that is printed with these colours.
fn printed(folder: &Folder, arguments: &[&str], color: bool) -> String {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let look = Look { stdout_color: color, stderr_color: color, unicode: color, ..Look::PLAIN };
    run(
        std::iter::once("copilot-pipeline").chain(arguments.iter().copied()),
        &mut Io::new(&mut stdout, &mut stderr, look, folder.path.clone()),
    );
    String::from_utf8([stdout, stderr].concat()).unwrap()
}

/// Without the sequences that set colours, which are ours.
fn assert_harmless(text: &str, what: &str) {
    let mut rest = text;
    let mut plain = String::new();
    while let Some(at) = rest.find("\u{1b}[") {
        let end = rest[at + 2..].find(|c: char| !c.is_ascii_digit() && c != ';').unwrap() + at + 2;
        assert_eq!(&rest[end..=end], "m", "{what}: {text:?}");
        plain.push_str(&rest[..at]);
        rest = &rest[end + 1..];
    }
    plain.push_str(rest);
    let acts = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{200b}');
    assert!(!plain.contains(acts), "{what}: {text:?}");
    assert!(plain.contains("pwned"), "{what} has to be tried: {text:?}");
}

#[test]
fn manifests_arguments_and_names_are_harmless() {
    let quoted = HOSTILE.escape_unicode().to_string();
    let yaml = HOSTILE.chars().fold(String::new(), |mut text, c| {
        let _ = write!(text, "\\U{:08x}", u32::from(c));
        text
    });
    assert!(quoted.contains("u{202e}"));
    let folder = Folder::workspace();
    // By an escape of YAML, as it is in a comment beside a mistake, and in a key.
    folder.write(
        "copilot/api/manifest.yml",
        format!("name: api\ntype: Backend Service\nimage:\n  location: \"{yaml}\"\nplatform: \"{yaml}\"\n\"k{yaml}\": 1\nimagee: 1 # \u{202e}pwned\u{200b}\n"),
    );
    folder
        .write("copilot/pipelines/main/manifest.yml", format!("name: \"{yaml}\"\nversion: 1\nstages: []\n"));
    for color in [true, false] {
        for arguments in [
            &["validate"][..],
            &["validate", "--json"],
            &["validate", "-n", HOSTILE],
            &["show", "--local", "--name", HOSTILE],
            &["explain", HOSTILE],
            &[HOSTILE],
            &["init", "--name", HOSTILE],
            &["init", "-e", HOSTILE, "-u", HOSTILE],
        ] {
            assert_harmless(&printed(&folder, arguments, color), &format!("{arguments:?} {color}"));
        }
    }
}

#[test]
fn json_keeps_the_data() {
    let folder = Folder::workspace();
    let branch = "a\u{202e}b\u{9b}";
    folder.write(
        "copilot/pipelines/main/manifest.yml",
        "name: main\nversion: 1\nsource: {provider: GitHub, properties: {repository: a/b, branch: \"a\\u202eb\\x9b\"}}\n\
         stages: [{name: test}]\n",
    );
    let done = copilot(&folder.path, &["show", "--local", "--json"]);
    let read: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert!(read.to_string().contains(branch), "{done:?}");
    assert!(!done.stdout.contains(['\u{202e}', '\u{9b}']));
}

#[test]
fn a_line_of_somebody_else_looks_like_none_of_ours() {
    let folder = Folder::workspace();
    let done = copilot(
        &folder.path,
        &["init", "-u", "x\nok: deployed", "-b", "main", "-n", "ab", "-e", "test", "-p", "Workloads"],
    );
    assert_eq!(done.code, 1);
    assert!(done.stderr.lines().all(|line| !line.starts_with("ok:")), "{done:?}");
}

#[test]
fn long_messages_are_cut_with_a_note() {
    let folder = Folder::workspace();
    let long = "x".repeat(100_000);
    let done = copilot(&folder.path, &["init", "-n", &long]);
    assert!(
        done.stderr.len() < 10_000 && done.stderr.contains("more letters are left out"),
        "{}",
        done.stderr.len()
    );
}
