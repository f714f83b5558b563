//! Keys that take one of two forms.

/// Declares a key that takes either a mapping or something else, with its reader, its merge and its description.
///
/// A mapping is read as the form under `mapping`, [leniently](crate::decode::Context::lenient), because Copilot tries that
/// form first and swallows what does not fit; it must set something, and not just what `blank if` takes for nothing. Anything else is read as the form under `other`.
/// In a merge the form of the override wins; two mappings are merged.
#[macro_export]
macro_rules! union {
    (
        $(#[doc = $doc:literal])*
        $vis:vis enum $name:ident {
            $(#[doc = $other_doc:literal])*
            other $other:ident($other_ty:ty),
            $(#[doc = $mapping_doc:literal])*
            mapping $mapping:ident($mapping_ty:ty),
        }
        expected $expected:literal
        $( blank if $blank:path; )?
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq)]
        $vis enum $name {
            $(#[doc = $other_doc])*
            $other($other_ty),
            $(#[doc = $mapping_doc])*
            $mapping(Box<$mapping_ty>),
        }

        impl $crate::decode::Decode for $name {
            fn decode(node: &$crate::Node, cx: &mut $crate::decode::Context<'_>) -> Option<Self> {
                if node.as_mapping().is_some() {
                    let value: $mapping_ty = cx.lenient(|cx| $crate::decode::Decode::decode(node, cx))?;
                    if $crate::decode::Blank::is_blank(&value) $( || $blank(&value) )? {
                        cx.wrong_form(node, $expected);
                        return None;
                    }
                    return Some(Self::$mapping(Box::new(value)));
                }
                let found = cx.diagnostics().len();
                let value = cx.strict(|cx| $crate::decode::Decode::decode(node, cx));
                if value.is_none() {
                    cx.diagnostics().truncate(found);
                    cx.wrong_form(node, $expected);
                }
                value.map(Self::$other)
            }
        }

        impl $crate::decode::Merge for $name {
            fn merge(&mut self, over: &Self) {
                match (self, over) {
                    (Self::$mapping(base), Self::$mapping(over)) => $crate::decode::Merge::merge(&mut **base, &**over),
                    (base, over) => base.clone_from(over),
                }
            }
        }

        impl $crate::decode::Blank for $name {
            fn is_blank(&self) -> bool {
                match self {
                    Self::$other(value) => $crate::decode::Blank::is_blank(value),
                    Self::$mapping(value) => $crate::decode::Blank::is_blank(&**value),
                }
            }
        }

        impl $crate::decode::Describe for $name {
            fn shape() -> $crate::decode::Shape {
                $crate::decode::Shape::OneOf(vec![
                    <$other_ty as $crate::decode::Describe>::shape(),
                    <$mapping_ty as $crate::decode::Describe>::shape(),
                ])
            }
        }
    };
}
