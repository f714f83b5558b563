//! The commands that the documentation promises.

use crate::{copilot, root};

/// Sessions with their output.
#[test]
fn the_sessions_are_true() {
    // The sessions begin in the checkout. Every other test names its folder.
    std::env::set_current_dir(root()).unwrap();
    let cases = trycmd::TestCases::new();
    cases.register_bin("copilot-pipeline", std::path::Path::new(env!("CARGO_BIN_EXE_copilot-pipeline")));
    cases.env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8");
    cases.case(root().join("README.md"));
    cases.run();
}

/// Commands without their output, which begin with what a clone has instead of an installed program.
#[test]
fn the_commands_work() {
    let readme = fs_err::read_to_string(root().join("README.md")).unwrap();
    let commands: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("cargo copilot ")).collect();
    assert!(!commands.is_empty());
    for command in commands {
        let done = copilot(root(), &command.split_whitespace().collect::<Vec<_>>());
        assert_eq!(done.code, 0, "{command}: {done:?}");
        assert!(done.stdout.contains("DeployTo-prod"), "{command}: {done:?}");
    }
    let config = fs_err::read_to_string(root().join(".cargo/config.toml")).unwrap();
    assert!(config.contains("copilot = \"run --quiet --package copilot-pipeline --\""));
}
