use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::{Map, Value};

/// With long intrinsics. A [`Plain`](crate::Plain) number loses its spelling; [`crate::write`] keeps it.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => writer.serialize_unit(),
            Self::Bool(truth) => writer.serialize_bool(*truth),
            Self::Int(number) => writer.serialize_i64(*number),
            Self::Plain(plain) => match serde_json::from_str::<serde_json::Number>(plain.as_str()) {
                Ok(number) => number.serialize(writer),
                Err(_) => writer.serialize_str(plain.as_str()),
            },
            Self::String(text) => writer.serialize_str(text),
            Self::List(items) => writer.collect_seq(items),
            Self::Map(map) => map.serialize(writer),
        }
    }
}

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        let mut entries = writer.serialize_map(Some(self.len()))?;
        for (key, value) in self {
            entries.serialize_entry(key, value)?;
        }
        entries.end()
    }
}
