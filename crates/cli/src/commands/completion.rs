//! `completion`: scripts for shells.

use clap::{Args, ValueEnum};
use clap_complete::Shell;

use crate::arguments::command;
use crate::failure::Failure;
use crate::io::Io;

#[derive(Debug, Args)]
pub(crate) struct Completion {
    /// Shell to complete for.
    #[arg(value_name = "SHELL", value_enum)]
    shell: ShellName,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ShellName {
    Bash,
    Elvish,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
    Zsh,
}

pub(crate) fn run(arguments: &Completion, io: &mut Io<'_>) -> Result<(), Failure> {
    let shell = match arguments.shell {
        ShellName::Bash => Shell::Bash,
        ShellName::Elvish => Shell::Elvish,
        ShellName::Fish => Shell::Fish,
        ShellName::PowerShell => Shell::PowerShell,
        ShellName::Zsh => Shell::Zsh,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "copilot-pipeline", &mut script);
    let script = String::from_utf8_lossy(&script);
    let script = match arguments.shell {
        // `clap_complete` gives a program with a hyphen one name where it looks for commands and another where it has their
        // flags, so that bash would complete nothing after a command.
        ShellName::Bash => script.replace("copilot__subcmd__pipeline", "copilot__pipeline"),
        _ => script.into_owned(),
    };
    io.out_bytes(script.as_bytes())
}
