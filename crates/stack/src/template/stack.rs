//! The template while its parts add to it.

use copilot_cfn::intrinsic::{cond_if, equals, no_value, not, reference, sub};
use copilot_cfn::{Error, Resource, Str, Template, Value, cfn};

/// A template that remembers the first name that two parts gave, so that a part need not look after every single addition.
#[derive(Debug)]
pub(crate) struct Stack {
    template: Template,
    problem: Option<Error>,
}

impl Stack {
    /// An empty stack with a description.
    pub(crate) fn new(description: impl Into<Str>) -> Self {
        Self { template: Template::new(description), problem: None }
    }

    fn note(&mut self, result: Result<(), Error>) {
        if let Err(problem) = result {
            self.problem.get_or_insert(problem);
        }
    }

    /// Adds a parameter without a default.
    pub(crate) fn parameter(&mut self, name: impl Into<Str>, kind: &'static str) {
        let result = self.template.insert_parameter(name, cfn!({ "Type": kind }));
        self.note(result);
    }

    /// Adds a parameter with a default.
    pub(crate) fn parameter_or(
        &mut self,
        name: impl Into<Str>,
        kind: &'static str,
        default: impl Into<Value>,
    ) {
        let result = self.template.insert_parameter(name, cfn!({ "Type": kind, "Default": default.into() }));
        self.note(result);
    }

    /// Adds a parameter that is `true` or `false`.
    pub(crate) fn flag(&mut self, name: &'static str) {
        let result =
            self.template.insert_parameter(name, cfn!({ "Type": "String", "AllowedValues": [true, false] }));
        self.note(result);
    }

    /// Adds a condition.
    pub(crate) fn condition(&mut self, name: impl Into<Str>, value: Value) {
        let result = self.template.insert_condition(name, value);
        self.note(result);
    }

    /// Adds a parameter that may be empty, and a condition that holds when it is not.
    pub(crate) fn optional(&mut self, condition: impl Into<Str>, parameter: impl Into<Str>) {
        let parameter = parameter.into();
        self.parameter_or(parameter.clone(), "String", "");
        self.condition(condition, not(equals(reference(parameter), "")));
    }

    /// Adds a resource.
    pub(crate) fn resource(&mut self, logical_id: impl Into<Str>, resource: Resource) {
        let result = self.template.insert_resource(logical_id, resource);
        self.note(result);
    }

    /// Adds a resource that waits for others. `DependsOn` is a list even for one, so that a patch can append to it.
    pub(crate) fn resource_after<I: Into<Str>>(
        &mut self,
        logical_id: impl Into<Str>,
        others: impl IntoIterator<Item = I>,
        resource: Resource,
    ) {
        let others: Vec<Str> = others.into_iter().map(Into::into).collect();
        let mut entry = Value::from(resource);
        if let Some(map) = entry.as_map_mut().filter(|_| !others.is_empty()) {
            map.insert("DependsOn", others);
        }
        let result = self.template.insert(copilot_cfn::Section::Resources, logical_id, entry).map(drop);
        self.note(result);
    }

    /// Adds a table for `Fn::FindInMap`.
    pub(crate) fn mapping(&mut self, name: impl Into<Str>, table: impl Into<Value>) {
        let result = self.template.insert_mapping(name, table);
        self.note(result);
    }

    /// Adds an output as it is.
    pub(crate) fn output(&mut self, name: impl Into<Str>, output: impl Into<Value>) {
        let result = self.template.insert_output(name, output);
        self.note(result);
    }

    /// Adds an output that other stacks can import as `STACK-NAME`.
    pub(crate) fn export(&mut self, name: &'static str, value: impl Into<Value>) {
        let export = sub(format!("${{AWS::StackName}}-{name}"));
        let result =
            self.template.insert_output(name, cfn!({ "Value": value.into(), "Export": { "Name": export } }));
        self.note(result);
    }

    /// The template.
    ///
    /// # Errors
    /// [`Error::Duplicate`] when two parts used one name.
    pub(crate) fn finish(self) -> Result<Template, Error> {
        self.problem.map_or(Ok(self.template), Err)
    }
}

/// The value when the condition holds, nothing otherwise.
pub(crate) fn only_if(condition: impl Into<Str>, value: impl Into<Value>) -> Value {
    cond_if(condition, value, no_value())
}
