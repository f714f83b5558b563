//! What a stack is compared with.

use std::collections::BTreeMap;

use camino::Utf8Path;
use copilot_cfn::diff::{Side, TemplateDiff};
use copilot_cfn::{Value, read};
use copilot_deployer::stack::Snapshot;
use copilot_yaml::{Diagnostics, Source};

use crate::error::Error;
use crate::files::read_named;

/// A stack as it is to be.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// Its template.
    pub template: &'a Value,
    /// Its parameters.
    pub parameters: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// Compares with what is deployed. A stack that is not there has nothing.
///
/// # Errors
/// [`Error::NotATemplate`] when the deployed template can't be read.
pub fn with_deployed(stack: &str, deployed: Option<Snapshot>, new: &New<'_>) -> Result<TemplateDiff, Error> {
    let none = BTreeMap::new();
    let side = Side { template: new.template, parameters: &new.parameters, tags: &new.tags };
    let Some(deployed) = deployed else {
        let nothing = Side { template: &Value::Null, parameters: &none, tags: &none };
        return Ok(TemplateDiff::between_stacks(nothing, side));
    };
    let old = deployed_template(stack, deployed.template)?;
    let old = Side { template: &old, parameters: &deployed.parameters, tags: &deployed.tags };
    Ok(TemplateDiff::between_stacks(old, side))
}

/// The template in a file that a user has named, relative to `folder`.
///
/// # Errors
/// [`Error::DifferenceUnavailable`] when it can't be read, [`Error::NotATemplate`] when it is none.
pub fn template_in(path: &Utf8Path, folder: &Utf8Path) -> Result<Value, Error> {
    let bytes = read_named(path, folder).map_err(|problem| {
        Error::DifferenceUnavailable(Box::new(Error::Unreadable { path: path.to_owned(), problem }))
    })?;
    let source = Source::from_bytes(path.as_str(), bytes)
        .map_err(|problem| Error::DifferenceUnavailable(Box::new(Error::NotUtf8(problem.to_string()))))?;
    parse(&source)
}

/// The template of a deployed stack, as it was uploaded.
pub(crate) fn deployed_template(stack: &str, text: String) -> Result<Value, Error> {
    parse(&Source::new(format!("template of stack {stack}"), text))
}

/// Reads a template.
pub(crate) fn parse(source: &Source) -> Result<Value, Error> {
    let mut findings = Diagnostics::default();
    let template = read::read(source, &mut findings).filter(|_| !findings.has_errors());
    template
        .map(|template| template.value)
        .ok_or_else(|| Error::NotATemplate { name: source.name().to_owned(), findings })
}
