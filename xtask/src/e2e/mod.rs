//! `cargo xtask e2e`: whole courses with programs that we did not write. `--copilot` has a module of its own.
//!
//! `--fakecloud` takes a pipeline of `examples/storefront` to an emulator.
//!
//! A second opinion beside the local AWS, outside of the normal test run: the emulator takes long to build, and differs from AWS
//! where things go wrong; what it lacks besides, `e2e_complete.py` does in its place and names. It is only ever a server that is
//! started here (its licence is the AGPL).

mod copilot;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, ensure};
use clap::Args;

use crate::process;
use crate::tools::{self, text};

const REGION: &str = "eu-west-1";
const APPLICATION: &str = "storefront";
const PIPELINE: &str = "second-opinion";
const ENVIRONMENTS: [&str; 2] = ["test", "prod"];
const WORKLOADS: [&str; 4] = [
    "api=Backend Service",
    "cleanup=Scheduled Job",
    "frontend=Load Balanced Web Service",
    "worker=Worker Service",
];
/// No connection is completed at an emulator, and CodeCommit needs none.
const REPOSITORY: &str = "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/storefront";

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct EndToEnd {
    /// Against fakecloud, which is installed below `target` if it is not there.
    #[arg(long)]
    fakecloud: bool,
    /// With the real Copilot at the local AWS, before and after us.
    #[arg(long)]
    copilot: bool,
    /// Against an emulator that is running and knows nothing of the application.
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
}

/// What is typed besides `--name`, and what its output has to hold.
const STEPS: &[(&[&str], &str)] = &[
    (
        &[
            "init",
            "--url",
            REPOSITORY,
            "--git-branch",
            "main",
            "--pipeline-type",
            "Workloads",
            "--environments",
            "test,prod",
        ],
        "",
    ),
    (&["deploy", "--yes"], ""),
    (&["show", "--resources"], "AWS::CodePipeline::Pipeline"),
    (&["status"], "DeployTo-prod"),
    (&["delete", "--yes"], ""),
];

pub(crate) fn run(root: &Path, options: &EndToEnd) -> Result<()> {
    if options.copilot {
        return copilot::run(root);
    }
    process::run(root, "cargo", &["build", "--quiet", "--package", "copilot-pipeline"])?;
    let programs = tools::python(root, "boto3", &["boto3", "PyYAML"])?;
    let python = programs.ok_or_else(|| anyhow!("there is no python3 with the module venv"))?.join("python");
    let server = match &options.endpoint {
        Some(_) => None,
        None => Some(Server::start(&fakecloud(root)?)?),
    };
    let endpoint = server.as_ref().map(|server| server.endpoint.clone()).or_else(|| options.endpoint.clone());
    let endpoint = endpoint.context("one of the two options is given")?;
    let script = root.join("xtask").join("src").join("e2e.py");
    let set_up =
        [&[text(&script)?, &endpoint, REGION, APPLICATION], &ENVIRONMENTS[..], &["--"], &WORKLOADS].concat();
    process::run(root, text(&python)?, &set_up)?;
    let program = root.join("target").join("debug").join("copilot-pipeline");
    let workspace = root.join("target").join("e2e");
    if workspace.exists() {
        fs_err::remove_dir_all(&workspace)?;
    }
    process::run(root, text(&program)?, &["demo", text(&workspace)?])?;
    let mut failed = Vec::new();
    for (arguments, expected) in STEPS {
        println!("\n$ copilot-pipeline {} --name {PIPELINE}", arguments.join(" "));
        let output =
            command(&workspace, &program, &endpoint).args(*arguments).args(["--name", PIPELINE]).output()?;
        let stdout = String::from_utf8_lossy(&output.stdout);
        println!("{stdout}{}", String::from_utf8_lossy(&output.stderr));
        if !output.status.success() || !stdout.contains(expected) {
            failed.push(arguments[0]);
        } else if arguments[0] == "deploy" {
            let script = root.join("xtask").join("src").join("e2e_complete.py");
            let stack = format!("pipeline-{APPLICATION}-{PIPELINE}");
            process::run(root, text(&python)?, &[text(&script)?, &endpoint, REGION, &stack])?;
        }
    }
    ensure!(failed.is_empty(), "e2e: not as on AWS: {}", failed.join(", "));
    println!("e2e: {} commands did there what they do at AWS", STEPS.len());
    Ok(())
}

fn command(workspace: &Path, program: &Path, endpoint: &str) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(workspace)
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    command
}

/// The emulator's program. Without optimisation it is built in half the time, and fast enough.
fn fakecloud(root: &Path) -> Result<PathBuf> {
    tools::cargo(root, "fakecloud", "0.51.0", &["--debug"])
}

/// The emulator on a free port of loopback; it ends with this value.
struct Server {
    child: Child,
    endpoint: String,
}

impl Server {
    fn start(program: &Path) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = Command::new(program)
            .args(["--addr", &address.to_string(), "--region", REGION, "--log-level", "error"])
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("can't start `{}`", program.display()))?;
        let server = Self { child, endpoint: format!("http://{address}") };
        for _ in 0..150 {
            if std::net::TcpStream::connect(address).is_ok() {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Err(anyhow!("the emulator does not answer on {address}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
