//! Disks, volumes and file systems.

use super::{fail, missing, warn};
use crate::decode::{Context, Spanned};
use crate::workload::{Efs, EfsConfig, MountOptions, MountPoint, Storage, Volume, codes};

pub(super) fn check(storage: &Storage, cx: &mut Context<'_>) {
    if let Some(size) = storage.ephemeral.as_ref().filter(|size| !(20..=200).contains(&size.value)) {
        let message = format!("`ephemeral` is {} GiB; it is between 20 GiB and 200 GiB", size.value);
        let help = "write a number from 20 to 200";
        cx.within("ephemeral", |cx| fail(cx, &codes::STORAGE_SIZE, size.span, message, help));
    }
    let Some(volumes) = storage.volumes.as_deref() else { return };
    let mut managed: Option<&str> = None;
    cx.within("volumes", |cx| {
        for (name, member) in &volumes.0 {
            cx.within(name.as_str(), |cx| {
                let Some(volume) = &member.value else {
                    return missing(cx, member.key, "path", "a volume");
                };
                check_volume(volume, cx);
                if !volume.is_managed() {
                    return;
                }
                if let Some(first) = managed {
                    let message = format!("`{first}` and `{name}` are both in Copilot's file system");
                    let help = "a workload can have one such volume: give the other an `efs.id`, or no `efs`";
                    let span = volume.efs.as_ref().map_or(volume.span, |efs| efs.span);
                    fail(cx, &codes::MANAGED_VOLUMES, span, message, help);
                }
                managed = Some(name);
            });
        }
    });
}

fn check_volume(volume: &Spanned<Volume>, cx: &mut Context<'_>) {
    if let Some(Efs::Config(config)) = volume.efs.as_deref() {
        let span = volume.efs.as_ref().map_or(volume.span, |efs| efs.span);
        cx.within("efs", |cx| efs(config, super::first_line(cx, span), cx));
    }
    mount(&volume.mount, volume.span, "a volume", cx);
}

fn efs(config: &EfsConfig, span: copilot_yaml::Span, cx: &mut Context<'_>) {
    match (&config.uid, &config.gid) {
        (Some(uid), None) => missing(cx, uid.span, "gid", "`uid`"),
        (None, Some(gid)) => missing(cx, gid.span, "uid", "`gid`"),
        (Some(uid), Some(_)) if uid.value == 0 => {
            fail(cx, &codes::EFS, uid.span, "`uid` can't be 0, the super user's", "write a number above 0");
        }
        _ => {}
    }
    let directory = config.root_dir.as_deref().map_or("", String::as_str);
    let auth = config.auth.as_deref();
    if let Some(point) = auth.and_then(|auth| auth.access_point_id.as_ref()) {
        let iam = auth.and_then(|auth| auth.iam.as_ref()).is_none_or(|iam| iam.value);
        if !matches!(directory, "" | "/") || !iam {
            let message =
                "`root_dir` has to be empty or `/`, and `auth.iam` true, when `access_point_id` is used";
            fail(
                cx,
                &codes::EFS,
                point.span,
                message,
                "remove `root_dir` and `auth.iam`, or `access_point_id`",
            );
        }
    } else if let Some(directory) = &config.root_dir {
        cx.within("root_dir", |cx| path(directory, cx));
    }
    if config.id.is_none() && !config.names_user() {
        let message = "no file system is named: `id` is missing";
        warn(
            cx,
            &codes::NO_EFFECT,
            span,
            message,
            "add `id`, or write `efs: true` for Copilot's own file system",
        );
    }
}

fn mount(mount: &MountOptions, span: copilot_yaml::Span, what: &str, cx: &mut Context<'_>) {
    match mount.path.as_ref().filter(|path| !path.is_empty()) {
        None => missing(cx, span, "path", what),
        Some(value) => cx.within("path", |cx| path(value, cx)),
    }
}

fn path(path: &Spanned<String>, cx: &mut Context<'_>) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '/');
    if let Some(bad) = path.chars().find(|c| !allowed(*c)) {
        let message = format!("path `{}` holds `{}`", path.value, bad.escape_debug());
        let help = "paths hold only the characters a-z A-Z 0-9 . - _ /";
        fail(cx, &codes::VOLUME_PATH, path.span, message, help);
    }
}

/// What a sidecar mounts.
pub(super) fn mount_points(points: &[Spanned<MountPoint>], cx: &mut Context<'_>) {
    cx.within("mount_points", |cx| {
        for (index, point) in points.iter().enumerate() {
            cx.within(index, |cx| {
                if point.source_volume.as_ref().is_none_or(|volume| volume.is_empty()) {
                    missing(cx, point.span, "source_volume", "a mount point");
                }
                mount(&point.mount, point.span, "a mount point", cx);
            });
        }
    });
}

impl Volume {
    /// Whether it is a directory of the task's own disk.
    pub fn is_scratch(&self) -> bool {
        matches!(self.efs.as_deref(), None | Some(Efs::Managed(false)))
    }

    /// Whether it is in the file system that Copilot makes.
    pub fn is_managed(&self) -> bool {
        self.efs.as_deref().is_some_and(Efs::is_managed)
    }
}
