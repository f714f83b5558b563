//! Where tasks run.

use copilot_manifest::workload::value::{SecurityGroupId, StringList};
use copilot_manifest::workload::{
    Network as NetworkManifest, Placement as PlacementManifest, SecurityGroups, Subnets,
};

use crate::facts::{Environment, Subnet};
use crate::workload::model::{Connect, Network, Placement, Text};

pub(super) fn network<'a>(
    manifest: Option<&'a NetworkManifest>,
    environment: &'a Environment,
) -> Network<'a> {
    let vpc = manifest.and_then(|network| network.vpc.as_deref());
    let groups = vpc.and_then(|vpc| vpc.security_groups.as_deref());
    let connect = manifest.and_then(|network| network.connect.as_deref()).filter(|connect| connect.enabled());
    Network {
        placement: placement(vpc.and_then(|vpc| vpc.placement.as_deref()), environment),
        security_groups: groups
            .map(SecurityGroups::groups)
            .unwrap_or_default()
            .iter()
            .map(|group| match group {
                SecurityGroupId::Plain(id) => Text::Plain(id),
                SecurityGroupId::FromCfn(name) => Text::Export(name),
            })
            .collect(),
        deny_default_group: groups.is_some_and(SecurityGroups::denies_default),
        connect: connect.map(|connect| Connect { alias: connect.alias() }),
    }
}

/// In which subnets; nothing said: the public ones.
pub(crate) fn placement<'a>(
    manifest: Option<&'a PlacementManifest>,
    environment: &'a Environment,
) -> Placement<'a> {
    match manifest {
        Some(placement) if placement.is_private() => Placement::Private,
        Some(PlacementManifest::Fields(fields)) => match fields.subnets.as_deref() {
            Some(Subnets::Ids(ids)) => Placement::Subnets(ids.iter().map(String::as_str).collect()),
            Some(Subnets::FromTags(wanted)) => {
                let wanted: Vec<(&str, &[String])> = wanted
                    .from_tags
                    .iter()
                    .flat_map(|tags| tags.iter())
                    .map(|(key, values)| (key, StringList::as_slice(values)))
                    .collect();
                let found = environment.subnets.iter().filter(|subnet| has_tags(subnet, &wanted));
                Placement::Subnets(found.map(|subnet| subnet.id.as_str()).collect())
            }
            None => Placement::Public,
        },
        _ => Placement::Public,
    }
}

/// Whether EC2 would find the subnet: for each key one of the values fits, or any value when none is given.
fn has_tags(subnet: &Subnet, wanted: &[(&str, &[String])]) -> bool {
    wanted.iter().all(|(key, patterns)| {
        let value = subnet.tags.get(*key);
        value.is_some_and(|value| patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, value)))
    })
}

/// EC2's filters: `*` stands for any text, `?` for any letter, `\` takes the next one as it is.
fn fits(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = rest.as_str();
            text.char_indices().any(|(place, _)| fits(rest, &text[place..])) || fits(rest, "")
        }
        Some(letter) => {
            let wanted = if letter == '\\' { rest.next() } else { Some(letter) };
            let mut letters = text.chars();
            let any = letter == '?';
            letters.next().is_some_and(|found| any || wanted == Some(found))
                && fits(rest.as_str(), letters.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn wildcards_of_tag_filters() {
        for (pattern, text, found) in [
            ("deep", "deep", true),
            ("deep", "deeper", false),
            ("d*p", "deep", true),
            ("*", "", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
        ] {
            assert_eq!(fits(pattern, text), found, "{pattern} {text}");
        }
    }
}
