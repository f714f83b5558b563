//! Volumes.

use copilot_manifest::workload::value::EfsId;
use copilot_manifest::workload::{Efs, EfsConfig, Storage};

use super::container::text;
use crate::template::names::crc32;
use crate::workload::model::{FileSystem, Mount, Text, Volume, VolumeKind};

/// The volumes, sorted by name. Files on the environment's file system belong to a user made from the workload's name.
pub(super) fn volumes<'a>(storage: Option<&'a Storage>, workload: &str) -> Vec<Volume<'a>> {
    let entries = storage.and_then(|storage| storage.volumes.as_ref()).into_iter().flat_map(|map| map.iter());
    let mut list: Vec<Volume<'_>> = entries
        .map(|(name, volume)| Volume {
            name,
            path: text(volume.mount.path.as_ref()).unwrap_or_default(),
            read_only: volume.mount.read_only.as_ref().map(|flag| flag.value),
            kind: kind(volume.efs.as_deref(), workload),
        })
        .collect();
    list.sort_by(|one, other| one.name.cmp(other.name));
    list
}

/// The volumes as the main container sees them.
pub(super) fn mounts<'a>(volumes: &[Volume<'a>]) -> Vec<Mount<'a>> {
    let mount = |volume: &Volume<'a>| Mount {
        volume: volume.name,
        path: volume.path,
        read_only: volume.read_only.unwrap_or(true),
    };
    volumes.iter().map(mount).collect()
}

fn kind<'a>(efs: Option<&'a Efs>, workload: &str) -> VolumeKind<'a> {
    match efs {
        None => VolumeKind::Scratch,
        Some(efs) if efs.is_managed() => {
            let owner = || crc32(workload);
            let config = if let Efs::Config(config) = efs { Some(config) } else { None };
            let uid = config.and_then(|config| config.uid.as_ref()).map_or_else(owner, |uid| uid.value);
            let gid = config.and_then(|config| config.gid.as_ref()).map_or_else(owner, |gid| gid.value);
            VolumeKind::Managed { uid, gid }
        }
        Some(efs) => {
            efs.existing().map_or(VolumeKind::Scratch, |config| VolumeKind::Existing(existing(config)))
        }
    }
}

fn existing(config: &EfsConfig) -> FileSystem<'_> {
    let id = match config.id.as_deref() {
        Some(EfsId::Plain(id)) => Text::Plain(id),
        Some(EfsId::FromCfn(name)) => Text::Export(name),
        None => Text::Export(""),
    };
    let auth = config.auth.as_deref();
    FileSystem {
        id,
        root_dir: text(config.root_dir.as_ref()).unwrap_or("/"),
        access_point: auth.and_then(|auth| text(auth.access_point_id.as_ref())),
        iam: auth.and_then(|auth| auth.iam.as_ref()).is_some_and(|flag| flag.value),
    }
}
