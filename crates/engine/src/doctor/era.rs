//! Which version of Copilot has written a buildspec.
//!
//! Nothing of Copilot's text is kept, only hashes of its commands, with everything taken out that differs from one application to
//! another. What has the most commands in common is the origin, however much was changed since.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use copilot_manifest::buildspec::{Buildspec, Role};
use copilot_yaml::Node;

use super::dates::Version;

/// Versions of Copilot that write the same buildspec.
#[derive(Debug, PartialEq, Eq)]
pub struct Era {
    /// Whether it is for a pipeline of environments.
    pub environments: bool,
    /// The first version.
    pub first: &'static str,
    /// The last one.
    pub last: &'static str,
    commands: BTreeSet<u64>,
}

/// Where a buildspec comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Somebody wrote it, and it has nothing of Copilot.
    Own,
    /// It runs `copilot-pipeline`.
    Ours,
    /// Copilot wrote it.
    Copilot {
        /// The versions that write it, or what it was before it was changed.
        era: &'static Era,
        /// How many of Copilot's commands are not there as Copilot wrote them.
        changed: usize,
        /// How many commands somebody added.
        added: usize,
    },
}

impl Era {
    fn has(&self, version: Version) -> bool {
        let [first, last] = [self.first, self.last].map(Version::parse);
        first.zip(last).is_some_and(|(first, last)| first <= version && version <= last)
    }
}

static TABLE: &str = include_str!("eras.txt");

static ERAS: LazyLock<Vec<Era>> = LazyLock::new(|| TABLE.lines().filter_map(era).collect());

static COMMENTS: LazyLock<BTreeSet<u64>> = LazyLock::new(|| {
    TABLE.lines().filter_map(|line| line.strip_prefix("comments ")).flat_map(hashes).collect()
});

fn era(line: &'static str) -> Option<Era> {
    let mut words = line.splitn(4, ' ');
    let environments = match words.next()? {
        "workloads" => false,
        "environments" => true,
        _ => return None,
    };
    Some(Era {
        environments,
        first: words.next()?,
        last: words.next()?,
        commands: hashes(words.next()?).collect(),
    })
}

fn hashes(text: &str) -> impl Iterator<Item = u64> + '_ {
    text.split(' ').filter_map(|word| u64::from_str_radix(word, 16).ok())
}

/// Commands that say little: at least so many more have to be Copilot's.
const FEWEST: usize = 3;

/// Where a buildspec comes from. `root` is its tree.
pub(crate) fn origin(buildspec: &Buildspec, root: &Node) -> Origin {
    let roles = || buildspec.commands().filter_map(|command| command.invocations.as_ref().ok()).flatten();
    let has = |wanted: fn(&Role<'_>) -> bool| roles().any(|invocation| wanted(&invocation.role()));
    let downloads = has(|role| matches!(role, Role::DownloadsCopilot { .. }));
    if !downloads && !has(|role| matches!(role, Role::Copilot(_))) {
        // What is left of a buildspec that was changed over says nothing.
        let ours = has(|role| matches!(role, Role::CopilotPipeline(_)));
        return if ours { Origin::Ours } else { Origin::Own };
    }
    let commands: Vec<u64> = commands(buildspec, root);
    let found: BTreeSet<u64> = commands.iter().copied().collect();
    let common = |era: &Era| era.commands.intersection(&found).count();
    let version = roles().find_map(|invocation| match invocation.role() {
        Role::DownloadsCopilot { version } => Version::parse(version?),
        _ => None,
    });
    // Of eras with as much in common, that of the version that is downloaded, or the one with the least besides; of these the newest.
    let best = ERAS.iter().max_by_key(|era| {
        let is_downloaded = version.is_some_and(|version| era.has(version));
        (common(era), is_downloaded, usize::MAX - era.commands.len(), Version::parse(era.first))
    });
    let Some(era) = best.filter(|era| common(era) > FEWEST || downloads) else {
        return Origin::Own;
    };
    let changed = era.commands.len() - common(era);
    Origin::Copilot { era, changed, added: found.difference(&era.commands).count() }
}

/// Whether Copilot wrote this comment, from its `#` on.
pub(crate) fn is_generated_comment(line: &str) -> bool {
    COMMENTS.contains(&hash(&normalised(line)))
}

/// The hashes of all commands, and one of the runtimes that are asked for.
fn commands(buildspec: &Buildspec, root: &Node) -> Vec<u64> {
    let mut found: Vec<u64> = buildspec.commands().map(|command| hash(&normalised(&command.text))).collect();
    let install = root.get("phases").and_then(|phases| phases.get("install"));
    let runtimes =
        install.and_then(|install| install.get("runtime-versions")?.as_mapping()).unwrap_or_default();
    let runtimes = runtimes.iter().map(|entry| {
        let version = entry.value.as_scalar().map(copilot_yaml::Scalar::text).unwrap_or_default();
        format!("{} {version}", entry.key.text)
    });
    found.extend(runtimes.map(|runtime| hash(&runtime)));
    found
}

/// A command without what differs between applications and versions: its different lines, in their order.
fn normalised(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = line.split_whitespace().enumerate().map(|(place, word)| {
            let is_value = (place == 4 && line.trim_start().starts_with("if [ $env = ")) || varies(word);
            if is_value { "_" } else { word }
        });
        let line = line.collect::<Vec<_>>().join(" ");
        // What stands there once for each bucket and environment counts once.
        if !line.is_empty() && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

/// Whether a word is an address, a file of one version, or a file of one pipeline.
fn varies(word: &str) -> bool {
    word.contains("://")
        || word.contains(":s3:::")
        || word.contains("-linux-")
        || word.starts_with("$CODEBUILD_SRC_DIR/") && word.strip_suffix(".yml").is_some()
        || word.starts_with("./infrastructure/$") && word.contains(".params.json")
}

/// FNV-1a, which needs no more than that other commands have other hashes.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use copilot_manifest::buildspec::read;
    use copilot_yaml::{Diagnostics, Source, parse};

    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        assert_eq!(ERAS.len(), TABLE.lines().filter(|line| !line.starts_with(['#', 'c'])).count());
        assert!(ERAS.len() == 25 && COMMENTS.len() > 20);
        for era in ERAS.iter() {
            assert!(era.commands.len() > FEWEST, "{era:?}");
        }
    }

    #[test]
    fn names_and_versions_make_no_difference() {
        let one =
            "cat $CODEBUILD_SRC_DIR/copilot/pipelines/a/manifest.yml\n  wget -q https://a/copilot-linux-v1";
        let two =
            "cat   $CODEBUILD_SRC_DIR/copilot/pipelines/b/manifest.yml\nwget -q https://b/copilot-linux-v2";
        assert_eq!(normalised(one), normalised(two));
        assert_ne!(normalised(one), normalised("cat x"));
    }

    #[test]
    fn what_has_nothing_of_copilot_is_the_users_own() {
        let of = |text: &str| {
            let source = Source::new("b.yml", text);
            let mut found = Diagnostics::default();
            let root = parse(&source, &mut found).unwrap();
            origin(&read(&source, &mut found).unwrap(), &root)
        };
        assert_eq!(of("version: 0.2\nphases: {build: {commands: [make, ls -l]}}\n"), Origin::Own);
        let ours = "version: 0.2\nphases: {build: {commands: [copilot-pipeline build --name a]}}\n";
        assert_eq!(of(ours), Origin::Ours);
    }
}
