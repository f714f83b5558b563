//! Resources of types that nothing but their stack keeps: services that describe them look at what was deployed.

use serde_json::Value as Json;

use super::cloudformation::{Resource, Stack, resources};
use super::tags::Tags;
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::world::World;

/// A resource that exists, and the stack that it belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deployed<'a> {
    pub(crate) stack: &'a Stack,
    pub(crate) resource: &'a Resource,
}

impl<'a> Deployed<'a> {
    /// The resource's own tags over those of its stack.
    pub(crate) fn tags(&self) -> Tags {
        let place = resources::Place {
            stack_name: &self.stack.name,
            stack_id: &self.stack.id,
            logical_id: &self.resource.logical_id,
            tags: &self.stack.tags,
        };
        resources::tags(&place, &self.resource.properties)
    }

    pub(crate) fn physical(&self) -> &'a str {
        self.resource.physical_id.as_deref().unwrap_or_default()
    }

    /// The text of a property.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.resource.properties.text(key)
    }
}

/// The resources of a type in the caller's account and region.
pub(crate) fn deployed<'a>(
    world: &'a World,
    caller: &Caller,
    kind: &'a str,
) -> impl Iterator<Item = Deployed<'a>> {
    everything(world, caller).filter(move |found| found.resource.kind == kind)
}

/// The resources of all types there.
pub(crate) fn everything<'a>(world: &'a World, caller: &Caller) -> impl Iterator<Item = Deployed<'a>> {
    let here = world.state.regional.get(&caller.scope());
    let stacks = here.into_iter().flat_map(|here| here.stacks.live());
    stacks
        .flat_map(|stack| stack.resources.values().map(move |resource| Deployed { stack, resource }))
        .filter(|found| found.resource.physical_id.is_some() && found.resource.status != "DELETE_COMPLETE")
}

/// Properties as another API has them: names begin in lower case, numbers and flags are no text.
pub(crate) fn described(properties: &Json) -> Json {
    match properties {
        Json::Object(members) => {
            let member = |(key, value): (&String, &Json)| {
                let value = if MAPS.contains(&key.as_str()) { value.clone() } else { typed(key, value) };
                (lower(key), value)
            };
            Json::Object(members.iter().map(member).collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(described).collect()),
        other => other.clone(),
    }
}

/// Members whose names are the user's.
const MAPS: [&str; 2] = ["Options", "DockerLabels"];
const NUMBERS: [&str; 20] = [
    "BakeTimeInMinutes",
    "CanaryBakeTimeInMinutes",
    "CanaryPercent",
    "ContainerPort",
    "HardLimit",
    "HealthCheckGracePeriodSeconds",
    "HealthyPercent",
    "HostPort",
    "Interval",
    "MaximumPercent",
    "MinimumHealthyPercent",
    "Port",
    "Retries",
    "SizeInGiB",
    "SoftLimit",
    "StartPeriod",
    "StepBakeTimeInMinutes",
    "StepPercent",
    "Timeout",
    "TimeoutInMinutes",
];
const FLAGS: [&str; 8] = [
    "Enable",
    "Enabled",
    "Essential",
    "InitProcessEnabled",
    "ReadOnly",
    "ReadonlyRootFilesystem",
    "ResetOnHealthyTask",
    "Rollback",
];

fn typed(key: &str, value: &Json) -> Json {
    let Some(text) = value.as_str() else { return described(value) };
    if NUMBERS.contains(&key) {
        let whole = text.parse::<i64>().map(Json::from);
        return whole.or_else(|_| text.parse::<f64>().map(Json::from)).unwrap_or_default();
    }
    if FLAGS.contains(&key) {
        return Json::from(text.eq_ignore_ascii_case("true"));
    }
    value.clone()
}

fn lower(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_of_members_change_and_those_of_users_stay() {
        let properties = json!({
            "Name": "web", "Essential": "true", "PortMappings": [{"ContainerPort": "8080"}],
            "DockerLabels": {"Team": "A"}, "LogConfiguration": {"LogDriver": "awslogs", "Options": {"Mode": "x"}},
        });
        let wanted = json!({
            "name": "web", "essential": true, "portMappings": [{"containerPort": 8080}],
            "dockerLabels": {"Team": "A"}, "logConfiguration": {"logDriver": "awslogs", "options": {"Mode": "x"}},
        });
        assert_eq!(described(&properties), wanted);
    }
}
