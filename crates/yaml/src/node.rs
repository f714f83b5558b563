//! The tree.

use crate::scalar::{Resolved, Scalar};
use crate::source::Span;

/// A value with its place in the source.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where the value stands. For a value repeated by an alias: where it was defined.
    pub span: Span,
    /// An explicit tag: `!Sub` for a local one, `!!str` for one of YAML's own.
    pub tag: Option<Box<str>>,
    /// What it is.
    pub value: Value,
}

/// What a [`Node`] is. Aliases and merge keys are already resolved.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A single value, as it was written.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values in the order of the file.
    Mapping(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// Its value.
    pub value: Node,
}

/// A mapping's key, as it was written (`on`, `1` and `~` stay text).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key's text.
    pub text: Box<str>,
    /// Where it stands.
    pub span: Span,
}

impl Node {
    /// A scalar that is null, where nothing was written.
    pub fn null(span: Span) -> Self {
        Self { span, tag: None, value: Value::Scalar(Scalar::plain("")) }
    }

    /// The scalar, if it is one.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub fn as_sequence(&self) -> Option<&[Self]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, if it is a mapping.
    pub fn as_mapping(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_mapping()?.iter().find(|entry| &*entry.key.text == key).map(|entry| &entry.value)
    }

    /// The source text of a scalar that is not null.
    pub fn as_str(&self) -> Option<&str> {
        (!self.is_null()).then(|| self.as_scalar().map(Scalar::text)).flatten()
    }

    /// A truth value; unquoted `yes`, `on`, `y` and so on count, in their usual spellings.
    pub fn as_bool(&self) -> Option<bool> {
        self.as_scalar()?.as_bool(self.tag.as_deref())
    }

    /// Whether it is null: `~`, `null`, or nothing at all.
    pub fn is_null(&self) -> bool {
        matches!(self.resolve(), Resolved::Null)
    }

    /// What the scalar means where nothing asks for a certain type. Lists and mappings answer [`Resolved::Collection`].
    pub fn resolve(&self) -> Resolved<'_> {
        match &self.value {
            Value::Scalar(scalar) => scalar.resolve(self.tag.as_deref()),
            _ => Resolved::Collection,
        }
    }

    /// What to call it in a message: `a list`, `a mapping`, `a number` and so on.
    pub fn describe(&self) -> &'static str {
        match &self.value {
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
            Value::Scalar(_) => match self.resolve() {
                Resolved::Null => "nothing",
                Resolved::Bool(_) => "a boolean",
                Resolved::Int(_) => "an integer",
                Resolved::Float(_) => "a number",
                Resolved::Timestamp(_) => "a date",
                Resolved::Str(_) | Resolved::Collection => "a string",
            },
        }
    }
}
