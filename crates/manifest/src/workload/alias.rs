//! Domain names of a service.

use copilot_yaml::Node;

use crate::decode::{Blank, Context, Decode, Describe, Shape, Spanned};
use crate::workload::value::StringList;

crate::record! {
    /// A domain name, with the hosted zone that its record goes into.
    pub struct AdvancedAlias {
        /// The domain name.
        name: String,
        /// Id of the hosted zone that the record goes into.
        hosted_zone: String,
    }
}

/// Domain names of a service.
#[derive(Debug, Clone, PartialEq)]
pub enum Alias {
    /// Names alone.
    Names(StringList),
    /// Names with hosted zones.
    Advanced(Vec<Spanned<AdvancedAlias>>),
}

impl Alias {
    /// The domain names. A name that is missing is empty.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Names(names) => names.as_slice().iter().map(String::as_str).collect(),
            Self::Advanced(aliases) => aliases
                .iter()
                .map(|alias| alias.name.as_ref().map_or("", |name| name.value.as_str()))
                .collect(),
        }
    }

    /// The names with hosted zones, if it is that form.
    pub fn advanced(&self) -> &[Spanned<AdvancedAlias>] {
        match self {
            Self::Names(_) => &[],
            Self::Advanced(aliases) => aliases,
        }
    }
}

/// As soon as one item is a mapping, items that are texts are dropped, with a warning.
impl Decode for Alias {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        if node.as_sequence().is_some_and(|items| items.iter().any(|item| item.as_mapping().is_some())) {
            return cx.lenient(|cx| Decode::decode(node, cx)).map(Self::Advanced);
        }
        if node.as_mapping().is_some() {
            let expected = "a domain name, a list of domain names, or a list of mappings with the keys `name` and `hosted_zone`";
            cx.wrong_form(node, expected);
            return None;
        }
        StringList::decode(node, cx).map(Self::Names)
    }
}

impl Blank for Alias {
    fn is_blank(&self) -> bool {
        match self {
            Self::Names(names) => names.is_blank(),
            Self::Advanced(aliases) => aliases.is_empty(),
        }
    }
}

impl Describe for Alias {
    fn shape() -> Shape {
        let Shape::OneOf(mut forms) = StringList::shape() else { return Shape::Any };
        forms.push(Vec::<AdvancedAlias>::shape());
        Shape::OneOf(forms)
    }
}

crate::merge_replaces!(Alias);
