//! Disks of a task.

use copilot_yaml::Node;

use crate::decode::{Blank, Context, Map};
use crate::workload::codes;
use crate::workload::value::EfsId;

crate::record! {
    /// Disks of a task.
    pub struct Storage {
        /// Size of the task's own disk in GiB, 20 to 200. Default: 20.
        ephemeral: i64,
        /// Whether the main container's root file system can't be written to. Not on Windows.
        readonly_fs: bool,
        /// Volumes that containers mount, by name.
        volumes: Map<Volume>,
    }
}

crate::record! {
    /// A volume that the main container mounts. Without `efs` it is a directory of the task's own disk.
    pub struct Volume {
        /// An EFS file system: `true` for one that Copilot makes, a mapping for its user or for an existing one.
        efs: Efs,
    }
    flatten {
        /// Where and how it is mounted.
        mount: MountOptions,
    }
}

crate::record! {
    /// Where and how a volume is mounted.
    pub struct MountOptions {
        /// Path in the container: letters, digits, `-`, `.`, `_` and `/`.
        path: String,
        /// Whether the container can't write to it. Default: true.
        read_only: bool,
    }
}

crate::record! {
    /// A volume that a sidecar mounts.
    pub struct MountPoint {
        /// Name of the volume under `storage.volumes`.
        source_volume: String,
    }
    flatten {
        /// Where and how it is mounted.
        mount: MountOptions,
    }
}

crate::record! {
    /// How the task proves who it is to an existing EFS file system.
    pub struct EfsAuth {
        /// Whether the task's role is used. Default: true.
        iam: bool,
        /// Id of the access point to go through. It needs `root_dir` empty or `/`.
        access_point_id: String,
    }
}

crate::record! {
    /// The user of Copilot's own EFS file system, or an existing one. The two exclude each other.
    pub struct EfsConfig {
        /// Id of an existing file system.
        id: EfsId,
        /// Directory of the existing file system that is mounted. Default: `/`.
        root_dir: String,
        /// How the task proves who it is to the existing file system.
        auth: EfsAuth,
        /// User id that owns the workload's directory in Copilot's file system; 1 or more. Default: derived from the name.
        uid: u32,
        /// Group id that owns the workload's directory in Copilot's file system; needs `uid`.
        gid: u32,
    }
    after decode one_kind;
    after merge exclude_other_kind;
}

fn one_kind(efs: &EfsConfig, node: &Node, cx: &mut Context<'_>) {
    if efs.names_user() && efs.names_existing() {
        let message =
            "`uid` and `gid` are for Copilot's file system, `id`, `root_dir` and `auth` for an existing one";
        let problem = cx.error(&codes::EFS, message, node.span, "both are set here");
        cx.report(problem.help("keep the keys of one of them"));
    }
}

/// The kind that the override names is the only one.
fn exclude_other_kind(efs: &mut EfsConfig, over: &EfsConfig) {
    let names_user = over.names_user();
    if names_user {
        efs.id = None;
        efs.root_dir = None;
        efs.auth = None;
    }
    if over.names_existing() {
        efs.uid = None;
        efs.gid = None;
    }
}

impl EfsConfig {
    /// Whether user or group of Copilot's file system are set.
    pub fn names_user(&self) -> bool {
        self.uid.is_some() || self.gid.is_some()
    }

    /// Whether a key of an existing file system is set.
    pub fn names_existing(&self) -> bool {
        !(self.id.is_blank() && self.root_dir.is_blank() && self.auth.is_blank())
    }
}

crate::union! {
    /// An EFS file system.
    pub enum Efs {
        /// Whether Copilot makes one.
        other Managed(bool),
        /// The user of Copilot's own, or an existing one.
        mapping Config(EfsConfig),
    }
    expected "true, false, or a mapping with some of the keys `id`, `root_dir`, `auth`, `uid`, `gid`"
}

impl Efs {
    /// Whether it is the file system that Copilot makes.
    pub fn is_managed(&self) -> bool {
        match self {
            Self::Managed(managed) => *managed,
            Self::Config(config) => config.names_user(),
        }
    }

    /// The existing file system's settings, if it is one.
    pub fn existing(&self) -> Option<&EfsConfig> {
        match self {
            Self::Config(config) if !config.names_user() => Some(config),
            _ => None,
        }
    }
}
