//! Runtimes of Lambda functions that end.

use copilot_yaml::{Node, Severity, Source, Span, Value};

use super::dates::{Dates, Runtime};
use super::finding::{Finding, Place};
use super::{Clock, codes};

/// That functions of something have a runtime that ends. Where it is comes later.
pub(super) fn finding(runtime: &Runtime, what: &str, dates: &Dates, clock: &Clock) -> Finding {
    let Runtime { name, create, update, .. } = runtime;
    let verb = |day| if clock.today >= day { "since" } else { "from" };
    let message = format!(
        "{what} have functions for {name}: {} {create} none can be created, {} {update} none can be changed",
        verb(*create),
        verb(*update)
    );
    let severity = if clock.today >= *create { Severity::Error } else { Severity::Warning };
    let nowhere = Place::Resource { id: String::new(), region: String::new() };
    Finding::at(&codes::LAMBDA_RUNTIME, severity, message, nowhere)
        .date(*create)
        .reference(dates.lambda.as_str())
        .fix(format!("take {}", runtime.successor))
}

impl Finding {
    pub(super) fn into_file(mut self, (source, span, label): (&Source, Span, &str)) -> Self {
        self.place = Place::File { source: source.clone(), span, label: label.to_owned() };
        self
    }
}

/// Functions of a user's own template, and values that patches put in.
pub(super) fn in_template(source: &Source, root: &Node, dates: &Dates, clock: &Clock) -> Vec<Finding> {
    let mut named = Vec::new();
    walk(root, &mut named);
    let ends = named.into_iter().filter_map(|node| {
        let runtime = dates.runtime(node.as_str()?).filter(|runtime| clock.matters(runtime.create))?;
        let what = format!("resources of `{}`", source.name());
        Some(finding(runtime, &what, dates, clock).into_file((source, node.span, "this runtime")))
    });
    ends.collect()
}

/// All values of keys that may hold a runtime.
fn walk<'a>(node: &'a Node, named: &mut Vec<&'a Node>) {
    match &node.value {
        Value::Mapping(entries) => {
            for entry in entries {
                if matches!(&*entry.key.text, "Runtime" | "value") && entry.value.as_scalar().is_some() {
                    named.push(&entry.value);
                }
                walk(&entry.value, named);
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| walk(item, named)),
        Value::Scalar(_) => {}
    }
}
