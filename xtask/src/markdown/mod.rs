//! What holds pages together: text that they take from files, and links between them.

mod links;
mod snippets;

use std::path::Path;

use anyhow::{Result, bail};

use crate::process::files;

/// A tracked page: its path from the root, and its text.
struct Page {
    name: String,
    text: String,
}

/// Fails on a link that leads nowhere, and on a block that is not what its file holds.
pub(crate) fn check(root: &Path) -> Result<()> {
    let pages = pages(root)?;
    let mut wrong = links::broken(root, &pages);
    let mut blocks = 0;
    for page in &pages {
        let (text, count) = snippets::filled(root, page)?;
        blocks += count;
        if text != page.text {
            wrong.push(format!("{} is not what its files say: run `cargo xtask generate`", page.name));
        }
    }
    if wrong.is_empty() {
        println!(
            "markdown: {} pages with {blocks} blocks from files, and no link leads nowhere",
            pages.len()
        );
        return Ok(());
    }
    bail!("markdown: {}", wrong.join("\nmarkdown: "));
}

/// Fills the blocks with what their files hold. With `check` it only says which are old, and fails if one is.
pub(crate) fn generate(root: &Path, check: bool) -> Result<()> {
    let mut old = Vec::new();
    for page in pages(root)? {
        let (text, _) = snippets::filled(root, &page)?;
        if text != page.text {
            if !check {
                fs_err::write(root.join(&page.name), text)?;
            }
            old.push(page.name);
        }
    }
    if check && !old.is_empty() {
        bail!("run `cargo xtask generate`: {} are not what their files say", old.join(", "));
    }
    println!("generate: {} pages have blocks that were old", old.len());
    Ok(())
}

fn pages(root: &Path) -> Result<Vec<Page>> {
    // Also those that are not added yet: a check before a commit should see them.
    let options = ["--cached", "--others", "--exclude-standard", "--", "*.md"];
    let mut pages = Vec::new();
    for name in files(root, &options)? {
        // A page that is deleted but not yet committed is none.
        if let Ok(text) = std::fs::read_to_string(root.join(&name)) {
            pages.push(Page { name, text });
        }
    }
    Ok(pages)
}
