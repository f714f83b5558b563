//! The reader on whole texts.

mod hostile;
mod reading;

use copilot_yaml::{Diagnostics, Node, Source, parse};

/// The tree, if any, and the diagnostics as lines.
fn read(text: &str) -> (Option<Node>, Vec<String>) {
    let source = Source::new("m.yml", text);
    let mut diagnostics = Diagnostics::default();
    let node = parse(&source, &mut diagnostics);
    (node, diagnostics.iter().map(|d| format!("{} [{}]", d, d.code.id)).collect())
}
