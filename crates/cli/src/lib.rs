#![doc = include_str!("../README.md")]

mod addons;
mod arguments;
mod aws;
mod boxes;
mod build;
mod codes;
mod commands;
mod difference;
mod drawn;
mod environment;
mod exit;
mod failure;
mod files;
mod init;
mod io;
mod live;
mod local;
mod overrides;
mod pipeline;
mod progress;
mod prompt;
pub mod reference;
mod remote;
mod self_upload;
mod threads;
mod words;

use std::ffi::OsString;

use clap::{FromArgMatches, error::ErrorKind};

pub use arguments::command;
pub use exit::{DIFF_UNAVAILABLE, FAILURE, INTERRUPTED, SUCCESS};
pub use io::{Io, Look};
pub use prompt::{Inquire, Prompt, PromptError};

/// Runs one command and returns the process's exit code: [`SUCCESS`], [`FAILURE`], [`DIFF_UNAVAILABLE`] or [`INTERRUPTED`].
///
/// The first argument is the program's name.
pub fn run<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>, io: &mut Io<'_>) -> u8 {
    let typed = arguments::normalise(arguments.into_iter().map(Into::into).collect());
    let parsed = command()
        .term_width(io.width())
        .try_get_matches_from(typed)
        .and_then(|matches| arguments::Arguments::from_arg_matches(&matches));
    let result = match parsed {
        Ok(arguments) => commands::run(arguments, io),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                io.out(&error.render().ansi().to_string())
            }
            _ => Err(failure::Failure::Usage(error)),
        },
    };
    match result {
        Ok(()) => SUCCESS,
        Err(failure) => failure.report(io),
    }
}
