//! Manifests: images that have ended, keys that were misspelt, calls that do nothing any more.

use copilot_manifest::buildspec::{Command, invocations};
use copilot_manifest::codes::UNKNOWN_KEY;
use copilot_manifest::pipeline::codes::{APPROVAL_MISSPELT, GATE_MISSPELT};
use copilot_workspace::Header;
use copilot_yaml::{Diagnostic, Edit, Node, Span};

use super::lines::Lines;
use crate::doctor::Dates;
use crate::doctor::commands::{Part, part};

/// Changes to a pipeline's manifest.
pub(super) fn pipeline(header: &Header, dates: &Dates) -> Vec<Edit> {
    let text = header.source.text();
    let image = header.root.get("build").and_then(|build| build.get("image"));
    let image = image.and_then(|node| {
        let successor = &dates.image(node.as_str()?)?.successor;
        Some(requoted(text, node.span, node.as_str()?, successor))
    });
    let mut edits: Vec<Edit> = image.flatten().into_iter().collect();
    let lines = Lines::new(text);
    let stages = header.root.get("stages").and_then(Node::as_sequence).unwrap_or_default();
    for commands in stages.iter().filter_map(|stage| stage.get("test_commands")?.as_sequence()) {
        let idle: Vec<&Node> = commands.iter().filter(|node| does_nothing(node)).collect();
        // A list with nothing in it would be another mistake.
        if idle.len() < commands.len() {
            let items = idle.into_iter().filter_map(|node| lines.item(node.span));
            edits.extend(items.map(|item| Edit::delete(item.span)));
        }
    }
    edits
}

/// Upgrades of environments and services have done nothing since v1.20.
fn does_nothing(node: &Node) -> bool {
    let Some(text) = node.as_str() else { return false };
    let command = Command { text: text.to_owned(), invocations: invocations(text), span: node.span };
    part(&command) == Part::Upgrade
}

/// The correction of a misspelt key: of each that was to hold a deployment back, and of others that are surely meant.
pub(super) fn key(problem: &Diagnostic, header: &Header) -> Option<Edit> {
    let is_gate = [&APPROVAL_MISSPELT, &GATE_MISSPELT].contains(&problem.code);
    if !is_gate && problem.code != &UNKNOWN_KEY || problem.source.as_ref()?.name() != header.source.name() {
        return None;
    }
    let written = problem.path.rsplit('.').next()?;
    // The help of an unknown key names the one that is meant.
    let meant = problem.help.as_deref()?.strip_prefix("did you mean `")?.split('`').next()?;
    if !is_gate && !is_slip(written, meant) {
        return None;
    }
    requoted(header.source.text(), problem.labels.first()?.span, written, meant)
}

/// Another text in place of one, in the quotes that it has; `None` if something else stands there.
fn requoted(text: &str, span: Span, written: &str, new: &str) -> Option<Edit> {
    let there = text.get(span.start..span.end)?;
    let quote =
        there.chars().next().filter(|c| matches!(c, '"' | '\'')).map(String::from).unwrap_or_default();
    (there == format!("{quote}{written}{quote}")).then(|| Edit::replace(span, format!("{quote}{new}{quote}")))
}

/// Whether a key differs from another one in nothing but capitals, hyphens and underscores, or in one letter.
fn is_slip(written: &str, meant: &str) -> bool {
    let plain = |text: &str| -> Vec<char> {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let (one, other) = (plain(written), plain(meant));
    if one == other {
        return true;
    }
    let (short, long) = if one.len() < other.len() { (&one, &other) } else { (&other, &one) };
    if short.len() < 4 || long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let rest = if short.len() == long.len() { &short[(same + 1).min(short.len())..] } else { &short[same..] };
    rest == &long[same + 1..]
}

#[cfg(test)]
mod tests {
    use super::is_slip;

    #[test]
    fn slips_are_told_from_other_words() {
        for (written, meant) in [
            ("health-check", "healthcheck"),
            ("cpuPercentage", "cpu_percentage"),
            ("memmory", "memory"),
            ("memry", "memory"),
            ("mamory", "memory"),
        ] {
            assert!(is_slip(written, meant), "{written}");
        }
        for (written, meant) in
            [("port", "path"), ("cpus", "cpu"), ("target", "targets_x"), ("scaling", "sealings")]
        {
            assert!(!is_slip(written, meant), "{written}");
        }
    }
}
