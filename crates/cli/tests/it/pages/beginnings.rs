//! What sessions begin with: a folder, and often a local AWS in it on which something has happened already.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use copilot_local_aws::{LocalAws, Options, Pace};
use serde_json::Value;

use crate::{collect, root, with};

/// The pipeline of most sessions, as `demo` says to write it.
const INIT: &str = "init --name shop --url https://github.com/storefront-example/storefront --git-branch main \
                    --pipeline-type Workloads --environments test,prod --require-approval prod";
/// Where the local AWS has its state.
const STATE: &str = ".aws/state.json";
const HOUR: i64 = 3_600_000;

/// Folders by name, each made when it is first asked for.
pub(super) struct Beginnings {
    folder: Utf8PathBuf,
}

impl Beginnings {
    pub(super) const fn new(folder: Utf8PathBuf) -> Self {
        Self { folder }
    }

    /// Makes `to` one of its own for a session.
    pub(super) fn copy(&self, name: &str, to: &Utf8Path) {
        let from = self.made(name);
        copy(&from, to);
    }

    fn made(&self, name: &str) -> Utf8PathBuf {
        let here = self.folder.join(name);
        if here.exists() {
            return here;
        }
        match name {
            "an empty folder" => fs_err::create_dir_all(&here).unwrap(),
            "examples/storefront" | "examples/environments" => copy(&root().join(name), &here),
            "mistakes" => {
                self.copy("examples/storefront", &here);
                edit(&here.join("copilot/api/manifest.yml"), "\ncpu:", "\ncpus:");
                edit(&here.join("copilot/worker/manifest.yml"), "count: 1\n", "count: one\n");
            }
            "a pipeline of Copilot" => {
                self.copy("examples/storefront", &here);
                let pipeline = here.join("copilot/pipelines/storefront-main");
                edit(&pipeline.join("manifest.yml"), "requires_approval", "require_approval");
                fs_err::write(pipeline.join("buildspec.yml"), crate::doctoring::BUILDSPEC).unwrap();
            }
            "the demo" => typed(&here, "demo .", 0),
            "an environment that was deployed" => {
                self.copy("the demo", &here);
                typed(&here, "env deploy --name test --force", 0);
            }
            "a pipeline that was written" => {
                self.copy("the demo", &here);
                typed(&here, INIT, 0);
                // Something to upload.
                fs_err::write(here.join("copilot-pipeline-arm64"), crate::support::fake_program(0xb7))
                    .unwrap();
            }
            "a pipeline that waits for an approval" => {
                self.copy("a pipeline that was written", &here);
                typed(&here, "deploy --yes", 0);
                typed(&here, "status --watch", 0);
                age(&here, 2 * HOUR);
            }
            "a pipeline that has succeeded" => {
                self.copy("a pipeline that waits for an approval", &here);
                typed(&here, "approve", 0);
                typed(&here, "status --watch", 0);
                age(&here, 74 * HOUR);
            }
            "a pipeline that has failed" => {
                self.copy("a pipeline that has succeeded", &here);
                fail(&here, "CreateOrUpdate-worker-test", "the queue's policy is refused: rate exceeded");
                typed(&here, "start", 0);
                typed(&here, "status --watch", 1);
                age(&here, 2 * HOUR);
            }
            "a pipeline whose build has failed" => {
                self.copy("a pipeline that has succeeded", &here);
                edit(&here.join("copilot/cleanup/manifest.yml"), "0 3 * * *", "every night");
                typed(&here, "start", 0);
                typed(&here, "status --watch", 1);
                age(&here, 2 * HOUR);
            }
            _ => panic!("nothing makes `{name}`, with which a session begins"),
        }
        here
    }
}

/// A copy of a folder. What a local AWS in it builds from is the copy, too.
fn copy(from: &Utf8Path, to: &Utf8Path) {
    let mut files = BTreeMap::new();
    collect(from, from, &mut files);
    fs_err::create_dir_all(to).unwrap();
    for (name, mut bytes) in files {
        if name == STATE {
            let text = String::from_utf8(bytes).unwrap();
            bytes = text.replace(&format!("\"{from}\""), &format!("\"{to}\"")).into_bytes();
        }
        let path = to.join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, bytes).unwrap();
    }
}

fn edit(path: &Utf8Path, old: &str, new: &str) {
    let text = fs_err::read_to_string(path).unwrap();
    assert!(text.contains(old), "{path} has no `{old}`");
    fs_err::write(path, text.replace(old, new)).unwrap();
}

/// Runs a command that ends with this exit code.
fn typed(folder: &Utf8Path, command: &str, code: u8) {
    fs_err::create_dir_all(folder).unwrap();
    let words: Vec<&str> = ["--local", ".aws"].into_iter().chain(command.split_whitespace()).collect();
    let variables = [("COPILOT_LOCAL_STEP_MS".to_owned(), "5".to_owned())].into();
    let done = with(folder, &words, variables, None);
    assert_eq!(done.code, code, "{command}: {done:?}");
}

/// Lets the next run of an action of the only pipeline fail.
fn fail(folder: &Utf8Path, action: &str, message: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = Options { state_dir: Some(folder.join(".aws")), pace: Pace::Manual, ..Options::default() };
    let aws = runtime.block_on(LocalAws::start(options)).unwrap();
    aws.with_state(|state| {
        let mut region = state.region("111122223333", "eu-west-1");
        let pipeline = region.pipelines().remove(0);
        region.fail_action(&pipeline, action, message, 1);
    });
    runtime.block_on(aws.stop()).unwrap();
}

/// Lets everything have happened so many milliseconds earlier. How long it took, and what the log of a build says about that,
/// depends on the machine here, so that is made up.
fn age(folder: &Utf8Path, by: i64) {
    let path = folder.join(STATE);
    let mut state: Value = serde_json::from_slice(&fs_err::read(&path).unwrap()).unwrap();
    let pipelines = state["regional"]["111122223333/eu-west-1"]["pipelines"].as_object_mut().unwrap();
    for execution in pipelines.values_mut().flat_map(|found| found["executions"].as_array_mut().unwrap()) {
        let started = execution["started"].as_i64().unwrap();
        if execution["updated"].as_i64().unwrap() < started + 60_000 {
            execution["updated"] = (started + 427_000).into();
        }
    }
    earlier(&mut state, by);
    fs_err::write(&path, state.to_string()).unwrap();
}

fn earlier(value: &mut Value, by: i64) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| earlier(item, by)),
        Value::Object(entries) => entries.values_mut().for_each(|item| earlier(item, by)),
        // Only times are that large.
        Value::Number(number) => {
            if let Some(time) = number.as_i64().filter(|time| *time > 1_000_000_000_000) {
                *value = (time - by).into();
            }
        }
        Value::String(text) => {
            if let Some(line) = text.strip_prefix("[Container] ") {
                let message = &line["2026-11-20 09:14:31.000".len()..];
                *text = format!("[Container] 2026-11-20 09:14:31.000{message}");
            }
        }
        _ => {}
    }
}
