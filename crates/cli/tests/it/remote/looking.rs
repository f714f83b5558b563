//! Looking at services and jobs that are deployed.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use copilot_local_aws::{Application, Handshake};
use copilot_pipeline::Interrupt;
use serde_json::{Value, json};

use super::{ACCOUNT, Cloud, REGION};
use crate::init::Script;
use crate::{Done, root, with_io};

/// When somebody looks, in milliseconds since 1970.
const NOW: u64 = 1_795_500_000_000;
const MINUTE: u64 = 60_000;

fn clock() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(NOW)
}

fn run(cloud: &Cloud, arguments: &[&str]) -> Done {
    let before = cloud.aws.calls().log().len();
    let done = with_io(&cloud.folder.path, arguments, |io| {
        io.with_variables(cloud.variables.clone()).with_clock(clock)
    });
    let after = cloud.aws.calls();
    crate::permissions::check(arguments, after.log().get(before..).unwrap_or_default());
    done
}

/// What it prints as JSON, which has the form that is promised.
fn data(cloud: &Cloud, arguments: &[&str], schema: &str) -> Value {
    let done = run(cloud, arguments);
    assert_eq!(done.code, 0, "{done:?}");
    let value = serde_json::from_str(&done.stdout).unwrap();
    check(&value, schema);
    value
}

fn check(value: &Value, schema: &str) {
    let path = root().join("docs/schemas").join(format!("{schema}.json"));
    let schema: Value = serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let problems: Vec<String> = validator.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(problems.is_empty(), "{problems:#?}\n{value:#}");
}

fn cloud() -> Cloud {
    let application = Application::new("shop", ACCOUNT, REGION)
        .environment("test", REGION)
        .environment("prod", REGION)
        .workload("api", "Backend Service")
        .workload("web", "Load Balanced Web Service")
        .workload("queue", "Worker Service")
        .workload("front", "Request-Driven Web Service")
        .workload("site", "Static Site")
        .workload("nightly", "Scheduled Job");
    Cloud::with(&application, Handshake::AfterTicks(1))
}

/// Makes the stack of a workload.
fn deploy(cloud: &Cloud, environment: &str, name: &str, resources: &Value) {
    let parameters = [
        ("TargetPort", if name == "queue" { "-1" } else { "8080" }),
        ("TaskCPU", "256"),
        ("TaskMemory", "512"),
        ("TaskCount", "1"),
        ("RulePath", "/"),
        ("HTTPSEnabled", "false"),
    ];
    let declared: BTreeMap<&str, Value> =
        parameters.iter().map(|(key, _)| (*key, json!({"Type": "String"}))).collect();
    let template = json!({
        "Metadata": {"Version": "v1.34.1", "Manifest": format!("name: {name}\n\ncount: 1\n\n")},
        "Parameters": declared, "Resources": resources,
    });
    let tags = [("application", "shop"), ("environment", environment), ("service", name)];
    cloud.create_stack_with(
        &format!("shop-{environment}-{name}"),
        &template.to_string(),
        parameters.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        tags.map(|(key, value)| (format!("copilot-{key}"), value.to_owned())).into(),
    );
}

/// A service on ECS with an alarm.
fn service(environment: &str, name: &str) -> Value {
    let group = format!("/copilot/shop-{environment}-{name}");
    let container = json!({
        "Name": name, "Image": format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop/{name}@sha256:0a1b"),
        "Environment": [{"Name": "LOG_LEVEL", "Value": "info"}],
        "Secrets": [{"Name": "PASSWORD", "ValueFrom": format!("/copilot/shop/{environment}/secrets/password")}],
    });
    json!({
        "LogGroup": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": group}},
        "TaskDefinition": {"Type": "AWS::ECS::TaskDefinition", "Properties": {
            "Family": format!("shop-{environment}-{name}"), "Cpu": "256", "Memory": "512",
            "NetworkMode": "awsvpc", "RequiresCompatibilities": ["FARGATE"], "ContainerDefinitions": [container],
        }},
        "Service": {"Type": "AWS::ECS::Service", "Properties": {
            "Cluster": {"Fn::ImportValue": format!("shop-{environment}-ClusterId")}, "LaunchType": "FARGATE",
            "TaskDefinition": {"Ref": "TaskDefinition"}, "DesiredCount": 1,
        }},
        "Busy": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
            "AlarmName": format!("shop-{environment}-{name}-CopilotRollbackCPUAlarm"), "MetricName": "CPUUtilization",
            "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 2, "Period": 60, "Threshold": 80,
            "Namespace": "AWS/ECS", "Statistic": "Average",
        }},
        "WaitHandle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
    })
}

fn job() -> Value {
    let mut resources = service("test", "nightly");
    let all = resources.as_object_mut().unwrap();
    all.remove("Service");
    all.insert(
        "StateMachine".into(),
        json!({"Type": "AWS::StepFunctions::StateMachine", "Properties": {
            "StateMachineName": "shop-test-nightly", "DefinitionString": "{}", "RoleArn": "arn:aws:iam::1:role/r",
        }}),
    );
    resources
}

fn app_runner() -> Value {
    json!({"Service": {"Type": "AWS::AppRunner::Service", "Properties": {
        "ServiceName": "shop-test-front",
        "InstanceConfiguration": {"Cpu": "1024", "Memory": "2048"},
        "SourceConfiguration": {"ImageRepository": {
            "ImageIdentifier": "shop/front:latest", "ImageRepositoryType": "ECR",
            "ImageConfiguration": {
                "Port": "80", "RuntimeEnvironmentVariables": [{"Name": "B", "Value": "2"}, {"Name": "A", "Value": "1"}],
            },
        }},
    }}})
}

/// Has a program write lines, each so many minutes ago.
fn write(cloud: &Cloud, group: &str, stream: &str, lines: &[(u64, &str)]) {
    let names = json!({"logGroupName": group, "logStreamName": stream});
    cloud.call("logs", "CreateLogStream", &names.to_string());
    let events: Vec<Value> = lines
        .iter()
        .map(|(ago, message)| json!({"timestamp": NOW - ago * MINUTE, "message": message}))
        .collect();
    let lines = json!({"logGroupName": group, "logStreamName": stream, "logEvents": events});
    cloud.call("logs", "PutLogEvents", &lines.to_string());
}

const OLD: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";

fn logging() -> Cloud {
    let cloud = cloud();
    deploy(&cloud, "test", "api", &service("test", "api"));
    let group = "/copilot/shop-test-api";
    write(
        &cloud,
        group,
        &format!("copilot/api/{OLD}"),
        &[(300, "old one"), (290, "panic: \u{1b}[31mout of luck\u{1b}[0m")],
    );
    write(&cloud, group, "copilot/api2/1111111111", &[(50, "of a sidecar")]);
    let lines: Vec<(u64, &str)> =
        (1..=12).rev().map(|ago| (ago, if ago == 3 { "ERROR three" } else { "GET / 200" })).collect();
    write(&cloud, group, "copilot/api/9999999999", &lines);
    cloud
}

const API: [&str; 6] = ["svc", "logs", "-n", "api", "-e", "test"];

fn logs(cloud: &Cloud, more: &[&str]) -> Done {
    run(cloud, &[&API[..], more].concat())
}

#[test]
fn the_newest_lines_of_a_service() {
    let cloud = logging();
    insta::assert_snapshot!(cloud.show(&logs(&cloud, &[])));
    let lines = |more: &[&str]| logs(&cloud, more).stdout.lines().count();
    assert_eq!(lines(&["--limit", "3"]), 3);
    assert_eq!(lines(&["--since", "5m30s"]), 5);
    assert_eq!(lines(&["--since", "1h"]), 13, "with a time, all of them");
    assert_eq!(lines(&["--container", "api", "--since", "1h"]), 12, "`api` is not `api2`");
    assert_eq!(lines(&["--tasks", "0a1b", "--since", "24h"]), 2);
    assert_eq!(
        lines(&["--start-time", "2026-11-24T04:00:00Z", "--end-time", "2026-11-24T05:21:30+01:00"]),
        0
    );
    let json = logs(&cloud, &["--json", "--since", "1h"]);
    for line in json.stdout.lines() {
        check(&serde_json::from_str(line).unwrap(), "logs");
    }
    assert_eq!(json.stdout.lines().count(), 13);
    let none = logs(&cloud, &["--container", "nobody"]);
    assert_eq!((none.code, none.stdout.as_str()), (0, ""));
    assert!(none.stderr.contains("nothing is in the log `/copilot/shop-test-api`"), "{none:?}");
}

/// Begins with what was there, goes on with what comes, and Ctrl-C is its usual end.
#[test]
fn following_goes_on_until_somebody_ends_it() {
    let cloud = logging();
    let interrupt = Interrupt::new();
    let asked = || cloud.aws.calls().count("logs", "FilterLogEvents");
    let wait = |times: usize| {
        let enough = (0..3000).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            asked() >= times
        });
        if !enough {
            interrupt.send(1);
        }
    };
    let done = std::thread::scope(|scope| {
        scope.spawn(|| {
            wait(2);
            write(&cloud, "/copilot/shop-test-api", "copilot/api/7777777777", &[(0, "comes late")]);
            wait(asked() + 2);
            interrupt.send(130);
        });
        let arguments = [&API[..], &["--follow", "--limit", "1"]].concat();
        with_io(&cloud.folder.path, &arguments, |io| {
            let io = io.with_variables(cloud.variables.clone()).with_clock(clock);
            io.with_interrupt(interrupt.clone())
        })
    });
    assert_eq!((done.code, done.stderr.as_str()), (130, ""));
    assert_eq!(done.stdout, "api/99999999 GET / 200\napi/77777777 comes late\n");
}

#[test]
fn the_task_before_is_found_although_ecs_forgot_it() {
    let cloud = logging();
    let running = data(&cloud, &["svc", "status", "-n", "api", "-e", "test", "--json"], "svc-status");
    let id = running["tasks"][0]["id"].as_str().unwrap().to_owned();
    write(&cloud, "/copilot/shop-test-api", &format!("copilot/api/{id}"), &[(0, "of the one that runs")]);
    let previous = logs(&cloud, &["--previous"]);
    assert!(previous.stderr.contains("the task that stopped last is 9999999999"), "{previous:?}");
    deploy(&cloud, "prod", "api", &service("prod", "api"));
    let none = run(&cloud, &["svc", "logs", "-n", "api", "-e", "prod", "-p"]);
    assert_eq!((none.code, none.stdout.as_str()), (0, ""));
    assert!(none.stderr.contains("no task of the service has stopped"), "{none:?}");
}

#[test]
fn runs_of_a_job() {
    let cloud = cloud();
    deploy(&cloud, "test", "nightly", &job());
    let group = "/copilot/shop-test-nightly";
    write(&cloud, group, "copilot/nightly/aaaaaaaaaa", &[(3000, "first"), (2990, "first done")]);
    write(&cloud, group, "copilot/nightly/bbbbbbbbbb", &[(600, "second"), (1, "second done")]);
    write(&cloud, group, "states/shop-test-nightly/2026/x", &[(601, "{\"type\":\"ExecutionStarted\"}")]);
    let of = |more: &[&str]| {
        run(&cloud, &[&["job", "logs", "--name", "nightly", "--env", "test"], more].concat()).stdout
    };
    assert_eq!(of(&[]), "nightly/bbbbbbbb second\nnightly/bbbbbbbb second done\n");
    assert_eq!(of(&["--last", "2"]).lines().count(), 4);
    assert_eq!(of(&["--since", "60h"]).lines().count(), 4);
    assert_eq!(
        of(&["--include-state-machine"]).lines().next(),
        Some("states/x {\"type\":\"ExecutionStarted\"}")
    );
    assert_eq!(of(&["--limit", "1"]), "nightly/bbbbbbbb second done\n");
    let service = run(&cloud, &["svc", "logs", "-n", "nightly", "-e", "test"]);
    assert!(service.stderr.contains("`nightly` is a job"), "{service:?}");
}

#[test]
fn what_is_asked_of_services_that_are_deployed() {
    let cloud = cloud();
    deploy(&cloud, "test", "api", &service("test", "api"));
    deploy(&cloud, "prod", "api", &service("prod", "api"));
    deploy(&cloud, "test", "site", &json!({"Bucket": {"Type": "AWS::S3::Bucket"}}));
    let mut told = Vec::new();
    for arguments in [
        &["svc", "logs"][..],
        &["svc", "logs", "-n", "appi", "-e", "test"],
        &["svc", "status", "-n", "queue", "-e", "test"],
        &["svc", "logs", "-n", "queue"],
        &["svc", "logs", "-n", "site"],
        &["job", "logs"],
        &["svc", "logs", "--since", "-5m"],
        &["svc", "logs", "--start-time", "yesterday"],
        &["svc", "logs", "--limit", "0"],
        &["svc", "logs", "--follow", "--end-time", "2026-11-24T04:00:00Z"],
    ] {
        let done = run(&cloud, arguments);
        assert_eq!((done.code, done.stdout.as_str()), (1, ""), "{done:?}");
        told.push(format!("$ {}\n{}", arguments.join(" "), done.stderr));
    }
    insta::assert_snapshot!(told.join("\n"));
    let chosen = with_io(&cloud.folder.path, &["svc", "status", "-n", "api"], |io| {
        let answers = Script(["api (prod)"].into());
        io.with_variables(cloud.variables.clone()).with_clock(clock).with_prompt(Box::new(answers))
    });
    assert!(chosen.code == 0 && chosen.stdout.starts_with("api of shop in prod (us-west-2)"), "{chosen:?}");
}

#[test]
fn a_status_has_the_form_that_is_promised() {
    let cloud = cloud();
    deploy(&cloud, "test", "api", &service("test", "api"));
    deploy(&cloud, "test", "front", &app_runner());
    deploy(&cloud, "test", "site", &json!({"Bucket": {"Type": "AWS::S3::Bucket"}}));
    let of = |name| data(&cloud, &["svc", "status", "-n", name, "-e", "test", "--json"], "svc-status");
    let api = of("api");
    assert_eq!(api["Service"]["desiredCount"], 1);
    assert_eq!(api["Service"]["deployments"][0]["status"], "PRIMARY");
    assert_eq!(api["tasks"][0]["images"][0]["Digest"], "0a1b");
    let alarm = &api["alarms"][0];
    assert_eq!(alarm["type"], "Rollback");
    assert_eq!(alarm["condition"], "CPUUtilization > 80.00 for 2 datapoints within 2 minutes");
    assert_eq!(of("front")["source"]["imageId"], "shop/front:latest");
    assert_eq!(of("site")["totalSize"], "0 B");
    assert_eq!(cloud.aws.calls().count("tagging", "GetResources"), 0, "nothing is looked for by tags");
}

#[test]
fn a_service_is_shown_with_its_environments() {
    let cloud = cloud();
    for environment in ["test", "prod"] {
        deploy(&cloud, environment, "api", &service(environment, "api"));
    }
    deploy(&cloud, "test", "queue", &service("test", "queue"));
    deploy(&cloud, "test", "front", &app_runner());
    deploy(&cloud, "test", "site", &json!({"Bucket": {"Type": "AWS::S3::Bucket"}}));
    let of = |name| data(&cloud, &["svc", "show", "-n", name, "--json"], "svc-show");
    let api = of("api");
    assert_eq!(
        api["configurations"][1],
        json!({
            "environment": "test", "port": "8080", "cpu": "256", "memory": "512", "platform": "LINUX/X86_64", "tasks": "1",
        })
    );
    assert_eq!(api["serviceDiscovery"][1]["endpoint"], "api.test.shop.local:8080");
    assert_eq!(api["secrets"][0]["valueFrom"], "/copilot/shop/prod/secrets/password");
    assert_eq!(
        (&of("queue")["configurations"][0]["port"], &of("web")["configurations"]),
        (&json!("-"), &Value::Null)
    );
    let front = of("front");
    assert_eq!(
        (&front["variables"][0]["name"], &front["routes"][0]["ingress"]),
        (&json!("A"), &json!("internet"))
    );
    assert_eq!(of("site")["type"], "Static Site");
    let resources = data(&cloud, &["svc", "show", "-n", "queue", "--json", "--resources"], "svc-show");
    let kinds: Vec<&str> = resources["resources"]["test"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["AWS::CloudWatch::Alarm", "AWS::ECS::Service", "AWS::ECS::TaskDefinition", "AWS::Logs::LogGroup"]
    );
    let manifest = run(&cloud, &["svc", "show", "-n", "api", "--manifest", "test"]);
    assert_eq!(manifest.stdout, "name: api\n\ncount: 1\n");
    let shown = run(&cloud, &["svc", "show", "-n", "api"]);
    assert!(
        shown.stdout.contains("/copilot/shop/test/secrets/password") && !shown.stdout.contains("//copilot"),
        "{shown:?}"
    );
}

#[test]
fn an_application_and_its_workloads_are_listed() {
    let cloud = cloud();
    deploy(&cloud, "test", "api", &service("test", "api"));
    deploy(&cloud, "test", "nightly", &job());
    assert_eq!(run(&cloud, &["app", "ls"]).stdout, "shop\n");
    let services = data(&cloud, &["svc", "ls", "--json"], "svc-ls");
    assert_eq!(services["services"][0], json!({"app": "shop", "name": "api", "type": "Backend Service"}));
    let jobs = data(&cloud, &["job", "ls", "--json"], "job-ls");
    assert_eq!(jobs["jobs"].as_array().unwrap().len(), 1);
    let app = data(&cloud, &["app", "show", "--json"], "app-show");
    assert_eq!(
        app["environments"][0],
        json!({
            "app": "", "name": "prod", "region": REGION, "accountID": ACCOUNT, "registryURL": "", "executionRoleARN": "",
            "managerRoleARN": "",
        })
    );
    insta::assert_snapshot!(run(&cloud, &["app", "show", "-n", "shop"]).stdout);
    insta::assert_snapshot!(run(&cloud, &["svc", "ls"]).stdout);
}
