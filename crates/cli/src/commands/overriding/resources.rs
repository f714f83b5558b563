//! The resources of a template that a CDK application may change.

use copilot_cfn::Value;

use crate::failure::Failure;
use crate::io::Io;

/// A resource of the template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Resource {
    pub(super) kind: String,
    pub(super) logical_id: String,
}

/// The resources of a template that can be changed, by type and name.
pub(super) fn resources(template: &Value) -> Vec<Resource> {
    let found = template.get("Resources").and_then(Value::as_map);
    let mut found: Vec<Resource> = found
        .into_iter()
        .flatten()
        .filter_map(|(id, resource)| {
            let kind = resource.get("Type")?.as_str()?.to_owned();
            Some(Resource { kind, logical_id: id.to_string() })
        })
        .filter(|resource| resource.kind != "AWS::Lambda::Function" && !resource.kind.starts_with("Custom::"))
        .collect();
    found.sort();
    found
}

/// Those that were named, or that somebody chooses.
pub(super) fn choose(
    mut all: Vec<Resource>,
    named: &[String],
    io: &mut Io<'_>,
) -> Result<Vec<Resource>, Failure> {
    if let Some(unknown) = named.iter().find(|name| all.iter().all(|known| known.logical_id != **name)) {
        let known: Vec<&str> = all.iter().map(|resource| resource.logical_id.as_str()).collect();
        return Err(Failure::with_hint(
            format!("the template has no resource `{unknown}`"),
            format!("it has: {}", known.join(", ")),
        ));
    }
    if !named.is_empty() {
        all.retain(|resource| named.contains(&resource.logical_id));
        return Ok(all);
    }
    let Some(prompt) = io.prompt() else {
        return Err(Failure::with_hint(
            "cannot prompt: not a terminal (which resources are to be changed?)",
            "pass `--resource ID`, once for each, or `--skip-resources`",
        ));
    };
    let mut chosen = Vec::new();
    loop {
        let mut options: Vec<String> =
            all.iter().map(|resource| format!("{} ({})", resource.logical_id, resource.kind)).collect();
        options.insert(0, if chosen.is_empty() { "[none]" } else { "[no more]" }.to_owned());
        match prompt.select("Which resource is to be changed?", &options, None)? {
            0 => break,
            index => chosen.push(all.remove(index - 1)),
        }
    }
    chosen.sort();
    Ok(chosen)
}

/// The name with its leading capitals lower-cased.
pub(super) fn variable(logical_id: &str) -> String {
    let capitals = logical_id.chars().take_while(char::is_ascii_uppercase).count();
    let (head, tail) = logical_id.split_at(capitals);
    format!("{}{tail}", head.to_lowercase())
}
