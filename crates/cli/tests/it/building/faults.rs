//! What goes wrong ends in one clear message, and leaves nothing broken behind.

use std::process::Command;
use std::time::Duration;

use copilot_local_aws::{Application, Effect, Fault};

use super::{build, infrastructure};
use crate::support::{Cloud, command, done, fake_docker, storefront};
use crate::{Done, Folder};

/// A `docker` that builds and pushes whatever it is told to.
const WORKS: &str =
    "push) echo \"latest: digest: sha256:$(printf %s \"$2\" | sha256sum | cut -d' ' -f1) size: 528\" ;;";

/// A workspace with one service, whose image is built.
fn workspace() -> Folder {
    let folder = Folder::new();
    folder.write("copilot/.workspace", "application: shop\n");
    folder.write(
        "copilot/api/manifest.yml",
        "name: api\ntype: Backend Service\nimage:\n  build: api/Dockerfile\n",
    );
    folder.write("api/Dockerfile", "FROM scratch\nCOPY . /\n");
    folder.write("conf/api.env", "A=1\n");
    folder.write("copilot/pipelines/main/manifest.yml", "name: main\nversion: 1\nsource:\n  provider: GitHub\n  properties:\n    branch: main\n    repository: https://github.com/shop/shop\nstages:\n  - name: test\n");
    folder
}

fn cloud() -> Cloud {
    let application = Application::new("shop", "123456789012", "us-west-2");
    Cloud::with(&application.environment("test", "us-west-2").workload("api", "Backend Service"))
}

/// A run that fails, with what was asked of AWS before: the message on standard error, without what differs between runs.
fn fails(folder: &Folder, docker: &str, cloud: &Cloud) -> String {
    let before = infrastructure(folder);
    let (done, report) = build(folder, &["--engine", docker, "--tag", "t1"], &cloud.variables());
    assert_eq!(done.code, 1, "{}", done.stderr);
    assert_eq!(report["outcome"], "failed");
    assert!(infrastructure(folder) == before, "nothing is half-written");
    shown(&done, folder, cloud)
}

fn shown(done: &Done, folder: &Folder, cloud: &Cloud) -> String {
    let host = cloud.aws.endpoint().trim_start_matches("http://");
    let text = done.stderr.replace(host, "[LOCAL]").replace(folder.path.as_str(), "[FOLDER]");
    // Which of several files comes first, and how many came before something failed, differs between runs.
    let ours = |line: &&str| !line.starts_with("uploaded ") && !line.starts_with("manual/");
    let stable = |line: &str| match (line.split_once("manual/"), line.split_once("; files: ")) {
        (Some((before, key)), _) => {
            let rest = key.find(['`', ':']).map_or("", |end| &key[end..]);
            format!("{before}[KEY]{rest}")
        }
        (None, Some((images, _))) => format!("{images}; files: [SOME]"),
        (None, None) => match line.rsplit_once(" in ") {
            Some((before, took)) if took.ends_with(" s") => format!("{before} in [TIME]"),
            _ => line.to_owned(),
        },
    };
    text.lines().filter(ours).map(stable).collect::<Vec<_>>().join("\n")
}

#[test]
fn engines_that_are_missing_down_or_broken() {
    let (folder, cloud) = (workspace(), cloud());
    insta::assert_snapshot!("engine_missing", fails(&folder, "/nowhere/docker", &cloud));
    let down = "x) ;;\nesac\ncase \"$1\" in info) echo 'Cannot connect to the Docker daemon. Is it running?' >&2; exit 1 ;;";
    let path = folder.path.join("docker");
    fs_err::write(&path, format!("#!/bin/sh\ncase \"$1\" in {down} esac")).unwrap();
    let _ = Command::new("chmod").arg("755").arg(&path).status();
    insta::assert_snapshot!("engine_down", fails(&folder, path.as_str(), &cloud));
    let broken = fake_docker(
        &folder.path,
        "build) echo 'Step 2/2 : RUN npm ci'; echo 'npm ERR! missing package.json'; exit 1 ;;",
    );
    insta::assert_snapshot!("build_fails", fails(&folder, broken.as_str(), &cloud));
    let full =
        fake_docker(&folder.path, "build) echo 'write /layer.tar: no space left on device' >&2; exit 1 ;;");
    insta::assert_snapshot!("engine_full", fails(&folder, full.as_str(), &cloud));
}

#[test]
fn what_is_refused_before_anything_is_asked_or_built() {
    let (folder, cloud) = (workspace(), cloud());
    let docker = fake_docker(&folder.path, "*) touch built ;;");
    fs_err::remove_file(folder.path.join("api/Dockerfile")).unwrap();
    insta::assert_snapshot!("dockerfile_missing", fails(&folder, docker.as_str(), &cloud));
    folder.write("api/Dockerfile", "FROM scratch\n");
    folder.write("copilot/api/manifest.yml", "name: api\ntype: Backend Service\nimage:\n  build: api/Dockerfile\nplatform: windows/amd64\ncpu: 1024\nmemory: 2048\n");
    insta::assert_snapshot!("windows", fails(&folder, docker.as_str(), &cloud));
    folder.write(
        "copilot/api/manifest.yml",
        "name: api\ntype: Backend Service\nimage:\n  build: api/Dockerfile\ncpu: much\n",
    );
    insta::assert_snapshot!("bad_manifest", fails(&folder, docker.as_str(), &cloud));
    assert_eq!(cloud.calls(), 0, "nothing was asked of AWS");
    assert!(!folder.path.join("built").exists());
}

#[test]
fn a_missing_file_is_named_as_the_manifest_has_it() {
    let (folder, cloud) = (workspace(), cloud());
    let docker = fake_docker(&folder.path, "*) touch built ;;");
    folder.write(
        "copilot/api/manifest.yml",
        "name: api\ntype: Backend Service\nimage:\n  build: api/Dockerfile.${SECRET}\nenv_file: conf/${SECRET}.env\n",
    );
    let mut variables = cloud.variables();
    variables.push(("SECRET".to_owned(), "hunter2".to_owned()));
    let (done, report) = build(&folder, &["--engine", docker.as_str()], &variables);
    assert_eq!(done.code, 1, "{done:?}");
    for written in ["`api/Dockerfile.${SECRET}`", "`conf/${SECRET}.env`", "copilot::workload::missing_file"] {
        assert!(done.stderr.contains(written), "{written}: {done:?}");
    }
    assert!(!format!("{done:?} {report}").contains("hunter2"), "{done:?} {report}");
    assert_eq!(cloud.calls(), 0, "nothing was asked of AWS");
    assert!(!folder.path.join("built").exists());
}

#[test]
fn registries_that_refuse_and_tokens_that_expire() {
    let (folder, cloud) = (workspace(), cloud());
    let denied = fake_docker(
        &folder.path,
        "push) echo 'denied: requested access to the resource is denied' >&2; exit 1 ;;",
    );
    insta::assert_snapshot!("registry_refuses", fails(&folder, denied.as_str(), &cloud));
    cloud.aws.inject(Fault::new(Effect::AccessDenied).on("ecr:DescribeImages"));
    insta::assert_snapshot!("registry_api_refuses", fails(&folder, denied.as_str(), &cloud));
    cloud.aws.clear_faults();

    // A token that expires in the middle is replaced, once.
    let expiring = format!(
        "login) cat >/dev/null; echo login >> {0}/logins ;;\npush) if [ $(wc -l < {0}/logins) = 1 ]; then echo 'denied: Your authorization token has expired. Reauthenticate and try again.' >&2; exit 1; fi; echo 'denied: not in this test' >&2; exit 1 ;;",
        "'".to_owned() + folder.path.as_str() + "'"
    );
    let expiring = fake_docker(&folder.path, &expiring);
    fails(&folder, expiring.as_str(), &cloud);
    assert_eq!(folder.read("logins"), "login\nlogin\n");
}

#[test]
fn buckets_that_are_busy_closed_or_out_of_reach() {
    let (folder, cloud) = (workspace(), cloud());
    folder.write(
        "copilot/api/manifest.yml",
        "name: api\ntype: Backend Service\nimage:\n  location: shop/api\nenv_file: conf/api.env\n",
    );
    let faults = [
        ("s3_unavailable", Effect::Unavailable),
        ("s3_denied", Effect::AccessDenied),
        ("s3_connection", Effect::CutConnection),
        ("s3_expired", Effect::ExpiredToken),
    ];
    for (name, effect) in faults {
        cloud.aws.inject(Fault::new(effect).on("s3:PutObject"));
        insta::assert_snapshot!(name, fails(&folder, "docker", &cloud));
        cloud.aws.clear_faults();
    }
    // What passes after a moment is no failure.
    cloud.aws.inject(Fault::new(Effect::Unavailable).on("s3:PutObject").times(1));
    let (done, _) = build(&folder, &[], &cloud.variables());
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert_eq!(infrastructure(&folder).len(), 2);
}

#[test]
fn roles_that_may_not_be_assumed_and_applications_that_are_not_there() {
    let (folder, cloud) = (workspace(), cloud());
    cloud.aws.inject(Fault::new(Effect::AccessDenied).on("sts:AssumeRole"));
    insta::assert_snapshot!("role_refused", fails(&folder, "docker", &cloud));
    cloud.aws.clear_faults();
    folder.write(
        "copilot/pipelines/main/manifest.yml",
        folder.read("copilot/pipelines/main/manifest.yml").replace("name: test", "name: staging"),
    );
    insta::assert_snapshot!("environment_missing", fails(&folder, "docker", &cloud));
}

#[test]
fn ctrl_c_says_what_was_done_and_what_was_not() {
    let (folder, cloud) = (workspace(), cloud());
    let hangs = fake_docker(&folder.path, "build) touch hanging; exec sleep 600 ;;");
    let child =
        command(&folder.path, &["build", "--engine", hangs.as_str()], &cloud.variables()).spawn().unwrap();
    for _ in 0..3000 {
        if folder.path.join("hanging").exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
    let done = done(child);
    assert_eq!(done.code, 130);
    insta::assert_snapshot!("ctrl_c", shown(&done, &folder, &cloud));
    assert!(infrastructure(&folder).is_empty());
}

#[test]
fn a_full_disk_changes_nothing() {
    let (folder, cloud) = (storefront(), Cloud::storefront());
    let place = folder.path.join("infrastructure");
    fs_err::create_dir(&place).unwrap();
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=16k", "none", place.as_str()]).status();
    if !mounted.is_ok_and(|status| status.success()) {
        return crate::support::left_out("a disk that is full: only root can mount one");
    }
    let docker = fake_docker(&folder.path, WORKS);
    let (done, report) =
        build(&folder, &["--facts", "facts.yml", "--no-upload", "--engine", docker.as_str()], &[]);
    let left = infrastructure(&folder);
    let unmounted = Command::new("umount").arg(&place).status().unwrap();
    assert!(unmounted.success());
    assert_eq!((done.code, &report["outcome"]), (1, &"failed".into()), "{}", done.stderr);
    assert!(left.is_empty(), "{:?}", left.keys());
    insta::assert_snapshot!("disk_full", shown(&done, &folder, &cloud).lines().last().unwrap_or_default());
}
