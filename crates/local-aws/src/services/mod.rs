//! One module per AWS service.

pub(crate) mod acm;
pub(crate) mod apprunner;
pub(crate) mod cloudformation;
pub(crate) mod codebuild;
pub(crate) mod codepipeline;
pub(crate) mod connections;
pub(crate) mod deployed;
pub(crate) mod ec2;
pub(crate) mod ecr;
pub(crate) mod ecs;
pub(crate) mod elb;
pub(crate) mod iam;
pub(crate) mod kms;
pub(crate) mod logs;
pub(crate) mod monitoring;
pub(crate) mod registry;
pub(crate) mod route53;
pub(crate) mod s3;
pub(crate) mod secrets;
pub(crate) mod simulation;
pub(crate) mod sns;
pub(crate) mod ssm;
pub(crate) mod states;
pub(crate) mod sts;
pub(crate) mod tagging;
pub(crate) mod tags;

use serde_json::Value as Json;

use crate::core::caller::Caller;
use crate::core::world::World;
use crate::error::{Answer, AwsError};

/// Carries out an operation of a service, by its signing name.
pub(crate) fn call(
    world: &mut World,
    caller: &Caller,
    service: &str,
    operation: &str,
    input: &Json,
) -> Answer {
    let act = match service {
        "acm" => acm::call,
        "application-autoscaling" => monitoring::scaling,
        "apprunner" => apprunner::call,
        "cloudformation" => cloudformation::call,
        "codebuild" => codebuild::call,
        "codeconnections" | "codestar-connections" => {
            return connections::call(world, caller, service, operation, input);
        }
        "codepipeline" => codepipeline::call,
        "ec2" => ec2::call,
        "ecr" => ecr::call,
        "ecs" => ecs::call,
        "elasticloadbalancing" => elb::call,
        "iam" => iam::call,
        "kms" => kms::call,
        "logs" => logs::call,
        "monitoring" => monitoring::call,
        "route53" => route53::call,
        "secretsmanager" => secrets::call,
        "sns" => sns::call,
        "ssm" => ssm::call,
        "states" => states::call,
        "sts" => sts::call,
        "tagging" => tagging::call,
        _ => return Err(AwsError::unknown_operation(service, operation)),
    };
    act(world, caller, operation, input)
}

/// Moves everything that takes time on by one step; whether anything changed.
pub(crate) fn tick(world: &mut World) -> bool {
    let mut moved = cloudformation::tick(world);
    moved |= states::tick(world);
    moved |= ecs::tick(world);
    moved |= apprunner::tick(world);
    moved |= connections::tick(world);
    moved |= codebuild::tick(world);
    moved |= codepipeline::tick(world);
    moved
}
