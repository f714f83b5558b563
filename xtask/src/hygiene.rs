//! What must not be in a tracked file.

use std::path::Path;

use anyhow::{Result, bail};

use crate::process::{output, variable};

/// Hosts that answer for package registries, cut so that this file is clean itself. A project names packages; where they
/// come from is the business of the machine that builds it.
const REGISTRIES: &[&str] =
    &["pypi|.org", "pythonhosted|.org", "npmjs|.org", "npmjs|.com", "index.crates|.io", "proxy.golang|.org"];

/// Fails on a tracked file that names this machine's folders or the host of a package registry.
pub(crate) fn check(root: &Path) -> Result<()> {
    let listed = output(root, "git", &["ls-files", "-z"])?;
    let forbidden = forbidden(root);
    let mut wrong = Vec::new();
    let mut count = 0;
    for name in String::from_utf8(listed)?.split('\0').filter(|name| !name.is_empty()) {
        // Deleted but not yet committed, a link, or no text: nothing to read.
        let Ok(text) = std::fs::read_to_string(root.join(name)) else { continue };
        count += 1;
        for (number, line) in text.lines().enumerate() {
            for (needle, what) in &forbidden {
                if line.contains(needle.as_str()) {
                    wrong.push(format!("{name}:{}: {what} `{needle}`", number + 1));
                }
            }
        }
    }
    if wrong.is_empty() {
        println!("hygiene: {count} tracked files name no folder of this machine and no package registry");
        return Ok(());
    }
    bail!("hygiene: {}", wrong.join("\nhygiene: "));
}

fn forbidden(root: &Path) -> Vec<(String, &'static str)> {
    let mut found: Vec<(String, &'static str)> =
        REGISTRIES.iter().map(|host| (host.replace('|', ""), "the host of a package registry")).collect();
    let folders = [Some(root.display().to_string()), variable("HOME"), variable("CARGO_HOME")];
    for folder in folders.into_iter().flatten() {
        // A container may well build in `/src` or live in `/`: too short to mean anything.
        if folder.matches('/').count() >= 2 || folder == "/root" {
            found.push((folder.trim_end_matches('/').to_owned(), "a folder of this machine"));
        }
    }
    found
}
