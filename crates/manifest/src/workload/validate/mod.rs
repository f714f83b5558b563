//! What a manifest may say, checked after an environment's overrides were laid over it.
//!
//! Everything that Copilot refuses is an error; what it accepts without effect, or with another effect than the one
//! written, is a warning.

mod containers;
mod count;
mod http;
mod image;
mod job;
mod messaging;
mod network;
mod nlb;
mod request_driven;
mod service;
mod sidecar;
mod static_site;
mod storage;
mod task;

pub use containers::LOG_ROUTER;

use copilot_yaml::{Code, Span};

use crate::decode::Context;
use crate::workload::{Workload, WorkloadConfig, codes};

/// Reports all problems of a workload.
pub(crate) fn validate(workload: &Workload, named: bool, whole: Span, cx: &mut Context<'_>) {
    if !named {
        missing(cx, whole, "name", "a workload");
    }
    match &workload.config {
        WorkloadConfig::LoadBalancedWebService(config) => {
            service::load_balanced(&workload.name, config, whole, cx);
        }
        WorkloadConfig::BackendService(config) => service::backend(&workload.name, config, whole, cx),
        WorkloadConfig::WorkerService(config) => service::worker(&workload.name, config, whole, cx),
        WorkloadConfig::ScheduledJob(config) => job::check(&workload.name, config, whole, cx),
        WorkloadConfig::RequestDrivenWebService(config) => request_driven::check(config, whole, cx),
        WorkloadConfig::StaticSite(config) => static_site::check(config, cx),
    }
}

/// Reports an error at a span.
fn fail(
    cx: &mut Context<'_>,
    code: &'static Code,
    span: Span,
    message: impl Into<String>,
    help: impl Into<String>,
) {
    let problem = cx.error(code, message, span, "").help(help);
    cx.report(problem);
}

/// Reports a warning at a span.
fn warn(
    cx: &mut Context<'_>,
    code: &'static Code,
    span: Span,
    message: impl Into<String>,
    help: impl Into<String>,
) {
    let problem = cx.warning(code, message, span, "").help(help);
    cx.report(problem);
}

/// Reports that a key is missing in the mapping at `parent`; `what` says what needs it.
fn missing(cx: &mut Context<'_>, parent: Span, key: &str, what: &str) {
    let span = first_line(cx, parent);
    let message = match cx.path() {
        path if path.is_empty() => format!("`{key}` is missing: {what} needs it"),
        path => format!("`{path}.{key}` is missing: {what} needs it"),
    };
    cx.within(key, |cx| fail(cx, &codes::MISSING_KEY, span, message, format!("add `{key}:` here")));
}

/// Reports that two keys exclude each other.
fn exclusive(cx: &mut Context<'_>, first: (&str, Span), second: (&str, Span)) {
    let message = format!("`{}` and `{}` exclude each other", first.0, second.0);
    let problem = cx.error(&codes::EXCLUSIVE_KEYS, message, first.1, "").at(cx.source(), second.1, "");
    cx.report(problem.help("keep one of them"));
}

/// The part of a span that is on its first line.
fn first_line(cx: &Context<'_>, span: Span) -> Span {
    crate::text::first_line(cx.source(), span)
}

/// Most words that a message lists.
const LISTED: usize = 20;

/// The first few of `count` words, and how many more there are.
fn one_of_many<'w>(words: impl Iterator<Item = &'w str>, count: usize) -> String {
    let listed: Vec<&str> = words.take(LISTED).collect();
    match count.saturating_sub(LISTED) {
        0 => one_of(&listed),
        more => format!("`{}` or one of {more} more", listed.join("`, `")),
    }
}

/// `` `a`, `b` or `c` ``
fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// Help for a word that is none of the known ones.
fn choose(word: &str, known: &[&str]) -> String {
    match copilot_yaml::closest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write {}", one_of(known)),
    }
}
