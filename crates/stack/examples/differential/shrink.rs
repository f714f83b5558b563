//! The smallest manifest that shows a difference.

use crate::compare::{Finding, compare};
use crate::cut::smaller;
use crate::draw::Case;
use crate::oracle::Oracle;

/// Rounds in which something has to become smaller.
const ROUNDS: usize = 12;

/// Takes keys and items away for as long as the kind of difference stays.
pub(crate) fn shrink(case: &Case, kind: &str, oracle: &Oracle) -> std::io::Result<(Case, Finding)> {
    let mut smallest = case.clone();
    for _ in 0..ROUNDS {
        let mut candidates = smaller(&smallest.manifest);
        candidates.sort_by_key(String::len);
        let cases: Vec<Case> =
            candidates.into_iter().map(|manifest| Case { manifest, ..smallest.clone() }).collect();
        let mut found = None;
        for some in cases.chunks(8) {
            let findings = oracle.ask(some, compare)?;
            found = some.iter().zip(findings).find(|(_, finding)| finding.kind == kind);
            if found.is_some() {
                break;
            }
        }
        let Some((case, _)) = found else { break };
        smallest = case.clone();
    }
    let finding = oracle.ask(std::slice::from_ref(&smallest), compare)?.into_iter().next();
    finding
        .map(|finding| (smallest, finding))
        .ok_or_else(|| std::io::Error::other("the oracle gave no answer"))
}
