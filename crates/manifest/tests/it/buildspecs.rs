//! Buildspecs, read and checked.

use std::path::{Path, PathBuf};

use copilot_manifest::buildspec::{HASH_AMD64, HASH_ARM64, Role, check, codes, read};
use copilot_yaml::{Diagnostics, Source};

use crate::reference::folder;

fn problems(text: &str, hash: Option<&str>) -> Vec<(&'static str, String)> {
    let source = Source::new("buildspec.yml", text);
    let mut diagnostics = Diagnostics::default();
    if let Some(buildspec) = read(&source, &mut diagnostics) {
        check(&buildspec, hash, &source, &mut diagnostics);
    }
    diagnostics.sort();
    diagnostics.iter().map(|diagnostic| (diagnostic.code.id, diagnostic.message.clone())).collect()
}

#[test]
fn phases_and_commands_have_their_places() {
    let text = "version: 0.2\nenv:\n  shell: bash\n  variables:\n    CI: \"true\"\n    EMPTY:\nphases:\n  build:\n    commands:\n      \
                - make\n      - |\n        cd x\n        ./make y\n    finally:\n      - clean\n  post_build:\n    commands: 'echo hi'\n";
    let source = Source::new("buildspec.yml", text);
    let mut diagnostics = Diagnostics::default();
    let buildspec = read(&source, &mut diagnostics).unwrap();
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!(buildspec.shell.as_deref(), Some("bash"));
    assert_eq!(buildspec.variable("CI").unwrap().value, "true");
    assert_eq!(buildspec.variable("EMPTY").unwrap().value, "");
    let phases: Vec<(&str, usize)> =
        buildspec.phases.iter().map(|phase| (phase.name.as_str(), phase.commands.len())).collect();
    assert_eq!(phases, [("build", 3), ("post_build", 1)]);
    let texts: Vec<&str> = buildspec.commands().map(|command| command.text.as_str()).collect();
    assert_eq!(texts, ["make", "cd x\n./make y\n", "clean", "echo hi"]);
    let make = buildspec.commands().next().unwrap();
    assert_eq!(&text[make.span.start..make.span.end], "make");
}

#[test]
fn what_code_build_would_refuse_is_reported_at_once() {
    assert_eq!(problems("- a\n", None).len(), 1);
    let text = "version: 3\nphases:\n  test:\n    commands: []\n  biuld:\n    commands:\n      - echo a: b\n  build: make\n";
    let found: Vec<String> =
        problems(text, None).into_iter().map(|(code, message)| format!("{code}: {message}")).collect();
    assert_eq!(
        found,
        [
            "copilot::buildspec::malformed: the version of a buildspec is 0.2 or 0.1",
            "copilot::buildspec::malformed: a build has no phase `test`",
            "copilot::buildspec::malformed: a build has no phase `biuld`",
            "copilot::buildspec::malformed: a command is a text, but this is a mapping",
            "copilot::buildspec::malformed: the phase `build` is a mapping with `commands`",
        ]
    );
    assert_eq!(problems("env: {}\n", None).len(), 2, "neither version nor phases");
    assert!(problems("version: 0.2\nbatch: {fast-fail: true}\n", None).is_empty());
}

#[test]
fn commands_that_no_shell_takes_are_reported() {
    let text = |command: &str| {
        format!("version: 0.2\nphases:\n  build:\n    commands:\n      - |\n        {command}\n")
    };
    for bad in ["echo 'a", "echo \"a", "x=$(ls", "echo ${A"] {
        let found = problems(&text(bad), None);
        assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [codes::COMMAND.id], "{bad}");
    }
    for good in ["echo it\\'s", "# don't", "cat <<E\n        don't\n        E\n", "echo \"it's\""] {
        assert!(problems(&text(good), None).is_empty(), "{good}");
    }
    let powershell =
        "version: 0.2\nenv: {shell: powershell.exe}\nphases:\n  build:\n    commands: [\"echo '`\"]\n";
    assert!(problems(powershell, None).is_empty());
}

#[test]
fn hashes_are_looked_at_by_the_processor_of_the_image() {
    let hash = "0123456789abcdef".repeat(4);
    let text = |amd64: &str, arm64: &str| {
        let line = |name: &str, value: &str| {
            if value == "-" { String::new() } else { format!("    {name}: \"{value}\"\n") }
        };
        format!(
            "version: 0.2\nenv:\n  variables:\n    CI: \"true\"\n{}{}phases: {{}}\n",
            line(HASH_AMD64, amd64),
            line(HASH_ARM64, arm64)
        )
    };
    let codes = |amd64: &str, arm64: &str, wanted| {
        problems(&text(amd64, arm64), Some(wanted)).into_iter().map(|(code, _)| code).collect::<Vec<_>>()
    };
    assert!(codes(&hash, "", HASH_AMD64).is_empty());
    assert!(codes("-", "-", HASH_AMD64).is_empty(), "a buildspec of its own");
    assert_eq!(codes(&hash, "", HASH_ARM64), [codes::NO_PROGRAM.id]);
    assert_eq!(codes(&hash, "-", HASH_ARM64), [codes::NO_PROGRAM.id]);
    assert_eq!(codes("", "", HASH_AMD64), [codes::NO_PROGRAM.id]);
    for bad in ["latest", &hash[1..], &hash.to_uppercase(), &format!("{hash}0")] {
        assert_eq!(codes(bad, "", HASH_AMD64), [codes::HASH.id], "{bad}");
        assert_eq!(codes(&hash, bad, HASH_AMD64), [codes::HASH.id], "{bad}");
    }
}

#[test]
fn downloads_of_copilot_are_found() {
    for (command, version) in [
        (
            "wget -q https://ecs-cli-v2-release.s3.amazonaws.com/copilot-linux-v1.34.0 -O copilot-linux",
            " v1.34.0",
        ),
        ("curl -Lo copilot https://github.com/aws/copilot-cli/releases/latest/download/copilot-linux", ""),
        (
            "curl -Lo c https://github.com/acme/copilot-cli/releases/download/v1.27.0-rc1/copilot-linux-amd64",
            " v1.27.0-rc1",
        ),
        ("aws s3 cp s3://acme-tools/copilot-linux-arm64 /usr/local/bin/copilot", ""),
    ] {
        let text = format!("version: 0.2\nphases:\n  install:\n    commands:\n      - {command}\n");
        let message = format!("the build downloads AWS Copilot{version}, which is no longer supported");
        assert_eq!(problems(&text, None), [(codes::COPILOT.id, message)], "{command}");
    }
    let ours =
        "aws s3 cp \"s3://$bucket/copilot-pipeline/$sha256/copilot-pipeline-linux-$arch\" copilot-linux";
    assert!(
        problems(&format!("version: 0.2\nphases: {{install: {{commands: ['{ours}']}}}}\n"), None).is_empty()
    );
}

fn buildspecs(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            buildspecs(&path, found);
        } else if path.file_name().is_some_and(|name| name.to_string_lossy().contains("buildspec")) {
            found.push(path);
        }
    }
}

/// Real projects: each of their buildspecs that runs Copilot downloads it, and a shell takes all their commands.
#[test]
fn buildspecs_of_real_projects_are_understood() {
    let Some(corpus) = folder("corpus") else { return };
    let mut files = Vec::new();
    buildspecs(&corpus, &mut files);
    assert!(files.len() > 10, "{}", files.len());
    for file in files {
        let shown = file.display().to_string();
        let source = Source::from_bytes(shown.as_str(), fs_err::read(&file).unwrap()).unwrap();
        let mut diagnostics = Diagnostics::default();
        let buildspec = read(&source, &mut diagnostics).unwrap();
        let roles: Vec<Role<'_>> = buildspec
            .commands()
            .flat_map(|command| command.invocations.iter().flatten())
            .map(|found| found.role())
            .collect();
        let is_package = |role: &&Role<'_>| match role {
            Role::Copilot(words) => words.get(1).is_some_and(|word| word.text == "package"),
            _ => false,
        };
        let downloads = roles.iter().filter(|role| matches!(role, Role::DownloadsCopilot { .. })).count();
        let packaged = roles.iter().filter(is_package).count();
        assert!(downloads > 0 || packaged == 0, "{shown}");
        check(&buildspec, Some(HASH_AMD64), &source, &mut diagnostics);
        let found: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code.id).collect();
        assert_eq!(found, vec![codes::COPILOT.id; downloads], "{shown}: {diagnostics:?}");
    }
}
