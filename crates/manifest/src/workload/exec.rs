//! Commands inside running containers.

use copilot_yaml::Node;

use crate::decode::{Blank, Context, Decode, Describe, Merge, Shape, Spanned};

crate::record! {
    /// The long form.
    pub struct ExecConfig {
        /// Present with any value, `false` included, it allows commands: Copilot never looks at the value.
        enable: bool,
    }
}

/// Whether commands can be run in the containers. Base and override may leave both forms behind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exec {
    /// The short form.
    pub enable: Option<Spanned<bool>>,
    /// The long form.
    pub config: Option<Spanned<ExecConfig>>,
}

impl Exec {
    /// Whether commands can be run: the short form is true, or the long form is there at all.
    pub fn enabled(&self) -> bool {
        self.enable.as_ref().is_some_and(|enable| enable.value) || !self.config.is_blank()
    }
}

impl Decode for Exec {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let expected = "true, false, or a mapping with the key `enable`";
        if node.as_mapping().is_some() {
            let config: Spanned<ExecConfig> = cx.lenient(|cx| Decode::decode(node, cx))?;
            if config.is_blank() {
                cx.wrong_form(node, expected);
                return None;
            }
            return Some(Self { enable: None, config: Some(config) });
        }
        let Some(enable) = node.as_bool() else {
            cx.wrong_form(node, expected);
            return None;
        };
        Some(Self { enable: Some(Spanned::new(enable, node.span)), config: None })
    }
}

impl Merge for Exec {
    fn merge(&mut self, over: &Self) {
        self.enable.merge(&over.enable);
        self.config.merge(&over.config);
    }
}

impl Describe for Exec {
    fn shape() -> Shape {
        Shape::OneOf(vec![Shape::Boolean, ExecConfig::shape()])
    }
}

crate::never_blank!(Exec);
