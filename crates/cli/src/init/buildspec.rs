//! The buildspec of a new pipeline.

use std::fmt::Write as _;

use super::{PipelineType, Request};
use crate::self_upload::{Architecture, Program};

/// Text of `buildspec.yml`.
///
/// The program comes from the application's own artifact bucket, found by the export that every application has, and runs only
/// if its hash is the one that stands in the buildspec. `own` is the program that writes the buildspec, where builds can run it.
pub(crate) fn buildspec(request: &Request, version: &str, own: Option<&Program>) -> String {
    let Request { application, name, .. } = request;
    let [amd64, arm64] = Architecture::ALL.map(|architecture| {
        let own = own.filter(|program| program.architecture == architecture);
        let hash = own.map(|program| program.sha256.as_str()).unwrap_or_default();
        format!("{}: \"{hash}\"", architecture.variable())
    });
    let mut text = format!(
        r#"# Run by CodeBuild for the pipeline "{name}": makes the templates that the stages deploy.
# The image needs bash, Docker and the AWS CLI, which those of CodeBuild have.
version: 0.2
env:
  shell: bash
  variables:
    CI: "true"
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
        case "$(uname -m)" in
          aarch64 | arm64) arch=arm64 sha256=$COPILOT_PIPELINE_SHA256_ARM64 ;;
          *) arch=amd64 sha256=$COPILOT_PIPELINE_SHA256_AMD64 ;;
        esac
        if [ -z "$sha256" ]; then
          echo "The buildspec pins no program for $arch: run 'copilot-pipeline self upload' with one and commit the buildspec." >&2
          exit 1
        fi
        stack=$(aws cloudformation list-exports --query "Exports[?Name=='{application}-ArtifactKey'].ExportingStackId" --output text | tr -d '[:space:]')
        bucket=$(aws cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].Outputs[?OutputKey=='PipelineBucket'].OutputValue" --output text)
        file=$(mktemp)
        if ! aws s3 cp --only-show-errors "s3://$bucket/copilot-pipeline/$sha256/copilot-pipeline-linux-$arch" "$file"; then
          echo "The bucket $bucket lacks the program that the buildspec pins for $arch, or this build may not read it: run 'copilot-pipeline self upload --file PROGRAM' with it and start the pipeline again." >&2
          exit 1
        fi
        echo "$sha256  $file" | sha256sum --check --strict --quiet
        install -m 755 "$file" "${{COPILOT_PIPELINE_BIN:-/usr/local/bin}}/copilot-pipeline"
  build:
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
            let _ = writeln!(
                text,
                "      - copilot-pipeline build --name {name} --output-dir infrastructure --tag \"${{CODEBUILD_BUILD_ID##*:}}\" --max-image-age 14"
            );
        }
        PipelineType::Environments => {
            text.push_str("      # One line for each stage of the pipeline.\n");
            for environment in &request.environments {
                let _ = writeln!(
                    text,
                    "      - copilot-pipeline env package --name {environment} --output-dir infrastructure --upload-assets --force"
                );
            }
        }
    }
    text.push_str("artifacts:\n  files:\n    - \"infrastructure/*\"\n");
    text
}
