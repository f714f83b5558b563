//! Patches of a template: the operations `add`, `remove` and `replace` of RFC 6902, read from YAML so that their values
//! may hold intrinsics.
//!
//! Differences from the RFC: `add` to a map takes the place of a value that is there, at its place; a function is looked
//! into without its name in the path, so that `/…/Subnets/1` leads to the second argument of `Subnets: !If […]`, as it
//! does for everyone who sees the template with short tags. The name may be given, too (`/…/Subnets/Fn::If/1`).

mod apply;
mod file;

use copilot_yaml::{Diagnostic, Source, Span};

use crate::Value;

/// What a patch does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Sets a key of a map, or inserts into a list before the item at the place.
    Add,
    /// Takes a key or an item out.
    Remove,
    /// Puts a value in the place of one that is there.
    Replace,
}

impl Operation {
    /// As a file spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

/// One patch.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    operation: Operation,
    /// The pointer's parts, unescaped.
    tokens: Vec<String>,
    /// Null for [`Operation::Remove`].
    value: Value,
    /// Where the path stands in the file.
    span: Span,
}

/// The patches of a file, in order.
#[derive(Debug, Clone)]
pub struct Patches {
    source: Source,
    patches: Vec<Patch>,
}

impl Patches {
    /// How many patches there are.
    pub fn len(&self) -> usize {
        self.patches.len()
    }

    /// Whether the file holds no patch.
    pub fn is_empty(&self) -> bool {
        self.patches.is_empty()
    }

    /// Applies all patches in order.
    ///
    /// # Errors
    /// The first patch whose path leads nowhere, as later ones may build on it.
    pub fn apply(&self, template: Value) -> Result<Value, Box<Diagnostic>> {
        let mut template = template;
        for (index, patch) in self.patches.iter().enumerate() {
            patch.apply(&mut template).map_err(|fault| {
                let message = format!(
                    "unable to apply the `{}` patch at index {index}: {}",
                    patch.operation.as_str(),
                    fault.message
                );
                let mut diagnostic = Diagnostic::error(&crate::codes::PATCH_TARGET, message)
                    .at(&self.source, patch.span, fault.label)
                    .path(format!("[{index}].path"));
                diagnostic.help = fault.help;
                Box::new(diagnostic)
            })?;
        }
        Ok(template)
    }
}

/// Says at the end of a template's description what was done to it: one full stop makes room for `remark`, which brings
/// its own. A template without a description gets none.
pub fn remark_in_description(template: &mut Value, remark: &str) {
    if let Some(Value::String(description)) = template.get_mut("Description") {
        let text = description.strip_suffix('.').unwrap_or(description);
        *description = format!("{text}{remark}").into();
    }
}
