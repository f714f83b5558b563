//! The local AWS behind `--local`: how fast its time goes, and what its builds do.

mod build;

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use copilot_local_aws::{Builder, Engine, Handshake, LocalAws, Options, Pace};

pub(crate) use build::Source;

use copilot_engine::{on_path, with_causes};

use crate::failure::Failure;
use crate::io::Io;

/// How long a step of a stack, a build or a pipeline takes: slow enough to be watched, fast enough not to be waited for.
const STEP: Duration = Duration::from_millis(200);
/// Steps after which a connection is completed, as a person does in the console: 4 seconds.
const HANDSHAKE: u32 = 20;
/// A variable with another length of a step, in milliseconds.
const STEP_VARIABLE: &str = "COPILOT_LOCAL_STEP_MS";

/// A variable with the Node.js that runs functions of custom resources: the first one in `PATH` if there is none, and none at
/// all if it is empty.
const NODE_VARIABLE: &str = "COPILOT_LOCAL_NODE";

/// A variable with the container engine that runs tasks: the docker in `PATH` if there is none, and none at all if it is
/// empty.
const ENGINE_VARIABLE: &str = "COPILOT_LOCAL_ENGINE";

/// Starts it with the state in `folder`, which is there already. What happened since another command last used that state is
/// caught up with.
pub(crate) async fn start(folder: &Utf8Path, io: &Io<'_>) -> Result<LocalAws, Failure> {
    if !LocalAws::has_state(&io.folder().join(folder)) {
        return Err(Failure::with_hint(
            format!("there is no local AWS in `{folder}` yet"),
            format!(
                "`copilot-pipeline --local {folder} demo` makes one, with an application to try things on"
            ),
        ));
    }
    make(folder, io).await
}

/// Starts it, anew if there is none in `folder`.
pub(crate) async fn make(folder: &Utf8Path, io: &Io<'_>) -> Result<LocalAws, Failure> {
    let step = match io.variables().get(STEP_VARIABLE) {
        Some(text) => text.parse().map(Duration::from_millis).map_err(|_| {
            Failure::new(format!("{STEP_VARIABLE} is to be a number of milliseconds, but it is `{text}`"))
        })?,
        None => STEP,
    };
    let options = Options {
        state_dir: Some(io.folder().join(folder)),
        pace: Pace::Every(step),
        handshake: Handshake::AfterTicks(HANDSHAKE),
        // Nobody else on this machine is to be answered, and no web page.
        access_key: Some(format!("LOCAL{:016X}{:016X}", io.dice(), io.dice())),
        builder: Some(Builder::new(build::build)),
        node: node(io),
        engine: engine(io),
        ..Options::default()
    };
    LocalAws::start(options).await.map_err(|error| {
        Failure::new(format!("can't start the local AWS in `{folder}`: {}", with_causes(&error)))
    })
}

/// Node.js on this machine.
fn node(io: &Io<'_>) -> Option<Utf8PathBuf> {
    if let Some(program) = io.variables().get(NODE_VARIABLE) {
        return Some(Utf8PathBuf::from(program)).filter(|program| !program.as_str().is_empty());
    }
    let program = Utf8PathBuf::from_path_buf(on_path("node", io.variables())?).ok()?;
    program.is_absolute().then_some(program)
}

/// What runs containers on this machine. They run on between two commands.
fn engine(io: &Io<'_>) -> Option<Engine> {
    let program = match io.variables().get(ENGINE_VARIABLE) {
        Some(program) => Utf8PathBuf::from(program),
        None => Utf8PathBuf::from_path_buf(on_path("docker", io.variables())?).ok()?,
    };
    let variables = io.variables().clone();
    program.is_absolute().then_some(Engine { program, variables, keep: true })
}
