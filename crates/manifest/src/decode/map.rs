//! Mappings whose keys are names that the user chooses.

use copilot_yaml::{Node, Span, Value};
use indexmap::IndexMap;

use super::{Context, Decode, Spanned};

/// A value under a name, with the places of both.
#[derive(Debug, Clone, PartialEq)]
pub struct Member<T> {
    /// Where the name stands.
    pub key: Span,
    /// The value; `None` where the name stands alone (`sidecars: {nginx: }`) and null is no value.
    pub value: Option<Spanned<T>>,
}

/// Names that the user chooses, with their values, in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Map<T>(pub IndexMap<String, Member<T>>);

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self(IndexMap::new())
    }
}

impl<T> Map<T> {
    /// Names and values, without the names that have none.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Spanned<T>)> {
        self.0.iter().filter_map(|(name, member)| Some((name.as_str(), member.value.as_ref()?)))
    }

    /// The value under a name.
    pub fn get(&self, name: &str) -> Option<&Spanned<T>> {
        self.0.get(name)?.value.as_ref()
    }

    /// Whether there is no name at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Decode> Decode for Map<T> {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let Value::Mapping(entries) = &node.value else {
            cx.wrong_type(node, "a mapping of names to values");
            return None;
        };
        let mut map = IndexMap::with_capacity(entries.len());
        for entry in entries {
            let value = if entry.value.is_null() {
                T::from_null().map(|value| Spanned::new(value, entry.value.span))
            } else {
                match cx.within(&*entry.key.text, |cx| Spanned::decode(&entry.value, cx)) {
                    Some(value) => Some(value),
                    None => continue,
                }
            };
            map.insert(entry.key.text.to_string(), Member { key: entry.key.span, value });
        }
        Some(Self(map))
    }
}
