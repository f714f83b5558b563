//! The tasks that services want. Their ids follow from the service and its task definition, so a deployment has new ones.

use serde_json::{Value as Json, json};

use super::{Deployed, cluster_of, definitions, desired, last, missing, of_cluster};
use crate::core::caller::Caller;
use crate::core::ids::sha256_hex;
use crate::core::input::{Input, page, page_size, timestamp};
use crate::core::world::World;
use crate::error::Answer;
use crate::services::deployed::deployed;

/// Ids of a service's tasks.
fn ids(service: &Deployed) -> Vec<String> {
    let definition = service.text("TaskDefinition").unwrap_or_default();
    let id = |number| {
        let mut id = sha256_hex(format!("{} {definition} {number}", service.physical()).as_bytes());
        id.truncate(32);
        id
    };
    (0..desired(service)).map(id).collect()
}

/// A task's address in its VPC.
fn address(id: &str) -> String {
    let part = |at: usize| id.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(1);
    format!("10.0.{}.{}", part(0) % 4, part(2).clamp(4, 254))
}

/// Addresses and port of the tasks behind a target group.
pub(crate) fn addresses(world: &World, caller: &Caller, target_group: &str) -> Vec<(String, i64)> {
    let mut found = Vec::new();
    for service in deployed(world, caller, super::SERVICE) {
        let balancers = service.resource.properties.list("LoadBalancers");
        let behind = balancers.iter().find(|one| one.text("TargetGroupArn") == Some(target_group));
        if let Some(behind) = behind {
            let port = behind.number("ContainerPort").unwrap_or(80);
            found.extend(ids(&service).iter().map(|id| (address(id), port)));
        }
    }
    found
}

pub(super) fn list(world: &World, caller: &Caller, input: &Json) -> Answer {
    let here = of_cluster(world, caller, input)?;
    let fits = |service: &&Deployed| {
        let named = input.text("serviceName").is_none_or(|name| last(name) == last(service.physical()));
        let family = definitions::family(service.text("TaskDefinition").unwrap_or_default());
        named && input.text("family").is_none_or(|wanted| wanted == family)
    };
    let running = input.text("desiredStatus").is_none_or(|status| status == "RUNNING");
    let services: Vec<&Deployed> = here.iter().filter(fits).filter(|_| running).collect();
    let arns: Vec<String> = services
        .iter()
        .flat_map(|service| ids(service).into_iter().map(|id| arn(caller, cluster_of(service), &id)))
        .collect();
    let (arns, next) = page(&arns, input.text("nextToken"), page_size(input, "maxResults", 100));
    Ok(json!({"taskArns": arns, "nextToken": next}))
}

fn arn(caller: &Caller, cluster: &str, id: &str) -> String {
    caller.arn("ecs", &format!("task/{cluster}/{id}"))
}

pub(super) fn describe(world: &World, caller: &Caller, input: &Json) -> Answer {
    let here = of_cluster(world, caller, input)?;
    let cluster = last(input.text("cluster").unwrap_or("default"));
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for wanted in input.texts("tasks") {
        let id = last(&wanted);
        match here.iter().find(|service| ids(service).iter().any(|known| known == id)) {
            Some(service) => found.push(shape(world, caller, service, id)),
            None => failures.push(missing(&arn(caller, cluster, id))),
        }
    }
    Ok(json!({"tasks": found, "failures": failures}))
}

fn shape(world: &World, caller: &Caller, service: &Deployed, id: &str) -> Json {
    let definition = service.text("TaskDefinition").unwrap_or_default();
    let declared = definitions::find(world, caller, definition);
    let properties = declared.map(|found| &found.resource.properties);
    let containers = properties.map(|properties| properties.list("ContainerDefinitions")).unwrap_or_default();
    let (task, cluster) = (arn(caller, cluster_of(service), id), cluster_of(service));
    let started = timestamp(service.resource.changed);
    let health = |checked: bool| if checked { "HEALTHY" } else { "UNKNOWN" };
    let own: Json = containers
        .iter()
        .map(|container| {
            let image = container.text("Image").unwrap_or_default();
            json!({
                "name": container.text("Name"), "image": image, "imageDigest": digest(image), "taskArn": task,
                "containerArn": caller.arn("ecs", &format!("container/{cluster}/{id}")),
                "lastStatus": "RUNNING", "healthStatus": health(container.has("HealthCheck")),
                "networkInterfaces": [{"privateIpv4Address": address(id)}],
            })
        })
        .collect();
    json!({
        "taskArn": task, "clusterArn": caller.arn("ecs", &format!("cluster/{cluster}")),
        "taskDefinitionArn": definition, "group": format!("service:{}", last(service.physical())),
        "lastStatus": "RUNNING", "desiredStatus": "RUNNING", "connectivity": "CONNECTED",
        "healthStatus": health(containers.iter().any(|container| container.has("HealthCheck"))),
        "launchType": "FARGATE", "platformFamily": "Linux", "containers": own,
        "createdAt": started, "startedAt": started, "connectivityAt": started,
        "attachments": [{
            "type": "ElasticNetworkInterface", "status": "ATTACHED",
            "details": [{"name": "privateIPv4Address", "value": address(id)}],
        }],
    })
}

/// The digest that an image is named by, or one that its name makes up.
fn digest(image: &str) -> String {
    let named = image.split_once('@').map(|(_, digest)| digest.to_owned());
    named.unwrap_or_else(|| format!("sha256:{}", sha256_hex(image.as_bytes())))
}
