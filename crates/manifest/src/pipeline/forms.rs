//! What to write where a pipeline's manifest has a value of a wrong form, in the words of the key.

use copilot_yaml::{Diagnostic, Diagnostics, Node};

use crate::codes::WRONG_TYPE;

/// Gives the problems with forms that people often mistake a help of their own.
pub(super) fn explain(found: Diagnostics, root: Option<&Node>) -> Diagnostics {
    let stages = root.and_then(|root| root.get("stages")?.as_sequence()).unwrap_or_default();
    let explained = found.into_iter().map(|problem| match help(&problem, stages) {
        Some(help) => problem.help(help),
        None => problem,
    });
    explained.collect()
}

fn help(problem: &Diagnostic, stages: &[Node]) -> Option<String> {
    if problem.code != &WRONG_TYPE {
        return None;
    }
    let (index, rest) = problem.path.strip_prefix("stages[")?.split_once(']')?;
    let stage = stages.get(index.parse::<usize>().ok()?)?;
    let keys: Vec<&str> = rest.split('.').skip(1).collect();
    match keys[..] {
        [] => Some(match stage.as_str() {
            Some(name) => format!("write `- name: {name}`"),
            None => "write `- name: ENVIRONMENT`, and below it what else the stage has".to_owned(),
        }),
        ["deployments"] => {
            let names = stage.get("deployments").and_then(Node::as_sequence).unwrap_or_default();
            let name = names.iter().find_map(Node::as_str).unwrap_or("NAME");
            Some(format!("write each name as a key, without a `-`: `{name}:`"))
        }
        ["pre_deployments" | "post_deployments"] => Some(
            "write each action under a name of its own: `NAME:`, and below it `buildspec: PATH`".to_owned(),
        ),
        ["pre_deployments" | "post_deployments", name] => {
            let value = stage.get(keys[0]).and_then(|actions| actions.get(name)?.as_str()).unwrap_or("PATH");
            Some(format!("write `buildspec: {value}` below `{name}:`"))
        }
        ["deployments", name] => Some(format!(
            "write `{name}:` alone, or below it `stack_name`, `template_path`, `template_config` or `depends_on`"
        )),
        ["test_commands"] => {
            Some("write a list: each command on a line of its own that begins with `- `".to_owned())
        }
        _ => None,
    }
}
