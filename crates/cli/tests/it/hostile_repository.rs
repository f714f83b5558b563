//! A repository that wants its code to be run by whoever looks at it: a pull request of somebody else.
//!
//! Whatever can be a command in it makes a mark. Commands that the README names for pull requests leave none.

use std::collections::BTreeMap;
use std::process::Command;

use camino::Utf8PathBuf;

use crate::{Done, Folder, with};

const FACTS: &str = include_str!("../../../../tests/facts.yml");

const PIPELINE: &str = "name: release
version: 1
source: {provider: GitHub, properties: {branch: main, repository: shop/shop}}
stages:
  - name: test
";

/// What an installation of packages does: it runs their scripts.
const NPM: &str = "#!/bin/sh\nsh ./postinstall.sh\nmkdir -p node_modules/.bin\ncp ./postinstall.sh node_modules/.bin/cdk\nchmod +x node_modules/.bin/cdk\n";

struct Hostile {
    folder: Folder,
    marks: Folder,
}

impl Hostile {
    fn new() -> Self {
        let (folder, marks) = (Folder::workspace(), Folder::new());
        let hostile = Self { folder, marks };
        let (folder, run) = (&hostile.folder, hostile.command());
        folder.write("facts.yml", FACTS);
        folder.write(
            "copilot/api/manifest.yml",
            "name: api\ntype: Backend Service\nimage:\n  build: Dockerfile\n",
        );
        folder.write("Dockerfile", format!("FROM scratch\nRUN {run}\n"));
        folder.write("copilot/pipelines/release/manifest.yml", PIPELINE);
        folder.write(
            "copilot/pipelines/release/buildspec.yml",
            format!("version: 0.2\nphases:\n  build:\n    commands:\n      - {run}\n"),
        );
        folder.write(
            "copilot/web/manifest.yml",
            "name: web\ntype: Backend Service\nimage:\n  location: shop/web\n",
        );
        folder.write("copilot/web/overrides/cdk.json", "{}");
        folder.write("copilot/web/overrides/package.json", "{}");
        folder.write("copilot/web/overrides/postinstall.sh", format!("#!/bin/sh\n{run}\nenv\n"));
        hostile.git(&["init", "-q"]);
        folder.write(".gitattributes", "* filter=theirs\n");
        hostile.git(&["add", "."]);
        hostile.git(&["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "first"]);
        hostile.git(&["remote", "add", "origin", "https://github.com/shop/shop"]);
        hostile
    }

    /// Makes a mark.
    fn command(&self) -> String {
        format!("touch '{}/RAN'", self.marks.path)
    }

    /// Git without this machine's configuration, and whether anything made a mark.
    fn git(&self, arguments: &[&str]) -> bool {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(&self.folder.path)
            .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
            .output();
        output.expect("git is installed");
        self.ran()
    }

    fn ran(&self) -> bool {
        std::fs::remove_file(self.marks.path.join("RAN")).is_ok()
    }

    /// Runs a command with a package manager that is all too willing, and with secrets.
    fn run(&self, arguments: &[&str]) -> Done {
        self.run_with(arguments, &[])
    }

    fn run_with(&self, arguments: &[&str], more: &[(&str, &str)]) -> Done {
        let bin = self.program("npm", NPM);
        let path = format!("{bin}:/usr/bin:/bin");
        let usual = [("PATH", path.as_str()), ("AWS_SECRET_ACCESS_KEY", "hunter2"), ("TOKEN", "hunter2")];
        let variables =
            usual.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        with(&self.folder.path, arguments, variables.collect(), None)
    }

    /// A folder with a program in it.
    fn program(&self, name: &str, script: &str) -> Utf8PathBuf {
        use std::os::unix::fs::PermissionsExt as _;

        self.marks.write(&format!("bin/{name}"), script);
        let path = self.marks.path.join("bin").join(name);
        fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        self.marks.path.join("bin")
    }

    /// All that can be said of a pull request: none of it makes a mark. Returns what was said.
    fn look(&self) -> BTreeMap<&'static str, Done> {
        let commands = [
            "validate",
            "validate --json",
            "show --local",
            "svc ls --local",
            "env ls --local",
            "env package --name test --facts facts.yml",
            "package --facts facts.yml",
            "svc package --name api --env test --facts facts.yml",
            "svc package --name web --env test --facts facts.yml",
            "svc package --name web --env test --facts facts.yml --output-dir out",
            "build --dry-run --no-upload --facts facts.yml --only api",
            "build --dry-run --no-upload --facts facts.yml",
            "override --tool yamlpatch --facts facts.yml",
            "init --name new --url shop/shop --git-branch main --pipeline-type Workloads --environments test",
            "init --name other --pipeline-type Workloads --environments test",
        ];
        let look = |command: &'static str| {
            let done = self.run(&command.split(' ').collect::<Vec<_>>());
            assert!(!self.ran(), "`{command}` ran code of the repository: {done:?}");
            assert!(done.code <= 2, "{done:?}");
            (command, done)
        };
        commands.into_iter().map(look).collect()
    }
}

#[test]
fn commands_for_pull_requests_run_nothing_of_the_repository() {
    let hostile = Hostile::new();
    let run = format!("{}; false", hostile.command());
    for (key, value) in [
        ("core.fsmonitor", run.as_str()),
        ("core.hooksPath", "hooks"),
        ("core.pager", &run),
        ("core.sshCommand", &run),
        ("core.editor", &run),
        ("filter.theirs.clean", &run),
        ("filter.theirs.process", &run),
        ("filter.theirs.required", "true"),
    ] {
        hostile.git(&["config", key, value]);
    }
    assert!(hostile.git(&["status"]), "the attack does not work");
    let said = hostile.look();
    for command in
        ["validate", "package --facts facts.yml", "svc package --name api --env test --facts facts.yml"]
    {
        assert_eq!(said[command].code, 0, "{:?}", said[command]);
    }
    let refused = &said["svc package --name web --env test --facts facts.yml"];
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
    assert!(refused.stderr.contains("to apply them is to run its code"), "{refused:?}");
    assert!(refused.stderr.contains("--allow-cdk"), "{refused:?}");
    assert!(!hostile.folder.path.join("out").exists());
}

#[test]
fn an_image_is_not_built_before_it_was_asked_whether_code_may_run() {
    let hostile = Hostile::new();
    let done = hostile.run(&["build", "--no-upload", "--facts", "facts.yml", "--engine", "/nowhere/docker"]);
    assert!(done.code == 1 && done.stderr.contains("--allow-cdk"), "{done:?}");
}

#[test]
fn code_that_may_run_sees_no_secrets() {
    let hostile = Hostile::new();
    let command = ["svc", "package", "--name", "web", "--env", "test", "--facts", "facts.yml"];
    let by_flag = [&command[..], &["--allow-cdk"]].concat();
    let by_variable = [("COPILOT_PIPELINE_ALLOW_CDK", "true")];
    for (arguments, variables) in [(&by_flag[..], &[][..]), (&command[..], &by_variable[..])] {
        let allowed = hostile.run_with(arguments, variables);
        assert!(hostile.ran(), "{allowed:?}");
        assert!(allowed.stderr.contains("PATH=") && !allowed.stderr.contains("hunter2"), "{allowed:?}");
    }
    let given = [("COPILOT_PIPELINE_ALLOW_CDK", "true"), ("COPILOT_PIPELINE_CDK_VARIABLES", "TOKEN")];
    let allowed = hostile.run_with(&command, &given);
    assert!(hostile.ran() && allowed.stderr.contains("TOKEN=hunter2\n"), "{allowed:?}");
    assert!(!allowed.stderr.contains("AWS_SECRET_ACCESS_KEY"), "{allowed:?}");
    for other in ["", "false", "no"] {
        let refused = hostile.run_with(&command, &[("COPILOT_PIPELINE_ALLOW_CDK", other)]);
        assert!(refused.code == 1 && !hostile.ran(), "{refused:?}");
    }
}

#[test]
fn a_workspace_that_is_a_bare_repository_runs_nothing() {
    let hostile = Hostile::new();
    let git = hostile.folder.path.join(".git");
    for entry in git.read_dir_utf8().unwrap() {
        let path = entry.unwrap().into_path();
        fs_err::rename(&path, hostile.folder.path.join(path.file_name().unwrap())).unwrap();
    }
    fs_err::remove_dir(git).unwrap();
    let run = format!("{}; false", hostile.command());
    hostile.folder.write(
        "config",
        format!("[core]\nrepositoryformatversion = 0\nbare = false\nworktree = .\nfsmonitor = \"{run}\"\n"),
    );
    assert!(hostile.git(&["status"]), "the attack does not work");
    hostile.look();
}

#[test]
fn names_that_are_commands_are_refused_wherever_they_stand() {
    let evil = "a$(touch RAN)";
    let refused = |folder: &Folder, arguments: &[&str]| {
        let before = folder.content();
        let done = crate::copilot(&folder.path, arguments);
        assert_eq!(done.code, 1, "{arguments:?}: {done:?}");
        assert!(done.stderr.contains("letters, digits and hyphens"), "{arguments:?}: {done:?}");
        assert!(done.stdout.is_empty() || arguments.contains(&"--json"), "{done:?}");
        assert_eq!(folder.content(), before, "{arguments:?} wrote something");
    };
    let init = ["init", "--url", "shop/shop", "--git-branch", "main", "--pipeline-type", "Workloads"];

    let folder = Folder::workspace();
    folder.write("facts.yml", FACTS);
    folder.write("copilot/pipelines/release/manifest.yml", PIPELINE);
    let ours = [&init[..], &["--name", "new", "--environments", "test"]].concat();
    for flag in [
        [&ours[..], &["--app", evil]].concat(),
        [&init[..], &["--name", evil, "--environments", "test"]].concat(),
        [&init[..], &["--name", "new", "--environments", evil]].concat(),
        vec!["package", "--facts", "facts.yml", "--app", evil],
        vec!["svc", "package", "--facts", "facts.yml", "--env", evil],
        vec!["build", "--facts", "facts.yml", "--env", evil],
        vec!["status", "--app", evil],
        vec!["status", "--app", "shop", "--name", evil],
        vec!["facts", "--app", evil],
        vec!["self", "upload", "--app", evil],
    ] {
        refused(&folder, &flag);
    }

    folder.write("copilot/.workspace", format!("application: '{evil}'\n"));
    refused(&folder, &ours);
    refused(&folder, &["validate"]);
    refused(&folder, &["package", "--facts", "facts.yml"]);
    folder.write("copilot/.workspace", "application: shop\n");

    for (old, new) in [("name: shop", "name: '$(id)'"), ("\n  test:", "\n  $(id):")] {
        folder.write("facts.yml", FACTS.replacen(old, new, 1));
        refused(&folder, &["package", "--facts", "facts.yml"]);
    }
    folder.write("facts.yml", FACTS);

    let names = [
        ("copilot/$(id)/manifest.yml", "name: $(id)\ntype: Backend Service\nimage: {location: a/b}\n"),
        ("copilot/environments/`id`/manifest.yml", "name: '`id`'\ntype: Environment\n"),
        ("copilot/pipelines/release/manifest.yml", "name: ../../../x\nversion: 1\n"),
    ];
    for (path, text) in names {
        let folder = Folder::workspace();
        folder.write(path, text);
        refused(&folder, &["validate"]);
        if path.contains("pipelines") {
            refused(&folder, &["override", "--tool", "yamlpatch"]);
        }
    }
}
