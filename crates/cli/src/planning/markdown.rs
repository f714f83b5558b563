//! A plan as a comment on a pull request: folded, and in the same order whenever it is the same plan.

use std::fmt::Write as _;

use copilot_engine::plan::{Difference, Plan, StackPlan};

use super::html::escape;
use super::{groups, stacks, told, words};

/// Bytes of a comment: GitHub takes 65,536 letters.
const LARGEST: usize = 60_000;

pub(super) fn page(plan: &Plan, pipeline: &str) -> String {
    // Two hyphens end a comment of HTML.
    let name = format!("{}/{pipeline}", plan.application).replace("--", "-");
    let mut page = format!("<!-- copilot-plan: {} -->\n", escape(&name));
    let _ = writeln!(page, "### Plan of {}\n\n{}", code(pipeline), plain(&words::summary(plan)));
    for remark in words::remarks(plan) {
        let _ = writeln!(page, "\n{}", plain(&remark));
    }
    for stack in stacks(plan) {
        let mut part = String::new();
        let title = format!("{} ({})", stack.stack, words::subject(&stack.subject));
        let worst = match (stack.creates, stack.worst()) {
            (true, _) => "created".to_owned(),
            (false, worst) => worst.map(words::class).unwrap_or_default().to_owned(),
        };
        let _ = writeln!(
            part,
            "\n<details><summary><b>{}</b> {}: {}</summary>\n",
            worst,
            escape(&title),
            counted(stack)
        );
        for group in groups(stack) {
            let _ = writeln!(part, "- **{}** {}", words::class(group.class), code(&words::title(&group)));
            for difference in group.differences {
                let _ = writeln!(part, "  - {}", line(difference, group.class));
            }
        }
        for told in told::of(stack) {
            let _ = writeln!(part, "- **{}** {}", told.label, plain(&told.text));
        }
        part.push_str("\n</details>\n");
        if page.len() + part.len() > LARGEST {
            page.push_str("\nThere is more than a comment has room for.\n");
            break;
        }
        page.push_str(&part);
    }
    page
}

fn counted(stack: &StackPlan) -> String {
    let mut counts = vec![crate::phrases::count(stack.differences.len(), "difference")];
    let told = told::of(stack).len();
    if told > 0 {
        counts.push(crate::phrases::count(told, "remark"));
    }
    counts.join(", ")
}

fn line(difference: &Difference, around: copilot_cfn::effect::Class) -> String {
    let own = difference.effect.class;
    let mut line = if own == around { String::new() } else { format!("{}: ", words::class(own)) };
    line.push_str(&code(&words::change(difference)));
    for note in words::notes(difference) {
        let _ = write!(line, ", {}", plain(&note));
    }
    if let Some(place) = words::place(difference) {
        let _ = write!(line, " ({})", code(&place));
    }
    line
}

/// Text that stands for itself: whatever means something to Markdown or HTML is escaped.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_control() => out.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '#' | '@' | '&' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A span of code, fenced by more backticks than stand in it.
fn code(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 || text.trim().is_empty() || text.starts_with(' ') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::{code, plain};

    #[test]
    fn no_text_leaves_its_place() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("``x`"), "``` ``x` ```");
        assert_eq!(code("a\n# b"), "`a # b`");
        assert_eq!(plain("<b>@all [x](y) `z`"), "\\<b\\>\\@all \\[x\\](y) \\`z\\`");
    }
}
