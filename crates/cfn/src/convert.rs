use std::borrow::Cow;

use crate::{Map, Plain, Resource, Str, Value};

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::String(Cow::Borrowed(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(Cow::Owned(text))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::String(Cow::Owned(text.clone()))
    }
}

impl From<Str> for Value {
    fn from(text: Str) -> Self {
        Self::String(text)
    }
}

impl From<&Str> for Value {
    fn from(text: &Str) -> Self {
        Self::String(text.clone())
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

macro_rules! from_int {
    ($($int:ty),*) => {$(
        impl From<$int> for Value {
            fn from(number: $int) -> Self {
                Self::Int(i64::from(number))
            }
        }
    )*};
}
from_int!(i8, i16, i32, i64, u8, u16, u32);

/// A number beyond `i64` keeps its digits.
impl From<u64> for Value {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or_else(|_| Self::Plain(Plain::from_digits(number)), Self::Int)
    }
}

/// A number beyond `i64` keeps its digits.
impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::from(number as u64)
    }
}

/// A whole number is written without a fraction.
impl From<f64> for Value {
    fn from(number: f64) -> Self {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if number.fract() == 0.0 && number.abs() < EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "whole and within the exact range")]
            return Self::Int(number as i64);
        }
        Self::Plain(Plain::from_f64(number))
    }
}

impl From<Plain> for Value {
    fn from(plain: Plain) -> Self {
        Self::Plain(plain)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Resource> for Value {
    fn from(resource: Resource) -> Self {
        Self::Map(resource.into_map())
    }
}

impl From<&Self> for Value {
    fn from(value: &Self) -> Self {
        value.clone()
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Clone + Into<Self>> From<&[T]> for Value {
    fn from(items: &[T]) -> Self {
        Self::List(items.iter().cloned().map(Into::into).collect())
    }
}

impl<T: Into<Self>, const N: usize> From<[T; N]> for Value {
    fn from(items: [T; N]) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

/// Nothing becomes null; in [`cfn!`](crate::cfn) a key followed by `?` leaves the entry out instead.
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Self>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}
