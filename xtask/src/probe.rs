//! `cargo xtask probe`: a reader that we did not write asks the local AWS over boto3.
//!
//! The probe is a program that takes a name, an endpoint and a file, and writes to the file a JSON object with
//! `[verdict, detail, seconds]` for each question. What does not pass has to stand in `PROBES.md` with the reason, and what
//! stands there must not pass.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, anyhow, bail, ensure};

use crate::process::{self, variable};
use crate::tools::{self, text};

/// Names the probe's program.
const PROBE: &str = "COPILOT_AWS_PROBE";
/// The one thing that the probe takes for granted: a secret that a template refers to.
const ARRANGE: &str = "import boto3, sys\n\
    boto3.client('secretsmanager', endpoint_url=sys.argv[1], region_name='us-west-2', aws_access_key_id='test', \
    aws_secret_access_key='test').create_secret(Name='my secret', SecretString='token')";

pub(crate) fn run(root: &Path) -> Result<()> {
    let probe = probe(root)?;
    let programs = tools::python(root, "boto3", &["boto3", "PyYAML"])?;
    let python = programs.ok_or_else(|| anyhow!("there is no python3 with the module venv"))?.join("python");
    process::run(root, "cargo", &["build", "--quiet", "--package", "copilot-local-aws"])?;
    let out = root.join("target").join("probes.json");
    let mut server = Server::start(&root.join("target").join("debug").join("local-aws"))?;
    process::run(root, text(&python)?, &["-c", ARRANGE, &server.endpoint])?;
    process::run(root, text(&python)?, &[&probe, "local-aws", &server.endpoint, text(&out)?])?;
    server.stop()?;
    let results: BTreeMap<String, (String, String, f64)> =
        serde_json::from_str(&fs_err::read_to_string(&out)?)?;
    compare(&results, &fs_err::read_to_string(root.join("crates").join("local-aws").join("PROBES.md"))?)
}

/// The probe's program: the one that is named, or that in its usual place.
fn probe(root: &Path) -> Result<String> {
    let usual = ["..", "../.."].map(|up| root.join(up).join("shared").join("tools").join("aws-probe"));
    let found = usual.iter().find(|path| path.is_file()).map(|path| text(path).map(str::to_owned));
    variable(PROBE).map(Ok).or(found).unwrap_or_else(|| bail!("{PROBE} has to name the probe's program"))
}

/// A local AWS in a process of its own.
struct Server {
    child: Child,
    endpoint: String,
}

impl Server {
    fn start(program: &Path) -> Result<Self> {
        let mut child = Command::new(program).arg("127.0.0.1:0").stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("the output is piped")?;
        let mut endpoint = String::new();
        BufReader::new(stdout).read_line(&mut endpoint)?;
        Ok(Self { child, endpoint: endpoint.trim().to_owned() })
    }

    fn stop(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has been stopped already, unless something went wrong before.
        let _ = self.stop();
    }
}

/// Compares what did not pass with the list of what need not pass.
fn compare(results: &BTreeMap<String, (String, String, f64)>, page: &str) -> Result<()> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let excused: BTreeSet<&str> = rows.map(|(name, _)| name).collect();
    let short: BTreeSet<&str> =
        results.iter().filter(|(_, result)| result.0 != "PASS").map(|(name, _)| name.as_str()).collect();
    let passed = results.len() - short.len();
    println!("{passed} of {} probes pass", results.len());
    for name in &short {
        let (verdict, detail, _) = &results[*name];
        let known = if excused.contains(name) { "listed" } else { "NOT LISTED" };
        println!("{known}: {name}: {verdict} {detail}");
    }
    let better: Vec<_> = excused.difference(&short).collect();
    ensure!(better.is_empty(), "PROBES.md excuses what passes or is not asked: {better:?}");
    let worse: Vec<_> = short.difference(&excused).collect();
    ensure!(worse.is_empty(), "{} probes don't pass and are not listed in PROBES.md", worse.len());
    Ok(())
}
