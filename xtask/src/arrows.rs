//! Which crate may depend on which.

use std::path::Path;

use anyhow::{Result, bail};
use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// Every crate of the workspace with those of its siblings that it may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("copilot-yaml", &[]),
    ("copilot-cfn", &["copilot-yaml"]),
    ("copilot-manifest", &["copilot-yaml"]),
    ("copilot-workspace", &["copilot-manifest", "copilot-yaml"]),
    ("copilot-stack", &["copilot-manifest", "copilot-cfn", "copilot-yaml"]),
    ("copilot-functions", &[]),
    ("copilot-artifact", &["copilot-workspace"]),
    ("copilot-deployer", &["copilot-stack", "copilot-cfn", "copilot-yaml"]),
    ("copilot-local-aws", &["copilot-cfn", "copilot-yaml"]),
    (
        "copilot-engine",
        &[
            "copilot-artifact",
            "copilot-cfn",
            "copilot-deployer",
            "copilot-functions",
            "copilot-manifest",
            "copilot-stack",
            "copilot-workspace",
            "copilot-yaml",
        ],
    ),
    (
        "copilot-pipeline",
        &[
            "copilot-artifact",
            "copilot-cfn",
            "copilot-deployer",
            "copilot-engine",
            "copilot-functions",
            "copilot-local-aws",
            "copilot-manifest",
            "copilot-stack",
            "copilot-workspace",
            "copilot-yaml",
        ],
    ),
    ("xtask", &[]),
];

/// A library from elsewhere that only some crates may use.
struct Confined {
    /// Its name, or with a `*` at the end how its name begins.
    name: &'static str,
    users: &'static [&'static str],
    /// Who may use it in tests besides.
    testers: &'static [&'static str],
    why: &'static str,
}

const CONFINED: &[Confined] = &[
    Confined {
        name: "aws-*",
        users: &["copilot-deployer", "copilot-artifact"],
        testers: &["copilot-local-aws", "copilot-pipeline"],
        why: "it takes minutes to build",
    },
    Confined {
        name: "serde-saphyr",
        users: &["copilot-yaml", "copilot-cfn"],
        testers: &[],
        why: "our own types show no YAML library",
    },
    Confined {
        name: "indicatif",
        users: &["copilot-pipeline"],
        testers: &[],
        why: "only the binary has a terminal",
    },
    Confined {
        name: "inquire",
        users: &["copilot-pipeline"],
        testers: &[],
        why: "only the binary has a terminal",
    },
    Confined {
        name: "comfy-table",
        users: &["copilot-pipeline"],
        testers: &[],
        why: "only the binary has a terminal",
    },
    Confined {
        name: "anstream",
        users: &["copilot-pipeline"],
        testers: &[],
        why: "only the binary has a terminal",
    },
    Confined {
        name: "clap",
        users: &["copilot-pipeline", "xtask"],
        testers: &[],
        why: "only the binary has arguments",
    },
];

/// Fails on a forbidden edge of the graph that cargo sees.
pub(crate) fn check(root: &Path) -> Result<()> {
    let metadata = MetadataCommand::new().current_dir(root).no_deps().exec()?;
    let mut wrong = Vec::new();
    let mut edges = 0;
    for package in &metadata.packages {
        edges += package.dependencies.len();
        wrong.extend(siblings(package));
        wrong.extend(confined(package));
    }
    wrong.extend(loud(root)?);
    if wrong.is_empty() {
        println!(
            "arrows: {} crates with {edges} dependencies are as they should be",
            metadata.packages.len()
        );
        return Ok(());
    }
    bail!("arrows: {}", wrong.join("\narrows: "));
}

/// What only the command line does: asking, printing and reading what was typed.
const LOUD: [&str; 6] = ["Io<", "print!", "println!", "stdin()", "stdout()", "stderr()"];

/// Files of the engine that talk to somebody themselves.
fn loud(root: &Path) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    let mut folders = vec![root.join("crates/engine/src")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs_err::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs_err::read_to_string(&path)?;
            let found = LOUD.iter().filter(|word| text.contains(**word));
            wrong.extend(found.map(|word| {
                format!("{} must not name `{word}`: what a run tells is an event", path.display())
            }));
        }
    }
    Ok(wrong)
}

fn siblings(package: &Package) -> Vec<String> {
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == package.name.as_str()) else {
        return vec![format!("`{}` is in no row of the table in xtask/src/arrows.rs", package.name)];
    };
    let own = package.dependencies.iter().filter(|dependency| dependency.path.is_some());
    // A test may use anything: it can't make a cycle that ships.
    let own: Vec<&str> = own
        .filter(|dependency| dependency.kind != DependencyKind::Development)
        .map(|dependency| dependency.name.as_str())
        .collect();
    let forbidden = own.iter().filter(|name| !allowed.contains(name));
    let forbidden = forbidden.map(|name| format!("`{}` must not depend on `{name}`", package.name));
    let unused = allowed.iter().filter(|name| !own.contains(name)).map(|name| {
        format!("`{}` may depend on `{name}` but does not: remove it from xtask/src/arrows.rs", package.name)
    });
    forbidden.chain(unused).collect()
}

fn confined(package: &Package) -> Vec<String> {
    let mut wrong = Vec::new();
    for dependency in &package.dependencies {
        let matches = |rule: &&Confined| match rule.name.strip_suffix('*') {
            Some(prefix) => dependency.name.starts_with(prefix),
            None => dependency.name == rule.name,
        };
        let Some(rule) = CONFINED.iter().find(matches) else { continue };
        let name = package.name.as_str();
        let in_tests = dependency.kind == DependencyKind::Development && rule.testers.contains(&name);
        if !rule.users.contains(&name) && !in_tests {
            wrong.push(format!(
                "`{name}` must not depend on `{}`, which is for {} only: {}",
                dependency.name,
                rule.users.join(" and "),
                rule.why
            ));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{ARROWS, check, loud};

    #[test]
    fn the_arrows_point_downwards_only() {
        for (index, (name, allowed)) in ARROWS.iter().enumerate() {
            for target in *allowed {
                let below = ARROWS.iter().position(|(other, _)| other == target);
                assert!(below.is_some_and(|below| below < index), "{name} -> {target} points up or nowhere");
            }
        }
    }

    #[test]
    fn an_engine_that_prints_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("crates/engine/src/deep");
        fs_err::create_dir_all(&source).unwrap();
        assert!(loud(folder.path()).unwrap().is_empty());
        fs_err::write(source.join("mod.rs"), "fn f(io: &mut Io<'_>) {}\n").unwrap();
        assert_eq!(loud(folder.path()).unwrap().len(), 1);
    }

    fn write(root: &Path, name: &str, dependencies: &str) {
        let folder = root.join("crates").join(name);
        fs_err::create_dir_all(folder.join("src")).unwrap();
        fs_err::write(folder.join("src/lib.rs"), "").unwrap();
        let text = format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n{dependencies}");
        fs_err::write(folder.join("Cargo.toml"), text).unwrap();
    }

    #[test]
    fn forbidden_edges_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs_err::write(root.join("Cargo.toml"), "[workspace]\nmembers = [\"crates/*\"]\nresolver = \"3\"\n")
            .unwrap();
        let cfn = "[dependencies]\nserde-saphyr = \"2\"\ncopilot-yaml = { path = \"../copilot-yaml\" }\n";
        write(root, "copilot-cfn", cfn);
        write(root, "copilot-yaml", "[dev-dependencies]\ncopilot-cfn = { path = \"../copilot-cfn\" }\n");
        check(root).unwrap();

        write(
            root,
            "copilot-yaml",
            "[dependencies]\ncopilot-cfn = { path = \"../copilot-cfn\" }\naws-config = \"1\"\n",
        );
        write(root, "copilot-cfn", "[dependencies]\nserde-saphyr = \"2\"\n");
        write(root, "copilot-stranger", "[dev-dependencies]\nserde-saphyr = \"2\"\n");
        let message = check(root).unwrap_err().to_string();
        for expected in [
            "`copilot-yaml` must not depend on `copilot-cfn`",
            "`copilot-yaml` must not depend on `aws-config`, which is for copilot-deployer and copilot-artifact only",
            "`copilot-cfn` may depend on `copilot-yaml` but does not",
            "`copilot-stranger` is in no row",
            "`copilot-stranger` must not depend on `serde-saphyr`",
        ] {
            assert!(message.contains(expected), "{expected} is missing in:\n{message}");
        }
        assert_eq!(message.lines().count(), 5, "{message}");
    }
}
