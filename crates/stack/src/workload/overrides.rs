//! `taskdef_overrides`: changes that a manifest makes to its rendered task definition.

use copilot_cfn::PropertyPath;
use copilot_cfn::{Template, read};
use copilot_manifest::decode::Path;
use copilot_manifest::workload::OverrideRules;

use super::resolve::Problems;
use crate::codes;

/// Applies the rules in order; one that leads nowhere is reported.
pub(crate) fn apply(template: &mut Template, rules: Option<&OverrideRules>, problems: &mut Problems<'_>) {
    let Some(rules) = rules else { return };
    let task = template.resources.get_mut("TaskDefinition").and_then(|task| task.get_mut("Properties"));
    let Some(task) = task else { return };
    for (place, rule) in rules.iter().map(|rule| &rule.value).enumerate() {
        let Some(path) = &rule.path else { continue };
        let value = rule.value.as_ref().map(|value| read::from_node(&value.value.0)).unwrap_or_default();
        let result = PropertyPath::parse(path).and_then(|path| path.set(task, value));
        if let Err(problem) = result {
            let help = "write a path below `Properties` of the task definition, such as \
                        `ContainerDefinitions[0].Ulimits[-].HardLimit`";
            let key = Path::from("taskdef_overrides").then(place).then("path");
            problems.report(&codes::WORKLOAD_TASKDEF_OVERRIDE, key, path, problem.to_string(), help);
        }
    }
}
