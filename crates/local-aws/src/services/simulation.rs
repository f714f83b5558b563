//! What IAM says that somebody may do. Here everybody may do everything but what a fault refuses.

use serde_json::{Value as Json, json};

use crate::Effect;
use crate::core::input::Input;
use crate::core::world::World;

pub(crate) fn simulate(world: &World, input: &Json) -> Json {
    let resources = input.texts("ResourceArns");
    let resource = resources.first().map_or("*", String::as_str);
    let results: Json = input
        .texts("ActionNames")
        .iter()
        .map(|action| {
            json!({
                "EvalActionName": action, "EvalResourceName": resource,
                "EvalDecision": if is_refused(world, action) { "explicitDeny" } else { "allowed" },
                "MissingContextValues": [],
            })
        })
        .collect();
    json!({"EvaluationResults": results, "IsTruncated": false})
}

/// Whether a fault refuses the call that the action is for.
fn is_refused(world: &World, action: &str) -> bool {
    let (service, operation) = action.split_once(':').unwrap_or((action, ""));
    // Signing name and prefix of actions are not the same.
    let service = if service == "tag" { "tagging" } else { service };
    world.faults.requests.iter().any(|fault| {
        fault.effect == Effect::AccessDenied
            && fault.role.is_none()
            && fault.service.as_deref().is_none_or(|named| named == service)
            && fault.operation.as_deref().is_none_or(|named| named == operation)
    })
}
