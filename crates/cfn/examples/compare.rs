//! Compares two templates by what they mean: `compare OLD NEW [--behaviour]`, each YAML or JSON.
//!
//! The order of keys, short and long intrinsics, and different ways to write a value are no difference. With `--behaviour`
//! neither are descriptions and metadata. Exit codes, those of `diff`: 0 the same, 1 different, 2 trouble.

use std::error::Error;
use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use copilot_cfn::compare::{Attention, same};
use copilot_cfn::diff::TemplateDiff;
use copilot_cfn::read::{Document, read};
use copilot_yaml::{Diagnostics, Source};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments, &mut stdout()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(stderr(), "compare: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether both templates mean the same.
pub(crate) fn run(arguments: &[&str], out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
    let (old, new, attention) = match *arguments {
        [old, new] => (old, new, Attention::Everything),
        [old, new, "--behaviour"] => (old, new, Attention::Behaviour),
        _ => return Err("usage: compare OLD NEW [--behaviour]".into()),
    };
    let (old, new) = (template(old)?, template(new)?);
    if same(&old.value, &new.value, attention) {
        return Ok(true);
    }
    let diff = TemplateDiff::between(&old.value, &new.value);
    writeln!(out, "{diff}{}", diff.summary())?;
    Ok(false)
}

fn template(file: &str) -> Result<Document, Box<dyn Error>> {
    let bytes = std::fs::read(file).map_err(|error| format!("can't read `{file}`: {error}"))?;
    let source = Source::from_bytes(file, bytes)?;
    let mut problems = Diagnostics::default();
    let document = read(&source, &mut problems);
    Ok(problems.into_result(document)?)
}
