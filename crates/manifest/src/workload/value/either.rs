//! A key with a short and a long form of which only one holds at a time.

use copilot_yaml::Node;

use crate::decode::{Blank, Context, Decode, Describe, Merge, Shape};

/// The short form `B` or the long form `A`, usually a mapping.
///
/// The short form is tried first. Either has to set something: an empty text or `{}` is an error. Unlike most
/// either/or keys, wrong types inside are errors wherever the key stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Either<B, A> {
    /// The short form.
    Basic(B),
    /// The long form.
    Advanced(A),
}

impl<B, A> Either<B, A> {
    /// The short form, if it is that.
    pub fn basic(&self) -> Option<&B> {
        match self {
            Self::Basic(value) => Some(value),
            Self::Advanced(_) => None,
        }
    }

    /// The long form, if it is that.
    pub fn advanced(&self) -> Option<&A> {
        match self {
            Self::Advanced(value) => Some(value),
            Self::Basic(_) => None,
        }
    }
}

/// How the short form is called in messages, and which of its values count as unset.
pub trait ShortForm {
    /// What to write, as in "takes ...".
    const EXPECTED: &'static str;
    /// Whether the value counts as unset.
    fn is_unset(&self) -> bool;
}

impl ShortForm for String {
    const EXPECTED: &'static str = "a string or a mapping, and neither may be empty";
    fn is_unset(&self) -> bool {
        self.is_empty()
    }
}

impl ShortForm for bool {
    const EXPECTED: &'static str = "true, false, or a mapping that is not empty";
    fn is_unset(&self) -> bool {
        false
    }
}

impl<T> ShortForm for Vec<T> {
    const EXPECTED: &'static str = "a list, or a mapping that is not empty";
    fn is_unset(&self) -> bool {
        false
    }
}

impl<B: Decode + ShortForm, A: Decode + Blank> Decode for Either<B, A> {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        if node.as_mapping().is_some() {
            let value: A = cx.strict(|cx| A::decode(node, cx))?;
            if !value.is_blank() {
                return Some(Self::Advanced(value));
            }
        } else {
            let found = cx.diagnostics().len();
            match cx.strict(|cx| B::decode(node, cx)) {
                Some(value) if !value.is_unset() => return Some(Self::Basic(value)),
                _ => cx.diagnostics().truncate(found),
            }
        }
        cx.wrong_form(node, B::EXPECTED);
        None
    }
}

impl<B: Clone, A: Merge + Clone> Merge for Either<B, A> {
    fn merge(&mut self, over: &Self) {
        match (self, over) {
            (Self::Advanced(base), Self::Advanced(over)) => base.merge(over),
            (base, over) => base.clone_from(over),
        }
    }
}

impl<B: Blank, A: Blank> Blank for Either<B, A> {}

impl<B: Describe, A: Describe> Describe for Either<B, A> {
    fn shape() -> Shape {
        Shape::OneOf(vec![B::shape(), A::shape()])
    }
}
