//! What a type looks like in YAML, for documentation and JSON Schema.

use super::{Map, Spanned};

/// The YAML form of a type.
#[derive(Debug, Clone)]
pub enum Shape {
    /// Any scalar, read as text.
    String,
    /// A string of a certain form, named for readers, such as `duration`, with a regular expression if one is known.
    Format(&'static str, Option<&'static str>),
    /// One of these words.
    Enum(&'static [&'static str]),
    /// A whole number within bounds.
    Integer(i64, Option<u64>),
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list.
    List(Box<Self>),
    /// A mapping of names that the user chooses.
    Map(Box<Self>),
    /// Known keys.
    Record(RecordShape),
    /// One of several forms.
    OneOf(Vec<Self>),
    /// Any YAML.
    Any,
}

/// A mapping with known keys.
#[derive(Debug, Clone)]
pub struct RecordShape {
    /// The type's name.
    pub name: &'static str,
    /// What the record is for.
    pub doc: String,
    /// Its keys, in the order in which they are documented.
    pub fields: Vec<FieldShape>,
}

/// A key of a record.
#[derive(Debug, Clone)]
pub struct FieldShape {
    /// The key.
    pub key: &'static str,
    /// What it does.
    pub doc: String,
    /// What it takes. A function, because shapes may contain themselves.
    pub shape: fn() -> Shape,
}

/// A type that can tell its YAML form.
pub trait Describe {
    /// The form.
    fn shape() -> Shape;
}

macro_rules! shapes {
    ($($ty:ty => $shape:expr),* $(,)?) => {$(
        impl Describe for $ty {
            fn shape() -> Shape {
                $shape
            }
        }
    )*};
}

shapes! {
    String => Shape::String,
    bool => Shape::Boolean,
    f64 => Shape::Number,
    i64 => Shape::Integer(i64::MIN, None),
    u16 => Shape::Integer(0, Some(u64::from(u16::MAX))),
    u32 => Shape::Integer(0, Some(u64::from(u32::MAX))),
    u64 => Shape::Integer(0, None),
}

impl<T: Describe> Describe for Spanned<T> {
    fn shape() -> Shape {
        T::shape()
    }
}

impl<T: Describe> Describe for Vec<T> {
    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }
}

impl<T: Describe> Describe for Map<T> {
    fn shape() -> Shape {
        Shape::Map(Box::new(T::shape()))
    }
}
