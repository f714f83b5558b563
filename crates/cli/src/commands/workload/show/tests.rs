use copilot_deployer::workload::show::{
    AppRunnerDescription, AppRunnerRoute, Configuration, ContainerSecret, ContainerVariable, Description,
    EcsDescription, Endpoint, List, Listed, Observability, Resources, RollbackAlarm, Route, SiteDescription,
    Tracing, Tree, Variable,
};

use super::view::page;
use crate::io::{Io, Look};

/// The page wide, at 60 columns, and with colours.
fn pages(description: &Description) -> String {
    let wide = Look { unicode: true, ..Look::PLAIN };
    let looks = [
        ("100 columns", wide),
        ("60 columns", Look { width: 60, ..Look::PLAIN }),
        ("with colours", Look { stdout_color: true, ..wide }),
    ];
    let shown = looks.map(|(title, look)| {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut io = Io::new(&mut stdout, &mut stderr, look, "/".into());
        io.out(page(description, look.width)).unwrap();
        format!("== {title}\n{}", String::from_utf8(stdout).unwrap().replace('\u{1b}', "␛"))
    });
    shown.join("\n")
}

fn configuration(environment: &str, tasks: Option<&str>) -> Configuration {
    Configuration {
        environment: environment.into(),
        port: "8080".into(),
        cpu: "256".into(),
        memory: "512".into(),
        platform: if tasks.is_some() { "LINUX/X86_64".into() } else { String::new() },
        tasks: tasks.map(str::to_owned),
    }
}

fn resources() -> Resources {
    let listed = Listed {
        kind: "AWS::ECS::Service".into(),
        physical_id:
            "arn:aws:ecs:us-west-2:123456789012:service/shop-test-Cluster-0a/shop-test-web-Service-1b".into(),
        logical_id: "Service".into(),
    };
    [("test".to_owned(), vec![listed])].into()
}

fn ecs() -> EcsDescription {
    let variable = |environment: &str, name: &str, value: &str| ContainerVariable {
        environment: environment.into(),
        name: name.into(),
        value: value.into(),
        container: "web".into(),
    };
    let secret = |environment: &str, place: &str| ContainerSecret {
        name: "PASSWORD".into(),
        container: "web".into(),
        environment: environment.into(),
        value_from: place.into(),
    };
    let route = |environment: &str, url: &str| Route { environment: environment.into(), url: url.into() };
    EcsDescription {
        service: "web".into(),
        kind: "Load Balanced Web Service".into(),
        application: "shop".into(),
        configurations: List(vec![configuration("prod", Some("4")), configuration("test", Some("1"))]),
        rollback_alarms: vec![RollbackAlarm {
            name: "shop-prod-web-CopilotRollbackCPUAlarm".into(),
            description: "Undo the rollout if the CPU is busy".into(),
            environment: "prod".into(),
        }],
        routes: Some(List(vec![
            route("prod", "https://shop.example.com or https://www.shop.example.com"),
            route("test", "http://shop-t-Publi-0A.us-west-2.elb.amazonaws.com"),
        ])),
        service_discovery: Some(List(vec![Endpoint {
            environment: vec!["test".into()],
            endpoint: "web.test.shop.local:8080".into(),
        }])),
        service_connect: vec![Endpoint {
            environment: vec!["prod".into(), "test".into()],
            endpoint: "web:8080".into(),
        }],
        variables: List(vec![
            variable("prod", "LOG_LEVEL", "info"),
            variable("test", "LOG_LEVEL", "info"),
            variable("test", "MODE", "a\u{1b}[31mb"),
        ]),
        secrets: vec![
            secret("prod", "/copilot/shop/prod/secrets/password"),
            secret("test", "arn:aws:secretsmanager:us-west-2:1:secret:p"),
        ],
        resources: resources(),
    }
}

#[test]
fn a_service_in_two_environments() {
    insta::assert_snapshot!(pages(&Description::Ecs(ecs())));
}

#[test]
fn a_service_that_is_deployed_nowhere() {
    let nowhere = EcsDescription {
        configurations: List::default(),
        rollback_alarms: Vec::new(),
        routes: Some(List::default()),
        service_discovery: Some(List::default()),
        service_connect: Vec::new(),
        variables: List::default(),
        secrets: Vec::new(),
        resources: Resources::new(),
        ..ecs()
    };
    insta::assert_snapshot!(serde_json::to_string(&nowhere).unwrap());
    insta::assert_snapshot!(pages(&Description::Ecs(nowhere)));
}

#[test]
fn a_service_on_app_runner() {
    let variable = |name: &str, value: &str| Variable {
        environment: "test".into(),
        name: name.into(),
        value: value.into(),
    };
    let description = AppRunnerDescription {
        service: "front".into(),
        kind: "Request-Driven Web Service".into(),
        application: "shop".into(),
        configurations: List(vec![configuration("test", None)]),
        routes: List(vec![AppRunnerRoute {
            environment: "test".into(),
            url: "https://0a1b.us-west-2.awsapprunner.com".into(),
            ingress: "internet",
        }]),
        variables: List(vec![variable("LOG_LEVEL", "info")]),
        resources: Resources::new(),
        observability: vec![Observability {
            environment: "test".into(),
            tracing: Some(Tracing { vendor: "AWSXRAY".into() }),
        }],
        secrets: vec![variable("PASSWORD", "/copilot/shop/test/secrets/password")],
    };
    insta::assert_snapshot!(pages(&Description::AppRunner(description)));
}

#[test]
fn a_static_site() {
    let description = SiteDescription {
        service: "site".into(),
        kind: "Static Site".into(),
        application: "shop".into(),
        routes: List(vec![Route { environment: "test".into(), url: "https://d0a.cloudfront.net/".into() }]),
        objects: vec![Tree {
            environment: "test".into(),
            tree: ".\n├── index.html\n└── img\n    └── a.png\n".into(),
        }],
        resources: Resources::new(),
    };
    insta::assert_snapshot!(pages(&Description::StaticSite(description)));
}
