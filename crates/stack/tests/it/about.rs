//! What templates say about their resources: which of them have a phrase is as Copilot has it.

use std::fmt::Write as _;

use copilot_cfn::Template;
use copilot_manifest::environment::EnvironmentManifest;
use copilot_manifest::interpolate::Variables;
use copilot_manifest::workload::WorkloadManifest;
use copilot_stack::{Facts, environment, workload};
use copilot_yaml::{Diagnostics, Source};

const FACTS: &str = "
application: {name: shop, account_id: '111122223333', domain: example.com, permissions_boundary: limits}
regions: {eu-west-1: {artifact_bucket: bucket, artifact_key_arn: key}}
environments:
  test:
    account_id: '111122223333'
    region: eu-west-1
    version: v1.34.1
    manifest: {name: test, type: Environment}
asset_mapping_url: s3://bucket/mapping.json
";

fn facts() -> Facts {
    Facts::read(&Source::new("facts.yml", FACTS), &mut Diagnostics::default()).unwrap()
}

/// Each resource with the phrase about it, or a dash.
fn phrases(template: &Template) -> String {
    let mut out = String::new();
    for (id, resource) in &template.resources {
        let phrase = resource.get("Metadata").and_then(|data| data.get("aws:copilot:description")?.as_str());
        writeln!(out, "{id}: {}", phrase.unwrap_or("-")).unwrap();
    }
    out
}

fn of_workload(body: &str) -> String {
    of_workload_in(body, &facts())
}

fn of_workload_in(body: &str, facts: &Facts) -> String {
    let source = Source::new("manifest.yml", format!("name: web\n{body}"));
    let variables = Variables { application: "shop".to_owned(), ..Variables::default() };
    let loaded = WorkloadManifest::parse(source.clone()).unwrap().load("test", &variables).unwrap();
    let request = workload::Request {
        workload: &loaded.workload,
        source: &source,
        environment: "test",
        facts,
        addons: None,
        function_keys: &|function: &str| function.to_owned(),
    };
    phrases(&workload::render(request).unwrap().template)
}

#[test]
fn of_a_load_balanced_service() {
    insta::assert_snapshot!(of_workload(
        "
type: Load Balanced Web Service
image: {location: nginx, port: 80}
http:
  path: /
  alias: www.example.com
  additional_rules: [{path: admin, target_port: 8080}]
nlb: {port: 443/tls, alias: nlb.example.com, additional_listeners: [{port: 81/tcp}]}
count: {range: 1-3, cpu_percentage: 70, requests: 10}
deployment: {rollback_alarms: {cpu_utilization: 80, memory_utilization: 90}}
storage: {volumes: {files: {path: /files, efs: true}}}
publish: {topics: [{name: orders}, {name: bills, fifo: true}]}
"
    ));
}

#[test]
fn of_a_service_with_the_names_that_it_gets() {
    insta::assert_snapshot!(of_workload(
        "
type: Load Balanced Web Service
image: {location: nginx, port: 80}
http: {path: /, redirect_to_https: false}
nlb: {port: 80/tcp}
"
    ));
}

#[test]
fn of_a_service_with_names_in_hosted_zones() {
    let imported = "type: Environment, http: {public: {certificates: [certificate]}}}";
    let text = FACTS.replace("type: Environment}", imported);
    let facts = Facts::read(&Source::new("facts.yml", text), &mut Diagnostics::default()).unwrap();
    insta::assert_snapshot!(of_workload_in(
        "
type: Load Balanced Web Service
image: {location: nginx, port: 80}
http: {path: /, alias: [{name: www.example.org, hosted_zone: Z1}]}
",
        &facts
    ));
}

#[test]
fn of_a_backend_service() {
    insta::assert_snapshot!(of_workload(
        "
type: Backend Service
image: {location: nginx, port: 80}
http: {path: api}
"
    ));
}

#[test]
fn of_a_worker_service() {
    insta::assert_snapshot!(of_workload(
        "
type: Worker Service
image: {location: nginx}
count: {range: 1-3, queue_delay: {acceptable_latency: 10m, msg_processing_time: 1s}}
deployment: {rollback_alarms: {messages_delayed: 5}}
subscribe:
  queue: {dead_letter: {tries: 3}}
  topics:
  - {name: orders, service: api}
  - {name: bills, service: api, queue: {fifo: true, dead_letter: {tries: 3}}}
"
    ));
}

#[test]
fn of_a_job() {
    insta::assert_snapshot!(of_workload(
        "
type: Scheduled Job
image: {location: nginx}
on: {schedule: '@daily'}
"
    ));
}

#[test]
fn of_an_app_runner_service() {
    insta::assert_snapshot!(of_workload(
        "
type: Request-Driven Web Service
image: {location: public.ecr.aws/nginx/nginx, port: 80}
http: {private: true, alias: web.example.com}
network: {vpc: {placement: private}}
"
    ));
}

#[test]
fn of_a_static_site() {
    insta::assert_snapshot!(of_workload(
        "
type: Static Site
http: {alias: site.shop.example.com}
files: [{source: dist}]
"
    ));
}

#[test]
fn of_an_environment() {
    let body = "
name: test
type: Environment
network: {vpc: {flow_logs: true}}
cdn: {static_assets: {location: l, alias: a, path: p}}
http: {public: {access_logs: true}, private: {ingress: {vpc: true}}}
";
    let variables = Variables { application: "shop".to_owned(), ..Variables::default() };
    let loaded = EnvironmentManifest::load(&Source::new("manifest.yml", body), "test", &variables).unwrap();
    let rendered = environment::render(environment::Request {
        environment: &loaded,
        name: "test",
        facts: &facts(),
        addons: None,
        function_keys: &|function: &str| function.to_owned(),
        force_deploy_id: None,
    });
    insta::assert_snapshot!(phrases(&rendered.unwrap().template));
}
