//! A plan as a page of its own: it loads nothing, runs nothing, and shows every difference.

use std::fmt::Write as _;

use copilot_cfn::effect::Class;
use copilot_engine::plan::{Difference, Plan, StackPlan};

use super::told::Told;
use super::{Group, groups, stacks, told, words};

const STYLE: &str = include_str!("page.css");

pub(super) fn page(plan: &Plan, pipeline: &str) -> String {
    let title = format!("Plan of {pipeline}, application {}", plan.application);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'\">\n<title>{0}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n<p \
         class=\"summary\">{1}</p>\n",
        escape(&title),
        escape(&words::summary(plan))
    );
    for remark in words::remarks(plan) {
        let _ = writeln!(page, "<p>{}</p>", escape(&remark));
    }
    for stack in stacks(plan) {
        self::stack(stack, &mut page);
    }
    legend(plan, &mut page);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn stack(stack: &StackPlan, page: &mut String) {
    let open = if stack.creates { "" } else { " open" };
    let worst = if stack.creates { Some(Class::Added) } else { stack.worst() };
    let _ = writeln!(
        page,
        "<details{open}>\n<summary>{}<strong>{}</strong> {}</summary>",
        worst.map(badge).unwrap_or_default(),
        escape(&stack.stack),
        escape(&words::subject(&stack.subject))
    );
    for group in groups(stack) {
        self::group(&group, page);
    }
    told(&told::of(stack), page);
    let limits: Vec<String> = stack.budget.limits.iter().map(words::limit).collect();
    let _ = writeln!(page, "<p class=\"limits\">{}</p>\n</details>", escape(&limits.join(", ")));
}

fn group(group: &Group<'_>, page: &mut String) {
    let _ = writeln!(page, "<h3>{}{}</h3>\n<ul>", badge(group.class), escape(&words::title(group)));
    for difference in &group.differences {
        item(difference, group.class, page);
    }
    page.push_str("</ul>\n");
}

/// What CloudFormation says besides.
fn told(all: &[Told], page: &mut String) {
    if all.is_empty() {
        return;
    }
    page.push_str("<h3>CloudFormation</h3>\n<ul>\n");
    for one in all {
        let mark = labelled(one.class, one.label);
        let _ = writeln!(page, "<li>{mark}{}</li>", escape(&one.text));
    }
    page.push_str("</ul>\n");
}

fn item(difference: &Difference, around: Class, page: &mut String) {
    let own = difference.effect.class;
    let mark = if own == around { String::new() } else { badge(own) };
    let _ = write!(page, "<li>{mark}<code>{}</code>", escape(&words::change(difference)));
    for note in words::notes(difference) {
        let _ = write!(page, " <em>{}</em>", escape(&note));
    }
    if let Some(place) = words::place(difference) {
        let _ = write!(page, " <span class=\"place\">{}</span>", escape(&place));
    }
    page.push_str("</li>\n");
}

/// What the classes mean that the page shows.
fn legend(plan: &Plan, page: &mut String) {
    let classes = plan.summary().classes;
    if classes.is_empty() {
        return;
    }
    page.push_str("<h2>Classes</h2>\n<dl>\n");
    for (class, _) in classes {
        let _ = writeln!(page, "<dt>{}</dt><dd>{}</dd>", badge(class), escape(words::meaning(class)));
    }
    page.push_str("</dl>\n");
}

fn badge(class: Class) -> String {
    labelled(class, words::class(class))
}

fn labelled(class: Class, label: &str) -> String {
    let kind = match class {
        Class::Removal | Class::Replacement => "loss",
        Class::Structure | Class::MayReplace | Class::Unknown | Class::Interruption => "care",
        Class::Added => "new",
        _ => "calm",
    };
    format!("<span class=\"badge {kind}\">{label}</span> ")
}

/// Text that stands for itself in HTML, also in an attribute. Letters that act on nothing but a reader's eye go.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    crate::harmless::harmless(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_becomes_an_element() {
        assert_eq!(escape("<a href=\"x\">'&\u{1b}"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp; ");
    }
}
