//! How often `build` asks AWS, beside how often Copilot does.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use copilot_local_aws::{Application, LocalAws, Options};

use crate::{Folder, with};

const WORKLOADS: [&str; 6] = ["cart", "catalog", "orders", "payment", "search", "users"];
const ENVIRONMENTS: [&str; 3] = ["test", "staging", "prod"];

/// What Copilot asks in each of its processes, of which there is one for each workload and environment, to package a load
/// balanced service whose image it does not build. Counted from its code and its traffic.
const COPILOT: [(&str, usize); 6] = [
    ("ssm:GetParameter", 5),
    ("sts:GetCallerIdentity and AssumeRole", 5),
    ("cloudformation:ListStackInstances", 1),
    ("cloudformation:DescribeStacks", 3),
    ("cloudformation:GetTemplateSummary", 4),
    ("s3:PutObject", 5),
];

fn workspace() -> Folder {
    let folder = Folder::new();
    folder.write("copilot/.workspace", "application: shop\n");
    for name in WORKLOADS {
        let manifest = format!(
            "name: {name}\ntype: Load Balanced Web Service\nimage:\n  location: example/{name}:1\n  port: 80\nhttp:\n  path: {name}\n"
        );
        folder.write(&format!("copilot/{name}/manifest.yml"), manifest);
    }
    let stages: String = ENVIRONMENTS.iter().fold(String::new(), |mut text, name| {
        let _ = writeln!(text, "  - name: {name}");
        text
    });
    let source = "source:\n  provider: GitHub\n  properties:\n    branch: main\n    repository: https://github.com/o/r\n";
    folder
        .write("copilot/pipelines/p/manifest.yml", format!("name: p\nversion: 1\n{source}stages:\n{stages}"));
    folder
}

fn variables(aws: &LocalAws) -> BTreeMap<String, String> {
    [
        ("AWS_ENDPOINT_URL", aws.endpoint()),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "us-west-2"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

#[test]
fn a_build_asks_at_most_a_tenth_as_often_as_copilot() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let aws = runtime.block_on(LocalAws::start(Options::default())).unwrap();
    let mut application = Application::new("shop", "123456789012", "us-west-2");
    for name in ENVIRONMENTS {
        application = application.environment(name, "us-west-2");
    }
    for name in WORKLOADS {
        application = application.workload(name, "Load Balanced Web Service");
    }
    aws.create_application(&application).unwrap();
    let folder = workspace();
    let build = || {
        aws.reset_calls();
        let arguments = ["build", "--name", "p", "--tag", "1", "--output-dir", "infrastructure"];
        let done = with(&folder.path, &arguments, variables(&aws), None);
        assert_eq!(done.code, 0, "{}", done.stderr);
        aws.calls()
    };
    let (first, second) = (build(), build());
    let files = folder.content().into_keys().filter(|name| name.ends_with(".stack.yml")).count();
    assert_eq!(files, WORKLOADS.len() * ENVIRONMENTS.len());

    let processes = WORKLOADS.len() * ENVIRONMENTS.len();
    println!("{} workloads in {} environments", WORKLOADS.len(), ENVIRONMENTS.len());
    println!("\nCopilot, {processes} processes:");
    for (operation, count) in COPILOT {
        println!("{:>6}  {operation}", count * processes);
    }
    let theirs = processes * COPILOT.iter().map(|(_, count)| count).sum::<usize>();
    println!("{theirs:>6}  in all");
    for (what, calls) in [("first", &first), ("with nothing changed", &second)] {
        println!("\ncopilot-pipeline build, {what}:");
        for (operation, count) in calls.by_operation() {
            println!("{count:>6}  {operation}");
        }
        println!("{:>6}  in all", calls.total());
        assert!(calls.total() * 10 <= theirs, "{} calls, {theirs} of Copilot's", calls.total());
    }
    assert_eq!(second.count("s3", "PutObject"), 0, "nothing is uploaded twice");
}
