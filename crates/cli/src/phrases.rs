//! Phrases that several views have in common.

use copilot_engine::Running;

/// What is under way in AWS, and goes on without us.
pub(crate) fn running(what: &Running) -> String {
    match what {
        Running::Creation { stack } => format!("the creation of stack {stack}"),
        Running::Update { stack } => format!("the update of stack {stack}"),
        Running::Deletion { stack } => format!("the deletion of stack {stack}"),
        Running::Bootstrap { region } => {
            format!("the creation of the application's resources in region {region}")
        }
        _ => "the completion of the connection".to_owned(),
    }
}

/// The beginning of an id or a commit, which is enough to tell it from others.
pub(crate) fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// Who rejected an approval, and why if they said so.
pub(crate) fn rejected(by: &str, why: &str) -> String {
    if why.is_empty() { format!("rejected by {by}") } else { format!("rejected by {by}: {why}") }
}

/// `1 resource`, `2 resources`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
