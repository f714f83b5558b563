//! What is said about wrong manifests: one snapshot of them all, to be read as a page.

use std::fmt::Write as _;

use copilot_manifest::environment::EnvironmentManifest;
use copilot_manifest::interpolate::Variables;
use copilot_manifest::workload::WorkloadManifest;
use copilot_yaml::{Diagnostics, Source};

fn page(problems: &Diagnostics) -> String {
    problems.iter().fold(String::new(), |mut text, problem| {
        let severity = if problem.is_error() { "error" } else { "warning" };
        let _ = writeln!(text, "{severity} {} at {}", problem.code.id, problem.path);
        let _ = writeln!(text, "  {problem}");
        for label in &problem.labels {
            let source = problem.source.as_ref().map_or("", Source::text);
            let quoted =
                source.get(label.span.start..label.span.end).unwrap_or("?").lines().next().unwrap_or("");
            let _ = writeln!(text, "  | {quoted}  {}", label.text);
        }
        let _ = writeln!(text, "  = {}", problem.help.as_deref().unwrap_or("NO HELP"));
        text
    })
}

fn workload(text: &str) -> String {
    let loaded = WorkloadManifest::parse(Source::new("m.yml", text))
        .and_then(|manifest| manifest.load("test", &Variables::default()));
    match loaded {
        Ok(loaded) => page(&loaded.warnings),
        Err(problems) => page(&problems),
    }
}

#[test]
fn a_load_balanced_web_service_with_everything_wrong() {
    let text = "
name: web
type: Load Balanced Web Service
image:
  location: nginx
  port: 80
  depends_on: {nginx: ended, ghost: start, log: complete}
  target: prod
http:
  path: /
  alias: [a.x, b.x, c.x]
  allowed_source_ips: [10.0.0.0, 10.0.0.0/8]
  version: http3
  target_container: ghost
  port: 8080
  healthcheck: {path: /, grace_period: 10s}
  additional_rules:
    - {alias: x.y, healthcheck: {grace_period: 5s}}
nlb:
  port: 443/icmp
  healthcheck: {grace_period: 20s}
  additional_listeners: [{target_port: 1}, {port: many}]
platform: {osfamily: linux, architecture: riscv}
count: {spot: 1, range: 5-2, spot_from: 2, cpu_percentage: 140, queue_delay: {acceptable_latency: 1s}}
exec: {enable: false}
variables: {A: {from_cfn: ''}}
env_file: settings.txt
storage:
  ephemeral: 5
  volumes: {a: {efs: true}, b: {path: 'x y', efs: {uid: 0, gid: 1}}, c: {path: /c, efs: {root_dir: /}}}
sidecars:
  nginx: {port: 80/sctp, depends_on: {log: success, web: healthy}}
  log: {image: {build: x, location: y}, essential: false, mount_points: [{path: /x}]}
network: {vpc: {placement: nearby}}
publish: {topics: [{name: orders.fifo}, {fifo: true}]}
taskdef_overrides: [{path: 'ContainerDefinitions[0].Name', value: x}]
deployment: {rolling: canary, circuit_breaker: true}
observability: {tracing: zipkin}
";
    let page = workload(text);
    insta::assert_snapshot!(page);
}

#[test]
fn the_other_types_with_something_wrong() {
    let manifests = [
        "name: b\ntype: Backend Service\nimage: {}\nhttp: {path: /, targetContainer: x, redirect_to_https: false}\n\
         network: {connect: {alias: x}}\ncount: {range: 1-2, requests: 5}\n",
        "name: b\ntype: Backend Service\nimage: {location: x}\ncount: {range: 1-2, requests: 5}\nplatform: windows/amd64\n\
         storage: {readonly_fs: true, volumes: {v: {path: /v, efs: true}}}\nnetwork: {connect: true}\n",
        "name: w\ntype: Worker Service\nimage: {build: a, location: b}\nplatform: linux/arm64\n\
         count: {spot: 2}\nsubscribe:\n  topics: [{name: a, service: Bad, queue: {fifo: {high_throughput: true, \
         throughput_limit: perQueue, deduplication_scope: topic}}}, {service: ok}]\n",
        "name: w\ntype: Worker Service\nimage: {location: b}\nsubscribe: {queue: {delay: 5s}}\n\
         count: {range: {min: 1}, queue_delay: {acceptable_latency: 1s, msg_processing_time: 2s}, requests: 1}\n",
        "name: j\ntype: Scheduled Job\nimage: {location: b}\ntimeout: 500ms\nretries: -1\ncount: {spot: 1}\n\
         sidecars: {a: {image: x, essential: false, depends_on: {b: start}}, b: {image: x, depends_on: {a: start}}}\n",
        "name: r\ntype: Request-Driven Web Service\nimage: {location: b}\nplatform: linux/arm64\n\
         network: {vpc: {placement: public}}\nobservability: {tracing: zipkin}\n",
        "name: s\ntype: Static Site\nhttp: {certificate: 'arn:aws:acm:eu-west-1:1:certificate/x'}\nfiles: [{destination: x}]\n",
        "name: l\ntype: Load Balanced Web Service\nimage: {location: x, port: 80}\nhttp: false\n\
         nlb: {port: 443/tls, alias: [a.example.com, '*.example.com']}\n",
        "name: w\ntype: Worker Service\nimage: {location: x}\nsidecars: {s: {image: ''}}\n",
        "type: Static Sight\n",
        "type: Static Site\nvariables: {A: b}\n",
        "name: x\ntype: Backend Service\nimage: {location: '${TAG}'}\nmemory: 512.5\nvariables: {A: '[\"x\"]'}\n",
    ];
    let page = manifests.map(workload).join("\n---\n");
    insta::assert_snapshot!(page);
}

#[test]
fn an_environment_with_everything_wrong() {
    let text = "
name: test
type: Environments
network:
  vpc:
    id: vpc-1
    cidr: 10.0.0.0/16
    subnets: {public: [{id: s-1, az: a}], private: [{cidr: 10.0.0.0/24}]}
    security_group: {ingress: [{ports: 90-80, ip_protocol: tcp}, {cidr: 0.0.0.0/0}]}
    flow_logs: {}
http:
  public:
    certificates: [x]
    ingress: {cdn: true, source_ips: [10.0.0.0]}
    security_groups: {ingress: {from_vpc: true}}
  private: {subnets: [s-2], ingress: {vpc: true}, security_groups: {ingress: {restrict_to: {cdn: true}}}}
cdn: {terminate_tls: true, static_assets: {path: x}}
";
    let loaded = EnvironmentManifest::load(&Source::new("m.yml", text), "test", &Variables::default());
    let Err(problems) = loaded else { panic!("accepted") };
    let page = page(&problems);
    insta::assert_snapshot!(page);
}

#[test]
fn a_restriction_of_the_load_balancer_that_nothing_reads_is_an_error() {
    let text = "
name: test
type: Environment
http:
  public:
    security_groups:
      ingress:
        restrict_to: {source_ips: [203.0.113.0/24, 198.51.100.7/32]}
";
    let loaded = EnvironmentManifest::load(&Source::new("m.yml", text), "test", &Variables::default());
    let Err(problems) = loaded else { panic!("accepted") };
    insta::assert_snapshot!(page(&problems));
    let without = text.replace("[203.0.113.0/24, 198.51.100.7/32]", "[]");
    let source = Source::new("m.yml", without);
    assert!(EnvironmentManifest::load(&source, "test", &Variables::default()).is_ok());
}

#[test]
fn an_environment_whose_roles_would_have_too_long_names() {
    let load = |application: &str| {
        let variables = Variables { application: application.to_owned(), ..Variables::default() };
        let source = Source::new("m.yml", "name: test\ntype: Environment\n");
        EnvironmentManifest::load(&source, "test", &variables)
    };
    assert!(load(&"a".repeat(42)).is_ok());
    insta::assert_snapshot!(page(&load(&"a".repeat(44)).unwrap_err()));
}

#[test]
fn an_environment_with_doubtful_values() {
    let load = |network: &str| {
        let text = format!("name: test\ntype: Environment\nnetwork: {{vpc: {{{network}}}}}\n");
        let source = Source::new("m.yml", text);
        EnvironmentManifest::load(&source, "test", &Variables::default()).unwrap().warnings
    };
    let pages = [
        "flow_logs: false",
        "flow_logs: {retention: 45}",
        "subnets: {public: [{cidr: 10.0.0.0/24}]}",
        "cidr: banana",
        "cidr: 10.0.0.0/16, subnets: {public: [{cidr: 10.0.0.0/24}], private: [{cidr: 10.0.1.0/24}, {cidr: x}]}",
        "security_group: {ingress: [{cidr: sg-1, ports: 80, ip_protocol: tcp}]}",
    ]
    .map(|network| format!("# {network}\n{}", page(&load(network))));
    insta::assert_snapshot!(pages.join("\n"));
    for fine in ["flow_logs:", "flow_logs: true", "flow_logs: {retention: 60}", "cidr: '', subnets: {}"] {
        assert!(load(fine).is_empty(), "{fine}");
    }
}
