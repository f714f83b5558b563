//! Several templates as one.

use std::collections::HashMap;

use copilot_cfn::read::from_node;
use copilot_cfn::{Map, Section, Template, Value};
use copilot_yaml::{Diagnostic, Diagnostics, Entry, Node, Source, Span, parse};

use crate::codes;

/// Sections that a template may have without effect: what they say is about the file, not about its resources.
const ABOUT_THE_FILE: [&str; 2] = ["AWSTemplateFormatVersion", "Description"];

/// Where a name was defined first.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) source: Source,
    pub(super) span: Span,
}

/// The template so far.
#[derive(Debug, Default)]
pub(super) struct Merging {
    pub(super) template: Template,
    /// Whether something could not be read, so that more may be defined than is known.
    pub(super) incomplete: bool,
    /// By section and name; an entry of a mapping is named `Map.Key`.
    places: HashMap<(Section, String), Place>,
}

impl Merging {
    /// Where a name was defined.
    pub(super) fn place(&self, section: Section, name: &str) -> Option<&Place> {
        self.places.get(&(section, name.to_owned()))
    }

    /// Adds what a file defines. An empty file defines nothing.
    pub(super) fn add(&mut self, source: &Source, problems: &mut Diagnostics) {
        let Some(root) = parse(source, problems) else {
            self.incomplete = true;
            return;
        };
        if let Some(entries) = self.entries("a template", &root, source, problems) {
            self.add_sections(entries, source, problems);
        }
    }

    fn add_sections(&mut self, entries: &[Entry], source: &Source, problems: &mut Diagnostics) {
        for entry in entries {
            let section = match &*entry.key.text {
                "Metadata" => Section::Metadata,
                "Parameters" => Section::Parameters,
                "Mappings" => Section::Mappings,
                "Conditions" => Section::Conditions,
                "Resources" => Section::Resources,
                "Outputs" => Section::Outputs,
                "Transform" => {
                    self.add_transforms(&entry.value);
                    continue;
                }
                other => {
                    if !ABOUT_THE_FILE.contains(&other) {
                        problems.push(dropped(entry, source));
                    }
                    continue;
                }
            };
            self.add_section(section, &entry.value, source, problems);
        }
    }

    fn add_section(&mut self, section: Section, node: &Node, source: &Source, problems: &mut Diagnostics) {
        let Some(entries) = self.entries(&format!("`{section}`"), node, source, problems) else { return };
        let mut target = std::mem::take(self.template.section_mut(section));
        for entry in entries {
            let name = &*entry.key.text;
            let Some(rows) = entry.value.as_mapping().filter(|_| section == Section::Mappings) else {
                self.define(section, name.to_owned(), &mut target, entry, source, problems);
                continue;
            };
            let table = target.get_or_insert_with(name.to_owned(), || Map::new().into());
            if let Some(table) = table.as_map_mut() {
                for row in rows {
                    self.define(section, format!("{name}.{}", row.key.text), table, row, source, problems);
                }
            }
        }
        *self.template.section_mut(section) = target;
    }

    /// The entries of what has to be a mapping; nothing at all has none.
    fn entries<'a>(
        &mut self,
        what: &str,
        node: &'a Node,
        source: &Source,
        problems: &mut Diagnostics,
    ) -> Option<&'a [Entry]> {
        let entries = node.as_mapping();
        if entries.is_none() && !node.is_null() {
            self.incomplete = true;
            let message = format!("{what} is a mapping, not {}", node.describe());
            let problem = Diagnostic::error(&codes::ADDONS_SECTION, message);
            problems.push(problem.at(source, node.span, "this is not a mapping"));
        }
        entries
    }

    /// Puts an entry into its map, unless another file has defined it: then both have to say the same.
    fn define(
        &mut self,
        section: Section,
        name: String,
        target: &mut Map,
        entry: &Entry,
        source: &Source,
        problems: &mut Diagnostics,
    ) {
        let value = from_node(&entry.value);
        let key = &*entry.key.text;
        let Some(present) = target.get(key) else {
            target.insert(key.to_owned(), value);
            let place = Place { source: source.clone(), span: entry.key.span };
            self.places.insert((section, name), place);
            return;
        };
        if *present == value {
            return;
        }
        let what = noun(section);
        let mut problem = Diagnostic::error(
            &codes::ADDONS_CONFLICT,
            format!("the {what} `{name}` is defined differently in two files"),
        )
        .at(source, entry.key.span, "here")
        .help("give one of them another name, or make both the same");
        if let Some(first) = self.place(section, &name) {
            problem = problem.related(&first.source, first.span, format!("the {what} is first defined here"));
        }
        problems.push(problem);
    }

    fn add_transforms(&mut self, node: &Node) {
        let new = match from_node(node) {
            Value::Null => return,
            Value::List(items) => items,
            other => vec![other],
        };
        let known = self.template.transform.get_or_insert_with(|| Value::List(Vec::new()));
        if let Some(known) = known.as_list_mut() {
            for transform in new {
                if !known.contains(&transform) {
                    known.push(transform);
                }
            }
        }
    }
}

fn noun(section: Section) -> &'static str {
    match section {
        Section::Metadata => "metadata key",
        Section::Parameters => "parameter",
        Section::Rules => "rule",
        Section::Mappings => "mapping",
        Section::Conditions => "condition",
        Section::Resources => "resource",
        Section::Outputs => "output",
    }
}

fn dropped(entry: &Entry, source: &Source) -> Diagnostic {
    let message = format!("`{}` is not taken over into the template of the addons", entry.key.text);
    Diagnostic::warning(&codes::ADDONS_DROPPED, message)
        .at(source, entry.key.span, "without effect")
        .help("remove it; `Metadata`, `Parameters`, `Mappings`, `Conditions`, `Transform`, `Resources` and `Outputs` are merged")
}
