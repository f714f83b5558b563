//! A buildspec of Copilot becomes one that runs `copilot-pipeline build`, with the user's own commands where they were.

use std::collections::BTreeSet;

use copilot_manifest::buildspec::{Command, HASH_AMD64, HASH_ARM64, Role};
use copilot_yaml::{Edit, Span};

use super::environment::{runtimes, variables};
use super::lines::{Item, Lines};
use crate::doctor::buildspecs::Found;
use crate::doctor::commands::{NAMES, Part, TAG, part, uses};
use crate::doctor::era::is_generated_comment;
use crate::program::fetch;

/// Why a buildspec stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reason {
    pub(super) why: String,
    pub(super) at: Span,
}

/// What the new commands name.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// `None` where the workspace names none.
    pub(super) application: Option<String>,
    pub(super) pipeline: String,
    pub(super) stages: Vec<String>,
}

/// A command with what becomes of it.
struct Step<'a> {
    command: &'a Command,
    part: Part,
    kept: bool,
}

/// The changes, none where there is nothing to replace.
pub(super) fn rewrite(found: &Found, names: &Names) -> Result<Vec<Edit>, Reason> {
    let steps = steps(found);
    if steps.iter().all(|step| step.kept) {
        return Ok(Vec::new());
    }
    orphans(&steps)?;
    let text = found.source.text();
    let lines = Lines::new(text);
    let mut edits = Vec::new();
    let is_package = |part: Part| matches!(part, Part::Package | Part::PackageEnvironments);
    let mut wants_fetch = steps.iter().any(|step| is_package(step.part));
    let application = match &names.application {
        None if wants_fetch => {
            let why = "the workspace names no application, whose bucket has the program; `--app` names it";
            return Err(Reason {
                why: why.to_owned(),
                at: Span::new(found.root.span.start, found.root.span.start),
            });
        }
        application => application.as_deref().unwrap_or_default(),
    };
    let (mut built, mut packaged) = (false, false);
    for step in steps.iter().filter(|step| !step.kept) {
        let item = lines.item(step.command.span).ok_or_else(|| Reason {
            why: "its commands stand in brackets, or share their lines".to_owned(),
            at: step.command.span,
        })?;
        let mut new = String::new();
        if std::mem::take(&mut wants_fetch) && (step.part == Part::Download || is_package(step.part)) {
            new.push_str(&fetching(application, &item, lines.ending()));
        } else {
            wants_fetch |= !new.is_empty();
        }
        match step.part {
            Part::Package if !std::mem::replace(&mut built, true) => {
                new.push_str(&build(step.command, &steps, names, &item, &lines));
            }
            Part::PackageEnvironments if !std::mem::replace(&mut packaged, true) => {
                new.push_str(&environments(step.command, names, &item, &lines));
            }
            _ => {}
        }
        edits.push(Edit::replace(item.span, new));
        let known = lines.comments(&item).take_while(|(_, comment)| is_generated_comment(comment));
        edits.extend(known.map(|(span, _)| Edit::delete(span)));
    }
    spare_phases(found, &steps, &lines, &mut edits);
    if steps.iter().any(|step| is_package(step.part)) {
        edits.push(variables(found, &lines)?);
    }
    let own: Vec<&Command> = steps.iter().filter(|step| step.kept).map(|step| step.command).collect();
    edits.extend(runtimes(found, &own, &lines));
    Ok(edits)
}

/// What becomes of each command. What a kept one needs is kept as well.
fn steps(found: &Found) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = found
        .buildspec
        .commands()
        .map(|command| {
            let part = part(command);
            Step { command, part, kept: !part.is_replaced() }
        })
        .collect();
    loop {
        let mut needed = BTreeSet::new();
        for (place, step) in steps.iter().enumerate().filter(|(_, step)| step.kept) {
            needed.extend(needs(step.command, &steps[..place]));
            if runs_copilot(step.command) {
                let gets = |step: &Step<'_>| matches!(step.part, Part::Download | Part::Tidy);
                needed.extend((0..place).filter(|before| gets(&steps[*before])));
            }
        }
        let new: Vec<usize> = needed.into_iter().filter(|place| !steps[*place].kept).collect();
        if new.is_empty() {
            return steps;
        }
        for place in new {
            steps[place].kept = true;
        }
    }
}

fn runs_copilot(command: &Command) -> bool {
    let invocations = command.invocations.as_ref().map(Vec::as_slice).unwrap_or_default();
    invocations.iter().any(|invocation| matches!(invocation.role(), Role::Copilot(_)))
}

/// The commands above that give a name of Copilot's buildspecs its value.
fn needs(command: &Command, above: &[Step<'_>]) -> Vec<usize> {
    let names = NAMES.into_iter().chain([TAG]);
    let names: Vec<&str> = names.filter(|name| uses(&command.text, name)).collect();
    let gives = |step: &Step<'_>| {
        step.part == Part::Names && names.iter().any(|name| assigns(&step.command.text, name))
    };
    (0..above.len()).filter(|place| gives(&above[*place])).collect()
}

fn assigns(text: &str, name: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || c == ';')
        .any(|word| word.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')))
}

/// A kept command that uses what only a loop that goes has set.
fn orphans(steps: &[Step<'_>]) -> Result<(), Reason> {
    for (place, step) in steps.iter().enumerate().filter(|(_, step)| step.kept) {
        for name in ["env", "svc", "job", "workload", "image_id", "repo", TAG] {
            let text = &step.command.text;
            let own = |text: &str| assigns(text, name) || text.contains(&format!("for {name} in"));
            let before = steps[..place].iter();
            let lost = before.clone().any(|other| !other.kept && own(&other.command.text));
            let there = own(text) || before.clone().any(|other| other.kept && own(&other.command.text));
            if uses(text, name) && lost && !there {
                let why = format!("this command of your own uses `${name}`, which a command of Copilot sets");
                return Err(Reason { why, at: step.command.span });
            }
        }
    }
    Ok(())
}

/// The command that gets the program, as an item of a list.
fn fetching(application: &str, item: &Item, ending: &str) -> String {
    let lines = [
        "# The program comes from the application's artifact bucket and runs only if it is the one that is pinned above.",
        "- |",
        "  (",
        "    set -eu",
    ];
    let script = fetch(application);
    let script = script.lines().map(|line| format!("    {line}"));
    listed(lines.into_iter().map(str::to_owned).chain(script).chain(["  )".to_owned()]), item, ending)
}

fn listed(lines: impl IntoIterator<Item = String>, item: &Item, ending: &str) -> String {
    let blanks = " ".repeat(item.column);
    lines.into_iter().map(|line| format!("{blanks}{line}{ending}")).collect::<Vec<_>>().concat()
}

fn build(command: &Command, steps: &[Step<'_>], names: &Names, item: &Item, lines: &Lines<'_>) -> String {
    let folder = folder(command);
    let own = |word: &str| {
        !uses(word, TAG) || steps.iter().any(|step| step.kept && assigns(&step.command.text, TAG))
    };
    let tag = value(command, "--tag")
        .filter(|word| word.contains('$') && own(word) && !word.contains(['"', '`', '\\']));
    let tag = tag.unwrap_or("${CODEBUILD_BUILD_ID##*:}");
    let line = format!(
        "copilot-pipeline build --name {} --output-dir {folder} --tag \"{tag}\" --max-image-age 14",
        names.pipeline
    );
    let comment = "# Builds and pushes every image once, uploads what the stacks need, writes the templates of all stages.";
    listed([comment.to_owned(), format!("- {line}")], item, lines.ending())
}

fn environments(command: &Command, names: &Names, item: &Item, lines: &Lines<'_>) -> String {
    let folder = folder(command);
    let package = |stage: &String| {
        format!("- copilot-pipeline env package --name {stage} --output-dir {folder} --upload-assets --force")
    };
    let comment = "# One line for each stage of the pipeline.".to_owned();
    listed(std::iter::once(comment).chain(names.stages.iter().map(package)), item, lines.ending())
}

/// Where the templates go.
fn folder(command: &Command) -> String {
    let folder = value(command, "--output-dir").unwrap_or("infrastructure");
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    let is_plain =
        !folder.is_empty() && folder.chars().all(|c| c.is_ascii_alphanumeric() || "._/-".contains(c));
    if is_plain { folder.to_owned() } else { "infrastructure".to_owned() }
}

/// The word after a flag, in the first call of Copilot that has it.
fn value<'a>(command: &'a Command, flag: &str) -> Option<&'a str> {
    let invocations = command.invocations.as_ref().ok()?;
    invocations.iter().find_map(|invocation| {
        let words = &invocation.words;
        let at = words.iter().position(|word| word.text == flag)?;
        words.get(at + 1).map(|word| word.text.as_str())
    })
}

/// A phase from which everything would go keeps a command that does nothing.
fn spare_phases(found: &Found, steps: &[Step<'_>], lines: &Lines<'_>, edits: &mut [Edit]) {
    for phase in &found.buildspec.phases {
        let spans: Vec<Span> = phase.commands.iter().map(|command| command.span).collect();
        let kept = steps.iter().any(|step| step.kept && spans.contains(&step.command.span));
        let items: Vec<Item> = spans.iter().filter_map(|span| lines.item(*span)).collect();
        let mut own: Vec<&mut Edit> =
            edits.iter_mut().filter(|edit| items.iter().any(|item| item.span == edit.span)).collect();
        if !kept
            && own.iter().all(|edit| edit.text.is_empty())
            && let Some(first) = own.first_mut()
        {
            first.text = listed(["- echo \"nothing to do\"".to_owned()], &items[0], lines.ending());
        }
    }
}

/// The variables that pin a program.
pub(super) const PINS: [&str; 2] = [HASH_AMD64, HASH_ARM64];
