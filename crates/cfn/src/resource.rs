use crate::{Map, Str, Value};

/// What CloudFormation does with a resource that leaves the stack or is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// The resource is deleted.
    Delete,
    /// The resource is left as it is.
    Retain,
    /// As `Retain`, but for a resource whose creation failed.
    RetainExceptOnCreate,
    /// A last snapshot is taken first.
    Snapshot,
}

impl Policy {
    /// As CloudFormation spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "Delete",
            Self::Retain => "Retain",
            Self::RetainExceptOnCreate => "RetainExceptOnCreate",
            Self::Snapshot => "Snapshot",
        }
    }
}

/// Builds the entry of a resource, whose attributes come in one order whatever the order of the calls.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    metadata: Map,
    kind: Str,
    condition: Option<Str>,
    depends_on: Vec<Str>,
    deletion_policy: Option<Policy>,
    update_replace_policy: Option<Policy>,
    creation_policy: Option<Value>,
    update_policy: Option<Value>,
    properties: Map,
}

impl Resource {
    /// A resource of a type such as `AWS::SQS::Queue` or `Custom::EnvControllerFunction`.
    pub fn new(kind: impl Into<Str>) -> Self {
        Self {
            metadata: Map::new(),
            kind: kind.into(),
            condition: None,
            depends_on: Vec::new(),
            deletion_policy: None,
            update_replace_policy: None,
            creation_policy: None,
            update_policy: None,
            properties: Map::new(),
        }
    }

    /// Creates the resource only when the named condition holds.
    #[must_use]
    pub fn condition(mut self, name: impl Into<Str>) -> Self {
        self.condition = Some(name.into());
        self
    }

    /// Creates the resource after another; may be called again.
    #[must_use]
    pub fn depends_on(mut self, logical_id: impl Into<Str>) -> Self {
        self.depends_on.push(logical_id.into());
        self
    }

    /// Creates the resource after others.
    #[must_use]
    pub fn depends_on_all<I: Into<Str>>(mut self, logical_ids: impl IntoIterator<Item = I>) -> Self {
        self.depends_on.extend(logical_ids.into_iter().map(Into::into));
        self
    }

    /// Adds an entry to `Metadata`.
    #[must_use]
    pub fn metadata(mut self, key: impl Into<Str>, value: impl Into<Value>) -> Self {
        self.metadata.insert(key, value);
        self
    }

    /// What happens when the resource leaves the stack.
    #[must_use]
    pub fn deletion_policy(mut self, policy: Policy) -> Self {
        self.deletion_policy = Some(policy);
        self
    }

    /// What happens to the old resource when an update replaces it.
    #[must_use]
    pub fn update_replace_policy(mut self, policy: Policy) -> Self {
        self.update_replace_policy = Some(policy);
        self
    }

    /// What CloudFormation waits for before the resource counts as created.
    #[must_use]
    pub fn creation_policy(mut self, policy: impl Into<Value>) -> Self {
        self.creation_policy = Some(policy.into());
        self
    }

    /// How CloudFormation updates the resource.
    #[must_use]
    pub fn update_policy(mut self, policy: impl Into<Value>) -> Self {
        self.update_policy = Some(policy.into());
        self
    }

    /// Sets one property.
    #[must_use]
    pub fn property(mut self, key: impl Into<Str>, value: impl Into<Value>) -> Self {
        self.properties.insert(key, value);
        self
    }

    /// Sets one property when there is a value for it.
    #[must_use]
    pub fn property_opt(mut self, key: impl Into<Str>, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.properties.insert(key, value);
        }
        self
    }

    /// Sets the properties that a map holds, next to those set before. Anything else than a map changes nothing.
    #[must_use]
    pub fn properties(mut self, properties: impl Into<Value>) -> Self {
        if let Value::Map(properties) = properties.into() {
            if self.properties.is_empty() {
                self.properties = properties;
            } else {
                self.properties.extend(properties);
            }
        }
        self
    }

    /// The properties set so far, to change.
    pub fn properties_mut(&mut self) -> &mut Map {
        &mut self.properties
    }

    pub(crate) fn into_map(self) -> Map {
        let mut map = Map::with_capacity(5);
        if !self.metadata.is_empty() {
            map.insert("Metadata", self.metadata);
        }
        map.insert("Type", self.kind);
        if let Some(condition) = self.condition {
            map.insert("Condition", condition);
        }
        match self.depends_on.len() {
            0 => {}
            1 => drop(map.insert("DependsOn", self.depends_on.into_iter().next())),
            _ => drop(map.insert("DependsOn", self.depends_on)),
        }
        for (key, policy) in
            [("DeletionPolicy", self.deletion_policy), ("UpdateReplacePolicy", self.update_replace_policy)]
        {
            if let Some(policy) = policy {
                map.insert(key, policy.as_str());
            }
        }
        for (key, policy) in [("CreationPolicy", self.creation_policy), ("UpdatePolicy", self.update_policy)]
        {
            if let Some(policy) = policy {
                map.insert(key, policy);
            }
        }
        if !self.properties.is_empty() {
            map.insert("Properties", self.properties);
        }
        map
    }
}
