//! Targets of autoscaling: a value, or a value with its own cooldown.

use copilot_yaml::Node;

use crate::decode::{
    Blank, Context, Decode, Describe, FieldShape, Merge, Record, RecordShape, Shape, Spanned, decode_record,
    decode_value,
};
use crate::workload::Cooldown;

/// A target that autoscaling keeps to.
#[derive(Debug, Clone, PartialEq)]
pub enum Scaling<T> {
    /// The target.
    Value(T),
    /// The target with its own cooldown.
    Config(ScalingConfig<T>),
}

/// A target with its own cooldown.
#[derive(Debug, Clone, PartialEq)]
pub struct ScalingConfig<T> {
    /// The target.
    pub value: Option<Spanned<T>>,
    /// Cooldown of this target, in place of `count.cooldown`.
    pub cooldown: Option<Spanned<Cooldown>>,
}

impl<T> Scaling<T> {
    /// The target, in either form.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Config(config) => config.value.as_deref(),
        }
    }

    /// The target's own cooldown.
    pub fn cooldown(&self) -> Option<&Cooldown> {
        match self {
            Self::Value(_) => None,
            Self::Config(config) => config.cooldown.as_deref(),
        }
    }
}

impl<T> Default for ScalingConfig<T> {
    fn default() -> Self {
        Self { value: None, cooldown: None }
    }
}

impl<T: Decode + Describe> Record for ScalingConfig<T> {
    fn decode_field(&mut self, key: &str, node: &Node, cx: &mut Context<'_>) -> bool {
        match key {
            "value" if node.is_null() => self.value = None,
            "value" => self.value = decode_value(node, cx),
            "cooldown" if node.is_null() => self.cooldown = None,
            "cooldown" => self.cooldown = decode_value(node, cx),
            _ => return false,
        }
        true
    }

    fn fields(into: &mut Vec<FieldShape>) {
        into.push(FieldShape { key: "value", doc: "The target.".to_owned(), shape: T::shape });
        let doc = "Cooldown of this target, in place of `count.cooldown`.".to_owned();
        into.push(FieldShape { key: "cooldown", doc, shape: Cooldown::shape });
    }
}

impl<T> Blank for ScalingConfig<T> {
    fn is_blank(&self) -> bool {
        self.value.is_none() && self.cooldown.is_blank()
    }
}

impl<T: Decode + Describe> Decode for Scaling<T> {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let expected = "a number or a duration, or a mapping with the keys `value` and `cooldown`";
        if node.as_mapping().is_some() {
            let config = cx.lenient(|cx| decode_record::<ScalingConfig<T>>(node, cx))?;
            if config.is_blank() {
                cx.wrong_form(node, expected);
                return None;
            }
            return Some(Self::Config(config));
        }
        if node.as_scalar().is_none() {
            cx.wrong_form(node, expected);
            return None;
        }
        cx.strict(|cx| T::decode(node, cx)).map(Self::Value)
    }
}

impl<T: Merge + Clone> Merge for Scaling<T> {
    fn merge(&mut self, over: &Self) {
        match (self, over) {
            (Self::Config(base), Self::Config(over)) => {
                base.value.merge(&over.value);
                base.cooldown.merge(&over.cooldown);
            }
            (base, over) => base.clone_from(over),
        }
    }
}

impl<T> Blank for Scaling<T> {}

impl<T: Decode + Describe> Describe for Scaling<T> {
    fn shape() -> Shape {
        let mut fields = Vec::new();
        ScalingConfig::<T>::fields(&mut fields);
        let doc = "A target with its own cooldown.".to_owned();
        Shape::OneOf(vec![T::shape(), Shape::Record(RecordShape { name: "ScalingConfig", doc, fields })])
    }
}
