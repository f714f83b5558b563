//! `migrate` rewrites what Copilot has left, and nothing else.

use std::collections::BTreeMap;
use std::process::Command;

use camino::Utf8Path;
use copilot_yaml::{Diagnostics, Node, Source, parse};

use crate::doctoring::{BUILDSPEC, PIPELINE, at_that_day, old_workspace};
use crate::{Folder, copilot};

const FILE: &str = "copilot/pipelines/main/buildspec.yml";

#[test]
fn what_copilot_left_is_rewritten_once() {
    let folder = old_workspace();
    let before = folder.content();
    let done = copilot(&folder.path, &["migrate"]);
    insta::assert_snapshot!(done.shown(&folder.path));
    assert_eq!(copilot(&folder.path, &["migrate", "--check"]).code, 1);
    assert_eq!(folder.content(), before);

    let done = copilot(&folder.path, &["migrate", "--write"]);
    assert_eq!(done.code, 0, "{done:?}");
    let after = folder.content();
    let changed: Vec<_> =
        after.iter().filter(|(name, text)| before.get(*name) != Some(text)).map(|(name, _)| name).collect();
    assert_eq!(changed, [FILE, "copilot/pipelines/main/manifest.yml"]);
    assert_eq!(copilot(&folder.path, &["migrate", "--check"]).code, 0);
    let done = copilot(&folder.path, &["migrate", "--write", "--json"]);
    assert_eq!(done.stdout, "{\"written\":true,\"changes\":[],\"left\":[]}\n");
    assert_eq!(folder.content(), after);

    let done = copilot(&folder.path, &["validate", "--json"]);
    assert!(
        done.stdout.contains("\"errors\":1,") && done.stdout.contains("restrict_to.source_ips"),
        "{done:?}"
    );
    let left = at_that_day(&folder.path, &["doctor", "--json"]).stdout;
    for gone in ["old_program", "lost_gate", "build_image", "runtime_version"] {
        assert!(!left.contains(&format!("doctor::{gone}")), "{left}");
    }
    assert!(left.contains("\"origin\":\"copilot-pipeline\""), "{left}");
}

/// Migrates a buildspec; the new one, and what is said.
fn migrated(buildspec: &str) -> (String, String) {
    let folder = old_workspace();
    folder.write(FILE, buildspec);
    let done = copilot(&folder.path, &["migrate", "--write"]);
    assert_eq!(done.code, 0, "{done:?}");
    let again = copilot(&folder.path, &["migrate", "--check"]);
    assert_eq!(again.code, 0, "{again:?}");
    (folder.read(FILE), done.stderr)
}

#[test]
fn what_own_commands_need_stays() {
    let own = BUILDSPEC.replace("make notify", "echo $pl_envs $svcs > names");
    let (new, _) = migrated(&own);
    for kept in [
        "pl_envs=$(echo",
        "pipeline=$(cat",
        "svcs=$(./copilot-linux",
        "wget -q",
        "chmod +x ./copilot-linux",
        "echo $pl_envs",
    ] {
        assert!(new.contains(kept), "{kept}: {new}");
    }
    assert!(new.contains("copilot-pipeline build --name main") && !new.contains("svc package"), "{new}");
    let own = BUILDSPEC.replace("make notify", "./copilot-linux svc exec -n api");
    let (new, _) = migrated(&own);
    assert!(new.contains("wget -q") && !new.contains("pl_envs") && new.contains("svc exec -n api"), "{new}");
    // Whoever uses the runtimes keeps them.
    let (new, _) =
        migrated(&BUILDSPEC.replace("make test", "bundle exec rake").replace("make notify", "true"));
    assert!(new.contains("ruby: 2.6") && !new.contains("docker: 19"), "{new}");
    let (new, _) = migrated(BUILDSPEC);
    assert!(!new.contains("runtime-versions"), "{new}");
}

#[test]
fn what_is_not_sure_is_left_and_said() {
    for (buildspec, why) in [
        (BUILDSPEC.replace("make notify", "echo $env"), "uses `$env`"),
        (
            "version: 0.2\nphases: {build: {commands: [wget https://x.example/copilot-linux-v1.2.0, ./copilot-linux svc package -n a]}}\n".to_owned(),
            "its commands stand in",
        ),
        (BUILDSPEC.replace("phases:", "env: {variables: {A: b}}\nphases:"), "its `env` stands in brackets"),
    ] {
        let (new, said) = migrated(&buildspec);
        assert!(new == buildspec && said.contains(why), "{said}\n{new}");
    }
    let folder = old_workspace();
    folder.write(
        "copilot/pipelines/other/manifest.yml",
        PIPELINE
            .replace("name: main", "name: other")
            .replace("build:\n", &format!("build:\n  buildspec: {FILE}\n")),
    );
    let done = copilot(&folder.path, &["migrate"]);
    assert!(
        done.stderr.contains("more than one pipeline")
            && !done.stdout.contains("+++ b/copilot/pipelines/main/buildspec.yml"),
        "{done:?}"
    );
}

#[test]
fn the_form_of_files_stays() {
    let crlf = format!("\u{feff}{BUILDSPEC}").replace('\n', "\r\n");
    let (new, _) = migrated(&crlf);
    assert!(new.starts_with("\u{feff}# Ours since 2022.\r\n"), "{new:?}");
    assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
    let with_variables = BUILDSPEC
        .replace("phases:", "env:\n  parameter-store:\n    A: b # mine\n  variables:\n    X: y\nphases:");
    let (new, _) = migrated(&with_variables);
    assert!(
        new.contains("    A: b # mine\n  variables:\n    # SHA-256") && new.contains("\"true\"\n    X: y\n"),
        "{new}"
    );
    let with_environment = BUILDSPEC.replace("phases:", "env:\n    parameter-store:\n        A: b\nphases:");
    let (new, _) = migrated(&with_environment);
    assert!(
        new.contains("env:\n    variables:\n      # SHA-256")
            && new.contains("\"true\"\n    parameter-store:"),
        "{new}"
    );
}

#[test]
fn keys_are_corrected_where_that_is_sure() {
    let folder = old_workspace();
    folder.write("copilot/api/manifest.yml", "name: api\ntype: Backend Service\nimage:\n  location: shop/api\n'memmory': 512 # MB\ncpu: 256\ncpuu: 512\nnetwork:\n  vpc:\n    placement: private\n    securityGroups: [sg-1]\n");
    let done = copilot(&folder.path, &["migrate", "--write"]);
    assert_eq!(done.code, 0, "{done:?}");
    let new = folder.read("copilot/api/manifest.yml");
    assert!(new.contains("'memory': 512 # MB\ncpu: 256\ncpuu: 512\n"), "{new}");
    assert!(new.contains("    security_groups: [sg-1]\n"), "{new}");
}

#[test]
fn environments_are_packaged_one_by_one() {
    let buildspec = BUILDSPEC.replace("./copilot-linux svc package -n $svc -e $env --output-dir './infrastructure' --tag $tag --upload-assets", "./copilot-linux env package -n $env --output-dir './infrastructure' --upload-assets --force");
    let (new, _) = migrated(&buildspec);
    for stage in ["test", "prod"] {
        let line = format!(
            "- copilot-pipeline env package --name {stage} --output-dir infrastructure --upload-assets --force\n"
        );
        assert!(new.contains(&line), "{new}");
    }
    assert!(new.contains("sha256sum --check"), "{new}");
}

/// Stand-ins for every program that the buildspecs run. Copilot's writes the files that it would, and so does ours.
const STAND_INS: [(&str, &str); 8] = [
    ("make", "echo \"make $*\" >> \"$LOG\"\n[ \"$1\" != test ] || [ -z \"$FAILS\" ]"),
    ("wget", "cp \"$STANDINS/copilot\" \"$(basename \"$2\")\""),
    ("ruby", "cat > /dev/null\necho '{}'"),
    ("jq", "cat > /dev/null\ncase \"$2\" in .stages*) echo test prod ;; *) echo api web ;; esac"),
    ("uname", "echo x86_64"),
    (
        "aws",
        "case \"$*\" in\n*list-exports*) echo arn:stack ;;\n*describe-stacks*) [ \"$4\" = arn:stack ] && echo bucket ;;\n*\"s3 cp\"*) case \"$4\" in s3://bucket/copilot-pipeline/$COPILOT_PIPELINE_SHA256_AMD64/*) cp \"$STANDINS/copilot-pipeline-program\" \"$5\" ;; *) exit 1 ;; esac ;;\nesac",
    ),
    (
        "copilot",
        "case \"$1 $2\" in\n'svc ls') echo '{}' ;;\n'svc package') mkdir -p infrastructure; touch \"infrastructure/$4-$6.stack.yml\" \"infrastructure/$4-$6.params.json\" ;;\nesac",
    ),
    (
        "copilot-pipeline-program",
        "[ \"$1 $2 $3 $4 $5\" = 'build --name main --output-dir infrastructure' ] || exit 1\nmkdir -p infrastructure\nfor name in api web; do for stage in test prod; do touch \"infrastructure/$name-$stage.stack.yml\" \"infrastructure/$name-$stage.params.json\"; done; done",
    ),
];

/// Runs all commands of a buildspec in one shell, as CodeBuild does: whether they succeed, what the user's own commands did, and
/// the files that are handed on.
fn built(buildspec: &str, variables: &[(&str, &str)], shell: &str) -> (bool, String, Vec<String>) {
    // Copilot's own commands take no blanks in the folder's name.
    let guard = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(guard.path()).unwrap();
    let (bin, src) = (folder.join("bin"), folder.join("src"));
    fs_err::create_dir(&bin).unwrap();
    fs_err::create_dir_all(src.join("copilot/pipelines/main")).unwrap();
    fs_err::write(src.join("copilot/pipelines/main/manifest.yml"), PIPELINE).unwrap();
    for (name, body) in STAND_INS {
        fs_err::write(bin.join(name), format!("#!/bin/sh\n{body}\n")).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs_err::set_permissions(bin.join(name), mode).unwrap();
    }
    let source = Source::new("buildspec.yml", buildspec);
    let root = parse(&source, &mut Diagnostics::default()).unwrap();
    let mut script = String::from("set -e\n");
    for phase in ["install", "pre_build", "build", "post_build"] {
        let commands =
            root.get("phases").and_then(|phases| phases.get(phase)?.get("commands")?.as_sequence());
        for command in commands.unwrap_or_default() {
            script.push_str(command.as_str().unwrap());
            script.push('\n');
        }
    }
    let own = root.get("env").and_then(|env| env.get("variables")?.as_mapping()).unwrap_or_default();
    let own = own
        .iter()
        .map(|entry| (entry.key.text.to_string(), entry.value.as_str().unwrap_or_default().to_owned()));
    let path = format!("{bin}:/usr/local/bin:/usr/bin:/bin");
    let status = Command::new(shell)
        .args(["-c", &script])
        .current_dir(&src)
        .envs(own)
        .envs(variables.iter().copied())
        .envs([("PATH", path.as_str()), ("STANDINS", bin.as_str()), ("COPILOT_PIPELINE_BIN", bin.as_str())])
        .envs([
            ("CODEBUILD_SRC_DIR", src.as_str()),
            ("CODEBUILD_BUILD_ID", "project:7"),
            ("LOG", folder.join("log").as_str()),
        ])
        .output()
        .unwrap();
    let log = fs_err::read_to_string(folder.join("log")).unwrap_or_default();
    (status.status.success(), log, names(&src.join("infrastructure")))
}

fn names(folder: &Utf8Path) -> Vec<String> {
    let entries = folder.read_dir_utf8().into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn the_new_buildspec_does_what_the_old_one_did() {
    let (_, body) = STAND_INS.iter().find(|(name, _)| *name == "copilot-pipeline-program").unwrap();
    let folder = Folder::new();
    folder.write("program", format!("#!/bin/sh\n{body}\n"));
    let sum = Command::new("sha256sum").arg(folder.path.join("program")).output().unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap();
    let sum = sum.split_whitespace().next().unwrap();
    let (new, _) = migrated(BUILDSPEC);
    let pinned = new
        .replace("COPILOT_PIPELINE_SHA256_AMD64: \"\"", &format!("COPILOT_PIPELINE_SHA256_AMD64: \"{sum}\""));
    let old = built(BUILDSPEC, &[], "bash");
    assert_eq!(old.2.len(), 8, "{old:?}");
    for shell in ["bash", "sh"] {
        assert_eq!(built(&pinned, &[], shell), old, "{shell}");
    }
    assert_eq!(built(&pinned, &[("FAILS", "1")], "bash"), built(BUILDSPEC, &[("FAILS", "1")], "bash"));
    // Nothing runs that isn't what was pinned.
    let other = pinned.replace(sum, &"0".repeat(64));
    let (succeeds, log, files) = built(&other, &[], "bash");
    assert!(!succeeds && log.is_empty() && files.is_empty(), "{log} {files:?}");
    assert!(!built(&new, &[], "bash").0);
}

/// What is left of commands that Copilot did not write.
pub(crate) fn own_commands(text: &str, known: impl Fn(&str) -> bool) -> BTreeMap<String, usize> {
    let root = parse(&Source::new("b.yml", text), &mut Diagnostics::default()).unwrap();
    let phases = root.get("phases").and_then(Node::as_mapping).unwrap_or_default();
    let commands = phases.iter().filter_map(|phase| phase.value.get("commands")?.as_sequence()).flatten();
    let mut found = BTreeMap::new();
    for command in commands.filter_map(Node::as_str).filter(|command| !known(command)) {
        *found.entry(command.to_owned()).or_insert(0) += 1;
    }
    found
}
