//! Links of pages to files and to headings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::Page;

/// Every link of a page to a file that is not there, or to a heading that its page does not have. Addresses with a scheme are
/// not looked at.
pub(super) fn broken(root: &Path, pages: &[Page]) -> Vec<String> {
    let anchors: BTreeMap<&str, BTreeSet<String>> =
        pages.iter().map(|page| (page.name.as_str(), anchors(&page.text))).collect();
    let mut wrong = Vec::new();
    for page in pages {
        for (line, target) in links(&page.text) {
            if let Some(why) = problem(root, &page.name, &target, &anchors) {
                wrong.push(format!("{}:{line}: `{target}` {why}", page.name));
            }
        }
    }
    wrong
}

fn problem(
    root: &Path,
    page: &str,
    target: &str,
    anchors: &BTreeMap<&str, BTreeSet<String>>,
) -> Option<&'static str> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let path = if file.is_empty() { Some(PathBuf::from(page)) } else { beside(page, file) };
    let Some(path) = path else { return Some("leads out of the repository") };
    if !root.join(&path).exists() {
        return Some("is not there");
    }
    let known = path.to_str().and_then(|path| anchors.get(path));
    match (anchor, known) {
        (Some(anchor), Some(known)) if !known.contains(anchor) => Some("names a heading that is not there"),
        (Some(_), None) => Some("has a heading of what is no page"),
        _ => None,
    }
}

/// The path from the root to what a page calls `file`.
fn beside(page: &str, file: &str) -> Option<PathBuf> {
    let mut path = PathBuf::from(page);
    path.pop();
    for part in Path::new(file).components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::ParentDir if !path.pop() => return None,
            Component::RootDir | Component::Prefix(_) => return None,
            Component::ParentDir | Component::CurDir => {}
        }
    }
    Some(path)
}

/// The targets of all links outside of code, with their lines.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        let line = without_code(line);
        // What stands between two such pairs holds no other link.
        for behind in line.split("](").skip(1) {
            let end = behind.find([')', ' ']).unwrap_or(behind.len());
            found.push((number, behind[..end].to_owned()));
        }
    }
    found
}

/// The anchors of all headings: in lower case, with hyphens for blanks and without most signs.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, line) in prose(text) {
        let title = line.trim_start_matches('#');
        if title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let kept = title.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let anchor = kept.collect::<String>().to_lowercase().replace(' ', "-");
        let mut numbered = anchor.clone();
        let mut number = 0;
        while !found.insert(numbered.clone()) {
            number += 1;
            numbered = format!("{anchor}-{number}");
        }
    }
    found
}

/// The lines outside of fenced blocks, counted from 1. A block ends with a fence of its own length or a longer one.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut open = 0;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let line = line.trim_start();
        let fence = line.len() - line.trim_start_matches('`').len();
        if open == 0 && fence >= 3 {
            open = fence;
            return None;
        }
        if open > 0 {
            if fence >= open && line.trim_end().len() == fence {
                open = 0;
            }
            return None;
        }
        Some((number + 1, line))
    })
}

/// A line without what stands between backticks; the backticks stay, so that a link around them still is one.
fn without_code(line: &str) -> String {
    let parts = line.split('`').enumerate();
    parts.filter(|(place, _)| place % 2 == 0).map(|(_, part)| part).collect::<Vec<_>>().join("``")
}

#[cfg(test)]
mod tests {
    use super::{Page, anchors, broken, links};

    #[test]
    fn links_outside_of_code_are_seen() {
        let text = "[a](b.md) and [`c`](d/e.md#f) `[no](x.md)`\n````\n```sh\n[no](y.md)\n```\n````\n![z](z.svg \"title\")\n";
        let found: Vec<_> =
            links(text).into_iter().map(|(line, target)| format!("{line}:{target}")).collect();
        assert_eq!(found, ["1:b.md", "1:d/e.md#f", "7:z.svg"]);
    }

    #[test]
    fn headings_have_the_names_that_links_use() {
        let text =
            "# A page\n## What `init` does, and why\n```sh\n# no heading\n```\n## Twice\n### Twice\n#no\n";
        let found: Vec<_> = anchors(text).into_iter().collect();
        assert_eq!(found, ["a-page", "twice", "twice-1", "what-init-does-and-why"]);
    }

    #[test]
    fn what_leads_nowhere_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs_err::create_dir(root.join("docs")).unwrap();
        fs_err::write(root.join("docs/other.md"), "").unwrap();
        fs_err::write(root.join("data.json"), "").unwrap();
        let page = |name: &str, text: &str| Page { name: name.to_owned(), text: text.to_owned() };
        let text = "# Here\n[ok](other.md#there) [ok](#here) [ok](../data.json) [ok](https://example.com/x.md)\n\
                    [a](gone.md) [b](other.md#gone) [c](#gone) [d](../../up.md) [e](../data.json#gone)\n";
        let pages = [page("docs/page.md", text), page("docs/other.md", "# There\n")];
        fs_err::write(root.join("docs/page.md"), text).unwrap();
        let wrong = broken(root, &pages);
        let targets: Vec<_> = wrong.iter().map(|line| line.split('`').nth(1).unwrap()).collect();
        assert_eq!(
            targets,
            ["gone.md", "other.md#gone", "#gone", "../../up.md", "../data.json#gone"],
            "{wrong:?}"
        );
        assert!(wrong[0].starts_with("docs/page.md:3: "), "{wrong:?}");
    }
}
