//! Mappings with known keys.

use copilot_yaml::{Node, Value};

use super::{Context, FieldShape};

/// A mapping with known keys, made by [`record!`](crate::record).
pub trait Record: Default {
    /// Reads one key into its field. `false` if the record has no such key.
    fn decode_field(&mut self, key: &str, node: &Node, cx: &mut Context<'_>) -> bool;

    /// Adds the keys, those of flattened records included.
    fn fields(into: &mut Vec<FieldShape>);

    /// Reports keys that contradict each other, before anything is merged.
    fn check(&self, _node: &Node, _cx: &mut Context<'_>) {}
}

/// Reads a mapping with known keys; unknown ones are warned of.
pub fn decode_record<R: Record>(node: &Node, cx: &mut Context<'_>) -> Option<R> {
    let Value::Mapping(entries) = &node.value else {
        cx.wrong_type(node, "a mapping");
        return None;
    };
    let mut record = R::default();
    for entry in entries {
        let key = &*entry.key.text;
        let known = cx.within(key, |cx| record.decode_field(key, &entry.value, cx));
        if !known {
            cx.unknown_key(&entry.key, || {
                let mut fields = Vec::new();
                R::fields(&mut fields);
                fields.iter().map(|field| field.key).collect()
            });
        }
    }
    record.check(node, cx);
    Some(record)
}

/// Declares a record: a struct whose fields are all `Option<Spanned<T>>`, with its reader, its merge and its description.
///
/// A field's key is its name, or what stands behind `as`. The fields of the records under `flatten` stand in the same
/// mapping as the record's own. The function behind `after decode` sees each mapping as it was written, to report keys that
/// contradict each other. The function behind `after merge` gets the merged record and what was laid over it, to
/// unset what the override excludes.
///
/// ```
/// copilot_manifest::record! {
///     /// How a container is watched.
///     pub struct HealthCheck {
///         /// Number of failures in a row before the container is replaced.
///         retries: u64,
///         /// Command that is run inside the container.
///         command: Vec<String>,
///         /// The kind; `type` is a word of Rust, so the field has another name.
///         kind as "type": String,
///     }
/// }
/// ```
#[macro_export]
macro_rules! record {
    (
        $(#[doc = $doc:literal])*
        $vis:vis struct $name:ident {
            $( $(#[doc = $field_doc:literal])* $field:ident $(as $key:literal)? : $ty:ty ),* $(,)?
        }
        $( flatten { $( $(#[doc = $flat_doc:literal])* $flat:ident : $flat_ty:ty ),* $(,)? } )?
        $( after decode $check:path; )?
        $( after merge $after:path; )?
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        #[non_exhaustive]
        $vis struct $name {
            $( $(#[doc = $field_doc])* pub $field: Option<$crate::decode::Spanned<$ty>>, )*
            $($( $(#[doc = $flat_doc])* pub $flat: $flat_ty, )*)?
        }

        impl $crate::decode::Record for $name {
            fn decode_field(
                &mut self,
                key: &str,
                node: &$crate::Node,
                cx: &mut $crate::decode::Context<'_>,
            ) -> bool {
                $(
                    if key == $crate::record!(@key $field $($key)?) {
                        self.$field = if node.is_null() { None } else { $crate::decode::decode_value(node, cx) };
                        return true;
                    }
                )*
                $($( if $crate::decode::Record::decode_field(&mut self.$flat, key, node, cx) { return true; } )*)?
                let _ = (node, cx);
                false
            }

            fn fields(into: &mut Vec<$crate::decode::FieldShape>) {
                $( into.push($crate::decode::FieldShape {
                    key: $crate::record!(@key $field $($key)?),
                    doc: [$($field_doc),*].map(str::trim).join("\n"),
                    shape: <$ty as $crate::decode::Describe>::shape,
                }); )*
                $($( <$flat_ty as $crate::decode::Record>::fields(into); )*)?
            }

            fn check(&self, node: &$crate::Node, cx: &mut $crate::decode::Context<'_>) {
                $($( $crate::decode::Record::check(&self.$flat, node, cx); )*)?
                $( $check(self, node, cx); )?
                let _ = (node, cx);
            }
        }

        impl $crate::decode::Decode for $name {
            fn decode(node: &$crate::Node, cx: &mut $crate::decode::Context<'_>) -> Option<Self> {
                $crate::decode::decode_record(node, cx)
            }
        }

        impl $crate::decode::Merge for $name {
            fn merge(&mut self, over: &Self) {
                $( $crate::decode::Merge::merge(&mut self.$field, &over.$field); )*
                $($( $crate::decode::Merge::merge(&mut self.$flat, &over.$flat); )*)?
                $( $after(self, over); )?
                let _ = over;
            }

            fn adopt(over: &Self) -> Option<Self> {
                let mut adopted = Self::default();
                $( $crate::decode::Merge::merge(&mut adopted.$field, &over.$field); )*
                $($( $crate::decode::Merge::merge(&mut adopted.$flat, &over.$flat); )*)?
                Some(adopted)
            }
        }

        impl $crate::decode::Blank for $name {
            fn is_blank(&self) -> bool {
                $( $crate::decode::Blank::is_blank(&self.$field) && )*
                $($( $crate::decode::Blank::is_blank(&self.$flat) && )*)?
                true
            }
        }

        impl $crate::decode::Describe for $name {
            fn shape() -> $crate::decode::Shape {
                let mut fields = Vec::new();
                <Self as $crate::decode::Record>::fields(&mut fields);
                $crate::decode::Shape::Record($crate::decode::RecordShape {
                    name: stringify!($name),
                    doc: [$($doc),*].map(str::trim).join("\n"),
                    fields,
                })
            }
        }
    };
    (@key $field:ident $key:literal) => { $key };
    (@key $field:ident) => { stringify!($field) };
}

#[cfg(test)]
mod tests {
    use copilot_yaml::{Diagnostics, Source, parse};

    use crate::decode::{Context, Decode, Describe, Map, Merge, Record, Shape};

    crate::record! {
        /// Shared.
        struct Common {
            /// Units of CPU.
            cpu: i64,
        }
    }

    crate::record! {
        /// A test.
        struct Service {
            /// The kind.
            kind as "type": String,
            /// Variables.
            variables: Map<String>,
            /// Ports.
            ports: Vec<u16>,
        }
        flatten {
            /// Shared keys.
            common: Common,
        }
    }

    fn read(text: &str) -> (Service, Vec<String>) {
        let source = Source::new("m.yml", text);
        let mut diagnostics = Diagnostics::default();
        let node = parse(&source, &mut diagnostics).unwrap();
        let service =
            Service::decode(&node, &mut Context::new(&source, &mut diagnostics)).unwrap_or_default();
        (service, diagnostics.iter().map(|d| format!("{}: {}", d.path, d)).collect())
    }

    #[test]
    fn all_problems_are_found_in_one_run() {
        let (service, problems) =
            read("type: x\ncpu: '1'\nports: [80, x, 70000]\nvariable: {}\nvariables: {A: }\n");
        assert_eq!(service.kind.unwrap().value, "x");
        assert_eq!(service.ports.unwrap().value, [80]);
        assert_eq!(service.variables.unwrap().get("A").unwrap().value, "");
        assert_eq!(
            problems,
            [
                "cpu: m.yml:2:6: `cpu` takes an integer, not a string",
                "ports[1]: m.yml:3:13: `ports[1]` takes an integer, not a string",
                "ports[2]: m.yml:3:16: `ports[2]` takes an integer that fits u16, not an integer",
                "variable: m.yml:4:1: unknown key `variable` here: it has no effect",
            ]
        );
    }

    #[test]
    fn an_override_wins_where_it_says_something() {
        let (mut base, _) = read("type: a\ncpu: 1\nports: [1, 2]\nvariables: {A: a, B: b}\n");
        let (over, _) = read("cpu: 0\nports: []\nvariables: {B: c, C: d}\n");
        base.merge(&over);
        assert_eq!(base.common.cpu.unwrap().value, 0);
        assert_eq!(base.ports.unwrap().value, [0_u16; 0]);
        let names: Vec<_> =
            base.variables.as_ref().unwrap().iter().map(|(n, v)| format!("{n}={}", v.value)).collect();
        assert_eq!(names, ["A=a", "B=c", "C=d"]);
        assert_eq!(base.kind.unwrap().value, "a");
    }

    #[test]
    fn the_description_has_keys_and_texts() {
        let Shape::Record(shape) = Service::shape() else { panic!("a record") };
        let keys: Vec<_> = shape.fields.iter().map(|f| (f.key, f.doc.as_str())).collect();
        assert_eq!(
            keys,
            [
                ("type", "The kind."),
                ("variables", "Variables."),
                ("ports", "Ports."),
                ("cpu", "Units of CPU.")
            ]
        );
        let mut fields = Vec::new();
        Common::fields(&mut fields);
        assert_eq!(fields.len(), 1);
    }
}
