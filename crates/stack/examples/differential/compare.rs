//! Whether both programs make the same of a case, and each single thing in which they do not.

use copilot_cfn::compare::{Attention, same};
use copilot_cfn::diff::{Step, TemplateDiff};
use copilot_cfn::{Map, Value};

use crate::draw::Case;
use crate::known;
use crate::oracle::Answer;
use crate::ours;

/// What came out of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// The same template and parameters.
    Equal,
    /// Both refuse.
    Refused,
    /// Not the same, each difference for a reason that `docs/differences.md` names.
    Known,
    /// Not the same.
    Different,
    /// Copilot could not be asked.
    NotCompared,
}

impl Verdict {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Refused => "refused by both",
            Self::Known => "different for a listed reason",
            Self::Different => "different",
            Self::NotCompared => "not compared",
        }
    }
}

/// A verdict with its reason.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) verdict: Verdict,
    /// What findings of one origin have in common: the first difference without a reason, or the reasons.
    pub(crate) kind: String,
    /// All that can be said.
    pub(crate) text: String,
}

/// Between the reasons of one finding.
const SEPARATOR: &str = "; ";

impl Finding {
    /// Why it is known, or was not compared.
    pub(crate) fn reasons(&self) -> impl Iterator<Item = &str> {
        self.kind.split(SEPARATOR)
    }
}

/// One thing in which both differ.
#[derive(Debug)]
pub(crate) enum Difference<'a> {
    /// Copilot refuses what we render, and says this.
    OnlyCopilotRefuses(&'a str),
    /// Copilot renders what we refuse, for this among other problems.
    OnlyWeRefuse {
        /// Code and place of the problem.
        place: &'a str,
        message: &'a str,
    },
    /// A place in the template or the parameters has another value.
    Value {
        /// `template` or `parameters`.
        file: &'static str,
        place: String,
        theirs: Option<&'a Value>,
        ours: Option<&'a Value>,
    },
    /// Copilot's file can't be read.
    Unreadable,
}

impl Difference<'_> {
    fn kind(&self) -> String {
        match self {
            Self::OnlyCopilotRefuses(said) => {
                // What docker says comes first.
                let error = said.find('✘').and_then(|start| said.get(start..)).unwrap_or(said);
                format!("only Copilot refuses: {}", general(error))
            }
            Self::OnlyWeRefuse { place, .. } => format!("only we refuse: {}", general(place)),
            Self::Value { file, place, .. } => format!("{file}: {}", general(place)),
            Self::Unreadable => "Copilot's template can't be read".to_owned(),
        }
    }
}

/// Compares what we make of a case with what Copilot made of it.
pub(crate) fn compare(case: &Case, answer: &Answer) -> Finding {
    let finding = |verdict, text: &str| Finding { verdict, kind: String::new(), text: text.to_owned() };
    let ours = ours::render(case);
    match (&ours, answer) {
        (_, Answer::NotAsked(why)) => {
            Finding { verdict: Verdict::NotCompared, kind: general(why), text: why.clone() }
        }
        (Err(_), Answer::Refused(_)) => finding(Verdict::Refused, ""),
        (Ok(_), Answer::Refused(said)) => {
            judge(case, &[Difference::OnlyCopilotRefuses(said)], format!("Copilot: {said}"))
        }
        (Err(refusal), Answer::Rendered { .. }) => {
            let differences: Vec<_> = refusal.lines.lines().map(only_we_refuse).collect();
            judge(case, &differences, format!("ours: {}", refusal.lines))
        }
        (Ok(ours), Answer::Rendered { template, parameters }) => {
            let (Ok(theirs), Ok(their_parameters)) =
                (ours::read_text(template), parameters.as_deref().map(ours::read_text).transpose())
            else {
                return judge(case, &[Difference::Unreadable], template.clone());
            };
            let templates = Pair::new("template", &theirs, &ours.template);
            let no_parameters = Value::Null;
            let parameters = Pair::new(
                "parameters",
                their_parameters.as_ref().unwrap_or(&no_parameters),
                ours.parameters.as_ref().unwrap_or(&no_parameters),
            );
            let differences: Vec<_> = templates.differences().chain(parameters.differences()).collect();
            if differences.is_empty() {
                return finding(Verdict::Equal, "");
            }
            judge(case, &differences, format!("{}{}", templates.diff, parameters.diff))
        }
    }
}

/// A line of ours: `code path: message`.
fn only_we_refuse(line: &str) -> Difference<'_> {
    let (place, message) = line.split_once(": ").unwrap_or((line, ""));
    Difference::OnlyWeRefuse { place, message }
}

/// Only if each single difference has a reason, all of it is known.
fn judge(case: &Case, differences: &[Difference<'_>], text: String) -> Finding {
    let mut reasons = Vec::new();
    for difference in differences {
        match known::reason(case, difference) {
            Some(reason) => reasons.push(reason),
            None => return Finding { verdict: Verdict::Different, kind: difference.kind(), text },
        }
    }
    reasons.sort_unstable();
    reasons.dedup();
    Finding { verdict: Verdict::Known, kind: reasons.join(SEPARATOR), text }
}

/// A file of both, without what only people read and what differs from run to run.
struct Pair {
    file: &'static str,
    diff: TemplateDiff,
    /// Whether the comparison by meaning sees a difference that the diff does not show.
    hidden: bool,
}

impl Pair {
    fn new(file: &'static str, theirs: &Value, ours: &Value) -> Self {
        let diff = TemplateDiff::between(&behaviour(theirs), &behaviour(ours));
        let hidden = diff.is_empty() && !same(theirs, ours, Attention::Behaviour);
        Self { file, diff, hidden }
    }

    fn differences(&self) -> impl Iterator<Item = Difference<'_>> {
        let hidden = self.hidden.then_some(Difference::Value {
            file: self.file,
            place: "somewhere".to_owned(),
            theirs: None,
            ours: None,
        });
        let shown = self.diff.changes.iter().map(|change| {
            // Names are drawn, types are not.
            let name = change.resource_type.as_deref().unwrap_or(&change.name);
            let mut place = format!("{}.{name}", change.section);
            for step in &change.path {
                place.push('.');
                place.push_str(&written(step));
            }
            Difference::Value {
                file: self.file,
                place,
                theirs: change.old.as_ref(),
                ours: change.new.as_ref(),
            }
        });
        hidden.into_iter().chain(shown)
    }
}

fn written(step: &Step) -> String {
    match step {
        Step::Key(key) => key.clone(),
        Step::Index(place) => place.to_string(),
        Step::Item { field, value } => format!("[{field}={value}]"),
    }
}

/// The template without metadata, descriptions, where code lies, and the random text that makes an action run again.
fn behaviour(template: &Value) -> Value {
    let mut template = template.clone();
    let Some(sections) = template.as_map_mut() else { return template };
    sections.remove("Metadata");
    sections.remove("Description");
    for section in ["Parameters", "Outputs"] {
        for entry in entries(sections, section) {
            entry.remove("Description");
        }
    }
    for resource in entries(sections, "Resources") {
        resource.remove("Metadata");
        let is_function = resource.get("Type").and_then(Value::as_str) == Some("AWS::Lambda::Function");
        if let Some(properties) = resource.get_mut("Properties").and_then(Value::as_map_mut) {
            properties.remove("UpdateID");
            if is_function {
                properties.remove("Code");
            }
        }
    }
    template
}

fn entries<'a>(sections: &'a mut Map, section: &str) -> impl Iterator<Item = &'a mut Map> {
    let section = sections.get_mut(section).and_then(Value::as_map_mut);
    section.into_iter().flat_map(Map::values_mut).filter_map(Value::as_map_mut)
}

/// A text without what differs from case to case: numbers, and lines after the first.
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
