//! The stack's parameters and tags, as a file for CloudFormation.

use std::collections::BTreeMap;

use super::go_json;
use crate::facts::Application;

/// Values of a stack's parameters, and its tags; both sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StackParameters {
    /// Values by the parameter's name.
    pub parameters: BTreeMap<String, String>,
    /// Tags of the stack, which CloudFormation gives to all its resources.
    pub tags: BTreeMap<String, String>,
}

impl StackParameters {
    /// Sets a parameter.
    pub(crate) fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.parameters.insert(name.into(), value.into());
    }

    /// Tags of a stack: those of the application, with Copilot's own over them.
    pub(crate) fn set_tags<'a>(
        &mut self,
        application: &Application,
        own: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) {
        self.tags.extend(application.tags.iter().map(|(key, value)| (key.clone(), value.clone())));
        self.tags.extend(own.into_iter().map(|(key, value)| (format!("copilot-{key}"), value.to_owned())));
    }

    /// The file: `Parameters`, then `Tags`, indented by two blanks, without a line break at the end.
    pub fn to_json(&self) -> String {
        let mut text = String::with_capacity(2048);
        text.push_str("{\n");
        push_object(&mut text, "Parameters", &self.parameters);
        text.push_str(",\n");
        push_object(&mut text, "Tags", &self.tags);
        text.push_str("\n}");
        text
    }
}

fn push_object(text: &mut String, name: &str, entries: &BTreeMap<String, String>) {
    text.push_str("  \"");
    text.push_str(name);
    text.push_str("\": {");
    for (place, (key, value)) in entries.iter().enumerate() {
        text.push_str(if place == 0 { "\n    " } else { ",\n    " });
        text.push_str(&go_json::quote(key));
        text.push_str(": ");
        text.push_str(&go_json::quote(value));
    }
    text.push_str(if entries.is_empty() { "}" } else { "\n  }" });
}
