//! Whether anything is set: what decides that a whole part of a stack exists.

use super::{Map, Spanned};

/// A value of which can be asked whether it says anything.
pub trait Blank {
    /// Whether nothing is set. Zero, an empty text, an empty list and an empty mapping of names are set.
    fn is_blank(&self) -> bool {
        false
    }
}

impl<T: Blank> Blank for Option<T> {
    fn is_blank(&self) -> bool {
        self.as_ref().is_none_or(Blank::is_blank)
    }
}

impl<T: Blank> Blank for Spanned<T> {
    fn is_blank(&self) -> bool {
        self.value.is_blank()
    }
}

impl<T> Blank for Vec<T> {}
impl<T> Blank for Map<T> {}

/// Types that are set whenever they are there.
#[macro_export]
macro_rules! never_blank {
    ($($ty:ty),* $(,)?) => {$( impl $crate::decode::Blank for $ty {} )*};
}

never_blank!(String, bool, f64, i64, u16, u32, u64);
