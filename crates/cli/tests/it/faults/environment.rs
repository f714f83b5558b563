//! `env deploy` while things go wrong: whatever happens, what workloads have asked of their environment is not lost.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use copilot_local_aws::{Application, LocalAws, Options, Pace, StackView};

use super::plan::{Plan, SERVICE};
use super::try_all;
use super::world::{ACCOUNT, REGION, SECRET, World};
use crate::{Done, Folder};

const STACK: &str = "shop-test";
const FILE: &str = "copilot/environments/test/manifest.yml";
const MANIFEST: &str = "name: test\ntype: Environment\nnetwork: {vpc: {flow_logs: {retention: 30}}}\n";

/// Parameters that workloads have written.
const OWNED: [(&str, &str); 5] = [
    ("ALBWorkloads", "api,web"),
    ("InternalALBWorkloads", "db"),
    ("EFSWorkloads", "web"),
    ("NATWorkloads", "api"),
    ("Aliases", r#"{"web":["example.com"]}"#),
];
/// What the parameter for the load balancer says once another service has come.
const LATER: &str = "api,web,late";

#[test]
fn whatever_goes_wrong_what_workloads_asked_for_stays() {
    try_all("env deploy", 33, Plan::of_environment, run);
}

fn run(plan: &Plan) -> (bool, u8, Vec<String>) {
    let world = world(plan);
    let before = stack(&world.aws);
    world.spoil(plan);
    let deployed = AtomicBool::new(false);
    let (killed, first) = std::thread::scope(|scope| {
        if plan.kind == SERVICE {
            scope.spawn(|| another_service(&world, &deployed));
        }
        let done = match plan.kill_after {
            Some(calls) => world.deploy_and_kill(calls),
            None => (false, world.deploy()),
        };
        deployed.store(true, Ordering::Relaxed);
        done
    });
    let load_balancer = if plan.kind == SERVICE { LATER } else { OWNED[0].1 };
    let mut problems = common(&world.aws, &before, load_balancer, &first);
    if !killed && first.code != 0 && !first.stderr.contains("error: ") {
        problems.push(format!("exit code {} without an error: {}", first.code, first.stderr));
    }
    if plan.resource.is_some() && !first.stderr.contains("made to fail") {
        problems.push(format!("the resource's reason is not shown: {}", first.stderr));
    }
    world.clear();
    let second = world.deploy();
    problems.extend(common(&world.aws, &before, load_balancer, &second));
    let stack = stack(&world.aws);
    if second.code != 0 || stack.status != "UPDATE_COMPLETE" {
        problems.push(format!("the second command left {}: {}", stack.status, second.stderr));
    }
    if !stack.template.contains("RetentionInDays: 30") {
        problems.push("the deployed template is not that of the manifest".to_owned());
    }
    (killed, first.code, problems)
}

/// An application whose environment has workloads; of an update, one that has been deployed before.
fn world(plan: &Plan) -> World {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let pace = Pace::Every(Duration::from_millis(2));
    let aws =
        runtime.block_on(LocalAws::start(Options { pace, seed: plan.seed, ..Options::default() })).unwrap();
    let mut application = Application::new("shop", ACCOUNT, REGION).environment("test", REGION);
    let environment = application.environments.last_mut().unwrap();
    environment.version = "v1.33.0".into();
    environment.parameters = OWNED.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    aws.create_application(&application).unwrap();
    let world = World::of(aws, Folder::workspace(), runtime, &["env", "deploy", "-n", "test", "--wait"]);
    if plan.update {
        let done = world.deploy();
        assert_eq!(done.code, 0, "{done:?}");
    }
    world.folder.write(FILE, MANIFEST);
    world
}

fn stack(aws: &LocalAws) -> StackView {
    aws.with_state(|state| state.region(ACCOUNT, REGION).stack(STACK).unwrap())
}

fn common(aws: &LocalAws, before: &StackView, load_balancer: &str, done: &Done) -> Vec<String> {
    let mut found = Vec::new();
    let now = stack(aws);
    if now.id != before.id {
        found.push("the stack was replaced".to_owned());
    }
    for (name, value) in OWNED {
        let value = if name == OWNED[0].0 { load_balancer } else { value };
        let is = now.parameters.get(name).map(String::as_str).unwrap_or_default();
        if is != value {
            found.push(format!("{name} is `{is}` instead of `{value}`: {}", done.stderr));
        }
    }
    if !now.status.ends_with("_IN_PROGRESS") && now.resources.get("VPC") != before.resources.get("VPC") {
        let ids = |stack: &StackView| stack.resources.get("VPC").and_then(|(_, id, _)| id.clone());
        if ids(&now) != ids(before) {
            found.push("the network was replaced".to_owned());
        }
    }
    for text in [&done.stdout, &done.stderr] {
        for secret in [SECRET, "local-session-", "Authorization", "panicked"] {
            if text.contains(secret) {
                found.push(format!("the output has `{secret}`: {text}"));
            }
        }
    }
    found
}

/// Updates the environment's stack as the function behind a workload's stack does: with another list, and all else as it
/// is. While the stack is busy it tries again.
fn another_service(world: &World, deployed: &AtomicBool) {
    // In the middle of a deployment, at another place in each run.
    while world.aws.calls().total() < 10 && !deployed.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(1));
    }
    loop {
        let mut form = format!(
            "Action=UpdateStack&Version=2010-05-15&StackName={STACK}&UsePreviousTemplate=true&Capabilities.member.1=CAPABILITY_NAMED_IAM"
        );
        for (index, name) in stack(&world.aws).parameters.into_keys().enumerate() {
            let index = index + 1;
            let value = if name == OWNED[0].0 {
                format!("ParameterValue={LATER}")
            } else {
                "UsePreviousValue=true".to_owned()
            };
            let _ = write!(
                form,
                "&Parameters.member.{index}.ParameterKey={name}&Parameters.member.{index}.{value}"
            );
        }
        if post(world.aws.endpoint(), &form).starts_with("HTTP/1.1 200") {
            return;
        }
        assert!(world.aws.calls().total() < 100_000, "the stack is never free");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn post(endpoint: &str, form: &str) -> String {
    let host = endpoint.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    let scope = format!("Credential=test/20261123/{REGION}/cloudformation/aws4_request");
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nAuthorization: AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0\r\n\r\n{form}",
        form.len()
    )
    .unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}
