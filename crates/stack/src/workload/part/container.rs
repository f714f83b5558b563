//! Container definitions: the main container and its sidecars.

use copilot_cfn::intrinsic::reference;
use copilot_cfn::{Map, Value, cfn};

use super::{environment_variables as env, log_group, log_router, secret};
use crate::template::as_written::{all_as_written, as_written};
use crate::template::names::logical_id;
use crate::workload::context::Context;
use crate::workload::model::{Addons, Container, EcsKind, EcsWorkload, Mount, Sidecar};
use crate::workload::stack::only_if;

/// The main container.
pub(crate) fn main(workload: &EcsWorkload<'_>, cx: &Context<'_>, common: &[Value]) -> Value {
    let mut secrets = secret::list(&workload.main.secrets);
    secrets.extend(cx.addons.into_iter().flat_map(Addons::secrets).map(secret::of_addon));
    let logs = workload.log_router.as_ref().map_or_else(log_group::log_configuration, log_router::driver);
    let mut map = Map::with_capacity(16);
    map.insert("Name", reference("WorkloadName"));
    map.insert("Image", reference("ContainerImage"));
    describe(&mut map, &workload.main, common, "HasEnvFile".into(), "EnvFileARN".into(), secrets);
    map.insert("LogConfiguration", logs);
    if matches!(workload.kind, EcsKind::LoadBalanced | EcsKind::Backend) {
        insert_ports(&mut map, workload, workload.main.name);
    }
    if let Some(readonly) = workload.readonly_root {
        map.insert("ReadonlyRootFilesystem", readonly);
    }
    Value::Map(map)
}

/// A sidecar. It logs to the log group even when the main container's logs are routed.
pub(crate) fn sidecar(sidecar: &Sidecar<'_>, workload: &EcsWorkload<'_>, common: &[Value]) -> Value {
    let container = &sidecar.container;
    let id = logical_id(container.name);
    let mut map = Map::with_capacity(16);
    map.insert("Name", as_written(container.name));
    map.insert("Image", as_written(&sidecar.image));
    if let Some(essential) = sidecar.essential {
        map.insert("Essential", essential);
    }
    let (condition, parameter) = (format!("HasEnvFileFor{id}"), format!("EnvFileARNFor{id}"));
    describe(&mut map, container, common, condition, parameter, secret::list(&container.secrets));
    map.insert("LogConfiguration", log_group::log_configuration());
    insert_ports(&mut map, workload, container.name);
    Value::Map(map)
}

/// A file of environment variables, where one was uploaded.
pub(crate) fn environment_files(condition: String, parameter: String) -> Value {
    cfn!([only_if(condition, cfn!({ "Type": "s3", "Value": reference(parameter) }))])
}

fn describe(
    map: &mut Map,
    container: &Container<'_>,
    common: &[Value],
    env_file_condition: String,
    env_file: String,
    secrets: Vec<Value>,
) {
    let mut variables = common.to_vec();
    variables.extend(env::own(&container.variables));
    variables.extend(env::mount_points(&container.mounts));
    insert_list(map, "EntryPoint", all_as_written(&container.entrypoint));
    insert_list(map, "Command", all_as_written(&container.command));
    map.insert("Environment", variables);
    map.insert("EnvironmentFiles", environment_files(env_file_condition, env_file));
    insert_list(map, "Secrets", secrets);
    insert_list(map, "MountPoints", container.mounts.iter().map(mount_point).collect());
    if !container.labels.is_empty() {
        let labels = container.labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        map.insert("DockerLabels", labels.collect::<Map>());
    }
    let depends_on = container.depends_on.iter();
    let depends_on = depends_on
        .map(|(name, status)| cfn!({ "Condition": status.clone(), "ContainerName": as_written(name) }));
    insert_list(map, "DependsOn", depends_on.collect());
    if let Some(check) = &container.health_check {
        let command: Vec<Value> =
            check.command.iter().map(|word| Value::from(word.as_ref().to_owned())).collect();
        let check = cfn!({
            "Command": command,
            "Interval": check.interval,
            "Retries": check.retries,
            "StartPeriod": check.start_period,
            "Timeout": check.timeout,
        });
        map.insert("HealthCheck", check);
    }
    if let Some(credentials) = container.credentials.filter(|credentials| !credentials.is_empty()) {
        map.insert("RepositoryCredentials", cfn!({ "CredentialsParameter": as_written(credentials) }));
    }
}

fn insert_list(map: &mut Map, key: &'static str, items: Vec<Value>) {
    if !items.is_empty() {
        map.insert(key, items);
    }
}

fn mount_point(mount: &Mount<'_>) -> Value {
    cfn!({
        "ContainerPath": mount.path.to_owned(),
        "ReadOnly": mount.read_only,
        "SourceVolume": as_written(mount.volume),
    })
}

/// The port that Service Connect offers has the name `target`, whether Service Connect is on or not.
fn insert_ports(map: &mut Map, workload: &EcsWorkload<'_>, container: &str) {
    let target = workload.connect_target.as_ref().filter(|target| target.container == container);
    let ports = workload.ports.of(container).map(|(number, port)| {
        let name = target.filter(|target| target.port == number.to_string()).map(|_| "target");
        cfn!({ "ContainerPort": number, "Protocol": port.protocol.clone().into_owned(), "Name"?: name })
    });
    insert_list(map, "PortMappings", ports.collect());
}
