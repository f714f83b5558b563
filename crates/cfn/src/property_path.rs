//! A path to a property in dots and brackets, such as `ContainerDefinitions[0].Ulimits[-].HardLimit`.

use std::fmt;

use crate::{Map, Value};

/// A path that sets one value and makes what is missing on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyPath(Vec<Segment>);

/// One key of a [`PropertyPath`], with the place in the list that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Letters, digits, `_` and `-`.
    pub key: String,
    /// `[3]` or `[-]`, if there is one.
    pub place: Option<ItemPlace>,
}

/// A place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemPlace {
    /// An item that is there, counted from 0.
    At(usize),
    /// `-`: a new item at the end.
    End,
}

/// Why a path is none, or can not be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// The text has no segment.
    #[error("the path is empty")]
    Empty,
    /// A segment is neither `key` nor `key[3]` nor `key[-]`.
    #[error("`{segment}` is not a part of a path: write `Key`, `Key[0]` or `Key[-]`")]
    Segment {
        /// The segment.
        segment: String,
    },
    /// The list has no such item.
    #[error("`{path}` has {len} items, so there is none at {place}; `[-]` appends one")]
    NoItem {
        /// The list.
        path: String,
        /// How many items it has.
        len: usize,
        /// The place that was asked for.
        place: usize,
    },
    /// The path goes through a value that can not hold the next segment.
    #[error("`{path}` is {found}, not {expected}")]
    Shape {
        /// The value.
        path: String,
        /// What it would have to be, with its article.
        expected: &'static str,
        /// What it is, with its article.
        found: &'static str,
    },
}

impl PropertyPath {
    /// Reads a path: segments `key`, `key[n]` or `key[-]`, separated by dots.
    ///
    /// # Errors
    /// [`PathError::Empty`] and [`PathError::Segment`].
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if text.is_empty() {
            return Err(PathError::Empty);
        }
        text.split('.').map(Segment::parse).collect::<Result<_, _>>().map(Self)
    }

    /// The segments; there is at least one.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Sets the value at the end of the path. Missing maps are made, and so are lists that `[-]` appends to; a list that
    /// `[n]` shall set an item of, too, if that is where the path ends, and then holds just this item.
    ///
    /// # Errors
    /// [`PathError::NoItem`] and [`PathError::Shape`]; what was made on the way stays.
    pub fn set(&self, root: &mut Value, value: Value) -> Result<(), PathError> {
        let mut target = root;
        let (last, parents) = self.0.split_last().ok_or(PathError::Empty)?;
        for (depth, segment) in parents.iter().enumerate() {
            let map = open(target, || self.upto(depth))?;
            target = match segment.place {
                None => map.get_or_insert_with(segment.key.clone(), || Map::new().into()),
                Some(place) => {
                    let path = || self.list_at(depth);
                    let missing = !map.contains_key(&segment.key);
                    if let (true, ItemPlace::At(place)) = (missing, place) {
                        return Err(PathError::NoItem { path: path(), len: 0, place });
                    }
                    let items =
                        list(map.get_or_insert_with(segment.key.clone(), || Value::List(Vec::new())), path)?;
                    item(items, place, path)?
                }
            };
        }
        let depth = parents.len();
        let map = open(target, || self.upto(depth))?;
        match last.place {
            None => drop(map.insert(last.key.clone(), value)),
            Some(_) if !map.contains_key(&last.key) => {
                map.insert(last.key.clone(), Value::List(vec![value]));
            }
            Some(place) => {
                let path = || self.list_at(depth);
                let items = list(map.get_or_insert_with(last.key.clone(), Value::default), path)?;
                *item(items, place, path)? = value;
            }
        }
        Ok(())
    }

    /// The list that a segment leads into, for a message.
    fn list_at(&self, depth: usize) -> String {
        let key = &self.0[depth].key;
        if depth == 0 { key.clone() } else { format!("{}.{key}", self.upto(depth)) }
    }

    /// The first segments, for a message.
    fn upto(&self, segments: usize) -> String {
        let keys: Vec<String> = self.0[..segments].iter().map(ToString::to_string).collect();
        if keys.is_empty() { "the top".to_owned() } else { keys.join(".") }
    }
}

impl Segment {
    fn parse(text: &str) -> Result<Self, PathError> {
        let fault = || PathError::Segment { segment: text.to_owned() };
        let (key, place) = match text.split_once('[') {
            None => (text, None),
            Some((key, rest)) => match rest.strip_suffix(']').ok_or_else(fault)? {
                "-" => (key, Some(ItemPlace::End)),
                digits if digits.bytes().all(|b| b.is_ascii_digit()) => {
                    (key, Some(ItemPlace::At(digits.parse().map_err(|_| fault())?)))
                }
                _ => return Err(fault()),
            },
        };
        let valid = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if key.is_empty() || !key.bytes().all(valid) {
            return Err(fault());
        }
        Ok(Self { key: key.to_owned(), place })
    }
}

fn open(value: &mut Value, path: impl Fn() -> String) -> Result<&mut Map, PathError> {
    let found = if value.as_intrinsic().is_some_and(|(name, _)| name != "Condition") {
        "a function"
    } else {
        value.kind()
    };
    match value {
        Value::Map(map) if found != "a function" => Ok(map),
        _ => Err(PathError::Shape { path: path(), expected: "a map", found }),
    }
}

fn list(value: &mut Value, path: impl Fn() -> String) -> Result<&mut Vec<Value>, PathError> {
    let found = value.kind();
    value.as_list_mut().ok_or_else(|| PathError::Shape { path: path(), expected: "a list", found })
}

fn item(
    items: &mut Vec<Value>,
    place: ItemPlace,
    path: impl Fn() -> String,
) -> Result<&mut Value, PathError> {
    let len = items.len();
    let place = match place {
        ItemPlace::At(place) => place,
        ItemPlace::End => {
            items.push(Map::new().into());
            len
        }
    };
    items.get_mut(place).ok_or_else(|| PathError::NoItem { path: path(), len, place })
}

impl fmt::Display for PropertyPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.upto(self.0.len()))
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.key)?;
        match self.place {
            None => Ok(()),
            Some(ItemPlace::At(place)) => write!(out, "[{place}]"),
            Some(ItemPlace::End) => out.write_str("[-]"),
        }
    }
}
