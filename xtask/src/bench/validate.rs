//! How long `validate` takes over a large workspace.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

use super::{measure, startup::megabytes};

const PROMISED_TIME: Duration = Duration::from_millis(100);
const PROMISED_MEMORY: u64 = 50_000_000;

pub(super) fn run(root: &Path, workloads: usize, runs: usize) -> Result<()> {
    let binary = measure::release_binary(root)?;
    let folder = root.join("target").join("bench").join(format!("validate-{workloads}"));
    let bytes = generate(&folder, workloads)?;
    let figures = measure::sample(&folder, &binary, &["validate"], runs)?;
    println!(
        "\n`copilot-pipeline validate`, {workloads} workloads, {:.1} kB of manifests, {runs} runs\n  least {:.1?}\n  median {:.1?} (promised for 200: under {PROMISED_TIME:?})\n  95th percentile {:.1?}\n  peak memory {:.1} MB (promised for 200: under {:.0} MB)",
        megabytes(bytes) * 1000.0,
        figures.least(),
        figures.median(),
        figures.p95(),
        megabytes(figures.peak()),
        megabytes(PROMISED_MEMORY),
    );
    if workloads <= 200 && (figures.median() > PROMISED_TIME || figures.peak() > PROMISED_MEMORY) {
        bail!("the figures are above the promise");
    }
    Ok(())
}

/// Actions that CodePipeline allows in a stage: no pipeline deploys more workloads than that in one.
const ACTIONS: usize = 50;

/// A workspace with services and jobs of the size that people's have, and a pipeline that deploys as many as it can.
pub(super) fn generate(folder: &Path, workloads: usize) -> Result<u64> {
    if folder.exists() {
        fs_err::remove_dir_all(folder)?;
    }
    let copilot = folder.join("copilot");
    let mut bytes = 0;
    let mut write = |name: &str, text: &str| -> Result<()> {
        let path = copilot.join(name);
        fs_err::create_dir_all(path.parent().unwrap_or(&copilot))?;
        fs_err::write(path, text)?;
        bytes += text.len() as u64;
        Ok(())
    };
    write(".workspace", "application: bench\n")?;
    for environment in ["test", "prod"] {
        let text =
            format!("name: {environment}\ntype: Environment\nobservability:\n  container_insights: true\n");
        write(&format!("environments/{environment}/manifest.yml"), &text)?;
    }
    let mut deployments = String::new();
    for index in 0..workloads {
        let name = format!("workload-{index:04}");
        write(&format!("{name}/manifest.yml"), &workload(&name, index))?;
        if index < ACTIONS {
            writeln!(deployments, "      {name}:")?;
        }
        if (1..ACTIONS).contains(&index) {
            writeln!(deployments, "        depends_on: [workload-{:04}]", (index - 1) / 2)?;
        }
    }
    let mut pipeline =
        "name: main\nversion: 1\nsource:\n  provider: GitHub\n  properties:\n    branch: main\n    \
        repository: https://github.com/acme/bench\nstages:\n"
            .to_owned();
    write!(pipeline, "  - name: test\n    deployments:\n{deployments}")?;
    write("pipelines/main/manifest.yml", &pipeline)?;
    write("pipelines/main/buildspec.yml", "version: 0.2\n")?;
    Ok(bytes)
}

fn workload(name: &str, index: usize) -> String {
    let head = match index % 4 {
        0 => format!(
            "type: Load Balanced Web Service\nhttp:\n  path: /{name}\n  healthcheck:\n    path: /health\n    interval: 15s\n"
        ),
        1 => "type: Backend Service\nnetwork:\n  connect: true\n".to_owned(),
        2 => {
            "type: Worker Service\nsubscribe:\n  queue:\n    timeout: 30s\n    dead_letter:\n      tries: 5\n"
                .to_owned()
        }
        _ => "type: Scheduled Job\non:\n  schedule: \"@daily\"\nretries: 2\ntimeout: 1h\n".to_owned(),
    };
    let port = if index % 4 < 2 { "  port: 8080\n" } else { "" };
    let environments = if index % 4 < 3 {
        "environments:\n  prod:\n    count:\n      range: 2-10\n      cpu_percentage: 70\n    variables:\n      LOG_LEVEL: warn\n"
    } else {
        "environments:\n  prod:\n    variables:\n      LOG_LEVEL: warn\n"
    };
    format!(
        "name: {name}\n{head}image:\n  build:\n    dockerfile: {name}/Dockerfile\n    context: {name}\n    args:\n      VERSION: \"1.0\"\n{port}\
         cpu: 256\nmemory: 512\nplatform: linux/x86_64\nexec: true\nvariables:\n  LOG_LEVEL: info\n  REGION: eu-west-1\n\
         secrets:\n  TOKEN: /copilot/bench/test/secrets/token\nstorage:\n  ephemeral: 25\nsidecars:\n  proxy:\n    image: \
         public.ecr.aws/nginx/nginx:stable\n    variables:\n      UPSTREAM: localhost\n{environments}"
    )
}
