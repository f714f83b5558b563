//! Whether the stages of a pipeline go to the environments of the workspace.

use std::collections::BTreeSet;

use copilot_manifest::pipeline::codes::UNKNOWN_ENVIRONMENT;
use copilot_workspace::Header;
use copilot_yaml::{Diagnostic, Diagnostics, Node, closest};

/// A warning for each stage whose name is nearly that of an environment with a manifest. An environment needs none, so any
/// other name may be right.
pub(super) fn misspelt(header: &Header, environments: &BTreeSet<String>) -> Diagnostics {
    let mut found = Diagnostics::default();
    let stages = header.root.get("stages").and_then(Node::as_sequence).unwrap_or_default();
    for node in stages.iter().filter_map(|stage| stage.get("name")) {
        let Some(name) = node.as_str().filter(|name| !environments.contains(*name)) else { continue };
        let Some(near) = closest(name, environments.iter().map(String::as_str)) else { continue };
        let message = format!("the workspace has no manifest of the environment `{name}`");
        let diagnostic = Diagnostic::warning(&UNKNOWN_ENVIRONMENT, message);
        found.push(
            diagnostic.at(&header.source, node.span, "this stage").help(format!("did you mean `{near}`?")),
        );
    }
    found
}
