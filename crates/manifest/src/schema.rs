//! JSON Schema of manifests, for editors.
//!
//! The schema is stricter than the loader, which warns of unknown keys and reads `yes` as true: an editor should offer what
//! to write.

use serde_json::{Map as Object, Value, json};

use crate::decode::{FieldShape, RecordShape, Shape};
use crate::kind::Kind;
use crate::pipeline::constrain;
use crate::workload::WorkloadType;

/// The JSON Schema (2020-12) of a type. `id` becomes its `$id`, `title` its title.
pub fn json_schema(shape: &Shape, id: &str, title: &str) -> Value {
    let mut definitions = Definitions::default();
    let root = definitions.schema(shape);
    definitions.finish(root, id, title)
}

/// The JSON Schema of all services and jobs: which keys there are follows from `type`.
pub fn workloads(id: &str) -> Value {
    let mut definitions = Definitions::default();
    let root = definitions.by_type(&WorkloadType::ALL.map(Kind::Workload));
    definitions.finish(root, id, "Service or job of a Copilot workspace")
}

/// The JSON Schema of all manifests: which keys there are follows from `type`, and what has none is a pipeline.
///
/// To some editors a `*` in a pattern of paths means any number of folders, so that they can't tell manifests apart by their
/// places.
pub fn manifests(id: &str) -> Value {
    let mut definitions = Definitions::default();
    // First, so that the names of its definitions are those that are constrained.
    let pipeline = definitions.schema(&Kind::Pipeline.shape());
    let mut constrained = Value::Object(definitions.done);
    constrain(&mut constrained);
    let Value::Object(done) = constrained else { return Value::Null };
    definitions = Definitions { done };
    let typed = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Pipeline).collect::<Vec<_>>();
    let typed = definitions.by_type(&typed);
    let root = json!({ "type": "object", "if": { "required": ["type"] }, "then": typed, "else": pipeline });
    definitions.finish(root, id, "Manifest of a Copilot workspace")
}

/// What every manifest of a workload or environment says of itself. No override fills these in.
pub(crate) const ENVELOPE: [&str; 2] = ["name", "type"];

/// The records met so far, by name.
#[derive(Default)]
struct Definitions {
    done: Object<String, Value>,
}

impl Definitions {
    /// What holds for each of several types of manifest.
    fn by_type(&mut self, kinds: &[Kind]) -> Value {
        let types: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        let rules: Vec<Value> = kinds
            .iter()
            .map(|kind| {
                let fits =
                    json!({ "properties": { "type": { "const": kind.as_str() } }, "required": ["type"] });
                json!({ "if": fits, "then": self.schema(&kind.shape()) })
            })
            .collect();
        json!({
            "type": "object",
            "required": ENVELOPE,
            "properties": { "type": { "description": "What the manifest describes.", "enum": types } },
            "allOf": rules,
        })
    }

    fn finish(self, root: Value, id: &str, title: &str) -> Value {
        let Value::Object(root) = root else { return Value::Null };
        let mut schema = Object::new();
        schema.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
        schema.insert("$id".to_owned(), id.into());
        schema.insert("title".to_owned(), title.into());
        schema.extend(root);
        schema.insert("$defs".to_owned(), Value::Object(self.done));
        Value::Object(schema)
    }

    fn schema(&mut self, shape: &Shape) -> Value {
        match shape {
            Shape::Any => json!({}),
            // A text may look like a number: its source is what counts.
            Shape::String => json!({ "type": ["string", "number", "boolean"] }),
            Shape::Format(name, None) => json!({ "type": "string", "description": name }),
            Shape::Format(_, Some(pattern)) => json!({ "type": "string", "pattern": pattern }),
            Shape::Enum(words) => json!({ "enum": words }),
            Shape::Integer(least, most) => integer(*least, *most),
            Shape::Number => json!({ "type": "number" }),
            Shape::Boolean => json!({ "type": "boolean" }),
            Shape::List(item) => json!({ "type": "array", "items": or_null(self.schema(item)) }),
            Shape::Map(value) => {
                let value = or_null(self.schema(value));
                json!({ "type": "object", "additionalProperties": value })
            }
            Shape::Record(record) => self.reference(record),
            Shape::OneOf(forms) => {
                let forms: Vec<Value> = forms.iter().map(|form| self.form(form)).collect();
                json!({ "anyOf": forms })
            }
        }
    }

    /// One of several forms. A mapping that says nothing is none of them.
    fn form(&mut self, shape: &Shape) -> Value {
        let mut schema = self.schema(shape);
        if matches!(shape, Shape::Record(_)) {
            schema["minProperties"] = 1.into();
        }
        schema
    }

    /// A reference to the record's definition. Records of one name and different keys get numbers.
    fn reference(&mut self, record: &RecordShape) -> Value {
        let definition = self.record(record);
        let mut name = record.name.to_owned();
        let mut number = 1;
        while self.done.get(&name).is_some_and(|known| *known != definition) {
            number += 1;
            name = format!("{}{number}", record.name);
        }
        let reference = json!({ "$ref": format!("#/$defs/{name}") });
        self.done.insert(name, definition);
        reference
    }

    fn record(&mut self, record: &RecordShape) -> Value {
        let is_whole = ENVELOPE.iter().all(|key| record.fields.iter().any(|field| field.key == *key));
        let required = |key| is_whole && ENVELOPE.contains(&key);
        let fields = record.fields.iter();
        let properties: Object<String, Value> =
            fields.map(|field| (field.key.to_owned(), self.field(field, required(field.key)))).collect();
        json!({
            "type": "object",
            "description": record.doc,
            "properties": properties,
            "additionalProperties": false,
        })
    }

    fn field(&mut self, field: &FieldShape, required: bool) -> Value {
        let mut schema = self.schema(&(field.shape)());
        // Nothing behind a key counts as the key left out.
        if !required {
            schema = or_null(schema);
        }
        if let Value::Object(schema) = &mut schema {
            schema.insert("description".to_owned(), field.doc.clone().into());
        }
        schema
    }
}

/// The schema of a value that may be null.
fn or_null(mut schema: Value) -> Value {
    let nothing = json!({ "type": "null" });
    let Value::Object(keywords) = &mut schema else { return schema };
    if let Some(Value::Array(forms)) = keywords.get_mut("anyOf") {
        forms.push(nothing);
        return schema;
    }
    if keywords.is_empty() {
        return schema;
    }
    match keywords.get_mut("type") {
        Some(Value::Array(types)) => {
            types.push("null".into());
            schema
        }
        Some(kind) => {
            *kind = json!([kind.take(), "null"]);
            schema
        }
        None => json!({ "anyOf": [schema, nothing] }),
    }
}

/// Takes back what [`or_null`] allowed.
pub(crate) fn not_null(schema: &mut Value) {
    for list in ["type", "anyOf"] {
        let Some(Value::Array(forms)) = schema.get_mut(list) else { continue };
        forms.retain(|form| *form != "null" && *form != json!({ "type": "null" }));
        let only = if let [only] = forms.as_slice() { Some(only.clone()) } else { None };
        match only {
            Some(kind) if list == "type" => schema[list] = kind,
            Some(Value::Object(form)) => {
                let Value::Object(keywords) = &mut *schema else { return };
                keywords.shift_remove(list);
                keywords.extend(form);
            }
            _ => {}
        }
    }
}

fn integer(least: i64, most: Option<u64>) -> Value {
    let mut schema = json!({ "type": "integer" });
    if least != i64::MIN {
        schema["minimum"] = least.into();
    }
    if let Some(most) = most {
        schema["maximum"] = most.into();
    }
    schema
}
