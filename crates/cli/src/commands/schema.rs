//! `schema`: the JSON Schemas of manifests, for editors.

use clap::{Args, ValueEnum};

use crate::failure::Failure;
use crate::io::Io;
use crate::reference;

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Manifests to describe.
    #[arg(value_enum, default_value_t = SchemaKind::Manifest)]
    kind: SchemaKind,
}

/// The names of the schemas in `schemas/`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum SchemaKind {
    /// All manifests, told apart by their `type`
    Manifest,
    /// Pipelines
    Pipeline,
    /// Services and jobs, told apart by their `type`
    Workload,
    /// Environments
    Environment,
    /// Load Balanced Web Services
    LoadBalancedWebService,
    /// Backend Services
    BackendService,
    /// Worker Services
    WorkerService,
    /// Request-Driven Web Services
    RequestDrivenWebService,
    /// Static Sites
    StaticSite,
    /// Scheduled Jobs
    ScheduledJob,
}

pub(crate) fn run(arguments: &Schema, io: &mut Io<'_>) -> Result<(), Failure> {
    let schema = arguments.kind.to_possible_value().and_then(|value| reference::schema(value.get_name()));
    io.out(schema.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::ValueEnum;

    use super::SchemaKind;
    use crate::reference;

    #[test]
    fn every_schema_can_be_named() {
        let named = SchemaKind::value_variants().iter().map(|kind| kind.to_possible_value().unwrap());
        let named: BTreeSet<String> =
            named.map(|value| format!("{}.schema.json", value.get_name())).collect();
        assert_eq!(named, reference::schemas().into_keys().collect());
    }
}
