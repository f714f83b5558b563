//! The nested stack of a workload's own resources.

use copilot_cfn::{Map, Template};

/// A workload's addons, merged into one template.
#[derive(Debug, Clone, Default)]
pub struct Addons {
    /// The merged template, to be uploaded.
    pub template: Template,
    /// Parameters for it beyond `App`, `Env` and `Name`; they may refer to any resource of the workload's stack.
    pub parameters: Map,
    /// Its outputs, in the template's order.
    pub outputs: Vec<Output>,
}

/// An output of the addons template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its name in the template.
    pub name: String,
    /// What the workload's stack does with it.
    pub kind: OutputKind,
}

/// What an output refers to, which decides how the workload gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutputKind {
    /// Anything else: an environment variable.
    Variable,
    /// A secret of Secrets Manager: a secret of the main container.
    Secret,
    /// A managed policy: attached to the task's role.
    ManagedPolicy,
    /// A security group: attached to the tasks, and an environment variable.
    SecurityGroup,
}

impl Addons {
    /// Outputs that become environment variables: those that are neither secrets nor policies.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.named(|kind| matches!(kind, OutputKind::Variable | OutputKind::SecurityGroup))
    }

    /// Outputs that are secrets.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.named(|kind| kind == OutputKind::Secret)
    }

    /// Outputs that are managed policies.
    pub fn policies(&self) -> impl Iterator<Item = &str> {
        self.named(|kind| kind == OutputKind::ManagedPolicy)
    }

    /// Outputs that are security groups.
    pub fn security_groups(&self) -> impl Iterator<Item = &str> {
        self.named(|kind| kind == OutputKind::SecurityGroup)
    }

    fn named(&self, wanted: impl Fn(OutputKind) -> bool) -> impl Iterator<Item = &str> {
        self.outputs.iter().filter(move |output| wanted(output.kind)).map(|output| output.name.as_str())
    }
}
