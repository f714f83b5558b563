//! From a manifest's text to a workload for one environment.

use std::sync::OnceLock;

use copilot_yaml::{Diagnostic, Diagnostics, Node, Source, parse};

use crate::decode::{Context, Merge, Spanned};
use crate::interpolate::{ENVIRONMENT_NAME, Interpolated, Variables, Written, interpolate, substituted};
use crate::workload::envelope::{self, Envelope};
use crate::workload::validate::validate;
use crate::workload::{Workload, WorkloadType, codes};

/// A workload's manifest whose text was read and whose type is known. Reading it once serves all environments.
#[derive(Debug, Clone)]
pub struct WorkloadManifest {
    source: Source,
    tree: Node,
    kind: WorkloadType,
    warnings: Diagnostics,
    /// What was decoded for the first environment, where it holds for all of them.
    decoded: OnceLock<(Variables, Decoded)>,
}

/// The manifest with its variables substituted, before overrides and validation.
#[derive(Debug, Clone)]
struct Decoded {
    envelope: Option<Envelope>,
    text: Source,
    written: Written,
    diagnostics: Diagnostics,
}

/// A workload for one environment, and what is questionable about its manifest.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The workload.
    pub workload: Workload,
    /// Problems that leave it usable.
    pub warnings: Diagnostics,
}

impl WorkloadManifest {
    /// Reads the YAML and the type.
    ///
    /// # Errors
    /// What is wrong with the YAML; or `type` is missing or none of [`WorkloadType::ALL`].
    pub fn parse(source: Source) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let tree =
            parse(&source, &mut diagnostics).unwrap_or_else(|| Node::null(copilot_yaml::Span::default()));
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        match probe(&tree, &source) {
            Ok(kind) => Ok(Self { source, tree, kind, warnings: diagnostics, decoded: OnceLock::new() }),
            Err(problem) => {
                diagnostics.push(*problem);
                Err(diagnostics)
            }
        }
    }

    /// The type.
    pub fn kind(&self) -> WorkloadType {
        self.kind
    }

    /// The manifest's file.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Names of the environments that have overrides, in the order of the file.
    pub fn environments(&self) -> impl Iterator<Item = &str> {
        let entries = self.tree.get("environments").and_then(Node::as_mapping).unwrap_or_default();
        entries.iter().map(|entry| &*entry.key.text)
    }

    /// The workload as it is in an environment.
    ///
    /// # Errors
    /// All problems of the manifest, warnings included, if at least one of them is an error.
    pub fn load(&self, environment: &str, variables: &Variables) -> Result<Loaded, Diagnostics> {
        if self.source.text().contains(ENVIRONMENT_NAME) {
            return self.resolve(&self.decode(environment, variables), environment);
        }
        let (used, decoded) =
            self.decoded.get_or_init(|| (variables.clone(), self.decode(environment, variables)));
        if used == variables {
            self.resolve(decoded, environment)
        } else {
            self.resolve(&self.decode(environment, variables), environment)
        }
    }

    fn decode(&self, environment: &str, variables: &Variables) -> Decoded {
        let mut diagnostics = self.warnings.clone();
        let interpolated = interpolate(&self.tree, &self.source, environment, variables, &mut diagnostics);
        let (tree, text, written) = match &interpolated {
            Interpolated::Unchanged => (&self.tree, self.source.clone(), Written::plain(self.source.clone())),
            Interpolated::Changed(tree) => (
                &**tree,
                substituted(&self.source, &self.tree, tree),
                Written::between(self.source.clone(), &self.tree, tree),
            ),
        };
        let whole = || self.kind.shape();
        let mut cx = Context::of(&written, &mut diagnostics).with_shape(&whole);
        let envelope = envelope::decode(self.kind, tree, &mut cx);
        Decoded { envelope, text, written, diagnostics }
    }

    /// Lays the environment's overrides over the base with its defaults, and validates the result.
    fn resolve(&self, decoded: &Decoded, environment: &str) -> Result<Loaded, Diagnostics> {
        let mut diagnostics = decoded.diagnostics.clone();
        let Some(envelope) = &decoded.envelope else { return Err(diagnostics) };
        let mut config = envelope.base.clone();
        config.fill_defaults();
        if let Some(over) = envelope.environments.get(environment) {
            config.merge(&over.value);
        }
        let name = envelope.name.clone().unwrap_or_else(|| Spanned::implied(String::new()));
        let workload =
            Workload { name, config, text: decoded.text.clone(), written: decoded.written.clone() };
        let mut found = Diagnostics::default();
        let mut cx = Context::of(&decoded.written, &mut found);
        validate(&workload, envelope.name.is_some(), self.tree.span, &mut cx);
        // What could not be read is not missing.
        let unread = diagnostics.has_errors();
        found.retain(|problem| !unread || !codes::ABOUT_ABSENCE.contains(&problem.code));
        diagnostics.extend(found);
        if let Some(warning) = workload.config.windows_image(&self.source) {
            diagnostics.push(warning);
        }
        diagnostics.sort();
        if diagnostics.has_errors() {
            Err(diagnostics)
        } else {
            Ok(Loaded { workload, warnings: diagnostics })
        }
    }
}

/// The type that the manifest names.
fn probe(tree: &Node, source: &Source) -> Result<WorkloadType, Box<Diagnostic>> {
    let names = WorkloadType::ALL.map(WorkloadType::as_str);
    let Some(node) = tree.get("type").filter(|node| !node.is_null()) else {
        let problem = Diagnostic::error(&crate::codes::UNKNOWN_TYPE, "the manifest has no `type`");
        let help = format!("add `type:` with one of: {}", names.join(", "));
        return Err(Box::new(problem.at(source, tree.span, "").help(help).path("type")));
    };
    let text = node.as_str().unwrap_or_default();
    WorkloadType::parse(text).ok_or_else(|| {
        let problem =
            Diagnostic::error(&crate::codes::UNKNOWN_TYPE, format!("unknown workload type `{text}`"));
        let help = match copilot_yaml::closest(text, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the types are: {}", names.join(", ")),
        };
        Box::new(problem.at(source, node.span, "not a type of workload").help(help).path("type"))
    })
}
