//! Gives the process's streams, folder and variables to the library.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{IsTerminal, stderr, stdin, stdout};
use std::process::ExitCode;
use std::time::SystemTime;

use camino::Utf8PathBuf;
use copilot_pipeline::{Console, FAILURE, HarmlessWriter, Interrupt, Io, Look, run};
use tracing::Level;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

#[expect(clippy::disallowed_methods, reason = "the one place that looks at the process")]
fn main() -> ExitCode {
    let variables: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let (mut out, mut err) = (stdout(), stderr());
    let look = Look::of(&out, &err, &variables);
    let folder = std::env::current_dir().ok().and_then(|folder| Utf8PathBuf::from_path_buf(folder).ok());
    let interactive = stdin().is_terminal() && err.is_terminal() && !variables.contains_key("CI");
    let Some(folder) = folder else {
        let mut io = Io::new(&mut out, &mut err, look, Utf8PathBuf::new());
        io.error_line("the working directory is gone, or its path is not UTF-8");
        return FAILURE.into();
    };
    let program = std::env::current_exe().ok().and_then(|path| Utf8PathBuf::from_path_buf(path).ok());
    let interrupt = Interrupt::new();
    // Without it the signals end the process at once, as they do by themselves.
    let _ = interrupt.listen(end);
    let mut io = Io::new(&mut out, &mut err, look, folder)
        .with_interrupt(interrupt.clone())
        .with_variables(variables)
        .with_clock(SystemTime::now)
        // Each state has keys of its own, which the system makes up.
        .with_dice(|| RandomState::new().hash_one(0))
        .with_program(program)
        .with_tracer(trace);
    if interactive {
        io = io.with_prompt(Box::new(Console::new(look, interrupt)));
    }
    run(std::env::args_os(), &mut io).into()
}

#[expect(clippy::exit, reason = "somebody asks for the second time, and something may hang")]
fn end(code: u8) {
    std::process::exit(code.into());
}

/// Writes what our own libraries trace to standard error. Others' events are left out: they can hold secrets.
fn trace(level: Level) {
    const OURS: [&str; 3] = ["copilot_deployer", "copilot_artifact", "copilot_pipeline"];
    let filter = Targets::new().with_targets(OURS.map(|target| (target, level)));
    let lines = tracing_subscriber::fmt::layer().with_writer(|| HarmlessWriter(stderr())).with_target(false);
    let lines = lines.with_ansi(false).with_filter(filter);
    // Only a second subscriber would be refused.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}
