//! Laying an environment's overrides over the base.
//!
//! What is set in the override wins, zero values included; lists are replaced whole; names of a mapping are united,
//! and records are merged field by field. A type with other rules (either/or fields) implements [`Merge`] itself.

use super::{Map, Spanned};

/// A value over which another can be laid.
pub trait Merge {
    /// Lays `over` over `self`.
    fn merge(&mut self, over: &Self);

    /// What becomes of a value that is laid over nothing: itself, but for empty lists, which are nothing there.
    fn adopt(over: &Self) -> Option<Self>
    where
        Self: Sized + Clone,
    {
        Some(over.clone())
    }
}

impl<T: Merge + Clone> Merge for Option<T> {
    fn merge(&mut self, over: &Self) {
        match (self, over) {
            (Some(base), Some(over)) => base.merge(over),
            (base @ None, Some(over)) => *base = T::adopt(over),
            (_, None) => {}
        }
    }
}

impl<T: Merge + Clone> Merge for Spanned<T> {
    fn merge(&mut self, over: &Self) {
        self.value.merge(&over.value);
        self.span = over.span;
    }

    fn adopt(over: &Self) -> Option<Self>
    where
        Self: Sized + Clone,
    {
        Some(Self { value: T::adopt(&over.value)?, span: over.span })
    }
}

impl<T: Merge + Clone> Merge for Map<T> {
    fn merge(&mut self, over: &Self) {
        for (name, member) in &over.0 {
            match self.0.get_mut(name) {
                Some(base) => {
                    base.key = member.key;
                    base.value.merge(&member.value);
                }
                None => {
                    self.0.insert(name.clone(), member.clone());
                }
            }
        }
    }
}

/// Types of which the override's value replaces the base's.
#[macro_export]
macro_rules! merge_replaces {
    ($($ty:ty),* $(,)?) => {$(
        impl $crate::decode::Merge for $ty {
            fn merge(&mut self, over: &Self) {
                self.clone_from(over);
            }
        }
    )*};
}

merge_replaces!(String, bool, f64, i64, u16, u32, u64);

impl<T: Clone> Merge for Vec<T> {
    fn merge(&mut self, over: &Self) {
        self.clone_from(over);
    }

    fn adopt(over: &Self) -> Option<Self> {
        (!over.is_empty()).then(|| over.clone())
    }
}
