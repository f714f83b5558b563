//! The JSON Schema of a pipeline's manifest, for editors.

use serde_json::{Value, json};

use super::PipelineManifest;
use crate::decode::Describe;
use crate::schema;

/// Records of which some keys can't be left out.
const REQUIRED: &[(&str, &[&str])] = &[
    ("PipelineManifest", &["name", "version", "source", "stages"]),
    ("SourceManifest", &["provider", "properties"]),
    ("SourceProperties", &["repository"]),
    ("StageManifest", &["name"]),
    ("ActionManifest", &["buildspec"]),
];

/// The schema (2020-12), with what the manifest of a workload lacks: no override fills in a key that is left out.
///
/// What a schema can't say is left to [`read`](super::read()): dependencies, names that must differ, and addresses.
pub fn json_schema(id: &str) -> Value {
    let mut schema = schema::json_schema(&PipelineManifest::shape(), id, "Pipeline of a Copilot workspace");
    constrain(&mut schema["$defs"]);
    schema
}

/// Says in the definitions of a pipeline's records what their forms don't.
pub(crate) fn constrain(definitions: &mut Value) {
    for (name, keys) in REQUIRED {
        definitions[*name]["required"] = json!(keys);
        for key in *keys {
            schema::not_null(&mut definitions[*name]["properties"][*key]);
        }
    }
    definitions["PipelineManifest"]["properties"]["version"]["const"] = json!(1);
    definitions["PipelineManifest"]["properties"]["stages"]["minItems"] = json!(1);
    // An action without a value is none, a deployment without one is.
    for key in ["pre_deployments", "post_deployments"] {
        definitions["StageManifest"]["properties"][key]["additionalProperties"] =
            json!({ "$ref": "#/$defs/ActionManifest" });
    }
    definitions["StageManifest"]["not"] = json!({
        "required": ["test_commands", "post_deployments"],
        "properties": { "test_commands": { "minItems": 1, "type": "array" }, "post_deployments": { "type": "object" } },
    });
}
