//! Workspaces whose files are not what they seem: links out of the project, pipes, devices, files of a terabyte.

use std::time::{Duration, Instant};

use camino::Utf8PathBuf;
use fs_err::os::unix::fs::symlink;

use crate::{Done, Folder, copilot};

const SECRET: &str = "aws_secret_access_key: hunter2\n";

const FACTS: &str = include_str!("../../../../tests/facts.yml");

const PIPELINE: &str = "name: main
version: 1
source:
  provider: GitHub
  properties: {branch: main, repository: https://github.com/shop/shop, connection_name: hub}
stages: [{name: test}]
";

const SERVICE: &str =
    "name: api\ntype: Backend Service\nimage: {location: shop/api}\nenv_file: conf/api.env\n";

const SITE: &str = "name: site\ntype: Static Site\nfiles: [{source: site, recursive: true}]\n";

const ADDONS: &str = "
Parameters: {App: {Type: String}, Env: {Type: String}, Name: {Type: String}}
Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties: {Code: lambdas/fn, Handler: index.handler, Runtime: nodejs22.x, Role: !Sub 'arn:aws:iam::${AWS::AccountId}:role/r'}
";

struct Stage {
    folder: Folder,
    outside: Folder,
}

impl Stage {
    fn new() -> Self {
        let (folder, outside) = (Folder::new(), Folder::new());
        for (name, text) in [
            ("copilot/.workspace", "application: shop\n"),
            ("copilot/api/manifest.yml", SERVICE),
            ("copilot/api/addons/fn.yml", ADDONS),
            ("copilot/api/overrides/cfn.patches.yml", "[]\n"),
            ("copilot/site/manifest.yml", SITE),
            ("copilot/environments/test/manifest.yml", "name: test\ntype: Environment\n"),
            ("copilot/pipelines/main/manifest.yml", PIPELINE),
            ("conf/api.env", "A=1\n"),
            ("lambdas/fn/index.js", "exports.handler = async () => {};\n"),
            ("site/index.html", "<h1>\n"),
            ("facts.yml", FACTS),
        ] {
            folder.write(name, text);
        }
        outside.write("secret", SECRET);
        outside.write("folder/secret.yml", SECRET);
        Self { folder, outside }
    }

    fn at(&self, path: &str) -> Utf8PathBuf {
        self.folder.path.join(path)
    }

    /// Puts a link in the place of what is there.
    fn link(&self, target: &str, path: &str) {
        self.clear(path);
        symlink(self.outside.path.join(target), self.at(path)).unwrap();
    }

    fn clear(&self, path: &str) {
        let full = self.at(path);
        if full.is_dir() {
            fs_err::remove_dir_all(full).unwrap();
        } else if full.symlink_metadata().is_ok() {
            fs_err::remove_file(full).unwrap();
        }
    }

    fn run(&self, arguments: &[&str]) -> Done {
        let started = Instant::now();
        let done = copilot(&self.folder.path, arguments);
        assert!(started.elapsed() < Duration::from_secs(5), "{arguments:?} took {:?}", started.elapsed());
        done
    }

    fn build(&self) -> Done {
        self.run(&["build", "--no-upload", "--dry-run", "--facts", "facts.yml"])
    }

    fn package(&self) -> Done {
        self.run(&[
            "svc",
            "package",
            "-n",
            "api",
            "-e",
            "test",
            "--facts",
            "facts.yml",
            "--output-dir",
            "out",
        ])
    }
}

#[test]
fn the_workspace_is_good_before() {
    let stage = Stage::new();
    for done in [stage.build(), stage.package(), stage.run(&["validate"])] {
        assert_eq!(done.code, 0, "{}", done.stderr);
    }
}

#[test]
fn a_link_out_of_the_workspace_is_refused_by_name_and_its_target_not_shown() {
    for (target, path) in [
        ("secret", "copilot/.workspace"),
        ("secret", "copilot/api/manifest.yml"),
        ("secret", "copilot/pipelines/main/manifest.yml"),
        ("secret", "copilot/api/addons/fn.yml"),
        ("secret", "copilot/api/addons/addons.parameters.yml"),
        ("folder", "copilot/api/addons"),
        ("secret", "copilot/api/overrides/cfn.patches.yml"),
        ("folder", "copilot/api/overrides"),
        ("folder", "copilot/pipelines"),
        ("secret", "facts.yml"),
        ("secret", "conf/api.env"),
        ("/proc/self/environ", "conf/api.env"),
        ("folder", "conf"),
        ("folder", "lambdas/fn"),
        ("secret", "lambdas/fn/index.js"),
        ("secret", "site/index.html"),
        ("folder", "site"),
    ] {
        let stage = Stage::new();
        if target == "folder" && path == "conf" {
            stage.outside.write("folder/api.env", SECRET);
        }
        stage.link(target, path);
        let done = stage.build();
        assert_eq!(done.code, 1, "{path}: {done:?}");
        assert!(done.stderr.contains("leads out of the workspace"), "{path}: {}", done.stderr);
        assert!(done.stderr.contains(path), "{path}: {}", done.stderr);
        for done in [done, stage.run(&["validate"]), stage.package()] {
            assert!(!format!("{}{}", done.stdout, done.stderr).contains("hunter2"), "{path}: {done:?}");
        }
        assert_eq!(stage.outside.read("secret"), SECRET);
    }
}

#[test]
fn paths_of_manifests_lead_nowhere_else() {
    for (file, from, to) in [
        ("copilot/api/manifest.yml", "conf/api.env", "OUTSIDE/secret.env"),
        ("copilot/api/addons/fn.yml", "lambdas/fn", "/etc"),
        ("copilot/api/addons/fn.yml", "lambdas/fn", "/proc/self/environ"),
        ("copilot/site/manifest.yml", "source: site", "source: OUTSIDE/folder"),
    ] {
        let stage = Stage::new();
        stage.outside.write("secret.env", SECRET);
        let outside = format!("../{}", stage.outside.path.file_name().unwrap());
        let text = stage.folder.read(file).replace(from, to);
        stage.folder.write(file, text.replace("OUTSIDE", &outside));
        let done = stage.build();
        assert_eq!(done.code, 1, "{to}: {done:?}");
        assert!(done.stderr.contains("leads out of the workspace"), "{to}: {}", done.stderr);
    }
}

#[test]
fn links_that_stay_inside_work_as_files_do() {
    let stage = Stage::new();
    for path in [
        "copilot/.workspace",
        "copilot/api/manifest.yml",
        "copilot/api/addons",
        "copilot/api/overrides/cfn.patches.yml",
        "copilot/pipelines",
        "facts.yml",
        "conf",
        "lambdas/fn",
        "site/index.html",
    ] {
        let moved = stage.at("moved").join(path.replace('/', "-"));
        fs_err::create_dir_all(stage.at("moved")).unwrap();
        fs_err::rename(stage.at(path), &moved).unwrap();
        symlink(moved, stage.at(path)).unwrap();
    }
    for done in [stage.build(), stage.package(), stage.run(&["validate"])] {
        assert_eq!(done.code, 0, "{}", done.stderr);
    }
}

#[test]
fn nothing_is_written_out_of_the_workspace_through_a_link() {
    let stage = Stage::new();
    let before = stage.outside.content();
    let refused = |done: Done| {
        assert_eq!(done.code, 1, "{done:?}");
        assert!(done.stderr.contains("leads out of the workspace"), "{}", done.stderr);
        assert_eq!(stage.outside.content(), before);
    };
    stage.link("folder", "out");
    stage.link("folder", "infrastructure");
    refused(stage.package());
    refused(stage.run(&["build", "--no-upload", "--facts", "facts.yml"]));
    let package = ["package", "-n", "main", "--facts", "facts.yml", "--output-dir", "out/deeper"];
    refused(stage.run(&package));
    refused(stage.run(&[
        "build",
        "--no-upload",
        "--dry-run",
        "--facts",
        "facts.yml",
        "--report",
        "out/r.json",
    ]));
    stage.link("folder", "copilot/pipelines/main/overrides");
    fs_err::remove_file(stage.outside.path.join("folder/secret.yml")).unwrap();
    let done = stage.run(&["override", "-n", "main", "--tool", "yamlpatch"]);
    assert!(done.code == 1 && done.stderr.contains("leads out of the workspace"), "{}", done.stderr);
    assert!(stage.outside.path.join("folder").read_dir_utf8().unwrap().next().is_none());

    // A folder elsewhere that somebody names is where it is to go.
    let named = stage.outside.path.join("folder");
    let done = stage.run(&[
        "svc",
        "package",
        "-n",
        "api",
        "-e",
        "test",
        "--facts",
        "facts.yml",
        "--output-dir",
        named.as_str(),
    ]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(named.join("api-test.stack.yml").is_file());
}

#[test]
fn pipes_devices_and_endless_files_are_refused_at_once() {
    type Make = fn(&Utf8PathBuf);
    let kinds: [(&str, Make); 2] = [
        ("it is n", |path| {
            assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
        }),
        ("it has more than", |path| fs_err::File::create(path).unwrap().set_len(1 << 40).unwrap()),
    ];
    for (expected, make) in kinds {
        for path in [
            "copilot/.workspace",
            "copilot/api/manifest.yml",
            "copilot/api/addons/fn.yml",
            "copilot/api/overrides/cfn.patches.yml",
            "facts.yml",
            "conf/api.env",
            "site/index.html",
        ] {
            let stage = Stage::new();
            stage.clear(path);
            make(&stage.at(path));
            let done = stage.build();
            assert_eq!(done.code, 1, "{path}: {done:?}");
            assert!(done.stderr.contains(expected), "{path}: {}", done.stderr);
            assert!(done.stderr.contains(path.rsplit('/').next().unwrap()), "{path}: {}", done.stderr);
        }
    }
    // One that is named by hand.
    let stage = Stage::new();
    let done = stage.run(&["svc", "package", "-n", "api", "-e", "test", "--facts", "/dev/zero"]);
    assert!(done.code == 1 && done.stderr.contains("it is not a regular file"), "{}", done.stderr);
}

#[test]
fn what_was_to_be_written_is_not_read_from_a_pipe() {
    let stage = Stage::new();
    fs_err::create_dir(stage.at("out")).unwrap();
    let pipe = stage.at("out/api-test.stack.yml");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(stage.package().code, 0);
    assert!(pipe.is_file(), "it took the pipe's place");
}

#[test]
fn folders_without_end_are_refused_at_once() {
    let loops = Stage::new();
    symlink("..", loops.at("lambdas/fn/back")).unwrap();
    // Each of 40 folders has two links to the next: a trillion files.
    let many = Stage::new();
    for level in 0..40 {
        let at = many.at(&format!("lambdas/levels/{level}"));
        fs_err::create_dir_all(&at).unwrap();
        symlink(format!("../{}", level + 1), at.join("a")).unwrap();
        symlink(format!("../{}", level + 1), at.join("b")).unwrap();
    }
    many.folder.write("lambdas/levels/40/file", "x");
    symlink("../levels/0", many.at("lambdas/fn/in")).unwrap();
    let deep = Stage::new();
    fs_err::create_dir_all(deep.at(&format!("lambdas/fn{}", "/d".repeat(1_500)))).unwrap();
    for (stage, expected) in [
        (loops, "leads back to a directory above"),
        (many, "more than 1000 times"),
        (deep, "more than 256 directories deep"),
    ] {
        let done = stage.build();
        assert!(done.code == 1 && done.stderr.contains(expected), "{}", done.stderr);
        let _ = std::process::Command::new("rm").arg("-rf").arg(stage.at("lambdas")).status();
    }
}
