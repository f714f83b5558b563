//! Who gives the parameters of an addons template their values.

use copilot_cfn::read::from_node;
use copilot_cfn::{Map, Section};
use copilot_yaml::{Diagnostic, Diagnostics, Entry, Node, Source, Span, parse};

use super::merge::Merging;
use super::{Files, Owner};
use crate::codes;

/// What the parameters file gives.
#[derive(Debug, Default)]
pub(super) struct Given {
    values: Map,
    /// Where each value's name stands.
    places: Vec<(String, Span)>,
}

impl Given {
    pub(super) fn into_values(self) -> Map {
        self.values
    }
}

/// Reads `addons.parameters.yml`: a mapping with the one key `Parameters`. `None` when it can't be read at all.
pub(super) fn read(files: &[Source], owner: Owner, problems: &mut Diagnostics) -> Option<Given> {
    let mut given = Given::default();
    let source = match files {
        [] => return Some(given),
        [source] => source,
        [source, other, ..] => {
            let message = "the parameters of the addons stand in two files";
            let problem = Diagnostic::error(&codes::ADDONS_PARAMETERS, message)
                .at(other, Span::default(), "")
                .related(source, Span::default(), "and in this one")
                .help("keep one of the two");
            problems.push(problem);
            return None;
        }
    };
    let root = parse(source, problems)?;
    for entry in root.as_mapping().into_iter().flatten() {
        if &*entry.key.text != "Parameters" {
            problems.push(unknown_key(entry, source));
        }
    }
    let entries = root.get("Parameters").and_then(Node::as_mapping);
    let Some(entries) = entries.filter(|entries| !entries.is_empty()) else {
        let message = format!("`{}` has no `Parameters`", source.name());
        let problem = Diagnostic::error(&codes::ADDONS_PARAMETERS, message)
            .at(source, root.span, "no values here")
            .help("write `Parameters:` with a line `NAME: VALUE` for each, or delete the file");
        problems.push(problem);
        return Some(given);
    };
    for entry in entries {
        let name = &*entry.key.text;
        if owner.reserved().contains(&name) {
            let message = format!("the parameter `{name}` is always given and can't be set");
            let problem = Diagnostic::error(&codes::ADDONS_PARAMETERS, message)
                .at(source, entry.key.span, "reserved")
                .help("remove it")
                .path(format!("Parameters.{name}"));
            problems.push(problem);
            continue;
        }
        given.values.insert(name.to_owned(), from_node(&entry.value));
        given.places.push((name.to_owned(), entry.key.span));
    }
    Some(given)
}

fn unknown_key(entry: &Entry, source: &Source) -> Diagnostic {
    let message = format!("`{}` means nothing in a parameters file", entry.key.text);
    Diagnostic::warning(&codes::ADDONS_DROPPED, message)
        .at(source, entry.key.span, "without effect")
        .help("values stand below `Parameters`")
}

/// Compares what the template takes with what it is given.
pub(super) fn check(
    merging: &Merging,
    given: &Given,
    files: Files<'_>,
    owner: Owner,
    problems: &mut Diagnostics,
) {
    let declared = &merging.template.parameters;
    let missing: Vec<&str> =
        owner.reserved().iter().copied().filter(|name| !declared.contains_key(name)).collect();
    if let (false, Some(first)) = (missing.is_empty(), files.templates.first()) {
        problems.push(undeclared(&missing, merging, first));
    }
    for (name, span) in &given.places {
        if let (false, Some(source)) = (declared.contains_key(name), files.parameters.first()) {
            problems.push(not_wanted(name, *span, source, declared));
        }
    }
    for (name, parameter) in declared {
        let has_value = owner.reserved().contains(&name)
            || given.values.contains_key(name)
            || parameter.get("Default").is_some();
        if let (false, Some(place)) = (has_value, merging.place(Section::Parameters, name)) {
            let message = format!("nobody gives the parameter `{name}` a value");
            let problem = Diagnostic::error(&codes::ADDONS_NO_VALUE, message)
                .at(&place.source, place.span, "no `Default`")
                .help(format!(
                    "give it a `Default`, or write `{name}` below `Parameters` in `addons.parameters.yml`"
                ))
                .path(format!("Parameters.{name}"));
            problems.push(problem);
        }
    }
}

fn undeclared(missing: &[&str], merging: &Merging, first: &Source) -> Diagnostic {
    let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
    let lines: Vec<String> = missing.iter().map(|name| format!("  {name}: {{Type: String}}")).collect();
    let present = merging.template.parameters.keys().next();
    let place = present.and_then(|name| merging.place(Section::Parameters, name));
    let (source, span) = place.map_or((first, Span::default()), |place| (&place.source, place.span));
    let message = format!("the addons' templates don't take the parameter {}", names.join(", "));
    Diagnostic::error(&codes::ADDONS_PARAMETERS, message)
        .at(source, span, "they belong to `Parameters`")
        .help(format!(
            "every addons template is given them, so one file has to declare them:\nParameters:\n{}",
            lines.join("\n")
        ))
}

fn not_wanted(name: &str, span: Span, source: &Source, declared: &Map) -> Diagnostic {
    let help = match copilot_yaml::closest(name, declared.keys()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => "declare it below `Parameters` of a template, or remove it".to_owned(),
    };
    Diagnostic::error(&codes::ADDONS_PARAMETERS, format!("no template takes the parameter `{name}`"))
        .at(source, span, "")
        .help(help)
        .path(format!("Parameters.{name}"))
}
