use std::time::{Duration, SystemTime};

use copilot_deployer::Time;
use copilot_deployer::workload::status::{
    Alarm, AppRunnerStatus, Rollout, Service, ServiceStatus, SiteStatus, Source, Status, Target, TargetHealth,
};
use copilot_deployer::workload::{Container, LogEvent, Task};

use super::super::which::Subject;
use super::view::page;
use crate::io::{Io, Look};

const NOW: i64 = 1_795_474_321;

fn at(seconds_ago: i64) -> Time {
    Time::from_millis((NOW - seconds_ago) * 1000)
}

fn clock() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs())
}

fn subject() -> Subject {
    let names = ["--name", "web", "--env", "test"].map(str::to_owned).to_vec();
    let [app, name, environment, region] = ["shop", "web", "test", "us-west-2"].map(str::to_owned);
    Subject { app, name, environment, region, place: Vec::new(), names }
}

/// The page wide, at 60 columns, and with colours.
fn pages(status: &Status) -> String {
    let wide = Look { unicode: true, ..Look::PLAIN };
    let looks = [
        ("100 columns", wide),
        ("60 columns, ASCII", Look { width: 60, ..Look::PLAIN }),
        ("with colours", Look { stdout_color: true, ..wide }),
    ];
    let shown = looks.map(|(title, look)| {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut io = Io::new(&mut stdout, &mut stderr, look, "/".into()).with_clock(clock);
        let text = page(status, &subject(), &io);
        io.out(text).unwrap();
        let text = String::from_utf8(stdout).unwrap().replace('\u{1b}', "␛");
        format!("== {title}\n{text}")
    });
    shown.join("\n")
}

fn task(id: &str, revision: u32, health: &str, ago: i64) -> Task {
    Task {
        health: health.into(),
        id: format!("{id}23456789abcdef0123456789abcdef"),
        images: Vec::new(),
        last_status: "RUNNING".into(),
        started_at: Some(at(ago)),
        stopped_at: None,
        stopped_reason: String::new(),
        capacity_provider: "FARGATE".into(),
        definition: definition(revision),
        stopping_at: None,
        containers: Vec::new(),
        address: None,
    }
}

fn definition(revision: u32) -> String {
    format!("arn:aws:ecs:us-west-2:123456789012:task-definition/shop-test-web:{revision}")
}

fn rollout(revision: u32, status: &str, state: &str, running: i32) -> Rollout {
    Rollout {
        id: format!("ecs-svc/{revision}"),
        desired_count: 2,
        running_count: running,
        updated_at: Some(at(150)),
        launch_type: "FARGATE".into(),
        task_definition: definition(revision),
        status: status.into(),
        pending_count: 2 - running,
        failed_tasks: 0,
        state: state.into(),
        reason: format!("ECS deployment ecs-svc/{revision} {state}."),
    }
}

fn service(deployments: Vec<Rollout>, running_count: i32) -> ServiceStatus {
    ServiceStatus {
        service: Service {
            desired_count: 2,
            running_count,
            status: "ACTIVE".into(),
            last_deployment_at: deployments.first().and_then(|rollout| rollout.updated_at),
            task_definition: definition(7),
            pending_count: 2 - running_count,
            events: vec![(Some(at(20)), "(service shop-test-web) was unable to place a task because no capacity is there. Reason: none.".into())],
            deployments,
        },
        tasks: Vec::new(),
        alarms: Vec::new(),
        stopped: Vec::new(),
        targets: Vec::new(),
    }
}

fn target(task: &str, state: &str, description: &str) -> Target {
    let health = TargetHealth {
        id: "10.0.0.1".into(),
        description: description.into(),
        state: state.into(),
        reason: String::new(),
    };
    Target { health, task: task.into(), group: "arn".into() }
}

#[test]
fn a_service_that_is_well() {
    let tasks = vec![task("a1", 7, "HEALTHY", 7300), task("b2", 7, "HEALTHY", 7200)];
    let targets = tasks.iter().map(|task| target(&task.id, "healthy", "")).collect();
    let status = service(vec![rollout(7, "PRIMARY", "COMPLETED", 2)], 2);
    insta::assert_snapshot!(pages(&Status::Service(Box::new(ServiceStatus { tasks, targets, ..status }))));
}

#[test]
fn a_rollout_that_crashes() {
    let mut newest = rollout(8, "PRIMARY", "IN_PROGRESS", 0);
    newest.failed_tasks = 3;
    let stopped = |id: &str, ago: i64| Task {
        last_status: "STOPPED".into(),
        stopped_at: Some(at(ago)),
        stopped_reason: "Essential container in task exited".into(),
        containers: vec![Container { name: "web".into(), exit_code: Some(3), reason: None }],
        ..task(id, 8, "UNKNOWN", ago + 5)
    };
    let spot = Task { capacity_provider: "FARGATE_SPOT".into(), ..task("b2", 7, "UNHEALTHY", 86_400 * 3) };
    let tasks = vec![task("a1", 7, "HEALTHY", 86_400 * 3), spot];
    let why = "Health checks failed with these codes: [502]";
    let targets = vec![target(&tasks[0].id, "healthy", ""), target(&tasks[1].id, "unhealthy", why)];
    let alarm = |name: &str, kind: &str, status: &str| Alarm {
        arn: String::new(),
        name: name.into(),
        condition: "CPUUtilization ≥ 70.00 for 3 datapoints within 3 minutes".into(),
        status: status.into(),
        kind: kind.into(),
        updated: Some(at(400)),
        description: String::new(),
    };
    let status = ServiceStatus {
        tasks,
        targets,
        alarms: vec![
            alarm("shop-test-web-CopilotRollbackCPUAlarm", "Rollback", "ALARM"),
            alarm("mine", "Metric", "OK"),
        ],
        stopped: vec![stopped("c3", 30), stopped("d4", 60), stopped("e5", 90)],
        ..service(vec![newest, rollout(7, "ACTIVE", "COMPLETED", 2)], 2)
    };
    insta::assert_snapshot!(pages(&Status::Service(Box::new(status))));
}

#[test]
fn a_service_without_rollouts_is_no_crash() {
    insta::assert_snapshot!(pages(&Status::Service(Box::new(service(Vec::new(), 0)))));
}

#[test]
fn app_runner_tells_what_it_did() {
    let log = |ago: i64, message: &str| LogEvent {
        stream: "events".into(),
        ingestion_time: 0,
        message: message.into(),
        timestamp: (NOW - ago) * 1000,
        id: String::new(),
    };
    let status = AppRunnerStatus {
        arn: "arn:aws:apprunner:us-west-2:123456789012:service/shop-test-web/0a".into(),
        status: "PAUSED".into(),
        created_at: at(90_000),
        updated_at: at(120),
        source: Source { image_id: "123456789012.dkr.ecr.us-west-2.amazonaws.com/shop/web@sha256:0a".into() },
        log: vec![
            log(120, "[AppRunner] Service pause completed successfully. It can be resumed at any time."),
            log(60, "\u{1b}[2Jx"),
        ],
    };
    insta::assert_snapshot!(pages(&Status::AppRunner(status)));
}

#[test]
fn a_static_site_has_files() {
    let status = SiteStatus {
        bucket_name: "shop-test-site-bucket-0a".into(),
        total_size: "1.2 MB".into(),
        total_objects: 31,
    };
    insta::assert_snapshot!(pages(&Status::StaticSite(status)));
}
