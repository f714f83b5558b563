//! Subnets, security groups and Service Connect.

use copilot_yaml::Node;

use crate::decode::{Blank, Context, Decode, Describe, Map, Merge, Shape};
use crate::workload::value::{SecurityGroupId, StringList};

crate::record! {
    /// Subnets, security groups and Service Connect.
    pub struct Network {
        /// Subnets and security groups.
        vpc: Vpc,
        /// Whether the service takes part in Service Connect, or the name under which it does. Default: false.
        connect: Connect,
    }
}

crate::record! {
    /// Subnets and security groups of the tasks.
    pub struct Vpc {
        /// `public` or `private` for the environment's subnets of that kind, or certain `subnets`. Default: `public`.
        placement: Placement,
        /// Security groups that the tasks get besides the environment's own.
        security_groups: SecurityGroups,
    }
}

crate::record! {
    /// Subnets that carry certain tags.
    pub struct SubnetsFromTags {
        /// Tags by key, with one value, several, or none for any. A subnet has to carry all of them.
        from_tags: Map<StringList>,
    }
}

crate::record! {
    /// Certain subnets.
    pub struct PlacementFields {
        /// Ids of subnets, or `from_tags` to look them up.
        subnets: Subnets,
    }
}

/// Certain subnets.
#[derive(Debug, Clone, PartialEq)]
pub enum Subnets {
    /// Their ids.
    Ids(Vec<String>),
    /// The tags that they carry.
    FromTags(SubnetsFromTags),
}

impl Decode for Subnets {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let expected = "a list of subnet ids, or a mapping with the key `from_tags`";
        if node.as_mapping().is_some() {
            let tags: SubnetsFromTags = cx.lenient(|cx| Decode::decode(node, cx))?;
            if tags.from_tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
                return Some(Self::FromTags(tags));
            }
        } else if node.as_sequence().is_some_and(|items| !items.is_empty()) {
            return cx.strict(|cx| Decode::decode(node, cx)).map(Self::Ids);
        }
        cx.wrong_form(node, expected);
        None
    }
}

impl Merge for Subnets {
    fn merge(&mut self, over: &Self) {
        match (self, over) {
            (Self::FromTags(base), Self::FromTags(over)) => base.merge(over),
            (base, over) => base.clone_from(over),
        }
    }
}

impl Describe for Subnets {
    fn shape() -> Shape {
        Shape::OneOf(vec![Vec::<String>::shape(), SubnetsFromTags::shape()])
    }
}

crate::never_blank!(Subnets);

crate::union! {
    /// Where tasks are placed.
    pub enum Placement {
        /// `public` or `private`.
        other Kind(String),
        /// Certain subnets.
        mapping Fields(PlacementFields),
    }
    expected "`public`, `private`, or a mapping with the key `subnets`"
}

impl Placement {
    /// The certain subnets, if it names some.
    pub fn subnets(&self) -> Option<&Subnets> {
        match self {
            Self::Kind(_) => None,
            Self::Fields(fields) => fields.subnets.as_deref(),
        }
    }

    /// Whether it is the environment's private subnets.
    pub fn is_private(&self) -> bool {
        matches!(self, Self::Kind(kind) if kind == "private")
    }
}

crate::record! {
    /// Security groups of the tasks.
    pub struct SecurityGroupsConfig {
        /// Ids of security groups, or `from_cfn` with the names of other stacks' exports.
        groups: Vec<SecurityGroupId>,
        /// Whether the tasks don't get the environment's own security group. Default: false.
        deny_default: bool,
    }
}

crate::union! {
    /// Security groups of the tasks.
    pub enum SecurityGroups {
        /// Those that are added to the environment's own.
        other List(Vec<SecurityGroupId>),
        /// The same, and whether the environment's own is left out.
        mapping Config(SecurityGroupsConfig),
    }
    expected "a list of security groups, or a mapping with the keys `groups` and `deny_default`"
    blank if names_no_group;
}

/// An empty list of groups sets nothing.
fn names_no_group(config: &SecurityGroupsConfig) -> bool {
    config.deny_default.is_none() && config.groups.as_deref().is_none_or(Vec::is_empty)
}

impl SecurityGroups {
    /// The groups that the manifest names.
    pub fn groups(&self) -> &[SecurityGroupId] {
        match self {
            Self::List(groups) => groups,
            Self::Config(config) => config.groups.as_deref().map_or(&[], Vec::as_slice),
        }
    }

    /// Whether the environment's own group is left out.
    pub fn denies_default(&self) -> bool {
        match self {
            Self::List(_) => false,
            Self::Config(config) => config.deny_default.as_ref().is_some_and(|deny| deny.value),
        }
    }
}

crate::record! {
    /// Service Connect under another name.
    pub struct ConnectConfig {
        /// Name under which other services reach this one. Default: the service's name.
        alias: String,
    }
}

crate::union! {
    /// Whether the service takes part in Service Connect.
    pub enum Connect {
        /// Under its own name, or not at all.
        other Enabled(bool),
        /// Under another name.
        mapping Config(ConnectConfig),
    }
    expected "true, false, or a mapping with the key `alias`"
}

impl Connect {
    /// Whether the service takes part.
    pub fn enabled(&self) -> bool {
        match self {
            Self::Enabled(enabled) => *enabled,
            Self::Config(config) => !config.is_blank(),
        }
    }

    /// The other name; `None` for the service's own.
    pub fn alias(&self) -> Option<&str> {
        match self {
            Self::Enabled(_) => None,
            Self::Config(config) => config.alias.as_ref().map(|alias| alias.value.as_str()),
        }
    }
}
