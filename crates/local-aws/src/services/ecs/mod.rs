//! ECS: clusters, services, tasks and task definitions of stacks. Nothing runs: all tasks that a service wants are healthy.

mod definitions;
mod tasks;

pub(crate) use tasks::addresses;

use serde_json::{Value as Json, json};

use super::deployed::{Deployed, deployed, described};
use crate::core::caller::Caller;
use crate::core::ids::sha256_hex;
use crate::core::input::{Input, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

const CLUSTER: &str = "AWS::ECS::Cluster";
const SERVICE: &str = "AWS::ECS::Service";

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "DescribeClusters" => Ok(clusters(world, caller, input)),
        "DescribeServices" => services(world, caller, input),
        "ListServices" => {
            let arns: Json = of_cluster(world, caller, input)?.iter().map(Deployed::physical).collect();
            Ok(json!({"serviceArns": arns}))
        }
        "ListTasks" => tasks::list(world, caller, input),
        "DescribeTasks" => tasks::describe(world, caller, input),
        "DescribeTaskDefinition" => definitions::describe(world, caller, input),
        _ => Err(AwsError::unknown_operation("ecs", operation)),
    }
}

/// What stands behind the last slash of an ARN, or a name.
fn last(name_or_arn: &str) -> &str {
    name_or_arn.rsplit('/').next().unwrap_or(name_or_arn)
}

/// What is not there, as it is described.
fn missing(arn: &str) -> Json {
    json!({"arn": arn, "reason": "MISSING"})
}

fn clusters(world: &World, caller: &Caller, input: &Json) -> Json {
    let mut wanted = input.texts("clusters");
    if wanted.is_empty() {
        wanted.push("default".to_owned());
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in wanted.iter().map(|name| last(name)) {
        let arn = caller.arn("ecs", &format!("cluster/{name}"));
        if !deployed(world, caller, CLUSTER).any(|cluster| cluster.physical() == name) {
            failures.push(missing(&arn));
            continue;
        }
        let services = deployed(world, caller, SERVICE).filter(|service| cluster_of(service) == name);
        let wanted: Vec<i64> = services.map(|service| desired(&service)).collect();
        found.push(json!({
            "clusterArn": arn, "clusterName": name, "status": "ACTIVE", "pendingTasksCount": 0,
            "runningTasksCount": wanted.iter().sum::<i64>(), "activeServicesCount": wanted.len(),
            "registeredContainerInstancesCount": 0,
        }));
    }
    json!({"clusters": found, "failures": failures})
}

fn cluster_of<'a>(service: &Deployed<'a>) -> &'a str {
    service.text("Cluster").map_or("default", last)
}

/// How many tasks a service wants.
fn desired(service: &Deployed) -> i64 {
    service.resource.properties.number("DesiredCount").unwrap_or(1)
}

/// The services of the cluster that a request names.
fn of_cluster<'a>(world: &'a World, caller: &Caller, input: &Json) -> Result<Vec<Deployed<'a>>, AwsError> {
    let name = last(input.text("cluster").unwrap_or("default"));
    if !deployed(world, caller, CLUSTER).any(|cluster| cluster.physical() == name) {
        return Err(AwsError::new("ClusterNotFoundException", "Cluster not found."));
    }
    Ok(deployed(world, caller, SERVICE).filter(|service| cluster_of(service) == name).collect())
}

fn services(world: &World, caller: &Caller, input: &Json) -> Answer {
    let here = of_cluster(world, caller, input)?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for wanted in input.texts("services") {
        if let Some(service) = here.iter().find(|service| last(service.physical()) == last(&wanted)) {
            found.push(shape(caller, service));
        } else {
            let cluster = last(input.text("cluster").unwrap_or("default"));
            failures.push(missing(&caller.arn("ecs", &format!("service/{cluster}/{}", last(&wanted)))));
        }
    }
    Ok(json!({"services": found, "failures": failures}))
}

fn shape(caller: &Caller, service: &Deployed) -> Json {
    let properties = &service.resource.properties;
    let property = |key: &str| properties.get(key).map(described);
    let (count, changed) = (desired(service), timestamp(service.resource.changed));
    let (arn, definition) = (service.physical(), service.text("TaskDefinition"));
    let busy = service.resource.status.ends_with("IN_PROGRESS");
    let number: String =
        sha256_hex(format!("{arn} {definition:?}").as_bytes()).bytes().take(19).map(digit).collect();
    let deployment = json!({
        "id": format!("ecs-svc/{number}"), "status": "PRIMARY", "taskDefinition": definition,
        "desiredCount": count, "runningCount": count, "pendingCount": 0, "failedTasks": 0,
        "createdAt": changed, "updatedAt": changed, "launchType": service.text("LaunchType"),
        "capacityProviderStrategy": property("CapacityProviderStrategy"),
        "networkConfiguration": property("NetworkConfiguration"),
        "serviceConnectConfiguration": property("ServiceConnectConfiguration"),
        "rolloutState": if busy { "IN_PROGRESS" } else { "COMPLETED" },
    });
    json!({
        "serviceArn": arn, "serviceName": last(arn), "status": "ACTIVE",
        "clusterArn": caller.arn("ecs", &format!("cluster/{}", cluster_of(service))),
        "desiredCount": count, "runningCount": count, "pendingCount": 0, "taskDefinition": definition,
        "launchType": service.text("LaunchType"), "platformVersion": service.text("PlatformVersion"),
        "capacityProviderStrategy": property("CapacityProviderStrategy"),
        "loadBalancers": property("LoadBalancers"), "serviceRegistries": property("ServiceRegistries"),
        "networkConfiguration": property("NetworkConfiguration"),
        "deploymentConfiguration": property("DeploymentConfiguration"),
        "deployments": [deployment], "events": [], "createdAt": timestamp(service.stack.created),
    })
}

fn digit(letter: u8) -> char {
    char::from(b'0' + letter % 10)
}
