//! Renders drawn manifests with this crate and with Copilot itself, and compares: `differential ORACLE COUNT SEED WORKERS`.
//!
//! ORACLE is a program that answers `ORACLE render CASE OUT` with the files that Copilot renders for a case. `cargo xtask
//! differential` brings one along. The score goes to standard output, with one small manifest for each kind of difference.
//! Exit codes: 0 all differences are known, 1 one is not, 2 trouble.

mod compare;
mod draw;
mod known;
mod oracle;
mod ours;
mod shrink;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{Write, stderr, stdout};
use std::path::Path;
use std::process::ExitCode;

use compare::{Finding, Verdict};
use draw::Case;
use oracle::Oracle;

/// How many kinds of difference are shown with a manifest.
const SHOWN: usize = 10;

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
    let [oracle, count, seed, workers] = arguments else {
        return Err("usage: differential ORACLE COUNT SEED WORKERS".into());
    };
    let (count, seed, workers) = (count.parse::<u64>()?, seed.parse::<u64>()?, workers.parse::<usize>()?);
    let folder = tempfile::tempdir()?;
    let oracle = Oracle::new(Path::new(oracle), folder.path(), workers);
    let mut tally: BTreeMap<&str, u64> = BTreeMap::new();
    let mut groups: BTreeMap<String, Vec<(Case, Finding)>> = BTreeMap::new();
    // In batches, so that the differences of a run that is stopped are known.
    for start in (0..count).step_by(usize::try_from(BATCH)?) {
        let cases: Vec<Case> =
            (start..count.min(start + BATCH)).map(|number| draw::case(seed, number)).collect();
        let findings = oracle.ask(&cases, compare::compare)?;
        for (case, finding) in cases.into_iter().zip(findings) {
            *tally.entry(finding.verdict.as_str()).or_default() += 1;
            if finding.verdict == Verdict::Different {
                groups.entry(finding.kind.clone()).or_default().push((case, finding));
            }
        }
        let _ = writeln!(
            stderr(),
            "{} of {count}: {tally:?}, {} kinds of difference",
            start + BATCH,
            groups.len()
        );
    }
    show(&groups, &oracle, out)?;
    for (verdict, cases) in &tally {
        writeln!(out, "{cases:6}  {verdict}")?;
    }
    let different: u64 = tally.get(Verdict::Different.as_str()).copied().unwrap_or_default();
    writeln!(out, "{} of {count} alike, {different} not; seed {seed}", count - different)?;
    Ok(different == 0)
}

/// Each kind of difference with its smallest manifest, the most frequent kinds first.
fn show(
    groups: &BTreeMap<String, Vec<(Case, Finding)>>,
    oracle: &Oracle,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let mut groups: Vec<_> = groups.iter().collect();
    groups.sort_by_key(|(_, cases)| std::cmp::Reverse(cases.len()));
    for (place, (kind, cases)) in groups.iter().enumerate() {
        writeln!(out, "== {} × {kind}", cases.len())?;
        let Some((case, _)) = cases.iter().min_by_key(|(case, _)| case.manifest.len()) else { continue };
        let (case, finding) = if place < SHOWN { shrink::shrink(case, kind, oracle)? } else { continue };
        writeln!(
            out,
            "{}\n-- facts\n{}\n-- {}\n",
            case.manifest.trim_end(),
            case.facts.trim_end(),
            finding.text.trim_end()
        )?;
    }
    Ok(())
}
