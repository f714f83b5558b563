//! The stages that deploy.

use copilot_cfn::intrinsic::reference;
use copilot_cfn::{Value, cfn};
use copilot_manifest::pipeline::{Action, ActionKind, BuildAction, Deployment, names};

use super::{Target, action_type, artifact, project_id};

const CAPABILITIES: &str = "CAPABILITY_IAM,CAPABILITY_NAMED_IAM,CAPABILITY_AUTO_EXPAND";

pub(super) fn stage(target: &Target<'_>) -> Value {
    let actions = target.stage.actions();
    cfn!({
        "Name": names::stage(&target.stage.environment),
        "Actions": actions.iter().map(|item| action(item, target)).collect::<Value>(),
    })
}

fn action(action: &Action<'_>, target: &Target<'_>) -> Value {
    let specific = match action.kind {
        ActionKind::Approval => cfn!({ "ActionTypeId": action_type("Approval", "AWS", "Manual") }),
        ActionKind::Action(build) => build_action(build, target),
        ActionKind::Deploy(deployment) => deploy(deployment, target),
        ActionKind::Test(_) => test(target),
        // A stage that deploys has neither.
        ActionKind::Source(_) | ActionKind::Build { .. } => return Value::Null,
    };
    cfn!({
        "Name": &action.name,
        ..specific.as_map().cloned().unwrap_or_default(),
        "RunOrder": action.run_order,
    })
}

fn build_action(action: &BuildAction, target: &Target<'_>) -> Value {
    let environment = &target.stage.environment;
    cfn!({
        "ActionTypeId": action_type("Build", "AWS", "CodeBuild"),
        "Configuration": { "ProjectName": reference(project_id(action, environment)) },
        "InputArtifacts": artifact(names::SOURCE_ARTIFACT),
        "OutputArtifacts": artifact(action.moment.artifact(environment, &action.name)),
    })
}

fn deploy(deployment: &Deployment, target: &Target<'_>) -> Value {
    let built = |path: &str| format!("{}::{path}", names::BUILD_ARTIFACT);
    cfn!({
        "Region": &target.environment.region,
        "ActionTypeId": action_type("Deploy", "AWS", "CloudFormation"),
        "Configuration": {
            "ActionMode": "CREATE_UPDATE",
            "StackName": &deployment.stack_name,
            "Capabilities": CAPABILITIES,
            "TemplatePath": built(&deployment.template_path),
            "TemplateConfiguration": built(&deployment.template_config),
            "RoleArn": target.execution_role.to_owned(),
        },
        "InputArtifacts": artifact(names::BUILD_ARTIFACT),
        "RoleArn": target.manager_role.to_owned(),
    })
}

fn test(target: &Target<'_>) -> Value {
    cfn!({
        "ActionTypeId": action_type("Test", "AWS", "CodeBuild"),
        "Configuration": { "ProjectName": reference(names::test_project(&target.stage.environment)) },
        "InputArtifacts": artifact(names::SOURCE_ARTIFACT),
    })
}
