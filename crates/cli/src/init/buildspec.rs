//! The buildspec of a new pipeline.

use std::fmt::Write as _;

use super::quote::quote;
use super::{PipelineType, Request};
use copilot_engine::program::{Architecture, Program, fetch};
use copilot_engine::shell::word;

/// Text of `buildspec.yml`.
///
/// The program comes from the application's own artifact bucket, found by the export that every application has, and runs only
/// if its hash is the one that stands in the buildspec. `own` is the program that writes the buildspec, where builds can run it.
pub(crate) fn buildspec(request: &Request, version: &str, own: Option<&Program>) -> String {
    let (name, application) = (quote(&request.name), word(&request.application));
    let [amd64, arm64] = Architecture::ALL.map(|architecture| {
        let own = own.filter(|program| program.architecture == architecture);
        let hash = own.map(|program| program.sha256.as_str()).unwrap_or_default();
        format!("{}: \"{hash}\"", architecture.variable())
    });
    let script = fetch(&application);
    let fetch = script.lines().map(|line| format!("        {line}\n")).collect::<Vec<_>>().concat();
    let mut text = format!(
        r#"# Run by CodeBuild for the pipeline {name}: makes the templates that the stages deploy.
# The image needs bash, Docker and the AWS CLI, which those of CodeBuild have.
version: 0.2
env:
  shell: bash
  variables:
    CI: "true"
    # Overrides may be a CDK application: code of this repository, which builds of a pipeline may run.
    COPILOT_PIPELINE_ALLOW_CDK: "true"
    # SHA-256 of the program that builds run, by the processor of their image; the first was version {version}.
    # `copilot-pipeline self upload` brings another one to the application's artifact bucket and changes its hash here.
    {amd64}
    {arm64}
phases:
  install:
    commands:
      - cd "$CODEBUILD_SRC_DIR"
      - |
        set -euo pipefail
{fetch}  build:
    commands:
      - cd "$CODEBUILD_SRC_DIR"
      # Tests that need no deployment go here: if one fails, nothing is deployed.
      # - make test
  post_build:
    commands:
      - cd "$CODEBUILD_SRC_DIR"
      # This phase runs even when the one before failed.
      - '[ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]'
"#
    );
    match request.kind {
        PipelineType::Workloads => {
            text.push_str("      # Builds and pushes every image once, uploads what the stacks need, writes the templates. An image is built again\n      # after two weeks, to get what is new in the image that it is based on.\n");
            let build = format!(
                "copilot-pipeline build --name {} --output-dir infrastructure --tag \"${{CODEBUILD_BUILD_ID##*:}}\" --max-image-age 14",
                word(&request.name)
            );
            let _ = writeln!(text, "      - {}", plain_or_quoted(build));
        }
        PipelineType::Environments => {
            text.push_str("      # Uploads functions and addons once and writes the templates of all stages. With `--force`, each stage updates its\n      # environment even if nothing has changed.\n");
            let build = format!(
                "copilot-pipeline build --name {} --output-dir infrastructure --force",
                word(&request.name)
            );
            let _ = writeln!(text, "      - {}", plain_or_quoted(build));
        }
    }
    text.push_str("artifacts:\n  files:\n    - \"infrastructure/*\"\n");
    text
}

/// A command as an item of a list. Those with sane names in them read best as they are.
fn plain_or_quoted(command: String) -> String {
    if command.contains(['\'', '\\']) || command.contains(": ") || command.contains(" #") {
        return quote(&command);
    }
    command
}

#[cfg(test)]
mod tests {
    use copilot_workspace::RepositoryUrl;
    use copilot_yaml::{Diagnostics, Node, Source, parse};

    use super::{PipelineType, Request, buildspec};

    fn commands(text: &str) -> Vec<String> {
        let mut diagnostics = Diagnostics::default();
        let root = parse(&Source::new("buildspec.yml", text), &mut diagnostics).unwrap();
        assert!(diagnostics.is_empty(), "{text}\n{diagnostics:?}");
        let phase = |name: &str| root.get("phases")?.get(name)?.get("commands")?.as_sequence();
        let nodes =
            ["install", "build", "post_build"].into_iter().flat_map(|name| phase(name).unwrap_or_default());
        nodes.filter_map(Node::as_str).map(str::to_owned).collect()
    }

    /// What a command is called with, without any of it being run.
    fn words(command: &str) -> Vec<String> {
        let script = format!("copilot-pipeline() {{ printf '%s\\0' \"$@\"; }}\n{command}");
        let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn names_are_words_whatever_is_in_them() {
        for name in [
            "shop",
            "a$(touch RAN)",
            "`touch RAN`",
            "it's; touch RAN",
            "a: b # c",
            "a\ntouch RAN",
            "-x",
            "\u{2028}",
        ] {
            let request = Request {
                application: name.to_owned(),
                name: name.to_owned(),
                repository: RepositoryUrl::parse("acme/shop", None).unwrap(),
                branch: "main".to_owned(),
                environments: vec![name.to_owned()],
                approvals: Vec::new(),
                kind: PipelineType::Workloads,
            };
            let all = commands(&buildspec(&request, "1.0.0", None));
            assert_eq!(all.len(), 6, "{name:?}: {all:?}");
            let build = &words(all.last().unwrap())[..3];
            assert_eq!(build, ["build", "--name", name]);
            let assignment = all[1].lines().find(|line| line.starts_with("application=")).unwrap();
            assert_eq!(words(&format!("{assignment}; copilot-pipeline \"$application\"")), [name]);
            let request = Request { kind: PipelineType::Environments, ..request };
            let all = commands(&buildspec(&request, "1.0.0", None));
            assert_eq!(words(all.last().unwrap())[..3], ["build", "--name", name]);
        }
    }
}
