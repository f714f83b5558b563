//! How a plan is shown: to people, to programs, on a pull request, in a browser.

mod html;
mod json;
mod markdown;
mod told;
mod tree;
mod words;

use std::collections::BTreeMap;

use clap::ValueEnum;
use copilot_cfn::effect::Class;
use copilot_engine::plan::{Difference, Plan, StackPlan};

use crate::failure::Failure;
use crate::io::Io;

/// How a plan is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// A tree, the worst first.
    #[default]
    Text,
    /// One line of JSON.
    Json,
    /// A comment for a pull request. Its first line is a marker by which the next one can take its place.
    Markdown,
    /// A page of its own.
    Html,
}

/// Prints a plan. `full` shows also what a screen has no room for.
pub(crate) fn print(
    plan: &Plan,
    pipeline: &str,
    format: Format,
    full: bool,
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    match format {
        Format::Text => {
            let lines = tree::lines(plan, full, io.unicode());
            io.lines(lines)
        }
        Format::Json => io.json(&json::Document::of(plan, pipeline)),
        Format::Markdown => io.out_bytes(markdown::page(plan, pipeline).as_bytes()),
        Format::Html => io.out_bytes(html::page(plan, pipeline).as_bytes()),
    }
}

/// All differences of a resource, a parameter, or something else with a name.
struct Group<'a> {
    class: Class,
    section: &'a str,
    name: &'a str,
    kind: Option<&'a str>,
    differences: Vec<&'a Difference>,
}

/// The differences of a stack by what they are in, the worst first, then in the order of the template.
fn groups(stack: &StackPlan) -> Vec<Group<'_>> {
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for difference in &stack.differences {
        let effect = &difference.effect;
        let (section, name) = (effect.change.section.as_str(), effect.change.name.as_str());
        let place = *places.entry((section, name)).or_insert_with(|| {
            let kind = effect.change.resource_type.as_deref();
            groups.push(Group { class: effect.class, section, name, kind, differences: Vec::new() });
            groups.len() - 1
        });
        groups[place].class = groups[place].class.max(effect.class);
        groups[place].differences.push(difference);
    }
    for group in &mut groups {
        group.differences.sort_by_key(|difference| std::cmp::Reverse(difference.effect.class));
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.class));
    groups
}

/// The stacks that change, the worst first; what is made for the first time comes last.
fn stacks(plan: &Plan) -> Vec<&StackPlan> {
    let mut stacks: Vec<&StackPlan> = plan.stacks.iter().filter(|stack| !stack.is_quiet()).collect();
    stacks.sort_by_key(|stack| (stack.creates, std::cmp::Reverse(stack.worst())));
    stacks
}
