//! Keys of a stage that were meant to be one of those that hold a deployment back. They are errors: a gate would be lost.

use copilot_yaml::{Diagnostic, Diagnostics, Node, Severity, closest};

use super::codes;
use crate::codes::UNKNOWN_KEY;

/// A key that holds a deployment back, and what people write in its place.
struct Gate {
    key: &'static str,
    lookalikes: &'static [&'static str],
    /// What becomes of a stage without it.
    lost: &'static str,
}

const GATES: [Gate; 4] = [
    Gate {
        key: "requires_approval",
        lookalikes: &[
            "require_approval",
            "approval_required",
            "needs_approval",
            "manual_approval",
            "approval",
        ],
        lost: "the stage would be deployed without an approval",
    },
    Gate {
        key: "test_commands",
        lookalikes: &["test_command", "tests", "test_cmds", "tests_commands", "commands"],
        lost: "the next stage would be deployed without these tests",
    },
    Gate {
        key: "pre_deployments",
        lookalikes: &["pre_deployment", "pre_deploy", "pre_deployment_actions"],
        lost: "the stage would be deployed without these actions before it",
    },
    Gate {
        key: "post_deployments",
        lookalikes: &["post_deployment", "post_deploy", "post_deployment_actions"],
        lost: "the next stage would be deployed without these actions",
    },
];

/// The other keys of a stage, which may be meant as well.
const OTHERS: [&str; 2] = ["name", "deployments"];

/// Makes errors of the warnings about such keys.
pub(super) fn promote(found: Diagnostics, root: Option<&Node>) -> Diagnostics {
    found
        .into_iter()
        .map(|problem| match misspelt(&problem, root) {
            Some((gate, key)) => as_error(problem, gate, &key),
            None => problem,
        })
        .collect()
}

/// The gate that a stage's unknown key was meant to be. Where the stage has the gate itself, none is lost; only an approval is
/// too important to leave a second key in doubt.
fn misspelt(problem: &Diagnostic, root: Option<&Node>) -> Option<(&'static Gate, String)> {
    if problem.code != &UNKNOWN_KEY {
        return None;
    }
    let (index, key) = problem.path.strip_prefix("stages[")?.split_once("].")?;
    if key.contains('.') {
        return None;
    }
    let words = GATES.iter().flat_map(|gate| gate.lookalikes.iter().copied().chain([gate.key]));
    let meant = closest(key, words.chain(OTHERS))?;
    let gate = GATES.iter().find(|gate| gate.key == meant || gate.lookalikes.contains(&meant))?;
    let stage = root?.get("stages")?.as_sequence()?.get(index.parse::<usize>().ok()?)?;
    let is_there = gate.key != GATES[0].key && stage.get(gate.key).is_some_and(|node| !node.is_null());
    (!is_there).then(|| (gate, key.to_owned()))
}

fn as_error(mut problem: Diagnostic, gate: &Gate, key: &str) -> Diagnostic {
    problem.code = if gate.key == GATES[0].key { &codes::APPROVAL_MISSPELT } else { &codes::GATE_MISSPELT };
    problem.severity = Severity::Error;
    problem.message = format!("unknown key `{key}`: {}", gate.lost);
    if let Some(label) = problem.labels.first_mut() {
        label.text = format!("write `{}`", gate.key);
    }
    problem.help(format!("did you mean `{}`?", gate.key))
}
