//! Resource Groups Tagging API: finding resources of all services by their tags.

use serde_json::{Value as Json, json};

use super::deployed::everything;
use super::monitoring;
use super::ssm::parameter_arn;
use super::tags::{self, Tags};
use crate::core::caller::{Caller, global_arn};
use crate::core::input::{Input, page, page_size};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "GetResources" => Ok(get(world, caller, input)),
        "GetTagKeys" => {
            let mut keys: Vec<String> =
                tagged(world, caller).into_iter().flat_map(|(_, _, tags)| tags.into_keys()).collect();
            keys.sort();
            keys.dedup();
            Ok(json!({"TagKeys": keys}))
        }
        _ => Err(AwsError::unknown_operation("tagging", operation)),
    }
}

/// Type, ARN and tags of everything in the caller's account and region that has or could have tags.
fn tagged(world: &mut World, caller: &Caller) -> Vec<(&'static str, String, Tags)> {
    let mut all = Vec::new();
    for (name, bucket) in &world.state.buckets {
        if bucket.account == caller.account && bucket.region == caller.region {
            all.push((
                "s3:bucket",
                format!("arn:{}:s3:::{name}", crate::core::caller::partition(&caller.region)),
                bucket.tags.clone(),
            ));
        }
    }
    if caller.region == "us-east-1" {
        for (name, role) in &world.state.iam(&caller.account).roles {
            let arn = global_arn("iam", &caller.region, &caller.account, &format!("role{}{name}", role.path));
            all.push(("iam:role", arn, role.tags.clone()));
        }
    }
    all.extend(everything(world, caller).filter_map(|found| {
        let (kind, arn) = of_stack(caller, &found.resource.kind, found.physical())?;
        Some((kind, arn, found.tags()))
    }));
    let (region, account) = (&caller.region, &caller.account);
    let here = world.state.at(&caller.scope());
    for (name, parameter) in &here.parameters {
        all.push(("ssm:parameter", parameter_arn(region, account, name), parameter.tags.clone()));
    }
    for secret in here.secrets.values() {
        all.push(("secretsmanager:secret", secret.arn.clone(), secret.tags.clone()));
    }
    for repository in here.repositories.values() {
        all.push(("ecr:repository", repository.arn.clone(), repository.tags.clone()));
    }
    for key in here.keys.values() {
        all.push(("kms:key", key.arn.clone(), key.tags.clone()));
    }
    for connection in here.connections.values() {
        all.push(("codestar-connections:connection", connection.arn.clone(), connection.tags.clone()));
    }
    for project in here.projects.values() {
        all.push(("codebuild:project", project.arn.clone(), project.tags.clone()));
    }
    for pipeline in here.pipelines.values() {
        all.push(("codepipeline:pipeline", pipeline.arn.clone(), pipeline.tags.clone()));
    }
    for (arn, topic) in &here.topics {
        all.push(("sns:topic", arn.clone(), topic.tags.clone()));
    }
    for stack in here.stacks.live() {
        all.push(("cloudformation:stack", stack.id.clone(), stack.tags.clone()));
    }
    all
}

/// Type and ARN of a resource that nothing but its stack keeps.
fn of_stack(caller: &Caller, kind: &str, physical: &str) -> Option<(&'static str, String)> {
    let found = match kind {
        "AWS::AppRunner::Service" => ("apprunner:service", physical.to_owned()),
        "AWS::CloudWatch::Alarm" => ("cloudwatch:alarm", monitoring::arn(caller, physical)),
        "AWS::ECS::Cluster" => ("ecs:cluster", caller.arn("ecs", &format!("cluster/{physical}"))),
        "AWS::ECS::Service" => ("ecs:service", physical.to_owned()),
        "AWS::StepFunctions::StateMachine" => ("states:stateMachine", physical.to_owned()),
        _ => return None,
    };
    Some(found)
}

fn get(world: &mut World, caller: &Caller, input: &Json) -> Json {
    let types = input.texts("ResourceTypeFilters");
    let arns = input.texts("ResourceARNList");
    let filters = input.list("TagFilters");
    let fits = |tags: &Tags| {
        filters.iter().all(|filter| {
            let values = filter.texts("Values");
            let found = filter.text("Key").and_then(|key| tags.get(key));
            found.is_some_and(|value| values.is_empty() || values.contains(value))
        })
    };
    let all: Vec<Json> = tagged(world, caller)
        .into_iter()
        .filter(|(kind, arn, tags)| {
            // A filter names a service or a service and a type.
            let of_type = types.is_empty()
                || types
                    .iter()
                    .any(|wanted| wanted == kind || kind.split(':').next() == Some(wanted.as_str()));
            of_type && (arns.is_empty() || arns.contains(arn)) && !tags.is_empty() && fits(tags)
        })
        .map(|(_, arn, tags)| json!({"ResourceARN": arn, "Tags": tags::write(&tags)}))
        .collect();
    let token = input.text("PaginationToken").filter(|token| !token.is_empty());
    let (page, next) = page(&all, token, page_size(input, "ResourcesPerPage", 100));
    json!({"ResourceTagMappingList": page, "PaginationToken": next.unwrap_or_default()})
}
