//! Stack policies: which updates of which resources are allowed.

use serde_json::Value as Json;

use crate::core::input::Input;
use crate::services::iam::one_or_many;

/// Whether a policy allows `action` (such as `Update:Modify`) on a resource. What no statement allows is denied.
pub(super) fn allows(policy: &str, action: &str, logical_id: &str, kind: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Json>(policy) else { return true };
    let mut allowed = false;
    for statement in one_or_many(policy.get("Statement")) {
        if !applies(statement, action, logical_id, kind) {
            continue;
        }
        match statement.text("Effect") {
            Some("Deny") => return false,
            Some("Allow") => allowed = true,
            _ => {}
        }
    }
    allowed
}

fn applies(statement: &Json, action: &str, logical_id: &str, kind: &str) -> bool {
    let texts =
        |key: &str| one_or_many(statement.get(key)).into_iter().filter_map(Json::as_str).collect::<Vec<_>>();
    let path = format!("LogicalResourceId/{logical_id}");
    let of_action = |pattern: &&str| matches(pattern, action);
    let of_resource = |pattern: &&str| matches(pattern, &path);
    let actions = texts("Action").iter().any(of_action)
        || statement.has("NotAction") && !texts("NotAction").iter().any(of_action);
    let resources = texts("Resource").iter().any(of_resource)
        || statement.has("NotResource") && !texts("NotResource").iter().any(of_resource);
    let types = statement
        .pointer("/Condition/StringEquals/ResourceType")
        .or_else(|| statement.pointer("/Condition/StringLike/ResourceType"));
    let of_type = types.is_none_or(|types| {
        one_or_many(Some(types)).into_iter().filter_map(Json::as_str).any(|pattern| matches(pattern, kind))
    });
    actions && resources && of_type
}

/// Whether a text is what a pattern with `*` describes.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            (0..=rest.len()).filter(|at| rest.is_char_boundary(*at)).any(|at| matches(tail, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deny_wins_and_silence_denies() {
        let policy = r#"{"Statement": [
            {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": ["Update:Replace", "Update:Delete"], "Principal": "*", "Resource": "LogicalResourceId/Db*"}
        ]}"#;
        assert!(allows(policy, "Update:Modify", "Db1", "AWS::X::Y"));
        assert!(!allows(policy, "Update:Replace", "Db1", "AWS::X::Y"));
        assert!(allows(policy, "Update:Replace", "Queue", "AWS::X::Y"));
        assert!(!allows(r#"{"Statement": []}"#, "Update:Modify", "Queue", "AWS::X::Y"));
    }
}
