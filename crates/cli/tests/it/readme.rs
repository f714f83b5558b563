//! The commands that the documentation promises.

use crate::{Folder, copilot, root, with};

/// Sessions with their output.
#[test]
fn the_sessions_are_true() {
    // The sessions begin in the checkout. Every other test names its folder.
    std::env::set_current_dir(root()).unwrap();
    let cases = trycmd::TestCases::new();
    cases.register_bin("copilot-pipeline", crate::program());
    cases
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C.UTF-8")
        .env("COPILOT_LOCAL_NODE", "")
        .env("COPILOT_LOCAL_ENGINE", "");
    cases.case(root().join("README.md"));
    cases.run();
}

/// Commands without their output, which begin with what a clone has instead of an installed program.
#[test]
fn the_commands_work() {
    let readme = fs_err::read_to_string(root().join("README.md")).unwrap();
    let commands = readme.lines().filter_map(|line| line.strip_prefix("cargo copilot "));
    let commands: Vec<&str> = commands.take_while(|command| !command.starts_with("demo ")).collect();
    assert!(!commands.is_empty());
    for command in commands {
        let done = copilot(root(), &command.split_whitespace().collect::<Vec<_>>());
        assert_eq!(done.code, 0, "{command}: {done:?}");
        assert!(done.stdout.contains("DeployTo-prod"), "{command}: {done:?}");
    }
    let config = fs_err::read_to_string(root().join(".cargo/config.toml")).unwrap();
    assert!(config.contains("copilot = \"run --quiet --package copilot-pipeline --\""));
}

/// The demonstration from its first command to its last.
#[test]
fn the_demonstration_works() {
    let readme = fs_err::read_to_string(root().join("README.md")).unwrap();
    let start = readme.find("cargo copilot demo ").unwrap();
    let block = readme[start..].split("```").next().unwrap().replace("\\\n", "");
    let folder = Folder::new();
    fs_err::create_dir(folder.path.join("target")).unwrap();
    let mut here = folder.path.clone();
    let mut shown = Vec::new();
    for line in block.lines() {
        if let Some(inside) = line.strip_prefix("cd ") {
            here = here.join(inside);
            continue;
        }
        let command = line.strip_prefix("cargo copilot ").unwrap();
        let variables = [("COPILOT_LOCAL_STEP_MS".to_owned(), "5".to_owned())].into();
        let done = with(&here, &command.split_whitespace().collect::<Vec<_>>(), variables, None);
        assert_eq!(done.code, 0, "{command}: {done:?}");
        shown.push(done.stdout + &done.stderr);
    }
    assert!(shown[3].contains("waits for approval"), "{}", shown[3]);
    assert!(shown[5].contains("DeployTo-prod"), "{}", shown[5]);
    assert!(!shown[5].contains("waits for approval"), "{}", shown[5]);
}
