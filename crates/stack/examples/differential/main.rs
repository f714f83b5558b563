//! Renders drawn manifests with this crate and with Copilot itself, and compares:
//! `differential ORACLE COUNT SEED WORKERS [workload|pipeline|environment]`.
//!
//! ORACLE is a program that answers `ORACLE render CASE OUT` with the files that Copilot renders for a case, or with the exit
//! status 3 where it can't ask. `cargo xtask differential` brings one along. The score goes to standard output, with one small
//! manifest for each kind of difference. Exit codes: 0 all differences are known, 1 one is not, 2 trouble.

mod compare;
mod cut;
mod draw;
mod facts;
mod known;
mod oracle;
mod ours;
mod score;
mod shrink;

use std::error::Error;
use std::io::{Write, stderr, stdout};
use std::path::Path;
use std::process::ExitCode;

use compare::Verdict;
use draw::Case;
use oracle::Oracle;
use score::Score;

/// How many kinds of difference are shown with a manifest that was made as small as it gets.
const SHOWN: usize = 20;

/// Cases that are drawn, rendered and compared at a time.
const BATCH: u64 = 200;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments, &mut stdout()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(stderr(), "differential: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String], out: &mut impl Write) -> Result<bool, Box<dyn Error>> {
    let (oracle, count, seed, workers, only) = match arguments {
        [oracle, count, seed, workers] => (oracle, count, seed, workers, None),
        [oracle, count, seed, workers, only] => {
            (oracle, count, seed, workers, Some(draw::Only::parse(only)?))
        }
        _ => {
            return Err(
                "usage: differential ORACLE COUNT SEED WORKERS [workload|pipeline|environment]".into()
            );
        }
    };
    let (count, seed, workers) = (count.parse::<u64>()?, seed.parse::<u64>()?, workers.parse::<usize>()?);
    let folder = tempfile::tempdir()?;
    let oracle = Oracle::new(Path::new(oracle), folder.path(), workers);
    let mut score = Score::default();
    // In batches, so that the differences of a run that is stopped are known.
    for start in (0..count).step_by(usize::try_from(BATCH)?) {
        let end = count.min(start + BATCH);
        let cases: Vec<Case> = (start..end).map(|number| draw::case(seed, number, only)).collect();
        let findings = oracle.ask(&cases, compare::compare)?;
        for (case, finding) in cases.into_iter().zip(findings) {
            score.count(case, finding);
        }
        let different = score.of(Verdict::Different);
        writeln!(stderr(), "{end} of {count}: {different} differ in {} ways", score.different().len())?;
    }
    show(&score, &oracle, out)?;
    write!(out, "{score}")?;
    let [equal, refused, known, different, not_compared] =
        [Verdict::Equal, Verdict::Refused, Verdict::Known, Verdict::Different, Verdict::NotCompared]
            .map(|verdict| score.of(verdict));
    writeln!(
        out,
        "{count} cases, seed {seed}: {equal} equal, {refused} refused by both, {known} different for a listed reason, \
         {different} different, {not_compared} not compared"
    )?;
    Ok(different == 0)
}

/// Each kind of difference with its smallest manifest, the most frequent kinds first.
fn show(score: &Score, oracle: &Oracle, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    for (place, (kind, cases, case)) in score.different().into_iter().enumerate() {
        writeln!(out, "== {cases} × {kind}")?;
        if place >= SHOWN {
            continue;
        }
        let (case, finding) = shrink::shrink(case, kind, oracle)?;
        let (manifest, facts, text) =
            (case.manifest.trim_end(), case.facts.trim_end(), finding.text.trim_end());
        writeln!(out, "{manifest}\n-- facts\n{facts}\n-- {text}\n")?;
    }
    Ok(())
}
