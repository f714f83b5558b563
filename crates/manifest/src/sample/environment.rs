//! Manifests of environments. What they say of the network has to fit together, which values drawn one by one hardly ever do.

use std::fmt::Write as _;

use super::{Draw, Taste, hints};
use crate::decode::{Describe, RecordShape, Shape};
use crate::environment::EnvironmentManifest;

/// Where the network comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    /// Copilot makes it.
    Default,
    /// Copilot makes it with other addresses.
    Adjusted,
    /// The same, in certain availability zones.
    Zoned,
    /// It exists.
    Imported,
}

/// The manifest of an environment with the name `test`, with values that the keys take more often than not.
pub fn plausible_environment(bytes: &[u8]) -> String {
    let Shape::Record(record) = EnvironmentManifest::shape() else { return String::new() };
    let mut draw = Draw::new(bytes, true);
    let networks = [Network::Default, Network::Adjusted, Network::Zoned, Network::Imported];
    let network = draw.pick(&networks, Network::Default);
    draw.taste = Taste { texts: hints::of_environment, omitted, network: Some(network) };
    draw.out.push_str("name: test\ntype: Environment\n");
    for field in record.fields.iter().filter(|field| !matches!(field.key, "name" | "type")) {
        if draw.chance(4) {
            continue;
        }
        let _ = write!(draw.out, "{}: ", field.key);
        draw.keyed(field.key, &(field.shape)(), 1);
        draw.out.push('\n');
    }
    draw.out
}

/// Whether a key is left out, and once in how many times it is otherwise.
fn omitted(record: &RecordShape, key: &str, network: Option<Network>) -> Option<(bool, usize)> {
    let is = |known: &[Network]| network.is_some_and(|network| known.contains(&network));
    let adjusted = is(&[Network::Adjusted, Network::Zoned]);
    let imported = is(&[Network::Imported]);
    Some(match (record.name, key) {
        ("EnvironmentVpc" | "Subnet", "id") => (!imported, 50),
        ("EnvironmentVpc" | "Subnet", "cidr") => (!adjusted, 50),
        ("EnvironmentVpc", "subnets") => (!adjusted && !imported, 30),
        ("Subnet", "az") => (!is(&[Network::Zoned]), 50),
        ("EnvironmentSubnets" | "SecurityGroupRule" | "StaticAssets", _) => (false, 40),
        ("PrivateHttp", "subnets") => (!imported, 3),
        (_, "vpc" | "public" | "private") => (false, 6),
        (_, "security_groups") => (true, 6),
        _ => return None,
    })
}
