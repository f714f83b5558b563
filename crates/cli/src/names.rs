//! Names that are typed.

use copilot_manifest::names;

/// Takes what can be the name of something, without blanks around it. For clap, which then says which flag it was.
pub(crate) fn typed(name: &str) -> Result<String, String> {
    let name = name.trim();
    names::check(name).map(|()| name.to_owned()).map_err(|problem| format!("it {problem}"))
}
