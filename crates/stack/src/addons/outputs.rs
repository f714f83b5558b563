//! What the outputs of an addons template are to the workload.

use copilot_cfn::{Template, Value};

use super::{Output, OutputKind};

/// The outputs in the template's order. Only one that is `Ref` of a resource is told by the resource's type.
pub(super) fn classify(template: &Template) -> Vec<Output> {
    let outputs = template.outputs.iter();
    outputs.map(|(name, output)| Output { name: name.to_owned(), kind: kind_of(output, template) }).collect()
}

fn kind_of(output: &Value, template: &Template) -> OutputKind {
    let Some(("Ref", Value::String(resource))) = output.get("Value").and_then(Value::as_intrinsic) else {
        return OutputKind::Variable;
    };
    let kind = template.resources.get(resource).and_then(|resource| resource.get("Type"));
    match kind.and_then(Value::as_str) {
        Some("AWS::SecretsManager::Secret") => OutputKind::Secret,
        Some("AWS::IAM::ManagedPolicy") => OutputKind::ManagedPolicy,
        Some("AWS::EC2::SecurityGroup") => OutputKind::SecurityGroup,
        _ => OutputKind::Variable,
    }
}
