//! The commands of the top, grouped by what people do with them.

use std::fmt::Write as _;

use clap::Command;

/// Headings with the commands below them. Each command is below one.
const GROUPS: [(&str, &[&str]); 6] = [
    ("Set up", &["init", "override", "demo", "migrate"]),
    ("Check", &["validate", "plan", "show", "package", "doctor"]),
    ("Deploy", &["build", "deploy", "delete", "svc", "job", "env", "pipeline"]),
    ("Watch", &["app", "ls", "status", "logs", "history"]),
    ("Act", &["start", "stop", "retry", "approve", "reject"]),
    ("This tool", &["facts", "explain", "schema", "policy", "completion", "self"]),
];

/// The command line with its commands in groups.
pub(crate) fn grouped(command: Command) -> Command {
    let template = template(&command);
    command.help_template(template)
}

fn template(command: &Command) -> String {
    let (header, literal) = (*command.get_styles().get_header(), *command.get_styles().get_literal());
    let mut text = String::from("{about-with-newline}\n{usage-heading} {usage}\n");
    let width = command.get_subcommands().map(|sub| sub.get_name().len()).max().unwrap_or_default();
    for (heading, names) in GROUPS {
        let found: Vec<&Command> = names.iter().filter_map(|name| command.find_subcommand(name)).collect();
        if found.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{header}{heading}:{header:#}");
        for sub in found {
            let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
            let aliases: Vec<&str> = sub.get_visible_aliases().collect();
            let aliases = match &aliases[..] {
                [] => String::new(),
                aliases => format!(" [alias: {}]", aliases.join(", ")),
            };
            let name = sub.get_name();
            let pad = " ".repeat(width - name.len());
            let _ = writeln!(text, "  {literal}{name}{literal:#}{pad}  {about}{aliases}");
        }
    }
    let _ = write!(text, "\n{header}Options:{header:#}\n{{options}}{{after-help}}");
    text
}

#[cfg(test)]
mod tests {
    use super::GROUPS;

    #[test]
    fn each_command_is_in_one_group_and_fits_a_line() {
        let command = crate::command();
        for sub in command.get_subcommands() {
            let name = sub.get_name();
            let groups = GROUPS.iter().filter(|(_, names)| names.contains(&name)).count();
            assert_eq!(groups, 1, "`{name}` belongs into one group");
            let about = sub.get_about().unwrap_or_default().to_string();
            assert!(about.len() <= 60, "what `{name}` does is said in {} letters", about.len());
        }
    }
}
