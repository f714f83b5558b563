//! App Runner: describing the services of stacks.

use serde_json::{Value as Json, json};

use super::deployed::{Deployed, deployed};
use crate::core::caller::Caller;
use crate::core::ids::sha256_hex;
use crate::core::input::{Input, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

const SERVICE: &str = "AWS::AppRunner::Service";

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "DescribeService" => {
            let arn = input.need("ServiceArn")?;
            let found = deployed(world, caller, SERVICE).find(|service| service.physical() == arn);
            let found = found.ok_or_else(|| {
                AwsError::new("ResourceNotFoundException", format!("Service not found for arn: {arn}"))
            })?;
            Ok(json!({"Service": shape(caller, &found)}))
        }
        "ListServices" => {
            let list: Json = deployed(world, caller, SERVICE).map(|found| summary(caller, &found)).collect();
            Ok(json!({"ServiceSummaryList": list}))
        }
        // What was built or changed stands in the stack's events.
        "ListOperations" => Ok(json!({"OperationSummaryList": []})),
        _ => Err(AwsError::unknown_operation("apprunner", operation)),
    }
}

/// The host name of a service.
pub(crate) fn url(region: &str, arn: &str) -> String {
    let id = sha256_hex(arn.as_bytes());
    format!("{}.{region}.awsapprunner.com", &id[..10])
}

fn summary(caller: &Caller, service: &Deployed) -> Json {
    let arn = service.physical();
    let mut parts = arn.rsplit('/');
    json!({
        "ServiceArn": arn, "ServiceId": parts.next(), "ServiceName": parts.next(),
        "ServiceUrl": url(&caller.region, arn), "Status": "RUNNING",
        "CreatedAt": timestamp(service.stack.created), "UpdatedAt": timestamp(service.resource.changed),
    })
}

fn shape(caller: &Caller, service: &Deployed) -> Json {
    let mut shape = summary(caller, service);
    for key in
        ["SourceConfiguration", "InstanceConfiguration", "HealthCheckConfiguration", "NetworkConfiguration"]
    {
        shape[key] = service.resource.properties.get(key).cloned().unwrap_or_default();
    }
    let observed = &service.resource.properties["ObservabilityConfiguration"];
    shape["ObservabilityConfiguration"] = json!({
        "ObservabilityEnabled": observed.flag("ObservabilityEnabled"),
        "ObservabilityConfigurationArn": observed.text("ObservabilityConfigurationArn"),
    });
    shape
}
