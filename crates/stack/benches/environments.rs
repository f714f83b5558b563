//! How long the stacks of many environments take, from the manifest's text to template and parameters as text.

use std::fmt::Write as _;
use std::hint::black_box;

use copilot_cfn::write::to_yaml;
use copilot_manifest::environment::EnvironmentManifest;
use copilot_manifest::interpolate::Variables;
use copilot_stack::Facts;
use copilot_stack::environment::{Request, render};
use copilot_yaml::{Diagnostics, Source};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const BODY: &str = "type: Environment
network:
  vpc:
    cidr: 10.1.0.0/16
    subnets:
      public: [{cidr: 10.1.0.0/24, az: eu-west-1a}, {cidr: 10.1.1.0/24, az: eu-west-1b}]
      private: [{cidr: 10.1.2.0/24, az: eu-west-1a}, {cidr: 10.1.3.0/24, az: eu-west-1b}]
    security_group: {ingress: [{ip_protocol: tcp, ports: 5432, cidr: 10.0.0.0/8}]}
    flow_logs: {retention: 30}
cdn: {static_assets: {location: b.s3.eu-west-1.amazonaws.com, alias: assets.example.com, path: static/*}}
http:
  public: {access_logs: true, ingress: {source_ips: [203.0.113.0/24]}}
  private: {ingress: {vpc: true}}
observability: {container_insights: true}
";

fn facts(environments: usize) -> Facts {
    let mut text = String::from(
        "application: {name: bench, account_id: '111122223333', domain: example.com, permissions_boundary: limits}\n\
         regions: {eu-west-1: {artifact_bucket: b, artifact_key_arn: k}}\nenvironments:\n",
    );
    for place in 0..environments {
        let known = "account_id: '111122223333', region: eu-west-1, version: v1.33.0";
        // Writing to a `String` can't fail.
        let _ = writeln!(text, "  env{place}: {{{known}, parameters: {{Aliases: ''}}}}");
    }
    Facts::read(&Source::new("facts.yml", text), &mut Diagnostics::default()).expect("sound facts")
}

/// Bytes of all files.
fn render_all(facts: &Facts, sources: &[(String, Source)]) -> usize {
    let variables = Variables { application: "bench".to_owned(), ..Variables::default() };
    let keys = |function: &str| format!("manual/scripts/custom-resources/{function}/0.zip");
    let files = sources.iter().map(|(name, source)| {
        let loaded = EnvironmentManifest::load(source, name, &variables).expect("a sound manifest");
        let stack = render(Request {
            environment: &loaded,
            name,
            facts,
            addons: None,
            function_keys: &keys,
            force_deploy_id: None,
        });
        let stack = stack.expect("a sound environment");
        to_yaml(&stack.template.into_value()).len() + stack.parameters.to_json().len()
    });
    files.sum()
}

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("environments");
    for count in [10_usize, 100, 400] {
        let facts = facts(count);
        let sources: Vec<(String, Source)> = (0..count)
            .map(|place| format!("env{place}"))
            .map(|name| (name.clone(), Source::new("manifest.yml", format!("name: {name}\n{BODY}"))))
            .collect();
        group.throughput(Throughput::Elements(count as u64));
        group.bench_with_input(BenchmarkId::from_parameter(count), &sources, |bencher, sources| {
            bencher.iter(|| render_all(black_box(&facts), sources));
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
