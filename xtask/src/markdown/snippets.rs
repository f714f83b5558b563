//! Blocks of pages that are taken from files.
//!
//! `<!-- from: PATH -->` above a fenced block makes it the text of the file PATH, which is seen from the root. And whatever a
//! page says about the version of our own crates in a `toml` block is the version of this workspace.

use std::path::Path;

use anyhow::{Context, Result};

use super::Page;

/// A page with all of its blocks as their files are, and how many blocks there are.
pub(super) fn filled(root: &Path, page: &Page) -> Result<(String, usize)> {
    let mut read = |path: &str| {
        fs_err::read_to_string(root.join(path)).with_context(|| format!("`{}` shows a file", page.name))
    };
    let (text, count) = with_blocks(&page.text, &mut read)?;
    if !text.contains("\ncopilot-") {
        return Ok((text, count));
    }
    let manifest = fs_err::read_to_string(root.join("Cargo.toml"))?;
    let version = manifest.lines().find_map(|line| line.strip_prefix("version = "));
    let version = version.context("the workspace has no version")?.trim_matches('"');
    Ok((with_version(&text, version), count))
}

fn with_blocks(text: &str, read: &mut impl FnMut(&str) -> Result<String>) -> Result<(String, usize)> {
    let mut filled = String::new();
    let mut count = 0;
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        filled.push_str(line);
        let path = line.trim().strip_prefix("<!-- from: ").and_then(|rest| rest.strip_suffix(" -->"));
        let Some(path) = path else { continue };
        let fence = lines.next().filter(|line| line.starts_with("```"));
        filled.push_str(fence.with_context(|| format!("no block stands below `{}`", line.trim()))?);
        filled.push_str(read(path)?.trim_end());
        filled.push('\n');
        let end = lines.by_ref().find(|line| line.trim_end() == "```");
        filled.push_str(end.with_context(|| format!("the block of `{path}` has no end"))?);
        count += 1;
    }
    Ok((filled, count))
}

/// Sets the versions in lines such as `copilot-cfn = "0.1"`, with as many numbers as stand there.
fn with_version(text: &str, version: &str) -> String {
    let mut in_toml = false;
    let lines = text.split_inclusive('\n').map(|line| {
        if line.starts_with("```") {
            in_toml = line.trim_end() == "```toml";
        }
        let start = ["version = \"", " = \""].iter().find_map(|start| Some(line.find(start)? + start.len()));
        let place = start.filter(|_| in_toml && line.starts_with("copilot-"));
        let place = place.and_then(|start| Some(start..start + line[start..].find('"')?));
        let Some(place) = place else { return line.to_owned() };
        let numbers = line[place.clone()].split('.').count();
        let wanted: Vec<&str> = version.split('.').take(numbers).collect();
        format!("{}{}{}", &line[..place.start], wanted.join("."), &line[place.end..])
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::{with_blocks, with_version};

    #[test]
    fn blocks_become_what_their_files_hold() {
        let page = "# A\n\n<!-- from: a.rs -->\n```rust\nold\n```\n\n```sh\nkept\n```\n";
        let (text, count) = with_blocks(page, &mut |path| Ok(format!("// {path}\n"))).unwrap();
        assert_eq!(
            (text.as_str(), count),
            ("# A\n\n<!-- from: a.rs -->\n```rust\n// a.rs\n```\n\n```sh\nkept\n```\n", 1)
        );
        for broken in ["<!-- from: a.rs -->\ntext\n", "<!-- from: a.rs -->\n```rust\nno end\n"] {
            assert!(with_blocks(broken, &mut |_| Ok(String::new())).is_err(), "{broken}");
        }
    }

    #[test]
    fn versions_are_those_of_the_workspace() {
        let page = "```toml\ncopilot-cfn = \"0.1\"\ncopilot-yaml = { version = \"0.1.0\", features = [\"x\"] }\nserde = \"1\"\n```\n\
                    copilot-cfn = \"0.1\"\n";
        let wanted = "```toml\ncopilot-cfn = \"1.2\"\ncopilot-yaml = { version = \"1.2.3\", features = [\"x\"] }\nserde = \"1\"\n```\n\
                      copilot-cfn = \"0.1\"\n";
        assert_eq!(with_version(page, "1.2.3"), wanted);
    }
}
