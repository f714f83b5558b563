//! Where the reference data is: `conformance`, what Copilot has rendered from hundreds of manifests, and `corpus`, manifests of
//! real projects with its verdicts. It is no part of the repository; the tests of all crates find it by this one rule.

use std::env;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The folder with data of this name: the one that `COPILOT_<NAME>` names, or `../shared/<name>` as seen from the repository or
/// from a worktree of it.
///
/// `None` leaves a test out, which is said aloud. Where `COPILOT_REQUIRE_ALL` is set that is a failure, unless
/// `COPILOT_WITHOUT` has the name in its list: then somebody has said that this machine does without it.
///
/// # Panics
/// If the data is missing where it is required, or is not where a variable says that it is.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let variable = format!("COPILOT_{}", name.to_uppercase());
    if let Some(given) = env::var_os(&variable).filter(|given| !given.is_empty()) {
        let given = PathBuf::from(given);
        assert!(given.is_dir(), "{variable} names `{}`, which is no folder", given.display());
        return Some(given);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let beside = ["..", "../.."].map(|up| root.join(up).join("shared").join(name));
    if let Some(found) = beside.into_iter().find(|path| path.is_dir()) {
        return Some(found);
    }
    let without = env::var_os("COPILOT_WITHOUT").unwrap_or_default();
    if without.to_string_lossy().split(',').any(|item| item.trim() == name) {
        say(&format!("no reference data `{name}`, as COPILOT_WITHOUT says"));
    } else {
        left_out(&format!(
            "no reference data `{name}`: {variable} names its folder, COPILOT_WITHOUT={name} does without it"
        ));
    }
    None
}

/// Says aloud that a test could not be tried.
///
/// # Panics
/// Where `COPILOT_REQUIRE_ALL` is set.
pub(crate) fn left_out(what: &str) {
    assert!(env::var_os("COPILOT_REQUIRE_ALL").is_none(), "everything is required, but there is {what}");
    say(what);
}

/// What a test prints in the usual way is kept back where it passes.
fn say(what: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let _ = std::io::stderr().write_all(format!("SKIPPED: {test}: {what}\n").as_bytes());
}
