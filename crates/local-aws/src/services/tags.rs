//! Tags in the two spellings that services use.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use crate::core::input::Input;

/// Tags in the order in which they were set.
pub(crate) type Tags = IndexMap<String, String>;

/// Tags out of a list of `Key`/`Value` or `key`/`value` objects.
pub(crate) fn read(list: &[Json]) -> Tags {
    list.iter()
        .filter_map(|tag| {
            let key = tag.text("Key").or_else(|| tag.text("key"))?;
            let value = tag.text("Value").or_else(|| tag.text("value")).unwrap_or_default();
            Some((key.to_owned(), value.to_owned()))
        })
        .collect()
}

/// Tags as a list of `Key`/`Value` objects.
pub(crate) fn write(tags: &Tags) -> Json {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// Tags as a list of `key`/`value` objects.
pub(crate) fn write_lower(tags: &Tags) -> Json {
    tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
}

/// Removes the tags named in the list member `key` of `input`.
pub(crate) fn remove(tags: &mut Tags, input: &Json, key: &str) {
    for name in input.texts(key) {
        tags.shift_remove(&name);
    }
}
