//! Which environments there are, and which of them the pipeline deploys to.

use copilot_engine::Project;

use super::Init;
use super::ask::{Asked, Missing};
use super::known::{Known, Problem};
use crate::aws::Access;
use crate::failure::Failure;
use crate::init::{all_names, in_order, names, unlikely};
use crate::io::Io;
use crate::prompt::Question;

/// The stages: those of the flag, or those that a person chooses.
pub(super) fn environments(
    arguments: &Init,
    access: &Access,
    project: &Project,
    io: &mut Io<'_>,
    missing: &mut Missing,
) -> Asked<Vec<String>> {
    let typed = all_names(&arguments.environments);
    let given = !arguments.environments.is_empty();
    let worth_asking = access.local.is_some() || (!given && io.prompt().is_some());
    let known = Known::of(arguments, worth_asking.then_some(access), project, io)?;
    if given {
        known.check(&typed).map_err(Problem::failure)?;
        known.warn(&typed, io);
        return Ok(Some(typed));
    }
    if io.prompt().is_none() {
        let found = match &known.names[..] {
            [] => String::new(),
            names => format!("; {} has {}", known.owner(), names.join(", ")),
        };
        missing.add("--environments", format!("where to deploy to, such as `test,prod`{found}"));
        return Ok(None);
    }
    let chosen = ask(&known, io)?;
    known.warn(&chosen, io);
    Ok(Some(chosen))
}

/// Asks until there is a list that can be, in an order that is meant.
fn ask(known: &Known, io: &mut Io<'_>) -> Result<Vec<String>, Failure> {
    let likely = in_order(&known.names).join(", ");
    let help = match &known.names[..] {
        [] => "names, as in `test, prod`; the first is deployed to first\n`--environments` answers this too"
            .to_owned(),
        names => format!(
            "{} has: {}\nthe first is deployed to first; Tab takes the list into the line, to be changed\n`--environments` answers this too",
            known.owner(),
            in_order(names).join(", ")
        ),
    };
    let check = |text: &str| known.check(&names(text)).map(drop).map_err(Problem::sentence);
    loop {
        let question = Question {
            text: "Which environments does it deploy to, in this order?",
            suggestion: (!likely.is_empty()).then_some(likely.as_str()),
            help: &help,
            check: &check,
        };
        let Some(prompt) = io.prompt() else { return Ok(Vec::new()) };
        let chosen = names(&prompt.text(&question)?);
        match unlikely(&chosen) {
            Some((first, then))
                if !prompt.confirm(&format!("`{first}` comes before `{then}`: is that the order?"))? => {}
            _ => return Ok(chosen),
        }
    }
}
