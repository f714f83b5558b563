//! `validate`: every file of the workspace, all problems at once.

mod report;

use clap::Args;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use copilot_engine::{Scope, validate};
use copilot_manifest::buildspec::Word;

use crate::failure::Failure;
use crate::host::engage;
use crate::io::Io;
use crate::view::View;
use crate::{arguments, project};

#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// Check only this manifest; can be repeated.
    #[arg(short, long)]
    name: Vec<String>,
    /// Treat warnings as errors.
    #[arg(long)]
    strict: bool,
    /// Print problems as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Validate, io: &mut Io<'_>) -> Result<(), Failure> {
    let project = project::around(io)?;
    let scope = Scope { names: &arguments.name, strict: arguments.strict, commands: Some(&refused) };
    let report = engage(View::default(), io, |host| validate(&project, &scope, host))?;
    report::print(&report.findings, report.files, arguments.json, io)
}

/// Why this program would refuse arguments, as far as they are known before the shell has put values into them.
pub(crate) fn refused(words: &[Word]) -> Option<String> {
    let program = std::iter::once("copilot-pipeline");
    let error = arguments::command()
        .try_get_matches_from(program.chain(words.iter().map(|word| word.text.as_str())))
        .err()?;
    let literal = |text: &ContextValue| {
        let text = text.to_string();
        words.iter().any(|word| !word.expands && word.text.split('=').next() == Some(text.as_str()))
    };
    let is_known = match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => false,
        ErrorKind::InvalidSubcommand => error.get(ContextKind::InvalidSubcommand).is_some_and(literal),
        ErrorKind::UnknownArgument => error.get(ContextKind::InvalidArg).is_some_and(literal),
        _ => words.iter().all(|word| !word.expands),
    };
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    is_known.then(|| first.trim_start_matches("error: ").to_owned())
}
