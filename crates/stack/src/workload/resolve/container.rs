//! Containers.

use std::borrow::Cow;

use copilot_manifest::decode::{Map, Spanned};
use copilot_manifest::workload::defaults::container_check;
use copilot_manifest::workload::value::{Duration, Secret, ShellWords, StringList, Variable};
use copilot_manifest::workload::{
    CommandOverride, ContainerHealthCheck, MountPoint, Sidecar as SidecarManifest,
};

use crate::facts::Facts;
use crate::workload::model::{Container, Credential, HealthCheck, Mount, Sidecar, Text};

/// The text of an optional key.
pub(super) fn text(value: Option<&Spanned<String>>) -> Option<&str> {
    value.map(|text| text.value.as_str())
}

/// Entries sorted by name.
pub(super) fn sorted<'a, T, U>(
    map: Option<&'a Spanned<Map<T>>>,
    convert: impl Fn(&'a T) -> U,
) -> Vec<(&'a str, U)> {
    let entries = map.into_iter().flat_map(|map| map.iter());
    let mut list: Vec<(&str, U)> = entries.map(|(name, value)| (name, convert(&value.value))).collect();
    list.sort_by(|one, other| one.0.cmp(other.0));
    list
}

pub(super) fn variables(map: Option<&Spanned<Map<Variable>>>) -> Vec<(&str, Text<'_>)> {
    sorted(map, |variable| match variable {
        Variable::Plain(text) => Text::Plain(text),
        Variable::FromCfn(name) => Text::Export(name),
    })
}

pub(super) fn secrets(map: Option<&Spanned<Map<Secret>>>) -> Vec<(&str, Credential<'_>)> {
    sorted(map, |secret| match secret {
        Secret::Parameter(source) => Credential::Source(source),
        Secret::FromCfn(name) => Credential::Export(name),
        Secret::SecretsManager(name) => Credential::SecretsManager(name),
    })
}

pub(super) fn texts(map: Option<&Spanned<Map<String>>>) -> Vec<(&str, &str)> {
    sorted(map, String::as_str)
}

pub(super) fn dependencies(map: Option<&Spanned<Map<String>>>) -> Vec<(&str, String)> {
    sorted(map, |status| status.to_uppercase())
}

/// Entry point and command.
pub(super) fn words<'a>(container: &mut Container<'a>, command: &'a CommandOverride) {
    container.entrypoint = split(command.entrypoint.as_ref());
    container.command = split(command.command.as_ref());
}

/// The words of a line. A manifest with a line that has none, because a quote is open, is not loaded.
fn split(words: Option<&Spanned<ShellWords>>) -> Vec<Cow<'_, str>> {
    let Some(words) = words else { return Vec::new() };
    if let StringList::Many(words) = &words.value.0 {
        return words.iter().map(|word| Cow::Borrowed(word.as_str())).collect();
    }
    words.words().unwrap_or_default().into_iter().map(Cow::Owned).collect()
}

/// A check that sets anything has defaults for the rest; one that sets nothing is none.
pub(super) fn health_check(check: Option<&ContainerHealthCheck>) -> Option<HealthCheck<'_>> {
    let check = check?;
    if *check == ContainerHealthCheck::default() {
        return None;
    }
    let seconds = |value: &Option<Spanned<Duration>>, default: Duration| {
        value.as_ref().map_or(default, |time| time.value).as_secs()
    };
    let command = match &check.command {
        Some(command) => command.iter().map(|word| Cow::Borrowed(word.as_str())).collect(),
        None => container_check::COMMAND.map(Cow::Borrowed).to_vec(),
    };
    Some(HealthCheck {
        command,
        interval: seconds(&check.interval, container_check::INTERVAL),
        retries: check.retries.as_ref().map_or(container_check::RETRIES, |retries| retries.value),
        start_period: seconds(&check.start_period, container_check::START_PERIOD),
        timeout: seconds(&check.timeout, container_check::TIMEOUT),
    })
}

/// The containers beside the main one, sorted by name.
pub(super) fn sidecars<'a>(map: Option<&'a Map<SidecarManifest>>, facts: &'a Facts) -> Vec<Sidecar<'a>> {
    let entries = map.into_iter().flat_map(Map::iter);
    let mut list: Vec<Sidecar<'_>> =
        entries.map(|(name, sidecar)| self::sidecar(name, sidecar, facts)).collect();
    list.sort_by(|one, other| one.container.name.cmp(other.container.name));
    list
}

fn sidecar<'a>(name: &'a str, manifest: &'a SidecarManifest, facts: &'a Facts) -> Sidecar<'a> {
    let image = match manifest.image_reference() {
        Some(location) => Cow::Borrowed(location),
        None => facts.images.get(name).map(|image| image.of_sidecar(name)).unwrap_or_default().into(),
    };
    let mut container = Container {
        name,
        variables: variables(manifest.variables.as_ref()),
        secrets: secrets(manifest.secrets.as_ref()),
        labels: texts(manifest.labels.as_ref()),
        depends_on: dependencies(manifest.depends_on.as_ref()),
        health_check: health_check(manifest.healthcheck.as_deref()),
        credentials: text(manifest.credentials_parameter.as_ref()),
        mounts: manifest.mount_points.iter().flat_map(|mounts| mounts.iter()).map(|m| mount(m)).collect(),
        ..Container::default()
    };
    words(&mut container, &manifest.command);
    let env_file = facts.env_files.get(name).map(String::as_str);
    Sidecar { container, image, essential: manifest.essential.as_ref().map(|flag| flag.value), env_file }
}

fn mount(mount: &MountPoint) -> Mount<'_> {
    Mount {
        volume: text(mount.source_volume.as_ref()).unwrap_or_default(),
        path: text(mount.mount.path.as_ref()).unwrap_or_default(),
        read_only: mount.mount.read_only.as_ref().is_none_or(|flag| flag.value),
    }
}
