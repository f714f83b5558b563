//! Overrides as patches in YAML.

use super::Kind;

const OF_PIPELINES: &str = "\
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

const OF_ENVIRONMENTS: &str = "\
# Patches of the templates of all environments, applied from the first to the last. A patch of a resource that an environment does not
# have makes that one fail. `copilot-pipeline env deploy --diff` shows their effect.
#
# Delete a resource:
# - op: remove
#   path: /Resources/LogResourcePolicy
#
# Add a property, or an item to a list (`-` is its end):
# - op: add
#   path: /Resources/PublicLoadBalancer/Properties/LoadBalancerAttributes
#   value:
#     - Key: idle_timeout.timeout_seconds
#       Value: '120'
#
# Give a property another value:
# - op: replace
#   path: /Resources/Cluster/Properties/Configuration
#   value:
#     ExecuteCommandConfiguration:
#       Logging: NONE
";

fn readme(kind: Kind) -> String {
    let (title, commands) = (kind.title(), kind.commands());
    format!(
        "\
# {title}

`cfn.patches.yml` changes the template after it is rendered. Each entry has `op` (`add`, `remove` or `replace`), `path` (a JSON
pointer, in which `~1` stands for `/` and `~0` for `~`) and, but for `remove`, a `value`, which may hold intrinsics such as `!Ref`.

- `{commands} package` prints the template with the patches applied.
- `{commands} deploy --diff` shows what changes at AWS before it asks whether to go on.
"
    )
}

pub(super) fn files(kind: Kind) -> Vec<(&'static str, String)> {
    let patches = match kind {
        Kind::Pipeline => OF_PIPELINES,
        Kind::Environment => OF_ENVIRONMENTS,
    };
    vec![("cfn.patches.yml", patches.to_owned()), ("README.md", readme(kind))]
}
