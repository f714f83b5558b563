//! `cargo xtask e2e --fakecloud`: the pipeline of `examples/storefront` against an emulator that we did not write.
//!
//! A second opinion beside the local AWS, outside of the normal test run: the emulator takes long to build, and differs from AWS
//! where things go wrong. It is only ever a server that is started here (its licence is the AGPL).

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
const PIPELINE: &str = "storefront-main";
const ENVIRONMENTS: [&str; 2] = ["test", "prod"];
const WORKLOADS: [&str; 4] = [
    "api=Backend Service",
    "cleanup=Scheduled Job",
    "frontend=Load Balanced Web Service",
    "worker=Worker Service",
];

#[derive(Debug, Args)]
pub(crate) struct EndToEnd {
    /// Against fakecloud, which is installed below `target` if it is not there.
    #[arg(long, required = true)]
    fakecloud: bool,
}

/// What is typed, and what its output has to hold.
const STEPS: &[(&[&str], &str)] = &[
    (&["deploy", "--name", PIPELINE, "--yes"], ""),
    (&["ls"], PIPELINE),
    (&["show", "--name", PIPELINE, "--resources"], "AWS::CodePipeline::Pipeline"),
    (&["status", "--name", PIPELINE], "DeployTo-prod"),
    (&["delete", "--name", PIPELINE, "--yes"], ""),
    (&["ls", "--json"], "null"),
];

pub(crate) fn run(root: &Path, _: &EndToEnd) -> Result<()> {
    process::run(root, "cargo", &["build", "--quiet", "--package", "copilot-pipeline"])?;
    let programs = tools::python(root, "boto3", &["boto3", "PyYAML"])?;
    let python = programs.ok_or_else(|| anyhow!("there is no python3 with the module venv"))?.join("python");
    let server = Server::start(&fakecloud(root)?)?;
    let script = root.join("xtask").join("src").join("e2e.py");
    let set_up =
        [&[text(&script)?, &server.endpoint, REGION, APPLICATION], &ENVIRONMENTS[..], &["--"], &WORKLOADS]
            .concat();
    process::run(root, text(&python)?, &set_up)?;
    let program = root.join("target").join("debug").join("copilot-pipeline");
    let mut failed = Vec::new();
    for (arguments, expected) in STEPS {
        println!("\n$ copilot-pipeline {}", arguments.join(" "));
        let output = command(root, &program, &server.endpoint).args(*arguments).output()?;
        let stdout = String::from_utf8_lossy(&output.stdout);
        println!("{stdout}{}", String::from_utf8_lossy(&output.stderr));
        if !output.status.success() || !stdout.contains(expected) {
            failed.push(arguments.join(" "));
        }
    }
    ensure!(failed.is_empty(), "e2e: not as on AWS: {}", failed.join("; "));
    println!("e2e: {} commands did against fakecloud what they do at AWS", STEPS.len());
    Ok(())
}

fn command(root: &Path, program: &Path, endpoint: &str) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(root.join("examples").join("storefront"))
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    command
}

/// The emulator's program. Without optimisation it is built in half the time, and fast enough.
fn fakecloud(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target").join("tools").join("fakecloud");
    let program = folder.join("bin").join("fakecloud");
    if !process::exists(text(&program)?, &["--version"]) {
        process::run(
            root,
            "cargo",
            &["install", "--locked", "--debug", "--root", text(&folder)?, "fakecloud"],
        )?;
    }
    Ok(program)
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
