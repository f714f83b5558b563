//! How a build gets the program that its buildspec pins.

/// Lines of a POSIX shell, to run where a failure ends the script. `application` is a word of the shell.
///
/// The program comes from the application's own artifact bucket, found by the export that every application has, and is
/// installed only if its hash is the one that stands in the buildspec.
pub fn fetch(application: &str) -> String {
    format!(
        r#"case "$(uname -m)" in
  aarch64 | arm64) arch=arm64 sha256=$COPILOT_PIPELINE_SHA256_ARM64 ;;
  *) arch=amd64 sha256=$COPILOT_PIPELINE_SHA256_AMD64 ;;
esac
if [ -z "$sha256" ]; then
  echo "The buildspec pins no program for $arch: run 'copilot-pipeline self upload' with one and commit the buildspec." >&2
  exit 1
fi
application={application}
stack=$(aws cloudformation list-exports --query "Exports[?Name=='$application-ArtifactKey'].ExportingStackId" --output text | tr -d '[:space:]')
bucket=$(aws cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].Outputs[?OutputKey=='PipelineBucket'].OutputValue" --output text)
file=$(mktemp)
if ! aws s3 cp --only-show-errors "s3://$bucket/copilot-pipeline/$sha256/copilot-pipeline-linux-$arch" "$file"; then
  echo "The bucket $bucket lacks the program that the buildspec pins for $arch, or this build may not read it: run 'copilot-pipeline self upload --file PROGRAM' with it and start the pipeline again." >&2
  exit 1
fi
echo "$sha256  $file" | sha256sum --check --strict --quiet
install -m 755 "$file" "${{COPILOT_PIPELINE_BIN:-/usr/local/bin}}/copilot-pipeline"
"#
    )
}
