//! Filters: commands that git runs over the content of files to tell whether they were changed.

use camino::{Utf8Path, Utf8PathBuf};

use super::Runner;

/// Git Large File Storage as `git lfs install --local` configures it, which CI systems do. It is the machine's program.
const LFS: [(&str, &str); 4] = [
    ("filter.lfs.clean", "git-lfs clean -- %f"),
    ("filter.lfs.smudge", "git-lfs smudge -- %f"),
    ("filter.lfs.process", "git-lfs filter-process"),
    ("filter.lfs.required", "true"),
];

/// How many repositories are looked at: one with its submodules and theirs.
const MOST: usize = 200;

/// Settings, each for a `-c`, that turn off the filters that the repository around `folder` or one of its submodules
/// configures. Filters of the user and of the machine stay, so that files that are stored with them compare equal.
///
/// `None` if it can't be told, or if a filter has a name that can't be turned off.
pub(super) fn turned_off(runner: &impl Runner, folder: &Utf8Path) -> Option<Vec<String>> {
    let mut settings = Vec::new();
    let mut repositories = vec![folder.to_owned()];
    let mut seen = 0;
    while let Some(folder) = repositories.pop() {
        seen += 1;
        if seen > MOST {
            return None;
        }
        for filter in configured(runner, &folder)? {
            // What is before the first `=` is the key.
            if filter.contains('=') || !is_exact(&filter) {
                return None;
            }
            for (key, value) in [("clean", ""), ("smudge", ""), ("process", ""), ("required", "false")] {
                settings.push(format!("filter.{filter}.{key}={value}"));
            }
        }
        repositories.extend(submodules(runner, &folder)?);
    }
    settings.sort();
    settings.dedup();
    Some(settings)
}

/// Names of the filters that the repository's own configuration defines.
fn configured(runner: &impl Runner, folder: &Utf8Path) -> Option<Vec<String>> {
    let output = runner.run(folder, &["config", "--includes", "--show-scope", "--null", "--list"]).ok()?;
    if !output.success {
        return None;
    }
    let mut names = Vec::new();
    let mut fields = output.stdout.split('\0');
    while let (Some(scope), Some(entry)) = (fields.next(), fields.next()) {
        if matches!(scope, "system" | "global" | "command") {
            continue;
        }
        let (key, value) = entry.split_once('\n').unwrap_or((entry, "true"));
        if key.starts_with("lfs.extension.") {
            // Commands that git-lfs runs.
            names.push("lfs".to_owned());
        }
        let name = key.strip_prefix("filter.").and_then(|rest| Some(rest.rsplit_once('.')?.0));
        names.extend(name.filter(|_| !LFS.contains(&(key, value))).map(str::to_owned));
    }
    Some(names)
}

/// The submodules that are there. Git asks each of them whether it was changed.
fn submodules(runner: &impl Runner, folder: &Utf8Path) -> Option<Vec<Utf8PathBuf>> {
    let top = runner.run(folder, &["rev-parse", "--show-toplevel"]).ok().filter(|output| output.success)?;
    let top = Utf8PathBuf::from(top.stdout.strip_suffix('\n')?);
    let listed = runner.run(&top, &["ls-files", "--stage", "-z"]).ok().filter(|output| output.success)?;
    let links = listed.stdout.split('\0').filter_map(|line| line.strip_prefix("160000 "));
    let paths: Vec<_> = links.filter_map(|line| Some(top.join(line.split_once('\t')?.1))).collect();
    if !paths.iter().all(|path| is_exact(path.as_str())) {
        return None;
    }
    Some(paths.into_iter().filter(|path| path.join(".git").exists()).collect())
}

/// Whether a text is what git said: bytes that are not UTF-8 were replaced.
fn is_exact(text: &str) -> bool {
    !text.contains(char::REPLACEMENT_CHARACTER)
}
