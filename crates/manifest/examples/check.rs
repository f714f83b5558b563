//! Checks manifests of pipelines, workloads and environments: `check FILE...`.
//!
//! Prints every problem with its place, its code and what to write instead. Exit codes: 0 there is no error, 1 there is one,
//! 2 a file can't be read or none is named.

use std::error::Error;
use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use copilot_manifest::environment::EnvironmentManifest;
use copilot_manifest::interpolate::Variables;
use copilot_manifest::workload::WorkloadManifest;
use copilot_manifest::{Kind, pipeline};
use copilot_yaml::{Diagnostics, Source};

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    match run(&files, &mut stdout()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(stderr(), "check: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether all files are free of errors.
pub(crate) fn run(files: &[String], out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
    if files.is_empty() {
        return Err("usage: check FILE...".into());
    }
    let mut good = true;
    for file in files {
        let bytes = std::fs::read(file).map_err(|error| format!("can't read `{file}`: {error}"))?;
        let problems = match Source::from_bytes(file.as_str(), bytes) {
            Ok(source) => check(&source),
            Err(problem) => Diagnostics::from(*problem),
        };
        good &= !problems.has_errors();
        for problem in &problems {
            writeln!(out, "{problem:#}")?;
        }
    }
    Ok(good)
}

/// All problems of a manifest, warnings included.
fn check(source: &Source) -> Diagnostics {
    let mut found = Diagnostics::default();
    // Values for `${NAME}`; those that are missing are problems, too.
    let variables = Variables { application: "shop".to_owned(), ..Variables::default() };
    match Kind::of(source) {
        Some(Kind::Pipeline) => {
            pipeline::read(source, &pipeline::Surroundings::default(), &mut found);
        }
        Some(Kind::Environment) => match EnvironmentManifest::load(source, "test", &variables) {
            Ok(loaded) => found.extend(loaded.warnings),
            Err(problems) => found.extend(problems),
        },
        // The reader of workloads also says what is wrong with a `type` that there is not.
        Some(Kind::Workload(_)) | None => match WorkloadManifest::parse(source.clone()) {
            // A workload is another in each environment that its manifest names; any other name gives what is common.
            Ok(manifest) => {
                for environment in manifest.environments().chain(["test"]) {
                    match manifest.load(environment, &variables) {
                        Ok(loaded) => found.extend(loaded.warnings),
                        Err(problems) => found.extend(problems),
                    }
                }
            }
            Err(problems) => found.extend(problems),
        },
    }
    found.sort();
    found
}
