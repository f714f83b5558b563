//! Whether both programs make the same of a case, and what kind of difference it is if not.

use copilot_cfn::Value;
use copilot_cfn::compare::{Attention, same};
use copilot_cfn::diff::TemplateDiff;

use crate::draw::Case;
use crate::known;
use crate::oracle::Answer;
use crate::ours;

/// What came out of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The same template and parameters.
    Equal,
    /// Both refuse.
    Refused,
    /// Not the same, for a reason that `docs/differences.md` names.
    Known,
    /// Not the same.
    Different,
}

impl Verdict {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Refused => "refused by both",
            Self::Known => "different for a listed reason",
            Self::Different => "different",
        }
    }
}

/// A verdict with its reason.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) verdict: Verdict,
    /// What differences of one origin have in common.
    pub(crate) kind: String,
    /// All that can be said.
    pub(crate) text: String,
}

/// Compares what we make of a case with what Copilot made of it.
pub(crate) fn compare(case: &Case, answer: &Answer) -> Finding {
    let ours = ours::render(case);
    let finding = |verdict, kind: String, text: String| Finding { verdict, kind, text };
    let unlike = |kind: String, text: String| {
        let verdict = if known::is_known(case, &kind, &text) { Verdict::Known } else { Verdict::Different };
        finding(verdict, kind, text)
    };
    match (&ours, &answer.template) {
        (Err(_), None) => finding(Verdict::Refused, String::new(), String::new()),
        (Ok(_), None) => unlike(
            format!("only Copilot refuses: {}", general(&answer.said)),
            format!("Copilot: {}", answer.said),
        ),
        (Err(problems), Some(_)) => {
            let first = problems.lines().next().unwrap_or_default();
            let (code, rest) = first.split_once(' ').unwrap_or((first, ""));
            let path = rest.split_once(':').map_or(rest, |(path, _)| path);
            unlike(format!("only we refuse: {code} {}", general(path)), format!("ours: {problems}"))
        }
        (Ok(ours), Some(template)) => {
            let theirs = ours::read_text(template);
            let parameters = answer.parameters.as_deref().map(ours::read_text);
            let Ok(theirs) = theirs else {
                return unlike("Copilot's template can't be read".to_owned(), template.clone());
            };
            if let Some((kind, text)) = difference("template", &theirs, &ours.template) {
                return unlike(kind, text);
            }
            if let (Some(ours), Some(Ok(theirs))) = (&ours.parameters, parameters)
                && let Some((kind, text)) = difference("parameters", &theirs, ours)
            {
                return unlike(kind, text);
            }
            finding(Verdict::Equal, String::new(), String::new())
        }
    }
}

fn difference(what: &str, theirs: &Value, ours: &Value) -> Option<(String, String)> {
    if same(theirs, ours, Attention::Behaviour) {
        return None;
    }
    let diff = TemplateDiff::between(theirs, ours);
    let mut places: Vec<String> = diff
        .changes
        .iter()
        .filter(|change| change.section != "Metadata")
        .map(|change| general(&format!("{}.{}{}", change.section, change.name, steps(change))))
        .filter(|place| !place.ends_with("UpdateID") && !place.contains(".S3Key"))
        .collect();
    places.sort();
    places.dedup();
    let kind = places.into_iter().next().unwrap_or_default();
    Some((format!("{what}: {kind}"), diff.to_string()))
}

fn steps(change: &copilot_cfn::diff::Change) -> String {
    use std::fmt::Write as _;
    change.path.iter().fold(String::new(), |mut text, step| {
        let _ = write!(text, ".{step:?}");
        text
    })
}

/// A text without what differs from case to case: numbers, quoted values and lines after the first.
fn general(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut out = String::new();
    for c in line.chars().take(260) {
        match c {
            '0'..='9' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            c => out.push(c),
        }
    }
    out
}
