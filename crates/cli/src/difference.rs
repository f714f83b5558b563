//! How a difference is shown.

use anstyle::{AnsiColor, Style};
use camino::Utf8Path;
use copilot_cfn::Value;
use copilot_cfn::diff::{Kind, TemplateDiff};
use copilot_engine::difference::template_in;

use crate::failure::Failure;
use crate::io::Io;
use crate::text::Text;

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

/// Compares with a template in a file.
pub(crate) fn with_file(path: &Utf8Path, new: &Value, io: &Io<'_>) -> Result<TemplateDiff, Failure> {
    Ok(TemplateDiff::between(&template_in(path, io.folder())?, new))
}

/// Why a difference from what is deployed can't be told with facts from a file.
pub(crate) fn facts_know_nothing(path: &Utf8Path) -> Failure {
    Failure::with_hint(
        format!("`{path}` doesn't know what is deployed"),
        "leave out `--facts` to have AWS asked, or name a template to compare with: `--diff FILE`",
    )
}
