//! `explain`: the page of a diagnostic's code.

use clap::Args;
use copilot_yaml::closest;

use crate::codes;
use crate::failure::Failure;
use crate::io::Io;
use crate::reference;

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code, such as `copilot::yaml::duplicate_key`. Lists all codes without one.
    code: Option<String>,
}

pub(crate) fn run(arguments: &Explain, io: &mut Io<'_>) -> Result<(), Failure> {
    let codes = codes::all();
    let Some(wanted) = &arguments.code else {
        return io.lines(codes.iter().map(|code| format!("{}  {}", code.id, code.summary)));
    };
    let same = |id: &str| id == wanted || id.rsplit("::").next() == Some(wanted);
    if let Some(code) = codes.iter().find(|code| same(code.id)) {
        return io.out(reference::error_page(code));
    }
    let hint = match closest(wanted, codes.iter().map(|code| code.id)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`copilot-pipeline explain` lists all codes".to_owned(),
    };
    Err(Failure::with_hint(format!("there is no diagnostic `{wanted}`"), hint))
}
