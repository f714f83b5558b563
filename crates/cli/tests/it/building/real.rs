//! With a docker daemon: images are built and pushed for real.

use serde_json::Value as Json;

use super::{build, infrastructure};
use crate::Folder;
use crate::support::daemon::Daemon;
use crate::support::{Cloud, command, done, storefront};

const PAIRS: usize = 8;

/// One daemon serves all: it takes seconds to start.
#[test]
fn the_whole_stage() {
    let Some(daemon) = Daemon::start() else { return };
    let reference = twice(&daemon);
    killed(&daemon, &reference);
    offline(&daemon);
}

/// Without AWS images stay in the engine, or go to a folder.
fn offline(daemon: &Daemon) {
    let folder = storefront();
    let mut arguments = arguments(daemon);
    arguments.extend(["--facts", "facts.yml", "--no-upload"].map(str::to_owned));
    let run = |more: &[&str]| {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
        let (done, report) = build(&folder, &arguments, &daemon.variables());
        assert_eq!(done.code, 0, "{}", done.stderr);
        report
    };
    run(&[]);
    let name = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/storefront/api:t1";
    assert!(daemon.docker(&["image", "inspect", name]).status.success());
    let parameters = |folder: &Folder| folder.read("infrastructure/api-test.params.json");
    assert!(parameters(&folder).contains(name), "{}", parameters(&folder));
    assert_eq!(run(&[])["counts"]["builds"], 0);
    let report = run(&["--oci-layout", "images"]);
    let digest = report["images"][0]["digest"].as_str().unwrap();
    assert!(parameters(&folder).contains(&format!("storefront/api@{digest}")), "{}", parameters(&folder));
    assert!(folder.path.join("images/blobs").join(digest.replace(':', "/")).is_file());
}

fn variables(daemon: &Daemon, cloud: &Cloud) -> Vec<(String, String)> {
    cloud.variables().into_iter().chain(daemon.variables()).collect()
}

fn arguments(daemon: &Daemon) -> Vec<String> {
    let client = daemon.client.to_str().unwrap().to_owned();
    ["--engine".to_owned(), client, "--tag".to_owned(), "t1".to_owned()].into()
}

fn run(daemon: &Daemon, cloud: &Cloud, folder: &Folder) -> Json {
    let arguments = arguments(daemon);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (done, report) = build(folder, &arguments, &variables(daemon, cloud));
    assert_eq!(done.code, 0, "{}", done.stderr);
    report
}

type Files = std::collections::BTreeMap<String, Vec<u8>>;

/// What is deployed is what was built, and a second run does nothing.
fn twice(daemon: &Daemon) -> Files {
    let (cloud, folder) = (Cloud::storefront(), storefront());
    let report = run(daemon, &cloud, &folder);
    assert_eq!(report["counts"]["builds"], 4, "{report:#}");
    assert_eq!(report["counts"]["pushes"], 4);
    assert!(report["counts"]["uploads"].as_u64().unwrap() > 0);
    let files = infrastructure(&folder);
    assert_eq!(files.len(), PAIRS * 2, "{:?}", files.keys());
    for workload in ["api", "cleanup", "frontend", "worker"] {
        let tags = cloud.aws.with_state(|state| {
            state.region("123456789012", "us-west-2").image_tags(&format!("storefront/{workload}"))
        });
        for environment in ["test", "prod"] {
            let parameters: Json = serde_json::from_slice(
                &files[&format!("infrastructure/{workload}-{environment}.params.json")],
            )
            .unwrap();
            let image =
                format!("123456789012.dkr.ecr.us-west-2.amazonaws.com/storefront/{workload}@{}", tags["t1"]);
            assert_eq!(parameters["Parameters"]["ContainerImage"], image.as_str());
        }
        assert_eq!(tags["latest"], tags["t1"]);
    }
    // Each question once: roles of two environments, their stacks, the application's records, its regions and workloads.
    assert!(cloud.calls() <= 38, "{:#?}", cloud.aws.calls().by_operation());
    cloud.aws.reset_calls();
    let again = run(daemon, &cloud, &folder);
    assert!(cloud.calls() <= 21, "{:#?}", cloud.aws.calls().by_operation());
    for nothing in ["builds", "pushes", "pulls", "uploads", "tags", "logins"] {
        assert_eq!(again["counts"][nothing], 0, "{nothing}");
    }
    assert!(again["stacks"].as_array().unwrap().iter().all(|stack| stack["changed"] == false));
    assert_eq!(infrastructure(&folder), files);
    files
}

/// Whenever the process is killed, nothing is half-written and the next run ends as if nothing had happened.
fn killed(daemon: &Daemon, reference: &Files) {
    for calls in [1, 6, 14, 22, 30, 38] {
        let (cloud, folder) = (Cloud::storefront(), storefront());
        let arguments: Vec<String> = std::iter::once("build".to_owned()).chain(arguments(daemon)).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut child = command(&folder.path, &arguments, &variables(daemon, &cloud)).spawn().unwrap();
        while cloud.aws.calls().total() < calls && child.try_wait().unwrap().is_none() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        child.kill().unwrap();
        done(child);
        let left = infrastructure(&folder);
        assert!(left.is_empty() || left == *reference, "after {calls} calls: {:?}", left.keys());
        run(daemon, &cloud, &folder);
        assert!(infrastructure(&folder) == *reference, "after {calls} calls");
    }
}
