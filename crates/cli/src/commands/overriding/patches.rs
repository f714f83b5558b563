//! Overrides as patches in YAML.

const PATCHES: &str = "\
# Patches of the pipeline's template, applied from the first to the last. `copilot-pipeline deploy --diff` shows their effect.
#
# Delete a property:
# - op: remove
#   path: /Resources/BuildProject/Properties/Cache
#
# Add a property, or an item to a list (`-` is its end):
# - op: add
#   path: /Resources/PipelineRolePolicy/Properties/PolicyDocument/Statement/-
#   value:
#     Effect: Allow
#     Action: [sns:Publish]
#     Resource: !Sub arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:releases
#
# Give a property another value:
# - op: replace
#   path: /Resources/BuildProject/Properties/Environment/ComputeType
#   value: BUILD_GENERAL1_LARGE
";

const README: &str = "\
# Overrides of the pipeline's template

`cfn.patches.yml` changes the template after it is rendered. Each entry has `op` (`add`, `remove` or `replace`), `path` (a JSON
pointer, in which `~1` stands for `/` and `~0` for `~`) and, but for `remove`, a `value`, which may hold intrinsics such as `!Ref`.

- `copilot-pipeline package` prints the template with the patches applied.
- `copilot-pipeline deploy --diff` shows what changes at AWS before it asks whether to go on.
";

pub(super) fn files() -> Vec<(&'static str, String)> {
    vec![("cfn.patches.yml", PATCHES.to_owned()), ("README.md", README.to_owned())]
}
