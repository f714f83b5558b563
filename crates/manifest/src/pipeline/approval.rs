//! Keys that were meant to be `requires_approval`. They are errors: a production gate would be lost.

use copilot_yaml::{Diagnostic, Diagnostics, Severity, closest};

use super::codes;
use crate::codes::UNKNOWN_KEY;

const KEY: &str = "requires_approval";
const LOOKALIKES: &[&str] =
    &[KEY, "require_approval", "approval_required", "needs_approval", "manual_approval", "approval"];

/// Makes errors of the warnings about such keys.
pub(super) fn promote(found: Diagnostics) -> Diagnostics {
    let mut promoted = Diagnostics::default();
    promoted.extend(found.into_iter().map(|diagnostic| match misspelt(&diagnostic) {
        Some(key) => as_error(diagnostic, &key),
        None => diagnostic,
    }));
    promoted
}

/// The key, if the problem is one of a stage's that looks like an approval.
fn misspelt(diagnostic: &Diagnostic) -> Option<String> {
    if diagnostic.code != &UNKNOWN_KEY {
        return None;
    }
    let rest = diagnostic.path.strip_prefix("stages[")?;
    let (_, key) = rest.split_once("].")?;
    (!key.contains('.') && closest(key, LOOKALIKES.iter().copied()).is_some()).then(|| key.to_owned())
}

fn as_error(mut diagnostic: Diagnostic, key: &str) -> Diagnostic {
    diagnostic.code = &codes::APPROVAL_MISSPELT;
    diagnostic.severity = Severity::Error;
    diagnostic.message = format!("unknown key `{key}`: the stage would be deployed without an approval");
    if let Some(label) = diagnostic.labels.first_mut() {
        label.text = format!("write `{KEY}`");
    }
    diagnostic.help(format!("did you mean `{KEY}`?"))
}
