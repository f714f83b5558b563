//! `--diff`: what a rendered template changes.

use camino::Utf8PathBuf;
use copilot_cfn::diff::TemplateDiff;
use copilot_cfn::{Value, read};
use copilot_yaml::{Diagnostics, Source};

use crate::failure::Failure;
use crate::files::read_named;
use crate::io::Io;

/// The template in a file.
pub(crate) fn read(path: &Utf8PathBuf, io: &mut Io<'_>) -> Result<Value, Failure> {
    let bytes = read_named(path, io)
        .map_err(|problem| Failure::DiffUnavailable(format!("can't read `{path}`: {problem}")))?;
    let source = Source::from_bytes(path.as_str(), bytes)
        .map_err(|problem| Failure::DiffUnavailable(problem.to_string()))?;
    parse(&source, io)
}

/// The template of a deployed stack, as it was uploaded.
pub(crate) fn deployed(stack: &str, text: String, io: &mut Io<'_>) -> Result<Value, Failure> {
    parse(&Source::new(format!("template of stack {stack}"), text), io)
}

fn parse(source: &Source, io: &mut Io<'_>) -> Result<Value, Failure> {
    let mut diagnostics = Diagnostics::default();
    let template = read::read(source, &mut diagnostics).filter(|_| !diagnostics.has_errors());
    template.map(|template| template.value).ok_or_else(|| {
        io.diagnostics(&diagnostics);
        Failure::DiffUnavailable(format!("`{}` is no template", source.name()))
    })
}

/// Prints what differs; a difference ends the command with 1.
pub(crate) fn print(old: &Value, template: &Value, io: &mut Io<'_>) -> Result<(), Failure> {
    let diff = TemplateDiff::between(old, template);
    if diff.is_empty() {
        return io.out("No changes.\n");
    }
    io.out(diff.to_string())?;
    Err(Failure::Said)
}
