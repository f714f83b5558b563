//! Volumes of a task and their access through EFS.

use copilot_cfn::intrinsic::{get_att, join, reference, sub, sub_with};
use copilot_cfn::{Resource, Value, cfn};

use crate::template::About as _;
use crate::template::as_written::as_written;
use crate::workload::context::Context;
use crate::workload::iam::policy;
use crate::workload::model::{FileSystem, Text, Volume, VolumeKind};
use crate::workload::stack::{Stack, from_environment, import_as_written};

/// The volumes as a task definition lists them: the environment's file system first.
pub(crate) fn list(volumes: &[Volume<'_>]) -> Vec<Value> {
    let is_managed = |volume: &&Volume<'_>| matches!(volume.kind, VolumeKind::Managed { .. });
    let managed = volumes.iter().filter(is_managed);
    managed.chain(volumes.iter().filter(|volume| !is_managed(volume))).map(entry).collect()
}

fn entry(volume: &Volume<'_>) -> Value {
    let name = as_written(volume.name);
    match &volume.kind {
        VolumeKind::Scratch => cfn!({ "Name": name }),
        VolumeKind::Managed { .. } => cfn!({
            "Name": name,
            "EFSVolumeConfiguration": {
                "FilesystemId": from_environment("ManagedFileSystemID"),
                "RootDirectory": "/",
                "TransitEncryption": "ENABLED",
                "AuthorizationConfig": { "AccessPointId": reference("AccessPoint"), "IAM": "ENABLED" },
            },
        }),
        VolumeKind::Existing(system) => cfn!({
            "Name": name,
            "EFSVolumeConfiguration": {
                "FilesystemId": id(system),
                "RootDirectory": system.root_dir.to_owned(),
                "TransitEncryption": "ENABLED",
                "AuthorizationConfig": {
                    "AccessPointId"?: system.access_point.map(as_written),
                    "IAM": if system.iam { "ENABLED" } else { "DISABLED" },
                },
            },
        }),
    }
}

fn id(system: &FileSystem<'_>) -> Value {
    match system.id {
        Text::Plain(id) => as_written(id),
        Text::Export(name) => import_as_written(name),
    }
}

/// Adds the workload's directory on the environment's file system, where a volume asks for it.
pub(crate) fn add_access_point(stack: &mut Stack, volumes: &[Volume<'_>], cx: &Context<'_>) {
    let owner = volumes.iter().find_map(|volume| match volume.kind {
        VolumeKind::Managed { uid, gid } => Some((uid, gid)),
        _ => None,
    });
    let Some((uid, gid)) = owner else { return };
    let point = Resource::new("AWS::EFS::AccessPoint").properties(cfn!({
        "ClientToken": sub("${AppName}-${EnvName}-${WorkloadName}"),
        "FileSystemId": from_environment("ManagedFileSystemID"),
        "PosixUser": { "Uid": uid, "Gid": gid },
        "RootDirectory": {
            "Path": sub(format!("/{}", cx.name)),
            "CreationInfo": { "OwnerUid": uid, "OwnerGid": gid, "Permissions": "0755" },
        },
    }));
    stack.resource("AccessPoint", point.about("Directory of the workload on the environment's file system"));
}

/// What tasks may do with their volumes: a policy for each file system of the user's own, then one for the environment's.
pub(crate) fn task_policies(volumes: &[Volume<'_>]) -> Vec<Value> {
    let systems = volumes.iter().filter_map(|volume| match &volume.kind {
        VolumeKind::Existing(system) => Some((volume, system)),
        _ => None,
    });
    let mut policies: Vec<Value> =
        systems.enumerate().map(|(place, (volume, system))| of_existing(place, volume, system)).collect();
    if volumes.iter().any(|volume| matches!(volume.kind, VolumeKind::Managed { .. })) {
        policies.push(of_managed());
    }
    policies
}

fn of_existing(place: usize, volume: &Volume<'_>, system: &FileSystem<'_>) -> Value {
    let writes = volume.read_only == Some(false);
    let (name, resource) = match system.id {
        Text::Plain(id) => (
            Value::from(format!("GrantEFSAccess{id}-{place}")),
            sub(format!(
                "arn:${{AWS::Partition}}:elasticfilesystem:${{AWS::Region}}:${{AWS::AccountId}}:file-system/{id}"
            )),
        ),
        Text::Export(name) => {
            let import = import_as_written(name);
            let prefix =
                sub("arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:${AWS::AccountId}:file-system");
            (
                join("", cfn!(["GrantEFSAccess", import.clone(), format!("-{place}")])),
                join("/", cfn!([prefix, import])),
            )
        }
    };
    let condition = system.access_point.map(|point| {
        let arn = format!("arn:${{AWS::Partition}}:elasticfilesystem:${{AWS::Region}}:${{AWS::AccountId}}:access-point/{point}");
        cfn!({ "StringEquals": { "elasticfilesystem:AccessPointArn": sub(arn) } })
    });
    policy(
        name,
        cfn!([{
            "Effect": "Allow",
            "Action": ["elasticfilesystem:ClientMount", ..writes.then_some("elasticfilesystem:ClientWrite")],
            "Condition"?: condition,
            "Resource": [resource],
        }]),
    )
}

fn of_managed() -> Value {
    let resource = sub_with(
        "arn:${partition}:elasticfilesystem:${region}:${account}:file-system/${fsid}",
        [
            ("partition", reference("AWS::Partition")),
            ("region", reference("AWS::Region")),
            ("account", reference("AWS::AccountId")),
            ("fsid", from_environment("ManagedFileSystemID")),
        ],
    );
    policy(
        "GrantAccessCopilotManagedEFS",
        cfn!([{
            "Effect": "Allow",
            "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
            "Condition": { "StringEquals": { "elasticfilesystem:AccessPointArn": get_att("AccessPoint", "Arn") } },
            "Resource": [resource],
        }]),
    )
}
