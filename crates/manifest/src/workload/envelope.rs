//! The keys around a workload's configuration: `name`, `type` and `environments`.

use copilot_yaml::{Node, Value};

use crate::decode::{
    Context, Decode, Describe, FieldShape, Map, Record, RecordShape, Shape, Spanned, decode_record,
    decode_value,
};
use crate::workload::{WorkloadConfig, WorkloadType};

/// A whole manifest, as it was written.
#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    /// The name.
    pub(crate) name: Option<Spanned<String>>,
    /// What holds in all environments.
    pub(crate) base: WorkloadConfig,
    /// What environments override.
    pub(crate) environments: Map<WorkloadConfig>,
}

const ENVELOPE_KEYS: [&str; 3] = ["name", "type", "environments"];

/// Reads a manifest of a known type. `None` if it is no mapping.
pub(crate) fn decode(kind: WorkloadType, node: &Node, cx: &mut Context<'_>) -> Option<Envelope> {
    macro_rules! by_type {
        ($($variant:ident),*) => {
            match kind {
                $(WorkloadType::$variant => read(node, cx, |config| WorkloadConfig::$variant(Box::new(config))),)*
            }
        };
    }
    by_type!(
        LoadBalancedWebService,
        BackendService,
        WorkerService,
        RequestDrivenWebService,
        StaticSite,
        ScheduledJob
    )
}

fn read<C: Record>(node: &Node, cx: &mut Context<'_>, wrap: fn(C) -> WorkloadConfig) -> Option<Envelope> {
    let Value::Mapping(entries) = &node.value else {
        cx.wrong_type(node, "a mapping");
        return None;
    };
    let mut name = None;
    let mut base = C::default();
    let mut environments = Map::default();
    for entry in entries {
        let key = &*entry.key.text;
        let known = cx.within(key, |cx| match key {
            "name" => {
                name = if entry.value.is_null() { None } else { decode_value(&entry.value, cx) };
                true
            }
            "type" => true,
            "environments" => {
                if !entry.value.is_null() {
                    environments = read_environments(&entry.value, cx, wrap);
                }
                true
            }
            _ => base.decode_field(key, &entry.value, cx),
        });
        if !known {
            cx.unknown_key(&entry.key, || {
                let mut fields = Vec::new();
                C::fields(&mut fields);
                ENVELOPE_KEYS.into_iter().chain(fields.iter().map(|field| field.key)).collect()
            });
        }
    }
    Some(Envelope { name, base: wrap(base), environments })
}

fn read_environments<C: Record>(
    node: &Node,
    cx: &mut Context<'_>,
    wrap: fn(C) -> WorkloadConfig,
) -> Map<WorkloadConfig> {
    let overrides: Option<Map<Override<C>>> = Decode::decode(node, cx);
    let Some(overrides) = overrides else { return Map::default() };
    let members = overrides.0.into_iter().map(|(name, member)| {
        let value = member.value.map(|config| config.map(|config| wrap(config.0)));
        (name, crate::decode::Member { key: member.key, value })
    });
    Map(members.collect())
}

/// The configuration under an environment's name.
struct Override<C>(C);

impl<C: Record> Decode for Override<C> {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        decode_record(node, cx).map(Self)
    }
}

/// The form of a whole manifest, for documentation.
pub(crate) fn shape(kind: WorkloadType) -> Shape {
    macro_rules! by_type {
        ($($variant:ident),*) => {
            match kind {
                $(WorkloadType::$variant => shape_of::<crate::workload::$variant>(|| Shape::Enum(const { &[WorkloadType::$variant.as_str()] })),)*
            }
        };
    }
    by_type!(
        LoadBalancedWebService,
        BackendService,
        WorkerService,
        RequestDrivenWebService,
        StaticSite,
        ScheduledJob
    )
}

fn shape_of<C: Record + Describe>(name: fn() -> Shape) -> Shape {
    let Shape::Record(mut record) = C::shape() else { return Shape::Any };
    let field = |key, doc: &str, shape| FieldShape { key, doc: doc.to_owned(), shape };
    let mut fields = vec![
        field("name", "Name of the workload, part of the names of its stack and its resources.", || {
            Shape::String
        }),
        field("type", "Type of the workload.", name),
    ];
    fields.append(&mut record.fields);
    let doc =
        "What is different in an environment, by its name: any key of the manifest but `name` and `type`.";
    fields.push(field("environments", doc, || Shape::Map(Box::new(C::shape()))));
    Shape::Record(RecordShape { fields, ..record })
}
