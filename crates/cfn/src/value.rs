use std::borrow::Cow;
use std::ops::{Index, IndexMut};

use crate::{Map, Plain};

/// Text that is either part of the program or owned; most keys and many strings of a template are the former.
pub type Str = Cow<'static, str>;

/// A node of a template.
///
/// Intrinsics are maps with one key in long form (`{"Ref": …}`, `{"Fn::GetAtt": ["Role", "Arn"]}`), so that there is one
/// representation of each; the writer makes short tags of them. `==` compares node by node and does not look at the order
/// of keys; [`crate::compare`] knows what CloudFormation takes as the same.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// `null`, which CloudFormation mostly refuses.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other unquoted scalar that is not a string, as it was written: `1.5`, `0755`, `yes`.
    Plain(Plain),
    /// Text. Written so that every reader takes it as text.
    String(Str),
    /// A list.
    List(Vec<Self>),
    /// A map that keeps its order.
    Map(Map),
}

impl Value {
    /// The text of a [`Value::String`].
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number of a [`Value::Int`].
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The truth of a [`Value::Bool`].
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The items of a [`Value::List`].
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The items of a [`Value::List`], to change.
    pub fn as_list_mut(&mut self) -> Option<&mut Vec<Self>> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a [`Value::Map`].
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The entries of a [`Value::Map`], to change.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The value under a key; nothing when this is no map.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    /// The value under a key, to change; nothing when this is no map.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        self.as_map_mut()?.get_mut(key)
    }

    /// Follows keys and list indices separated by `/`, as in `Resources/Service/Properties/Tags/0/Key`.
    ///
    /// A key that holds a `/` can not be reached so; user-given JSON pointers are the patches' matter.
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('/').filter(|step| !step.is_empty()).try_fold(self, |value, step| match value {
            Self::Map(map) => map.get(step),
            Self::List(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// Like [`Value::at`], to change what is found.
    pub fn at_mut(&mut self, path: &str) -> Option<&mut Self> {
        path.split('/').filter(|step| !step.is_empty()).try_fold(self, |value, step| match value {
            Self::Map(map) => map.get_mut(step),
            Self::List(items) => items.get_mut(step.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The text of a scalar as a reader of the template sees it: `true`, `443`, `1.5`, or the string itself.
    pub fn scalar_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Bool(true) => Some("true".into()),
            Self::Bool(false) => Some("false".into()),
            Self::Int(number) => Some(number.to_string().into()),
            Self::Plain(plain) => Some(plain.as_str().into()),
            Self::String(text) => Some(text.as_ref().into()),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// The name and argument of an intrinsic: `("Fn::Sub", …)`, `("Ref", …)`, `("Condition", …)`.
    ///
    /// A map `{"Condition": "Name"}` is one only in a condition; elsewhere the key may be a property of that name, which
    /// needs no distinction because both are written the same way.
    pub fn as_intrinsic(&self) -> Option<(&str, &Self)> {
        let map = self.as_map()?;
        let (name, argument) = map.iter().next().filter(|_| map.len() == 1)?;
        (name == "Ref" || name == "Condition" || name.starts_with("Fn::")).then_some((name, argument))
    }

    /// Whether this is `{"Ref": "AWS::NoValue"}`.
    pub fn is_no_value(&self) -> bool {
        matches!(self.as_intrinsic(), Some(("Ref", Self::String(name))) if name == "AWS::NoValue")
    }

    /// What this is, with its article, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "a number",
            Self::Plain(_) => "an unquoted scalar",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

const NULL: Value = Value::Null;

/// The value under the key, or null: a test reads better so, and a library asks [`Value::get`].
impl Index<&str> for Value {
    type Output = Self;

    fn index(&self, key: &str) -> &Self {
        self.get(key).unwrap_or(const { &NULL })
    }
}

/// The item at the place, or null.
impl Index<usize> for Value {
    type Output = Self;

    fn index(&self, place: usize) -> &Self {
        self.as_list().and_then(|items| items.get(place)).unwrap_or(const { &NULL })
    }
}

/// The value under the key; a key that is not there is added with null, and whatever is no map becomes one.
impl IndexMut<&str> for Value {
    fn index_mut(&mut self, key: &str) -> &mut Self {
        if !matches!(self, Self::Map(_)) {
            *self = Self::Map(Map::new());
        }
        match self {
            Self::Map(map) => map.get_or_insert_with(Str::Owned(key.to_owned()), Self::default),
            _ => unreachable!("made a map above"),
        }
    }
}
