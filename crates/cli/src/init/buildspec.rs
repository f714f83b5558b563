//! The buildspec of a new pipeline.

use std::fmt::Write as _;

use super::{PipelineType, Request};

/// Text of `buildspec.yml`.
///
/// The binary comes from the application's own artifact bucket, found by the export that every application has, and is
/// checked before it runs.
pub(crate) fn buildspec(request: &Request, version: &str) -> String {
    let Request { application, name, .. } = request;
    let mut text = format!(
        r#"# Run by CodeBuild for the pipeline "{name}": makes the templates that the stages deploy.
# The image needs bash, Docker and the AWS CLI, which those of CodeBuild have.
version: 0.2
env:
  shell: bash
  variables:
    CI: "true"
    # The version of copilot-pipeline. `copilot-pipeline self upload` puts another one into the bucket.
    COPILOT_PIPELINE_VERSION: "{version}"
phases:
  install:
    commands:
      - cd "$CODEBUILD_SRC_DIR"
      - |
        set -euo pipefail
        case "$(uname -m)" in aarch64 | arm64) arch=arm64 ;; *) arch=amd64 ;; esac
        stack=$(aws cloudformation list-exports --query "Exports[?Name=='{application}-ArtifactKey'].ExportingStackId" --output text)
        bucket=$(aws cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].Outputs[?OutputKey=='PipelineBucket'].OutputValue" --output text)
        file="copilot-pipeline-linux-$arch"
        for name in "$file" "$file.sha256"; do
          aws s3 cp --only-show-errors "s3://$bucket/copilot-pipeline/$COPILOT_PIPELINE_VERSION/$name" "/tmp/$name"
        done
        (cd /tmp && sha256sum --check --strict "$file.sha256")
        install -m 755 "/tmp/$file" /usr/local/bin/copilot-pipeline
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
            text.push_str("      # Builds and pushes every image once, uploads what the stacks need, writes the templates.\n");
            let _ = writeln!(
                text,
                "      - copilot-pipeline build --name {name} --output-dir infrastructure --tag \"${{CODEBUILD_BUILD_ID##*:}}\""
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
