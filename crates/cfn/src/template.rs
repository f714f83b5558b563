use std::fmt;

use crate::{Error, Map, Resource, Str, Value};

/// The part of a template that holds named things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Section {
    /// Data about the template, for readers other than CloudFormation.
    Metadata,
    /// Values that are given when the stack is deployed.
    Parameters,
    /// Checks of parameters.
    Rules,
    /// Tables for `Fn::FindInMap`.
    Mappings,
    /// Named conditions.
    Conditions,
    /// What the stack creates.
    Resources,
    /// What the stack tells.
    Outputs,
}

impl Section {
    /// As CloudFormation spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Metadata => "Metadata",
            Self::Parameters => "Parameters",
            Self::Rules => "Rules",
            Self::Mappings => "Mappings",
            Self::Conditions => "Conditions",
            Self::Resources => "Resources",
            Self::Outputs => "Outputs",
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A template in its sections, each with its names in the order in which they were added.
///
/// The sections are open: a part of a stack adds to them, and changes what another part has added.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Template {
    /// `AWSTemplateFormatVersion`; there is one version, `2010-09-09`.
    pub format_version: Option<Value>,
    /// `Description`, up to 1,024 bytes.
    pub description: Option<Value>,
    /// `Metadata`.
    pub metadata: Map,
    /// `Parameters`, up to 200.
    pub parameters: Map,
    /// `Rules`.
    pub rules: Map,
    /// `Mappings`, up to 200.
    pub mappings: Map,
    /// `Conditions`.
    pub conditions: Map,
    /// `Transform`: the name of a macro or a list of them.
    pub transform: Option<Value>,
    /// `Resources`, up to 500.
    pub resources: Map,
    /// `Outputs`, up to 200.
    pub outputs: Map,
    /// Sections of any other name, such as `Hooks`.
    pub other: Map,
}

impl Template {
    /// A template of the one format version there is, with a description.
    pub fn new(description: impl Into<Str>) -> Self {
        Self {
            format_version: Some("2010-09-09".into()),
            description: Some(Value::String(description.into())),
            ..Self::default()
        }
    }

    /// The section's names and values.
    pub fn section(&self, section: Section) -> &Map {
        match section {
            Section::Metadata => &self.metadata,
            Section::Parameters => &self.parameters,
            Section::Rules => &self.rules,
            Section::Mappings => &self.mappings,
            Section::Conditions => &self.conditions,
            Section::Resources => &self.resources,
            Section::Outputs => &self.outputs,
        }
    }

    /// The section's names and values, to change.
    pub fn section_mut(&mut self, section: Section) -> &mut Map {
        match section {
            Section::Metadata => &mut self.metadata,
            Section::Parameters => &mut self.parameters,
            Section::Rules => &mut self.rules,
            Section::Mappings => &mut self.mappings,
            Section::Conditions => &mut self.conditions,
            Section::Resources => &mut self.resources,
            Section::Outputs => &mut self.outputs,
        }
    }

    /// Adds a name to a section.
    ///
    /// # Errors
    /// [`Error::Duplicate`] when the section has the name already, which is then unchanged.
    pub fn insert(
        &mut self,
        section: Section,
        name: impl Into<Str>,
        value: impl Into<Value>,
    ) -> Result<&mut Value, Error> {
        let inserted = self.section_mut(section).insert_new(name.into(), || value.into());
        inserted.map_err(|name| Error::Duplicate { section, name })
    }

    /// Adds a parameter. See [`Template::insert`].
    pub fn insert_parameter(&mut self, name: impl Into<Str>, value: impl Into<Value>) -> Result<(), Error> {
        self.insert(Section::Parameters, name, value).map(drop)
    }

    /// Adds a condition. See [`Template::insert`].
    pub fn insert_condition(&mut self, name: impl Into<Str>, value: impl Into<Value>) -> Result<(), Error> {
        self.insert(Section::Conditions, name, value).map(drop)
    }

    /// Adds a mapping. See [`Template::insert`].
    pub fn insert_mapping(&mut self, name: impl Into<Str>, value: impl Into<Value>) -> Result<(), Error> {
        self.insert(Section::Mappings, name, value).map(drop)
    }

    /// Adds a resource. See [`Template::insert`].
    pub fn insert_resource(&mut self, logical_id: impl Into<Str>, resource: Resource) -> Result<(), Error> {
        self.insert(Section::Resources, logical_id, resource).map(drop)
    }

    /// Adds an output. See [`Template::insert`].
    pub fn insert_output(&mut self, name: impl Into<Str>, value: impl Into<Value>) -> Result<(), Error> {
        self.insert(Section::Outputs, name, value).map(drop)
    }

    /// The properties of a resource, to change. A resource without any gets an empty map.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is no such resource, [`Error::Shape`] when it or its properties are no map.
    pub fn properties_mut(&mut self, logical_id: &str) -> Result<&mut Map, Error> {
        let shape = |path: String, found| Error::Shape { path, expected: "a map", found };
        let resource = self.resources.get_mut(logical_id).ok_or_else(|| Error::Missing {
            section: Section::Resources,
            name: logical_id.to_owned().into(),
        })?;
        let found = resource.kind();
        let resource =
            resource.as_map_mut().ok_or_else(|| shape(format!("Resources/{logical_id}"), found))?;
        let properties = resource.get_or_insert_with("Properties", || Map::new().into());
        let found = properties.kind();
        properties.as_map_mut().ok_or_else(|| shape(format!("Resources/{logical_id}/Properties"), found))
    }

    /// The template as one map in CloudFormation's order, without empty sections but for `Resources`.
    pub fn into_value(self) -> Value {
        let mut map = Map::with_capacity(10);
        let section = |section: Map| Some(Value::Map(section)).filter(|map| *map != Value::Map(Map::new()));
        let entries = [
            ("AWSTemplateFormatVersion", self.format_version),
            ("Description", self.description),
            ("Metadata", section(self.metadata)),
            ("Parameters", section(self.parameters)),
            ("Rules", section(self.rules)),
            ("Mappings", section(self.mappings)),
            ("Conditions", section(self.conditions)),
            ("Transform", self.transform),
            ("Resources", Some(Value::Map(self.resources))),
            ("Outputs", section(self.outputs)),
        ];
        for (key, value) in entries {
            if let Some(value) = value {
                map.insert(key, value);
            }
        }
        map.extend(self.other);
        Value::Map(map)
    }

    /// Sorts a template that was read or patched into its sections.
    ///
    /// # Errors
    /// [`Error::Shape`] when the document or one of its sections is no map. An empty section (null) is taken as absent.
    pub fn from_value(value: Value) -> Result<Self, Error> {
        let Value::Map(entries) = value else {
            return Err(Error::Shape { path: "template".into(), expected: "a map", found: value.kind() });
        };
        let mut template = Self::default();
        for (key, value) in entries {
            let section = match key.as_ref() {
                "AWSTemplateFormatVersion" => {
                    template.format_version = Some(value);
                    continue;
                }
                "Description" => {
                    template.description = Some(value);
                    continue;
                }
                "Transform" => {
                    template.transform = Some(value);
                    continue;
                }
                "Metadata" => Section::Metadata,
                "Parameters" => Section::Parameters,
                "Rules" => Section::Rules,
                "Mappings" => Section::Mappings,
                "Conditions" => Section::Conditions,
                "Resources" => Section::Resources,
                "Outputs" => Section::Outputs,
                _ => {
                    template.other.insert(key, value);
                    continue;
                }
            };
            *template.section_mut(section) = match value {
                Value::Map(map) => map,
                Value::Null => Map::new(),
                other => {
                    return Err(Error::Shape {
                        path: key.into_owned(),
                        expected: "a map",
                        found: other.kind(),
                    });
                }
            };
        }
        Ok(template)
    }
}
