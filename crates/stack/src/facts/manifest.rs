//! The manifest with which an environment was deployed.

use copilot_cfn::Value;
use copilot_cfn::read::from_node;
use copilot_yaml::{Diagnostics, Node, Source, parse};

/// A manifest that AWS keeps, as YAML with its source, ready to be decoded.
#[derive(Debug, Clone)]
pub struct DeployedManifest {
    source: Source,
    node: Node,
}

impl DeployedManifest {
    /// Reads the manifest that stands alone in a text, as the stack of an environment keeps it. Problems with the text are
    /// reported; `None` when there is no tree to speak of.
    pub fn parse(source: &Source, diagnostics: &mut Diagnostics) -> Option<Self> {
        let node = parse(source, diagnostics)?;
        Some(Self { source: source.clone(), node })
    }

    /// A manifest that is part of another document.
    pub fn within(source: &Source, node: Node) -> Self {
        Self { source: source.clone(), node }
    }

    /// The text that the spans of [the tree](Self::node) point into.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The manifest as a tree.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The manifest as data, scalars kept as they were written.
    pub fn to_value(&self) -> Value {
        from_node(&self.node)
    }
}

/// Two are equal when they say the same, wherever they stand.
impl PartialEq for DeployedManifest {
    fn eq(&self, other: &Self) -> bool {
        self.to_value() == other.to_value()
    }
}
