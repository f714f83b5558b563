//! Making tasks.

use serde_json::{Value as Json, json};

use super::definitions::family;
use super::engine;
use super::model::{Container, Task};
use crate::core::caller::Caller;
use crate::core::ids::sha256_hex;
use crate::core::input::Input;
use crate::core::world::World;
use crate::services::tags::Tags;

/// What is wanted of a task.
pub(super) struct Order {
    pub(super) cluster: String,
    /// ARN of the task definition.
    pub(super) definition: String,
    pub(super) group: String,
    pub(super) started_by: Option<String>,
    /// ARN of the service and id of the rollout that want it.
    pub(super) service: Option<(String, String)>,
    /// Launch type, network, overrides and so on, as the API has them.
    pub(super) shape: Json,
    pub(super) tags: Tags,
}

/// Makes a task; its ARN.
pub(super) fn task(world: &mut World, caller: &Caller, order: Order) -> String {
    let (scope, now) = (caller.scope(), world.now());
    let ecs = &mut world.state.at(&scope).ecs;
    let mut id = ecs.name(&order.definition);
    id.truncate(32);
    let definition =
        ecs.definitions.get(&order.definition).map(|found| found.shape.clone()).unwrap_or_default();
    let mut containers: Vec<Container> =
        definition.list("containerDefinitions").iter().map(|one| container(one, &id)).collect();
    let images: Vec<String> = containers.iter().map(|container| container.image.clone()).collect();
    let script = ecs
        .scripts
        .iter_mut()
        .find(|script| script.fits(&order.definition, images.iter().map(String::as_str)))
        .map(|script| {
            script.times = script.times.map(|times| times.saturating_sub(1));
            script.clone()
        });
    for container in &mut containers {
        container.digest = Some(digest(world, caller, &container.image));
    }
    let arn = caller.arn("ecs", &format!("task/{}/{id}", order.cluster));
    let unfit = engine::missing(world, &scope, &images);
    let real = world.containers.ready() && script.is_none() && unfit.is_none();
    let (service, rollout) = order.service.unzip();
    let task = Task {
        arn: arn.clone(),
        id,
        cluster: order.cluster,
        definition: order.definition,
        group: order.group,
        started_by: order.started_by,
        service,
        rollout,
        status: "PROVISIONING".into(),
        created: now,
        containers,
        shape: order.shape,
        tags: order.tags,
        script,
        real,
        unfit,
        ..Task::default()
    };
    world.state.at(&scope).ecs.tasks.insert(arn.clone(), task);
    arn
}

fn container(definition: &Json, task: &str) -> Container {
    let name = definition.text("name").unwrap_or_default().to_owned();
    let log = definition.get("logConfiguration").filter(|log| log.text("logDriver") == Some("awslogs"));
    let options = log.and_then(|log| log.get("options"));
    let group = options.and_then(|options| options.text("awslogs-group"));
    let prefix = options.and_then(|options| options.text("awslogs-stream-prefix"));
    Container {
        image: definition.text("image").unwrap_or_default().to_owned(),
        essential: definition.get("essential").and_then(Json::as_bool).unwrap_or(true),
        checked: definition.has("healthCheck"),
        status: "PENDING".into(),
        health: "UNKNOWN".into(),
        log: group.map(|group| {
            let stream = prefix.map_or_else(|| task.to_owned(), |prefix| format!("{prefix}/{name}/{task}"));
            (group.to_owned(), stream)
        }),
        name,
        ..Container::default()
    }
}

/// The digest of an image: what its name says, what the registry here knows of its tag, or one made up from its name.
fn digest(world: &World, caller: &Caller, image: &str) -> String {
    if let Some((_, digest)) = image.split_once('@') {
        return digest.to_owned();
    }
    let known = || {
        let (_, path) = image.split_once('/')?;
        let (name, tag) = path.rsplit_once(':').unwrap_or((path, "latest"));
        let here = world.state.regional.get(&caller.scope())?;
        here.repositories.get(name)?.image_tags.get(tag).cloned()
    };
    known().unwrap_or_else(|| format!("sha256:{}", sha256_hex(image.as_bytes())))
}

/// A task's address in its VPC.
pub(super) fn address(id: &str) -> String {
    let part = |at: usize| id.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(1);
    format!("10.0.{}.{}", part(0) % 4, part(2).clamp(4, 254))
}

/// A task as it is described.
pub(super) fn shape(caller: &Caller, task: &Task, definition: Option<&Json>, with_tags: bool) -> Json {
    let time = |time: Option<i64>| time.map(crate::core::input::timestamp);
    let of_definition = |key: &str| definition.and_then(|definition| definition.get(key)).cloned();
    let mut shape = json!({
        "taskArn": task.arn, "clusterArn": caller.arn("ecs", &format!("cluster/{}", task.cluster)),
        "taskDefinitionArn": task.definition, "group": task.group, "startedBy": task.started_by,
        "lastStatus": task.status, "desiredStatus": if task.ending || task.over() { "STOPPED" } else { "RUNNING" },
        "connectivity": "CONNECTED", "healthStatus": task.health(),
        "launchType": task.shape.text("launchType").unwrap_or("FARGATE"),
        "capacityProviderName": task.shape.text("capacityProviderName"),
        "platformVersion": "1.4.0", "platformFamily": "Linux",
        "cpu": of_definition("cpu"), "memory": of_definition("memory"),
        "containers": task.containers.iter().map(|one| container_shape(caller, task, one)).collect::<Json>(),
        "overrides": task.shape.get("overrides").cloned().unwrap_or_else(|| json!({"containerOverrides": []})),
        "enableExecuteCommand": task.shape.flag("enableExecuteCommand"), "version": 1,
        "attachments": [{
            "id": format!("eni-{}", &task.id[..8]), "type": "ElasticNetworkInterface",
            "status": if task.over() { "DELETED" } else { "ATTACHED" },
            "details": [
                {"name": "privateIPv4Address", "value": address(&task.id)},
                {"name": "subnetId", "value": subnet(&task.shape)},
                {"name": "networkInterfaceId", "value": format!("eni-{}", &task.id[..17])},
            ],
        }],
        "attributes": attributes(task),
        "createdAt": time(Some(task.created)), "pullStartedAt": time(task.started),
        "pullStoppedAt": time(task.started), "startedAt": time(task.started),
        "connectivityAt": time(Some(task.created)), "stoppingAt": time(task.stopping),
        "executionStoppedAt": time(task.stopped), "stoppedAt": time(task.stopped),
        "stopCode": task.code, "stoppedReason": task.reason,
    });
    if with_tags {
        shape["tags"] = crate::services::tags::write_lower(&task.tags);
    }
    shape
}

fn subnet(shape: &Json) -> Json {
    shape.pointer("/networkConfiguration/awsvpcConfiguration/subnets/0").cloned().unwrap_or_else(|| json!(""))
}

/// What is not as on AWS is said with each task.
fn attributes(task: &Task) -> Json {
    if task.real {
        return json!([]);
    }
    let how = if task.script.is_some() { "scripted" } else { "pretended" };
    json!([{"name": super::PRETENDED, "value": how}])
}

fn container_shape(caller: &Caller, task: &Task, container: &Container) -> Json {
    let id = sha256_hex(format!("{} {}", task.arn, container.name).as_bytes());
    let bindings = container.ports.iter().map(|(inside, outside)| {
        json!({"bindIP": "127.0.0.1", "containerPort": inside, "hostPort": outside, "protocol": "tcp"})
    });
    let exec = task.shape.flag("enableExecuteCommand").then(|| {
        json!([{"name": "ExecuteCommandAgent", "lastStatus": if task.status == "RUNNING" { "RUNNING" } else { "STOPPED" }}])
    });
    json!({
        "containerArn": caller.arn("ecs", &format!("container/{}/{}/{}", task.cluster, task.id, &id[..32])),
        "name": container.name, "image": container.image, "imageDigest": container.digest, "taskArn": task.arn,
        "runtimeId": container.runtime, "lastStatus": container.status, "healthStatus": container.health,
        "exitCode": container.exit, "reason": container.reason,
        "networkBindings": bindings.collect::<Json>(), "managedAgents": exec,
        "networkInterfaces": [{"privateIpv4Address": address(&task.id)}],
    })
}

/// The group of a task that no service wants.
pub(super) fn group(definition: &str) -> String {
    format!("family:{}", family(definition))
}
