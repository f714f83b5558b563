//! Values that are passed on as they are.

use copilot_yaml::Node;

use crate::decode::{Context, Decode, Describe, Shape};

/// Any YAML, CloudFormation's tags included.
#[derive(Debug, Clone, PartialEq)]
pub struct AnyYaml(pub Node);

impl Decode for AnyYaml {
    fn decode(node: &Node, _: &mut Context<'_>) -> Option<Self> {
        Some(Self(node.clone()))
    }

    fn from_null() -> Option<Self> {
        Some(Self(Node::null(copilot_yaml::Span::default())))
    }
}

impl Describe for AnyYaml {
    fn shape() -> Shape {
        Shape::Any
    }
}

crate::merge_replaces!(AnyYaml);
crate::never_blank!(AnyYaml);
