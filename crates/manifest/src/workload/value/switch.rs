//! Keys that are switched on by `true` or by a mapping with settings.

use copilot_yaml::Node;

use crate::decode::{Blank, Context, Decode, Describe, Merge, Shape, Spanned};

/// The settings of a key that is switched on by being there.
pub trait Settings: Decode + Merge + Blank + Describe + Clone {
    /// What the key takes, for messages.
    const EXPECTED: &'static str;
}

/// A key that is `true`, `false` or a mapping. Base and override may leave both forms behind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Switch<S> {
    /// The short form.
    pub enable: Option<Spanned<bool>>,
    /// The long form. It switches on by being there.
    pub config: Option<Spanned<S>>,
}

impl<S: Settings> Switch<S> {
    /// Whether it is on: the short form is true, or the long form is there.
    pub fn enabled(&self) -> bool {
        self.is_true() || !self.config.is_blank()
    }

    /// The settings that take effect: those of the long form, unless the short form is true, which hides them.
    pub fn settings(&self) -> Option<&S> {
        if self.is_true() { None } else { self.config.as_deref() }
    }

    fn is_true(&self) -> bool {
        self.enable.as_ref().is_some_and(|enable| enable.value)
    }
}

impl<S: Settings> Decode for Switch<S> {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        if node.as_mapping().is_some() {
            let config: Spanned<S> = cx.lenient(|cx| Decode::decode(node, cx))?;
            if config.is_blank() {
                cx.wrong_form(node, S::EXPECTED);
                return None;
            }
            return Some(Self { enable: None, config: Some(config) });
        }
        let Some(enable) = node.as_bool() else {
            cx.wrong_form(node, S::EXPECTED);
            return None;
        };
        Some(Self { enable: Some(Spanned::new(enable, node.span)), config: None })
    }
}

impl<S: Settings> Merge for Switch<S> {
    fn merge(&mut self, over: &Self) {
        self.enable.merge(&over.enable);
        self.config.merge(&over.config);
    }
}

impl<S: Settings> Describe for Switch<S> {
    fn shape() -> Shape {
        Shape::OneOf(vec![Shape::Boolean, S::shape()])
    }
}

impl<S: Settings> Blank for Switch<S> {
    fn is_blank(&self) -> bool {
        self.enable.is_none() && self.config.is_blank()
    }
}
