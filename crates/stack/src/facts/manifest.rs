//! The manifest with which an environment was deployed.

use copilot_cfn::{Map, Plain, Value};
use copilot_yaml::{Diagnostics, Node, Resolved, Source, parse};

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
        plain_value(&self.node)
    }
}

/// Two are equal when they say the same, wherever they stand.
impl PartialEq for DeployedManifest {
    fn eq(&self, other: &Self) -> bool {
        self.to_value() == other.to_value()
    }
}

/// A tree as data. Explicit tags other than those of YAML itself have no meaning in a manifest and are dropped.
pub(crate) fn plain_value(node: &Node) -> Value {
    match &node.value {
        copilot_yaml::Value::Sequence(items) => items.iter().map(plain_value).collect(),
        copilot_yaml::Value::Mapping(entries) => Value::Map(
            entries
                .iter()
                .map(|entry| (entry.key.text.to_string(), plain_value(&entry.value)))
                .collect::<Map>(),
        ),
        copilot_yaml::Value::Scalar(scalar) => match node.resolve() {
            Resolved::Null => Value::Null,
            Resolved::Bool(truth) => Value::Bool(truth),
            Resolved::Int(number) if scalar.text() == number.to_string() => {
                i64::try_from(number).map_or_else(|_| as_written(scalar.text()), Value::Int)
            }
            Resolved::Str(text) if scalar.style() != copilot_yaml::Style::Plain => text.to_owned().into(),
            _ => as_written(scalar.text()),
        },
    }
}

fn as_written(text: &str) -> Value {
    Plain::new(text.to_owned()).map_or_else(|| text.to_owned().into(), Value::Plain)
}
