//! The program of `docs/embedding.md`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// `target/PROFILE/examples/NAME`, which cargo has built beside this test.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    profile.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION)
}

#[test]
fn a_program_of_less_than_sixty_lines_checks_plans_and_deploys() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("crates/engine/examples/deploy.rs")).unwrap();
    assert!(text.lines().count() < 60, "{} lines", text.lines().count());
    let output = Command::new(example("deploy"))
        .args([root.join("examples/storefront").to_str().unwrap(), "storefront-main"])
        .output()
        .unwrap();
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{stderr}");
    insta::assert_snapshot!("deploy", stdout);
}
