//! Where tasks run.

use super::Text;

/// Where tasks run and how other services reach them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Network<'a> {
    /// In which subnets.
    pub placement: Placement<'a>,
    /// Security groups beside the environment's own.
    pub security_groups: Vec<Text<'a>>,
    /// Whether the environment's own security group is left out.
    pub deny_default_group: bool,
    /// Service Connect, where it is on.
    pub connect: Option<Connect<'a>>,
}

/// In which subnets tasks run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Placement<'a> {
    /// The environment's public ones; tasks get public addresses.
    Public,
    /// The environment's private ones.
    Private,
    /// These, by ID.
    Subnets(Vec<&'a str>),
}

/// Service Connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Connect<'a> {
    /// Name that clients use in place of the service's.
    pub alias: Option<&'a str>,
}
