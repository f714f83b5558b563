//! `deploy` and `env deploy` while things go wrong: AWS throttles, fails, is slow, cuts connections, says that tokens have run out, can't
//! create a resource; or the process is killed in the middle.
//!
//! Each run has a number, from which everything that goes wrong in it follows. After it the same command runs once more with
//! nothing in its way, and has to end in the right state. `COPILOT_FAULT_RUNS` says how many runs there are.

mod checks;
mod environment;
mod plan;
mod world;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use checks::violations;
use plan::Plan;
use world::World;

/// Runs at the same time: most of the time they wait.
const AT_ONCE: usize = 16;

/// What became of the runs of one kind.
#[derive(Default)]
struct Tally {
    runs: u32,
    /// The first command succeeded in spite of the fault.
    overcome: u32,
    /// It ended in an error that says what happened.
    clear_error: u32,
    /// It was killed.
    killed: u32,
}

impl Tally {
    fn note(&mut self, killed: bool, code: u8) {
        self.runs += 1;
        self.killed += u32::from(killed);
        self.overcome += u32::from(!killed && code == 0);
        self.clear_error += u32::from(!killed && code != 0);
    }
}

#[expect(clippy::print_stdout, reason = "figures for whoever runs the benchmark")]
fn print(tallies: &BTreeMap<&str, Tally>) {
    println!(
        "{:<24} {:>5} {:>9} {:>12} {:>7}",
        "what goes wrong", "runs", "overcome", "clear error", "killed"
    );
    for (kind, tally) in tallies {
        println!(
            "{kind:<24} {:>5} {:>9} {:>12} {:>7}",
            tally.runs, tally.overcome, tally.clear_error, tally.killed
        );
    }
}

#[test]
fn whatever_goes_wrong_the_right_state_or_a_clear_error_is_the_end() {
    try_all("deploy", 40, Plan::of, run);
}

/// Tries plans with the numbers from 0; `usual` is how many where nobody says it.
#[expect(clippy::print_stdout, reason = "figures for whoever runs the benchmark")]
fn try_all(command: &str, usual: u64, plan_of: fn(u64) -> Plan, run: fn(&Plan) -> (bool, u8, Vec<String>)) {
    #[expect(clippy::disallowed_methods, reason = "how many runs there are may be given from outside")]
    let runs: u64 = std::env::var("COPILOT_FAULT_RUNS").ok().map_or(usual, |text| text.parse().unwrap());
    let next = AtomicU64::new(0);
    let tallies: Mutex<BTreeMap<&str, Tally>> = Mutex::default();
    let found: Mutex<Vec<String>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= runs {
                        return;
                    }
                    let plan = plan_of(seed);
                    let (killed, code, problems) = run(&plan);
                    tallies.lock().unwrap().entry(plan.kind).or_default().note(killed, code);
                    found.lock().unwrap().extend(
                        problems.into_iter().map(|problem| format!("run {seed} ({plan}): {problem}")),
                    );
                }
            });
        }
    });
    print(&tallies.into_inner().unwrap());
    let found = found.into_inner().unwrap();
    println!("{runs} runs of {command}, {} violations", found.len());
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

/// Runs `deploy` with the plan's faults, then without. Says whether the first was killed, its exit code, and what is wrong.
fn run(plan: &Plan) -> (bool, u8, Vec<String>) {
    let world = World::new(plan);
    let before = world.stacks();
    world.spoil(plan);
    let (killed, first) = match plan.kill_after {
        Some(calls) => world.deploy_and_kill(calls),
        None => (false, world.deploy()),
    };
    let mut problems = violations::after_faults(&world, plan, &before, killed, &first);
    world.clear();
    let second = world.deploy();
    problems.extend(violations::in_the_end(&world, plan, &before, &second));
    (killed, first.code, problems)
}
