//! What must not be in a tracked file.

use std::path::Path;

use anyhow::{Result, bail};

use crate::process::{files, variable};

/// Hosts that answer for package registries, cut so that this file is clean itself. A project names packages; where they
/// come from is the business of the machine that builds it.
const REGISTRIES: &[&str] =
    &["pypi|.org", "pythonhosted|.org", "npmjs|.org", "npmjs|.com", "index.crates|.io", "proxy.golang|.org"];

/// Fails on a tracked file that names this machine's folders or the host of a package registry.
pub(crate) fn check(root: &Path) -> Result<()> {
    let forbidden = forbidden(root);
    let mut wrong = Vec::new();
    let mut count = 0;
    for name in files(root, &[])? {
        // Deleted but not yet committed, a link, or no text: nothing to read.
        let Ok(text) = std::fs::read_to_string(root.join(&name)) else { continue };
        count += 1;
        wrong.extend(found(&name, &text, &forbidden));
    }
    if wrong.is_empty() {
        println!("hygiene: {count} tracked files name no folder of this machine and no package registry");
        return Ok(());
    }
    bail!("hygiene: {}", wrong.join("\nhygiene: "));
}

/// Where a text holds what it must not.
fn found(name: &str, text: &str, forbidden: &[(String, &'static str)]) -> Vec<String> {
    let lines = text.lines().enumerate();
    let hits = lines.flat_map(|(number, line)| {
        let hits = forbidden.iter().filter(move |(needle, _)| line.contains(needle.as_str()));
        hits.map(move |(needle, what)| format!("{name}:{}: {what} `{needle}`", number + 1))
    });
    hits.collect()
}

fn forbidden(root: &Path) -> Vec<(String, &'static str)> {
    let mut found: Vec<(String, &'static str)> =
        REGISTRIES.iter().map(|host| (host.replace('|', ""), "the host of a package registry")).collect();
    let folders = [Some(root.display().to_string()), variable("HOME"), variable("CARGO_HOME")];
    for folder in folders.into_iter().flatten() {
        // A checkout right below the file system's root has too common a name to mean anything.
        let folder = folder.trim_end_matches('/');
        if folder.matches('/').count() >= 2 || folder == "/root" {
            found.push((format!("{folder}/"), "a folder of this machine"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{forbidden, found};

    #[test]
    fn folders_and_hosts_are_found() {
        let forbidden = forbidden(Path::new("/home/me/checkout"));
        let host = ["npmjs", "org"].join(".");
        let text = format!("fine\nsee /home/me/checkout/src\nhttps://registry.{host}/x\n");
        let hits = found("a.md", &text, &forbidden);
        assert_eq!(hits.len(), 2, "{hits:?}");
        assert!(hits[0].starts_with("a.md:2:") && hits[1].starts_with("a.md:3:"), "{hits:?}");
    }
}
