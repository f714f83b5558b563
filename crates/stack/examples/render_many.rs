//! Renders many workloads in many environments, templates and parameters as text: `render_many WORKLOADS ENVIRONMENTS`.
//! `cargo xtask bench render` measures it.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measured program, not a library")]

use std::fmt::Write as _;

use copilot_cfn::write::to_yaml;
use copilot_manifest::interpolate::Variables;
use copilot_manifest::workload::WorkloadManifest;
use copilot_stack::Facts;
use copilot_stack::workload::{Request, render};
use copilot_yaml::{Diagnostics, Source};

const WEB: &str = "type: Load Balanced Web Service
image: { build: Dockerfile, port: 8080, healthcheck: { interval: 15s } }
http: { path: /, healthcheck: { path: /health, interval: 20s }, additional_rules: [{ path: admin }] }
cpu: 512
memory: 1024
count: { range: 2-10, cpu_percentage: 70, requests: 500 }
exec: true
variables: { LOG_LEVEL: info, TABLE: { from_cfn: tables-Web } }
secrets: { TOKEN: /web/token }
sidecars: { nginx: { image: 'public.ecr.aws/nginx/nginx:1.27', port: 80 } }
network: { vpc: { placement: private } }
publish: { topics: [{ name: orders }] }
environments: { env1: { count: 1 } }
";
const BACKEND: &str = "type: Backend Service
image: { location: 'public.ecr.aws/x/y:1', port: 3000 }
network: { connect: true }
storage: { volumes: { data: { path: /data, efs: true } } }
";
const WORKER: &str = "type: Worker Service
image: { build: worker/Dockerfile }
subscribe: { topics: [{ name: orders, service: web, queue: { dead_letter: { tries: 5 } } }] }
count: { range: 1-10, queue_delay: { acceptable_latency: 10m, msg_processing_time: 250ms } }
";
const JOB: &str = "type: Scheduled Job
image: { build: job/Dockerfile }
on: { schedule: '0 9 * * MON-FRI' }
retries: 3
timeout: 1h
";

fn main() {
    let mut arguments = std::env::args().skip(1).map(|number| number.parse::<usize>().unwrap());
    let (workloads, environments) = (arguments.next().unwrap_or(200), arguments.next().unwrap_or(10));
    let mut text = String::from(
        "application: { name: bench, account_id: '111122223333' }\nregions:\n  eu-west-1: { artifact_bucket: b, artifact_key_arn: k }\nenvironments:\n",
    );
    for place in 0..environments {
        writeln!(
            text,
            "  env{place}: {{ account_id: '111122223333', region: eu-west-1, version: v1.33.0, service_discovery_endpoint: env{place}.bench.local }}"
        )
        .unwrap();
    }
    let facts = Facts::read(&Source::new("facts.yml", text), &mut Diagnostics::default()).unwrap();
    let variables = Variables { application: "bench".to_owned(), ..Variables::default() };
    let mut bytes = 0;
    for place in 0..workloads {
        let body = [WEB, BACKEND, WORKER, JOB][place % 4];
        let source = Source::new("manifest.yml", format!("name: w{place}\n{body}"));
        let manifest = WorkloadManifest::parse(source.clone()).unwrap();
        for environment in facts.environments.keys() {
            let loaded = manifest.load(environment, &variables).unwrap();
            let request = Request {
                workload: &loaded.workload,
                source: &source,
                environment,
                facts: &facts,
                addons: None,
                function_keys: &|function: &str| format!("manual/scripts/custom-resources/{function}/0.zip"),
            };
            let stack = render(request).unwrap();
            bytes += to_yaml(&stack.template.into_value()).len() + stack.parameters.to_json().len();
        }
    }
    println!("{} stacks, {bytes} bytes", workloads * environments);
}
