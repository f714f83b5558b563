//! What came out of all cases, counted.

use std::collections::BTreeMap;
use std::fmt;

use crate::compare::{Finding, Verdict};
use crate::draw::Case;

/// How often each verdict was given, and why.
#[derive(Debug, Default)]
pub(crate) struct Score {
    tally: BTreeMap<Verdict, u64>,
    /// Reasons of what is known and of what was not compared. A case can have several.
    reasons: BTreeMap<(Verdict, String), u64>,
    /// Cases of each kind of difference that is not known.
    different: BTreeMap<String, Vec<(Case, Finding)>>,
}

impl Score {
    pub(crate) fn count(&mut self, case: Case, finding: Finding) {
        *self.tally.entry(finding.verdict).or_default() += 1;
        match finding.verdict {
            Verdict::Equal | Verdict::Refused => {}
            Verdict::Known | Verdict::NotCompared => {
                for reason in finding.reasons() {
                    *self.reasons.entry((finding.verdict, reason.to_owned())).or_default() += 1;
                }
            }
            Verdict::Different => {
                self.different.entry(finding.kind.clone()).or_default().push((case, finding));
            }
        }
    }

    pub(crate) fn of(&self, verdict: Verdict) -> u64 {
        self.tally.get(&verdict).copied().unwrap_or_default()
    }

    /// Each kind of difference that is not known with its smallest case, the most frequent first.
    pub(crate) fn different(&self) -> Vec<(&str, usize, &Case)> {
        let kinds = self.different.iter().filter_map(|(kind, cases)| {
            let (case, _) = cases.iter().min_by_key(|(case, _)| case.manifest.len())?;
            Some((kind.as_str(), cases.len(), case))
        });
        let mut kinds: Vec<_> = kinds.collect();
        kinds.sort_by_key(|(_, cases, _)| std::cmp::Reverse(*cases));
        kinds
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (verdict, cases) in &self.tally {
            writeln!(f, "{cases:6}  {}", verdict.as_str())?;
            let reasons = self.reasons.iter().filter(|((of, _), _)| of == verdict);
            for ((_, reason), cases) in reasons {
                writeln!(f, "  {cases:6}  {reason}")?;
            }
        }
        Ok(())
    }
}
