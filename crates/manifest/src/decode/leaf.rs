//! Reading single values and lists.

use copilot_yaml::{Node, Resolved, Value};

use super::{Context, Spanned};
use crate::codes;

/// A type that can be read from a node.
pub trait Decode: Sized {
    /// Reads the value. What is wrong with it is reported to `cx`; `None` means that nothing usable was found.
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self>;

    /// The value under a name that is null. `None` where null is no value.
    fn from_null() -> Option<Self> {
        None
    }

    /// What stands in for a value of a wrong type where Copilot swallows it: zero, or `None` for nothing at all.
    fn zero() -> Option<Self> {
        None
    }
}

/// Reads the value of a key that is not null; where the context is [lenient](Context::lenient), with zero as fallback.
pub fn decode_value<T: Decode>(node: &Node, cx: &mut Context<'_>) -> Option<Spanned<T>> {
    let value = T::decode(node, cx);
    let value = if cx.is_lenient() { value.or_else(T::zero) } else { value };
    value.map(|value| Spanned::new(value, node.span))
}

impl<T: Decode> Decode for Spanned<T> {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        T::decode(node, cx).map(|value| Self::new(value, node.span))
    }

    fn from_null() -> Option<Self> {
        T::from_null().map(Self::implied)
    }
}

/// Any scalar, as it was written: `010` and `1.0` keep their text.
impl Decode for String {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let text = node.as_scalar().map(|scalar| scalar.text().to_owned());
        if text.is_none() {
            cx.wrong_type(node, "a string");
        }
        text
    }

    fn from_null() -> Option<Self> {
        Some(Self::new())
    }

    fn zero() -> Option<Self> {
        Some(Self::new())
    }
}

impl Decode for bool {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let value = node.as_bool();
        if value.is_none() {
            cx.wrong_type(node, "true or false");
        }
        value
    }

    fn zero() -> Option<Self> {
        Some(false)
    }
}

impl Decode for f64 {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        match node.resolve() {
            Resolved::Float(value) => Some(value),
            #[expect(clippy::cast_precision_loss, reason = "the key takes a float")]
            Resolved::Int(value) => Some(value as Self),
            _ => {
                cx.wrong_type(node, "a number");
                None
            }
        }
    }

    fn zero() -> Option<Self> {
        Some(0.0)
    }
}

macro_rules! integers {
    ($($ty:ty),*) => {$(
        impl Decode for $ty {
            fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
                let value = integer(node, cx)?;
                Self::try_from(value).ok().or_else(|| {
                    cx.wrong_type(node, concat!("an integer that fits ", stringify!($ty)));
                    None
                })
            }

            fn zero() -> Option<Self> {
                Some(0)
            }
        }
    )*};
}

integers!(i64, u16, u32, u64);

/// A whole number, which `1.0` is too; of a fraction the whole part, with a warning.
fn integer(node: &Node, cx: &mut Context<'_>) -> Option<i128> {
    match node.resolve() {
        Resolved::Int(value) => Some(value),
        Resolved::Float(value) if value.is_finite() && value.abs() < 9.0e18 => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "this is the truncation that the warning speaks of"
            )]
            let whole = value.trunc() as i128;
            if value.fract() != 0.0 {
                let message = format!("`{}` takes a whole number: {value} is read as {whole}", cx.path());
                let warning = cx.warning(&codes::TRUNCATED, message, node.span, "the fraction is dropped");
                cx.report(warning.help(format!("write {whole}")));
            }
            Some(whole)
        }
        _ => {
            cx.wrong_type(node, "an integer");
            None
        }
    }
}

/// Items that are null are left out.
impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let Value::Sequence(items) = &node.value else {
            cx.wrong_type(node, "a list");
            return None;
        };
        let set = items.iter().enumerate().filter(|(_, item)| !item.is_null());
        Some(set.filter_map(|(index, item)| cx.within(index, |cx| T::decode(item, cx))).collect())
    }
}
