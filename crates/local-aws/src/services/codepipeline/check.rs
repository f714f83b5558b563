//! What CodePipeline refuses in a definition.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::world::World;
use crate::error::AwsError;
use crate::services::sts;

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidStructureException", message)
}

fn valid_name(name: &str) -> bool {
    (1..=100).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || ".@-_".contains(c))
}

/// Refuses a definition that cannot work.
pub(super) fn check(world: &World, caller: &Caller, definition: &Json) -> Result<(), AwsError> {
    let name = definition.need("name")?;
    if !valid_name(name) {
        return Err(AwsError::invalid(format!(
            "1 validation error detected: Value at 'pipeline.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9.@\\-_]+ ({name})"
        )));
    }
    role(world, definition.need("roleArn")?)?;
    stores(caller, definition)?;
    let stages = definition.list("stages");
    if stages.len() < 2 {
        return Err(invalid("Pipeline has too few stages. There should be at least 2 stages."));
    }
    let mut names = BTreeSet::new();
    let mut artifacts: BTreeSet<String> = BTreeSet::new();
    for (index, stage) in stages.iter().enumerate() {
        let name = stage.text("name").unwrap_or_default();
        if !valid_name(name) {
            return Err(invalid(format!("Stage name '{name}' is not valid")));
        }
        if !names.insert(name) {
            return Err(invalid(format!("Stage name '{name}' is not unique within the pipeline")));
        }
        actions(caller, definition, stage, index, &mut artifacts)?;
    }
    Ok(())
}

fn role(world: &World, arn: &str) -> Result<(), AwsError> {
    let known = sts::role_of(arn).and_then(|(account, name)| world.state.iam.get(account)?.roles.get(name));
    if known.is_some() {
        return Ok(());
    }
    Err(invalid(format!("CodePipeline is not authorized to perform AssumeRole on role {arn}")))
}

fn stores(caller: &Caller, definition: &Json) -> Result<(), AwsError> {
    match (definition.has("artifactStore"), definition.get("artifactStores").and_then(Json::as_object)) {
        (true, None) => Ok(()),
        (false, Some(stores)) if stores.contains_key(&caller.region) => Ok(()),
        (false, Some(_)) => Err(invalid(format!(
            "Artifact Stores must contain an artifact store in the region of the pipeline ({})",
            caller.region
        ))),
        (true, Some(_)) => Err(invalid("Cannot have artifactStore and artifactStores both specified")),
        (false, None) => Err(invalid("One of artifactStore or artifactStores must be specified")),
    }
}

fn actions(
    caller: &Caller,
    definition: &Json,
    stage: &Json,
    index: usize,
    artifacts: &mut BTreeSet<String>,
) -> Result<(), AwsError> {
    let stage_name = stage.text("name").unwrap_or_default();
    if stage.list("actions").is_empty() {
        return Err(invalid(format!("Stage '{stage_name}' has no actions")));
    }
    let mut names = BTreeSet::new();
    // Within a stage an artifact can be used by actions that run later.
    let mut ordered: Vec<&Json> = stage.list("actions").iter().collect();
    ordered.sort_by_key(|action| action.number("runOrder").unwrap_or(1));
    for action in ordered {
        let name = action.text("name").unwrap_or_default();
        if !valid_name(name) {
            return Err(invalid(format!("Action name '{name}' is not valid")));
        }
        if !names.insert(name) {
            return Err(invalid(format!("Action name '{name}' is not unique within stage '{stage_name}'")));
        }
        let kind = action.get("actionTypeId").ok_or_else(|| invalid("Action has no type"))?;
        let source = kind.text("category") == Some("Source");
        if source != (index == 0) {
            return Err(invalid(if source {
                format!(
                    "Pipeline stage '{stage_name}' has a Source action; only the first stage can have one"
                )
            } else {
                "Pipeline should start with a stage that only contains source actions".to_owned()
            }));
        }
        if let Some(region) = action.text("region").filter(|region| *region != caller.region) {
            let stores = definition.get("artifactStores").and_then(Json::as_object);
            if stores.is_none_or(|stores| !stores.contains_key(region)) {
                return Err(invalid(format!(
                    "Action '{name}' in region {region} has no artifact store in that region"
                )));
            }
        }
        for input in action.list("inputArtifacts") {
            let wanted = input.text("name").unwrap_or_default();
            if !artifacts.contains(wanted) {
                return Err(invalid(format!(
                    "Input artifact '{wanted}' of action '{name}' is not the output of an earlier action"
                )));
            }
        }
        for output in action.list("outputArtifacts") {
            let made = output.text("name").unwrap_or_default();
            if !artifacts.insert(made.to_owned()) {
                return Err(invalid(format!(
                    "Output artifact '{made}' of action '{name}' is not unique within the pipeline"
                )));
            }
        }
    }
    Ok(())
}
