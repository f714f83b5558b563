use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::ops::Index;

use hashbrown::HashTable;

use crate::{Str, Value};

/// From this many entries on, a map finds its keys through a hash table.
///
/// Most maps of a template have one to five keys: comparing those one by one beats hashing them, and one vector is half
/// the allocations of an `IndexMap`.
const INDEXED_FROM: usize = 17;

/// A map from text to [`Value`] that keeps the order in which its keys were first inserted.
///
/// Two maps are equal when they hold the same entries, in whatever order.
#[derive(Clone, Default)]
pub struct Map {
    entries: Vec<(Str, Value)>,
    index: Option<Box<HashTable<usize>>>,
}

/// The entries of a [`Map`] in order.
pub type Iter<'a> =
    std::iter::Map<std::slice::Iter<'a, (Str, Value)>, fn(&'a (Str, Value)) -> (&'a str, &'a Value)>;
/// The entries of a [`Map`] in order, with values to change.
pub type IterMut<'a> = std::iter::Map<
    std::slice::IterMut<'a, (Str, Value)>,
    fn(&'a mut (Str, Value)) -> (&'a str, &'a mut Value),
>;
/// The owned entries of a [`Map`] in order.
pub type IntoIter = std::vec::IntoIter<(Str, Value)>;

impl Map {
    /// An empty map; allocates nothing.
    pub const fn new() -> Self {
        Self { entries: Vec::new(), index: None }
    }

    /// An empty map with room for this many entries.
    pub fn with_capacity(entries: usize) -> Self {
        Self { entries: Vec::with_capacity(entries), index: None }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Where a key stands in the order.
    pub fn position(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.find(hash(key), |&place| self.entries[place].0 == key).copied(),
            None => self.entries.iter().position(|(known, _)| known == key),
        }
    }

    /// Whether the key is there.
    pub fn contains_key(&self, key: &str) -> bool {
        self.position(key).is_some()
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.position(key).map(|place| &self.entries[place].1)
    }

    /// The value under a key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let place = self.position(key)?;
        Some(&mut self.entries[place].1)
    }

    /// The entry at a place of the order.
    pub fn get_index(&self, place: usize) -> Option<(&str, &Value)> {
        self.entries.get(place).map(|(key, value)| (key.as_ref(), value))
    }

    /// The value at a place that [`Map::position`] has found.
    pub(crate) fn value_at_mut(&mut self, place: usize) -> &mut Value {
        &mut self.entries[place].1
    }

    /// Sets the value of a key and returns the one it had. A new key comes last; a known one keeps its place.
    pub fn insert(&mut self, key: impl Into<Str>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        if let Some(known) = self.get_mut(&key) {
            return Some(std::mem::replace(known, value));
        }
        self.push(key, value);
        None
    }

    /// The value under a key, which is added with what `make` returns when it is not there.
    pub fn get_or_insert_with(&mut self, key: impl Into<Str>, make: impl FnOnce() -> Value) -> &mut Value {
        let key = key.into();
        let place = self.position(&key).unwrap_or_else(|| {
            self.push(key, make());
            self.entries.len() - 1
        });
        &mut self.entries[place].1
    }

    /// Takes an entry out and keeps the order of the others.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let place = self.position(key)?;
        if let Some(index) = &mut self.index {
            // What comes after it moves up; no key is hashed again.
            if let Ok(found) = index.find_entry(hash(key), |known| *known == place) {
                found.remove();
            }
            index.iter_mut().filter(|known| **known > place).for_each(|known| *known -= 1);
        }
        let (_, value) = self.entries.remove(place);
        if self.entries.len() < INDEXED_FROM {
            self.index = None;
        }
        Some(value)
    }

    /// Keeps the entries for which `keep` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Value) -> bool) {
        self.entries.retain_mut(|(key, value)| keep(key, value));
        self.rebuild_index();
    }

    /// Sorts the entries by key, byte by byte.
    pub fn sort_keys(&mut self) {
        self.entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.rebuild_index();
    }

    /// The entries in order.
    pub fn iter(&self) -> Iter<'_> {
        self.entries.iter().map(|(key, value)| (key.as_ref(), value))
    }

    /// The entries in order, with values to change.
    pub fn iter_mut(&mut self) -> IterMut<'_> {
        self.entries.iter_mut().map(|(key, value)| (&**key, value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> + DoubleEndedIterator {
        self.entries.iter().map(|(key, _)| key.as_ref())
    }

    /// The values in order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> + DoubleEndedIterator {
        self.entries.iter().map(|(_, value)| value)
    }

    /// The values in order, to change.
    pub fn values_mut(&mut self) -> impl ExactSizeIterator<Item = &mut Value> + DoubleEndedIterator {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    /// Adds a key unless it is there, and returns its value; the other way round, gives the key back.
    pub(crate) fn insert_new(&mut self, key: Str, make: impl FnOnce() -> Value) -> Result<&mut Value, Str> {
        if self.contains_key(&key) {
            return Err(key);
        }
        self.push(key, make());
        let last = self.entries.len() - 1;
        Ok(&mut self.entries[last].1)
    }

    /// Adds a key that is known not to be there.
    fn push(&mut self, key: Str, value: Value) {
        let place = self.entries.len();
        self.entries.push((key, value));
        match &mut self.index {
            Some(index) => {
                let entries = &self.entries;
                index.insert_unique(hash(&entries[place].0), place, |&known| hash(&entries[known].0));
            }
            None => self.rebuild_index(),
        }
    }

    fn rebuild_index(&mut self) {
        self.index = None;
        if self.entries.len() < INDEXED_FROM {
            return;
        }
        // What has grown so far grows on.
        let mut index = HashTable::with_capacity(self.entries.len() * 2);
        for (place, (key, _)) in self.entries.iter().enumerate() {
            index.insert_unique(hash(key), place, |&known| hash(&self.entries[known].0));
        }
        self.index = Some(Box::new(index));
    }
}

/// `SipHash` with fixed keys: large maps are rare, and a file can not make it slow without knowing how.
fn hash(key: &str) -> u64 {
    let mut hasher = BuildHasherDefault::<std::hash::DefaultHasher>::default().build_hasher();
    hasher.write(key.as_bytes());
    hasher.finish()
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(key, value)| other.get(key) == Some(value))
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_map().entries(self.iter()).finish()
    }
}

/// Panics when the key is not there, as every map of the standard library does; a library asks [`Map::get`].
impl Index<&str> for Map {
    type Output = Value;

    fn index(&self, key: &str) -> &Value {
        self.get(key).unwrap_or_else(|| panic!("no key `{key}`"))
    }
}

impl<K: Into<Str>, V: Into<Value>> Extend<(K, V)> for Map {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Into<Str>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let entries = entries.into_iter();
        let mut map = Self::with_capacity(entries.size_hint().0);
        map.extend(entries);
        map
    }
}

impl<K: Into<Str>, V: Into<Value>, const N: usize> From<[(K, V); N]> for Map {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl IntoIterator for Map {
    type Item = (Str, Value);
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        self.entries.into_iter()
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a str, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Map {
    type Item = (&'a str, &'a mut Value);
    type IntoIter = IterMut<'a>;

    fn into_iter(self) -> IterMut<'a> {
        self.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{INDEXED_FROM, Map};
    use crate::Value;

    #[derive(Debug, Clone)]
    enum Change {
        Insert(u8, i64),
        Remove(u8),
        RetainEven,
        Sort,
    }

    fn change() -> impl Strategy<Value = Change> {
        prop_oneof![
            12 => (0..60_u8, any::<i64>()).prop_map(|(key, value)| Change::Insert(key, value)),
            3 => (0..60_u8).prop_map(Change::Remove),
            1 => Just(Change::RetainEven),
            1 => Just(Change::Sort),
        ]
    }

    proptest! {
        #[test]
        fn a_map_is_a_list_of_entries_with_each_key_once(changes in proptest::collection::vec(change(), 0..120)) {
            let mut model: Vec<(String, i64)> = Vec::new();
            let mut map = Map::new();
            for change in changes {
                match change {
                    Change::Insert(key, value) => {
                        let key = format!("k{key}");
                        let before = map.insert(key.clone(), value);
                        match model.iter_mut().find(|(known, _)| *known == key) {
                            Some((_, known)) => {
                                prop_assert_eq!(before, Some(Value::Int(*known)));
                                *known = value;
                            }
                            None => model.push((key, value)),
                        }
                    }
                    Change::Remove(key) => {
                        let key = format!("k{key}");
                        prop_assert_eq!(map.remove(&key).is_some(), model.iter().any(|(known, _)| *known == key));
                        model.retain(|(known, _)| *known != key);
                    }
                    Change::RetainEven => {
                        map.retain(|_, value| value.as_int().is_some_and(|number| number % 2 == 0));
                        model.retain(|(_, number)| number % 2 == 0);
                    }
                    Change::Sort => {
                        map.sort_keys();
                        model.sort_by(|one, other| one.0.cmp(&other.0));
                    }
                }
                prop_assert_eq!(map.index.is_some(), map.len() >= INDEXED_FROM);
                for (place, (key, value)) in model.iter().enumerate() {
                    prop_assert_eq!(map.position(key), Some(place));
                    prop_assert_eq!(map.get(key), Some(&Value::Int(*value)));
                }
                prop_assert_eq!(map.len(), model.len());
            }
            let mut reversed: Vec<(String, i64)> = model.clone();
            reversed.reverse();
            prop_assert_eq!(reversed.into_iter().collect::<Map>(), map);
        }
    }
}
