//! A plan as a tree that fits a screen.

use anstyle::{AnsiColor, Style};
use copilot_cfn::effect::Class;
use copilot_engine::plan::{Plan, StackPlan};

use super::{Group, groups, stacks, told, words};
use crate::text::Text;

/// Lines of differences that are shown: what a screen has room for.
const LINES: usize = 40;
/// Lines of one resource.
const LINES_OF_ONE: usize = 6;
/// Columns of the widest class.
const CLASS: usize = 13;

pub(super) fn lines(plan: &Plan, full: bool, unicode: bool) -> Vec<Text> {
    let mut tree =
        Tree { lines: Vec::new(), left: if full { usize::MAX } else { LINES }, hidden: 0, unicode };
    let changing = stacks(plan);
    for stack in &changing {
        tree.stack(stack, full);
    }
    if tree.hidden > 0 {
        tree.push(
            format!("… {} more; `--full` shows all", crate::phrases::count(tree.hidden, "difference")).into(),
        );
    }
    if !changing.is_empty() {
        tree.push(Text::new());
    }
    let mut summary = Text::new();
    summary.paint(Style::new().bold(), words::summary(plan));
    tree.push(summary);
    for remark in words::remarks(plan) {
        tree.push(remark.into());
    }
    tree.lines
}

struct Tree {
    lines: Vec<Text>,
    left: usize,
    hidden: usize,
    unicode: bool,
}

impl Tree {
    fn push(&mut self, line: Text) {
        self.lines.push(line);
    }

    fn stack(&mut self, stack: &StackPlan, full: bool) {
        if self.left == 0 {
            self.hidden += stack.differences.len();
            return;
        }
        let mut line = Text::new();
        line.paint(Style::new().bold(), &stack.stack);
        let subject = words::subject(&stack.subject);
        if stack.creates {
            line.push(format!(" ({subject}): created, {}", created(stack)));
            self.take(line);
            return;
        }
        line.push(format!(" ({subject})"));
        self.take(line);
        let (groups, told) = (groups(stack), told::of(stack));
        let last = (groups.len() + told.len()).saturating_sub(1);
        for (place, group) in groups.iter().enumerate() {
            if self.left == 0 {
                self.hidden += group.differences.len();
                continue;
            }
            self.group(group, place == last, full);
        }
        // What somebody else says is never left out.
        for (place, told) in told.iter().enumerate() {
            let (branch, _) = self.branches(groups.len() + place == last);
            let mut line = Text::from(branch);
            line.paint(style(told.class), format!("{:CLASS$}", told.label));
            line.push(told.text.as_str());
            self.take(line);
        }
    }

    /// What stands before a group, and before what is in it.
    const fn branches(&self, last: bool) -> (&'static str, &'static str) {
        match (self.unicode, last) {
            (true, true) => ("└─ ", "   "),
            (true, false) => ("├─ ", "│  "),
            (false, true) => ("`- ", "   "),
            (false, false) => ("|- ", "|  "),
        }
    }

    fn take(&mut self, line: Text) {
        self.left = self.left.saturating_sub(1);
        self.lines.push(line);
    }

    fn group(&mut self, group: &Group<'_>, last: bool, full: bool) {
        let (branch, below) = self.branches(last);
        let mut line = Text::from(branch);
        line.paint(style(group.class), format!("{:CLASS$}", words::class(group.class)));
        line.push(words::title(group));
        // What has no parts stands on the same line.
        if let [only] = &group.differences[..]
            && only.effect.change.path.is_empty()
        {
            line.push(format!(": {}", words::change(only)));
            line.push(behind(only));
            self.take(line);
            return;
        }
        self.take(line);
        let shown = if full { usize::MAX } else { LINES_OF_ONE.min(self.left) };
        for difference in group.differences.iter().take(shown) {
            let mut line = Text::from(format!("{below}{:CLASS$}", ""));
            let own = difference.effect.class;
            if own != group.class {
                line.paint(style(own), format!("{}: ", words::class(own)));
            }
            line.push(words::change(difference));
            line.push(behind(difference));
            self.take(line);
        }
        self.hidden += group.differences.len().saturating_sub(shown);
    }
}

/// Notes and place, dimmed.
fn behind(difference: &copilot_engine::plan::Difference) -> Text {
    let mut parts = words::notes(difference);
    parts.extend(words::place(difference));
    let mut text = Text::new();
    if !parts.is_empty() {
        text.paint(Style::new().dimmed(), format!("  ({})", parts.join("; ")));
    }
    text
}

fn created(stack: &StackPlan) -> String {
    let resources = stack.differences.iter().filter(|one| one.effect.change.section == "Resources").count();
    crate::phrases::count(resources, "resource")
}

fn style(class: Class) -> Style {
    match class {
        Class::Removal | Class::Replacement => AnsiColor::Red.on_default().bold(),
        Class::Structure | Class::MayReplace | Class::Unknown | Class::Interruption => {
            AnsiColor::Yellow.on_default().bold()
        }
        Class::Added => AnsiColor::Green.on_default(),
        Class::InPlace | Class::Revision => AnsiColor::Cyan.on_default(),
        _ => Style::new().dimmed(),
    }
}
