//! From a file to a [`Buildspec`].

use copilot_yaml::{Diagnostic, Diagnostics, Entry, Node, Source, Span, closest, parse};

use super::{Buildspec, Command, Phase, Variable, codes, invocations};

const PHASES: [&str; 4] = ["install", "pre_build", "build", "post_build"];

/// Reads a buildspec. What CodeBuild would refuse is reported, all of it at once; `None` where there is nothing to look at.
pub fn read(source: &Source, diagnostics: &mut Diagnostics) -> Option<Buildspec> {
    let root = parse(source, diagnostics)?;
    let mut reader = Reader { source, diagnostics };
    if root.as_mapping().is_none() {
        let message = format!("a buildspec is a mapping, but `{}` holds {}", source.name(), root.describe());
        reader.malformed(message, root.span, "", "begin with `version: 0.2`");
        return None;
    }
    reader.version(&root);
    let phases = reader.phases(&root);
    let environment = root.get("env");
    let shell = environment.and_then(|node| node.get("shell")?.as_str()).map(str::to_owned);
    let variables = environment.and_then(|node| node.get("variables")?.as_mapping()).unwrap_or_default();
    let variables = variables.iter().filter_map(variable).collect();
    Some(Buildspec { shell, variables, phases, span: root.span })
}

fn variable(entry: &Entry) -> Option<Variable> {
    let value = if entry.value.is_null() { "" } else { entry.value.as_scalar()?.text() };
    Some(Variable { name: entry.key.text.to_string(), value: value.to_owned(), span: entry.value.span })
}

struct Reader<'a> {
    source: &'a Source,
    diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn malformed(&mut self, message: impl Into<String>, span: Span, label: &str, help: &str) {
        let diagnostic = Diagnostic::error(&codes::MALFORMED, message).at(self.source, span, label);
        self.diagnostics.push(diagnostic.help(help));
    }

    fn version(&mut self, root: &Node) {
        match root.get("version") {
            None => self.malformed(
                "the buildspec has no version",
                first_key(root),
                "",
                "begin with `version: 0.2`",
            ),
            Some(node) => {
                let text = node.as_scalar().map(copilot_yaml::Scalar::text).unwrap_or_default();
                if !matches!(text, "0.1" | "0.2") {
                    let message = "the version of a buildspec is 0.2 or 0.1";
                    self.malformed(message, node.span, "this version", "write `version: 0.2`");
                }
            }
        }
    }

    fn phases(&mut self, root: &Node) -> Vec<Phase> {
        let Some(node) = root.get("phases") else {
            // A batch has buildspecs of its own.
            if root.get("batch").is_none() {
                let diagnostic = Diagnostic::warning(&codes::MALFORMED, "the buildspec has no phases");
                let diagnostic = diagnostic.at(self.source, first_key(root), "so the build fails");
                self.diagnostics.push(diagnostic.help("add `phases`, with commands to run"));
            }
            return Vec::new();
        };
        let Some(entries) = node.as_mapping() else {
            self.malformed(
                "`phases` is a mapping",
                node.span,
                "no mapping",
                "write `build:` below it, and `commands:` below that",
            );
            return Vec::new();
        };
        entries.iter().map(|entry| self.phase(entry)).collect()
    }

    fn phase(&mut self, entry: &Entry) -> Phase {
        let name = entry.key.text.to_string();
        if !PHASES.contains(&name.as_str()) {
            let help = match closest(&name, PHASES) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write one of: {}", PHASES.join(", ")),
            };
            self.malformed(format!("a build has no phase `{name}`"), entry.key.span, "this phase", &help);
        }
        let mut commands = Vec::new();
        if entry.value.as_mapping().is_none() && !entry.value.is_null() {
            let message = format!("the phase `{name}` is a mapping with `commands`");
            self.malformed(message, entry.value.span, "no mapping", "write `commands:` below it");
        }
        for key in ["commands", "finally"] {
            if let Some(node) = entry.value.get(key) {
                self.commands(node, &mut commands);
            }
        }
        Phase { name, commands, span: entry.key.span }
    }

    fn commands(&mut self, node: &Node, commands: &mut Vec<Command>) {
        let items = match node.as_sequence() {
            Some(items) => items,
            None if node.is_null() => return,
            None => std::slice::from_ref(node),
        };
        for item in items {
            if let Some(scalar) = item.as_scalar() {
                let text = scalar.text().to_owned();
                commands.push(Command { invocations: invocations(&text), text, span: item.span });
            } else {
                let message = format!("a command is a text, but this is {}", item.describe());
                let help = "put it into quotes: a colon with a blank after it makes a mapping";
                self.malformed(message, item.span, "not a text", help);
            }
        }
    }
}

fn first_key(root: &Node) -> Span {
    root.as_mapping().and_then(|entries| entries.first()).map_or(root.span, |entry| entry.key.span)
}
