//! What a stack is compared with, and how a difference is shown.

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use camino::Utf8PathBuf;
use copilot_cfn::Value;
use copilot_cfn::diff::{Kind, Side, TemplateDiff};
use copilot_deployer::stack::Snapshot;

use crate::commands::diff;
use crate::failure::Failure;
use crate::io::Io;
use crate::text::Text;

/// A stack as it is to be.
#[derive(Debug, Clone)]
pub(crate) struct New<'a> {
    pub(crate) template: &'a Value,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// Compares with what is deployed. A stack that is not there has nothing.
pub(crate) fn with_deployed(
    stack: &str,
    deployed: Option<Snapshot>,
    new: &New<'_>,
    io: &mut Io<'_>,
) -> Result<TemplateDiff, Failure> {
    let none = BTreeMap::new();
    let side = Side { template: new.template, parameters: &new.parameters, tags: &new.tags };
    let Some(deployed) = deployed else {
        let nothing = Side { template: &Value::Null, parameters: &none, tags: &none };
        return Ok(TemplateDiff::between_stacks(nothing, side));
    };
    let old = diff::deployed(stack, deployed.template, io)?;
    let old = Side { template: &old, parameters: &deployed.parameters, tags: &deployed.tags };
    Ok(TemplateDiff::between_stacks(old, side))
}

/// Compares with a template in a file.
pub(crate) fn with_file(path: &Utf8PathBuf, new: &Value, io: &mut Io<'_>) -> Result<TemplateDiff, Failure> {
    Ok(TemplateDiff::between(&diff::read(path, io)?, new))
}

/// Prints what differs, or that nothing does.
pub(crate) fn print(diff: &TemplateDiff, io: &mut Io<'_>) -> Result<(), Failure> {
    if diff.is_empty() {
        return io.out("No changes.\n");
    }
    io.lines(diff.lines().into_iter().map(|line| {
        let style = match line.kind {
            Some(Kind::Added) => AnsiColor::Green.on_default(),
            Some(Kind::Removed) => AnsiColor::Red.on_default(),
            Some(Kind::Changed | Kind::Reordered) => AnsiColor::Yellow.on_default(),
            None => Style::new(),
        };
        let mut text = Text::new();
        text.paint(style, line.text);
        text
    }))
}

/// For commands that are asked whether anything differs: the exit code tells.
pub(crate) fn report(diff: &TemplateDiff, io: &mut Io<'_>) -> Result<(), Failure> {
    print(diff, io)?;
    if diff.is_empty() { Ok(()) } else { Err(Failure::Said) }
}

/// What keeps a difference from being told.
pub(crate) fn unavailable(failure: Failure) -> Failure {
    match failure {
        Failure::Message { message, hint } => {
            Failure::DiffUnavailable(hint.map_or(message.clone(), |hint| format!("{message}; {hint}")))
        }
        other => other,
    }
}
