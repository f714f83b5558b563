//! Ctrl-C and a request to terminate end a command wherever it is, with the code that shells give them.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use camino::Utf8Path;
use copilot_local_aws::{Application, Effect, Fault, Options, Pace, State};
use copilot_pipeline::Interrupt;

use crate::support::{Cloud, command, done, fake_docker, storefront};
use crate::{Done, Folder, with_io};

/// How long a command may take to end.
const SOON: Duration = Duration::from_secs(10);

fn cloud() -> Cloud {
    Cloud::with(&application().workload("api", "Backend Service").workload("site", "Static Site"))
}

fn application() -> Application {
    let mut application =
        Application::new("shop", "123456789012", "us-west-2").environment("test", "us-west-2");
    application.environments[0].version = "v1.33.0".into();
    application
}

fn workspace() -> Folder {
    let folder = Folder::new();
    folder.write("copilot/.workspace", "application: shop\n");
    folder.write("copilot/pipelines/main/manifest.yml", "name: main\nversion: 1\nsource:\n  provider: GitHub\n  properties:\n    branch: main\n    repository: https://github.com/shop/shop\nstages:\n  - name: test\n");
    folder
}

/// Sends a signal once something has happened, and waits for the end.
fn ended(child: Child, signal: &str, happened: impl Fn() -> bool) -> Done {
    let started = Instant::now();
    while !happened() {
        assert!(started.elapsed() < Duration::from_mins(1), "it never happened");
        std::thread::sleep(Duration::from_millis(20));
    }
    // Well into what comes then.
    std::thread::sleep(Duration::from_millis(500));
    let kill = Command::new("sh").args(["-c", &format!("kill -{signal} {}", child.id())]).status().unwrap();
    assert!(kill.success(), "it had ended already");
    let sent = Instant::now();
    let done = done(child);
    assert!(sent.elapsed() < SOON, "{:?}: {done:?}", sent.elapsed());
    done
}

/// Whether the process still lives, well after it should not, whose number stands in this file.
fn is_alive(pid: &Utf8Path) -> bool {
    let until = Instant::now() + Duration::from_secs(2);
    while lives(pid) {
        if Instant::now() > until {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// One that nobody has waited for yet doesn't.
fn lives(pid: &Utf8Path) -> bool {
    let id = fs_err::read_to_string(pid).unwrap();
    let status = fs_err::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
    !status.is_empty() && !status.contains(") Z ")
}

#[test]
fn hashing_ends() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let (folder, cloud) = (workspace(), cloud());
        folder.write(
            "copilot/site/manifest.yml",
            "name: site\ntype: Static Site\nfiles:\n  - source: files\n    recursive: true\n",
        );
        // They have no blocks on the disk, and take minutes to be read.
        for number in 0..40 {
            let name = format!("files/{number}");
            folder.write(&name, "");
            let big = fs_err::OpenOptions::new().write(true).open(folder.path.join(name)).unwrap();
            big.file().set_len(1 << 32).unwrap();
        }
        let child = command(&folder.path, &["build", "--dry-run"], &cloud.variables()).spawn().unwrap();
        let ended = ended(child, signal, || cloud.calls() > 3);
        assert_eq!(ended.code, code, "{ended:?}");
        assert!(ended.stderr.contains("error: interrupted\n"), "{ended:?}");
    }
}

#[test]
fn the_container_engine_ends_too() {
    let (folder, cloud) = (workspace(), cloud());
    folder.write(
        "copilot/api/manifest.yml",
        "name: api\ntype: Backend Service\nimage:\n  build: api/Dockerfile\n",
    );
    folder.write("api/Dockerfile", "FROM scratch\nCOPY . /\n");
    let tools = Folder::new();
    let pid = tools.path.join("pid");
    let docker = fake_docker(
        &tools.path,
        &format!("build) echo $$ >'{pid}.new'; mv '{pid}.new' '{pid}'; exec sleep 600 ;;"),
    );
    let arguments = ["build", "--engine", docker.as_str(), "--tag", "t1"];
    let child = command(&folder.path, &arguments, &cloud.variables()).spawn().unwrap();
    let ended = ended(child, "INT", || pid.exists());
    assert_eq!(ended.code, 130, "{ended:?}");
    assert!(!is_alive(&pid), "its processes are gone");
}

#[test]
fn a_cdk_application_ends_with_its_children() {
    let (folder, cloud) = (workspace(), cloud());
    folder.write(
        "copilot/api/manifest.yml",
        "name: api\ntype: Backend Service\nimage:\n  location: shop/api\n",
    );
    folder.write("copilot/api/overrides/cdk.json", "{\"app\": \"true\"}");
    folder.write("copilot/api/overrides/package.json", "{}");
    let tools = Folder::new();
    let pid = tools.path.join("pid");
    let npm = tools.path.join("npm");
    executable(
        &npm,
        &format!("#!/bin/sh\nsleep 600 &\necho $! >'{pid}.new'; mv '{pid}.new' '{pid}'; wait\n"),
    );
    let mut variables = cloud.variables();
    let path = std::env::var_os("PATH").unwrap_or_default();
    variables.push(("PATH".to_owned(), format!("{}:{}", tools.path, path.to_string_lossy())));
    variables.push(("COPILOT_PIPELINE_ALLOW_CDK".to_owned(), "true".to_owned()));
    let child =
        command(&folder.path, &["svc", "package", "-n", "api", "-e", "test"], &variables).spawn().unwrap();
    let ended = ended(child, "INT", || pid.exists());
    assert_eq!(ended.code, 130, "{ended:?}");
    assert!(!is_alive(&pid), "what npm has started is gone");
}

/// A plan leaves nothing behind at AWS.
#[test]
fn a_change_set_that_is_only_read_is_deleted() {
    let (folder, cloud) = (Folder::workspace(), cloud());
    let slow = Fault::new(Effect::Slow(Duration::from_mins(1))).on("cloudformation:DescribeChangeSet");
    cloud.aws.inject(slow.times(1));
    let plan = ["plan", "--environments", "--remote"];
    let child = command(&folder.path, &plan, &cloud.variables()).spawn().unwrap();
    let ended = ended(child, "INT", || cloud.aws.calls().count("cloudformation", "DescribeChangeSet") > 0);
    assert_eq!(ended.code, 130, "{ended:?}");
    let stack = |state: &mut State| state.region("123456789012", "us-west-2").stack("shop-test");
    let stack = cloud.aws.with_state(stack).unwrap();
    assert_eq!((stack.change_sets.len(), stack.status.as_str()), (0, "CREATE_COMPLETE"));
    assert_eq!(cloud.aws.calls().count("cloudformation", "CreateChangeSet"), 1);
}

#[test]
fn the_update_of_an_environment_goes_on_and_can_be_waited_for() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let folder = Folder::workspace();
        let pace = Pace::Every(Duration::from_millis(300));
        let cloud = Cloud::start(&application(), Options { pace, ..Options::default() });
        let status = || {
            let stack = |state: &mut State| state.region("123456789012", "us-west-2").stack("shop-test");
            cloud.aws.with_state(stack).unwrap().status
        };
        let variables = cloud.variables();
        let child = command(&folder.path, &["env", "deploy", "-n", "test"], &variables).spawn().unwrap();
        let ended = ended(child, signal, || status() == "UPDATE_IN_PROGRESS");
        assert_eq!(ended.code, code, "{ended:?}");
        let said = "hint: the update of stack shop-test is still running in AWS; `copilot-pipeline env deploy --wait \
                    --name test` waits for it and continues\n";
        assert!(ended.stderr.contains("error: interrupted\n") && ended.stderr.contains(said), "{ended:?}");
        assert_eq!(status(), "UPDATE_IN_PROGRESS", "it was not called off");
        for _ in 0..1000 {
            cloud.aws.tick();
        }
        assert_eq!(status(), "UPDATE_COMPLETE");
        let again = ["env", "deploy", "--wait", "--name", "test"];
        let again = done(command(&folder.path, &again, &variables).spawn().unwrap());
        assert!(again.code == 0 && again.stderr.contains("no changes"), "{again:?}");
    }
}

#[test]
fn an_environment_that_was_only_looked_at_is_as_it_was() {
    let (folder, cloud) = (Folder::workspace(), cloud());
    cloud.aws.inject(Fault::new(Effect::Slow(Duration::from_mins(1))).on("cloudformation:CreateChangeSet"));
    let child = command(&folder.path, &["env", "deploy", "-n", "test"], &cloud.variables()).spawn().unwrap();
    let ended = ended(child, "INT", || cloud.aws.calls().count("cloudformation", "CreateChangeSet") > 0);
    assert_eq!(ended.code, 130, "{ended:?}");
    assert!(ended.stderr.contains("hint: the environment was not changed\n"), "{ended:?}");
}

#[test]
fn what_only_computes_looks_as_well() {
    let example = crate::root().join("examples/storefront");
    let facts = example.join("facts.yml");
    for arguments in [
        &["validate"][..],
        &["svc", "package", "-n", "api", "-e", "test", "--facts", facts.as_str()],
        &["build", "--dry-run", "--no-upload", "--facts", facts.as_str()],
    ] {
        let interrupt = Interrupt::new();
        interrupt.send(143);
        let ended = with_io(&example, arguments, |io| io.with_interrupt(interrupt));
        assert_eq!(ended.code, 143, "{arguments:?}: {ended:?}");
    }
}

#[test]
fn git_ends_too() {
    let facts = crate::root().join("examples/storefront/facts.yml");
    for (arguments, signal, code) in [
        (&["validate"][..], "TERM", 143),
        (&["init", "--name", "other"], "INT", 130),
        (&["build", "--no-upload", "--facts", facts.as_str()], "TERM", 143),
    ] {
        let folder = storefront();
        folder.write(".git/HEAD", "ref: refs/heads/main\n");
        let tools = Folder::new();
        let pid = tools.path.join("pid");
        fake_docker(&tools.path, "*) exit 1 ;;");
        let script = format!("#!/bin/sh\nsleep 600 &\necho $! >'{pid}.new'; mv '{pid}.new' '{pid}'; wait\n");
        executable(&tools.path.join("git"), &script);
        // `sleep` and `mv` are where every system has them.
        let variables = [("PATH".to_owned(), format!("{}:/usr/bin:/bin", tools.path))];
        let child = command(&folder.path, arguments, &variables).spawn().unwrap();
        let ended = ended(child, signal, || pid.exists());
        assert_eq!(ended.code, code, "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains("error: interrupted\n"), "{arguments:?}: {ended:?}");
        assert!(!is_alive(&pid), "{arguments:?}: what git has started is gone");
    }
}

fn executable(path: &Utf8Path, script: &str) {
    fs_err::write(path, script).unwrap();
    fs_err::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}
