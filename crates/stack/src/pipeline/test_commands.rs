//! The projects that run the test commands of stages.

use std::fmt::Write as _;

use copilot_cfn::write::to_json_compact;
use copilot_cfn::{Plain, Template, Value, cfn};
use copilot_manifest::pipeline::{Build, Stage, names};
use copilot_yaml::{Diagnostics, Resolved, Source, Style, parse};

use super::project::project;
use super::{Parts, build_project};
use crate::Error;

pub(super) fn add(template: &mut Template, stage: &Stage, parts: &Parts<'_>) -> Result<(), Error> {
    if stage.test_commands.is_empty() {
        return Ok(());
    }
    let resource = project(build_project::ROLE.to_owned(), "NO_ARTIFACTS", parts).properties(cfn!({
        "Environment": {
            "Type": "LINUX_CONTAINER",
            "Image": Build::DEFAULT_IMAGE,
            "ComputeType": "BUILD_GENERAL1_SMALL",
            "PrivilegedMode": true,
        },
        "Source": { "Type": "NO_SOURCE", "BuildSpec": buildspec(&stage.test_commands) },
    }));
    Ok(template.insert_resource(names::test_project(&stage.environment), resource)?)
}

/// A buildspec that runs the commands. `CodeBuild` reads each of them back as it was written.
fn buildspec(commands: &[String]) -> String {
    let mut text = String::from("version: 0.2\nphases:\n  build:\n    commands:\n");
    for command in commands {
        // Writing to a `String` can't fail.
        let _ = if reads_back(command) {
            writeln!(text, "      - {command}")
        } else {
            writeln!(text, "      - {}", to_json_compact(&Value::String(command.clone().into())))
        };
    }
    text
}

/// Whether a command needs no quotes. A deployed pipeline has none, so there are none where there need not be.
fn reads_back(command: &str) -> bool {
    if command.chars().any(char::is_control) || matches!(command, "<<" | "=") {
        return false;
    }
    let mut problems = Diagnostics::default();
    let Some(list) = parse(&Source::new("", format!("- {command}\n")), &mut problems) else { return false };
    let [node] = list.as_sequence().unwrap_or_default() else { return false };
    let same =
        node.as_scalar().is_some_and(|scalar| scalar.style() == Style::Plain && scalar.text() == command)
            && node.tag.is_none()
            && problems.is_empty();
    same && match node.resolve() {
        Resolved::Str(_) => Plain::new(command.to_owned()).is_none(),
        // These have one spelling, which they keep when they are read as a boolean or a number and made text again.
        Resolved::Bool(truth) => command == if truth { "true" } else { "false" },
        Resolved::Int(number) => command == number.to_string(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use copilot_yaml::{Diagnostics, Source, parse};

    use super::{buildspec, reads_back};

    #[test]
    fn commands_are_quoted_only_where_they_would_change() {
        for plain in [
            "make check",
            "echo \"ok\" && ./smoke --env test",
            "~/run.sh",
            "a:b",
            "a#b",
            "true",
            "x {y}",
            "é",
            "-x",
        ] {
            assert!(reads_back(plain), "{plain}");
        }
        for quoted in [
            "", " a", "a ", "a: b", "a #b", "a\nb", "*a", "{a", "- a", "yes", "0755", "1.10", "~", "%a",
            "@a", "`a`", "!a b", "\"a\" b", "a:",
        ] {
            assert!(!reads_back(quoted), "{quoted}");
        }
    }

    #[test]
    fn every_command_is_read_back_as_it_was_written() {
        let commands = [
            "echo a: b",
            "x\ny\n",
            "\u{feff}",
            "'",
            "\\\"",
            "\t",
            "-",
            "?",
            "|",
            ">-",
            "[",
            "null",
            "#",
            "🦀\u{85}",
        ];
        let commands = commands.map(str::to_owned);
        let text = buildspec(&commands);
        let root = parse(&Source::new("", text.as_str()), &mut Diagnostics::default()).unwrap();
        let list = root.get("phases").and_then(|phases| phases.get("build")?.get("commands")).unwrap();
        let read: Vec<_> = list.as_sequence().unwrap().iter().map(|node| node.as_str().unwrap()).collect();
        assert_eq!(read, commands, "{text}");
    }
}
