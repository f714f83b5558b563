#![doc = include_str!("../README.md")]

mod answer;
mod arguments;
mod aws;
mod boxes;
mod building;
mod choose;
mod codes;
mod commands;
mod difference;
mod drawn;
mod exit;
mod failure;
mod groups;
mod harmless;
mod hints;
mod host;
mod init;
mod interrupt;
mod io;
mod json;
mod live;
mod local;
mod names;
mod phrases;
mod planning;
mod progress;
mod project;
mod prompt;
pub mod reference;
mod remote;
mod shell;
mod table;
mod text;
mod threads;
mod times;
mod view;

use std::ffi::OsString;

use clap::{FromArgMatches, error::ErrorKind};

pub use arguments::command;
pub use exit::{CHANGES, DIFF_UNAVAILABLE, FAILURE, INTERRUPTED, SUCCESS, TERMINATED};
pub use harmless::HarmlessWriter;
pub use interrupt::Interrupt;
pub use io::{Io, Look};
pub use prompt::{Console, Prompt, PromptError, Question};

use text::Text;

/// Runs one command and returns the process's exit code: [`SUCCESS`], [`FAILURE`], [`DIFF_UNAVAILABLE`], [`INTERRUPTED`] or
/// [`TERMINATED`].
///
/// The first argument is the program's name.
pub fn run<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>, io: &mut Io<'_>) -> u8 {
    let typed = arguments::normalise(arguments.into_iter().map(Into::into).collect());
    let width = io.width();
    let parse = |typed: Vec<OsString>| {
        let matches = command().term_width(width).try_get_matches_from(typed);
        matches.and_then(|matches| arguments::Arguments::from_arg_matches(&matches))
    };
    // Messages quote what was typed, so they come from a reading of what is harmless.
    let parsed =
        parse(typed.clone()).map_err(|error| parse(arguments::harmless(&typed)).err().unwrap_or(error));
    let result = match parsed {
        Ok(arguments) => commands::run(arguments, io),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                io.out(Text::drawn(error.render().ansi().to_string()))
            }
            _ => Err(failure::Failure::Usage(error)),
        },
    };
    match result {
        Ok(()) => SUCCESS,
        Err(failure) => failure.report(io),
    }
}
