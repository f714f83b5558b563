//! Which images a workload's manifest wants built, and how.

use std::path::{Component, Path, PathBuf};

use camino::Utf8Path;
use copilot_artifact::{BuildSpec, ImageId, ImageRequest, Plan, main_tags, sidecar_tags, standard_labels};
use copilot_manifest::decode::Map;
use copilot_manifest::workload::{Build, WorkloadConfig};
use copilot_workspace::Workspace;
use copilot_yaml::Diagnostics;

use super::places::Places;
use super::units::Unit;
use crate::error::Error;
use crate::validate::files;

/// What App Runner runs, whatever builds the image.
const APP_RUNNER: &str = "linux/amd64";

/// A container whose image is built.
#[derive(Debug, Clone)]
pub(crate) struct Built {
    pub(crate) container: String,
    pub(crate) is_main: bool,
    pub(crate) spec: BuildSpec,
}

/// Tags that images get besides `latest`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tags<'a> {
    /// Of main containers: what the user says, else the commit.
    pub(crate) main: Option<&'a str>,
    /// Of sidecars: the commit, if git knows one and nothing was changed since.
    pub(crate) commit: Option<&'a str>,
}

/// The containers of a workload whose images are built, the main one first. Paths are not looked at.
pub(crate) fn built(unit: &Unit, root: &Utf8Path) -> Vec<Built> {
    let config = &unit.workload.config;
    let platform = platform(config);
    let name = unit.pair.workload.as_str();
    let main = config.image().filter(|image| image.origin.location.is_none());
    let main = main.and_then(|image| image.origin.build()).map(|build| (name, &build.value));
    let sidecars = config.ecs().and_then(|shared| shared.sidecars).into_iter().flat_map(Map::iter);
    let sidecars = sidecars.filter_map(|(name, sidecar)| Some((name, sidecar.build()?)));
    main.map(|found| (true, found))
        .into_iter()
        .chain(sidecars.map(|found| (false, found)))
        .map(|(is_main, (container, build))| Built {
            container: container.to_owned(),
            is_main,
            spec: spec(root, container, build, platform.clone()),
        })
        .collect()
}

/// Fails where an image can't be built here, before anything is asked or built: Dockerfiles, contexts and env files that are
/// not there, and what is for Windows.
pub(crate) fn check(units: &[Unit], workspace: &Workspace) -> Result<(), Error> {
    let mut missing: Diagnostics =
        units.iter().flat_map(|unit| files::missing(&unit.workload, workspace)).collect();
    if !missing.is_empty() {
        missing.deny_warnings();
        return Err(Error::Findings(missing));
    }
    let mut plan = Plan::new();
    for unit in units {
        for built in built(unit, workspace.root()) {
            plan.image(ImageRequest {
                id: id(unit, &built),
                build: built.spec,
                repository: String::new(),
                tags: Vec::new(),
            });
        }
    }
    Ok(plan.check("linux")?)
}

/// The image as it should be in its repository.
pub(crate) fn request(
    unit: &Unit,
    built: Built,
    places: Places<'_>,
    tags: Tags<'_>,
) -> Result<ImageRequest, Error> {
    Ok(ImageRequest {
        id: id(unit, &built),
        repository: places.pushed_to(&unit.pair)?,
        tags: if built.is_main { main_tags(tags.main) } else { sidecar_tags(&built.container, tags.commit) },
        build: built.spec,
    })
}

fn id(unit: &Unit, built: &Built) -> ImageId {
    ImageId {
        workload: unit.pair.workload.clone(),
        container: built.container.clone(),
        environment: unit.pair.environment.clone(),
    }
}

fn spec(root: &Utf8Path, container: &str, build: &Build, platform: Option<String>) -> BuildSpec {
    let args = build.args();
    let context = args.and_then(|args| args.context.as_deref());
    let dockerfile = match (build.dockerfile(), context) {
        (Some(path), _) => within(root, path),
        (None, Some(context)) => within(root, context).join("Dockerfile"),
        (None, None) => root.as_std_path().join("Dockerfile"),
    };
    let context = match context {
        Some(path) => within(root, path),
        None => dockerfile.parent().unwrap_or(root.as_std_path()).to_owned(),
    };
    let arguments = args.and_then(|args| args.args.as_deref()).into_iter().flat_map(Map::iter);
    BuildSpec {
        dockerfile,
        context,
        args: arguments.map(|(name, value)| (name.to_owned(), value.value.clone())).collect(),
        target: args.and_then(|args| args.target.as_deref().cloned()),
        platform,
        cache_from: args.and_then(|args| args.cache_from.as_deref().cloned()).unwrap_or_default(),
        labels: standard_labels(container, Some(env!("CARGO_PKG_VERSION"))),
        secrets: Vec::new(),
    }
}

/// `os/arch` for the engine; none where the manifest says nothing, so that the engine's own counts.
fn platform(config: &WorkloadConfig) -> Option<String> {
    if matches!(config, WorkloadConfig::RequestDrivenWebService(_)) {
        return Some(APP_RUNNER.to_owned());
    }
    let platform = config.ecs()?.task.platform.as_deref()?;
    let os = if platform.is_windows() { "windows".to_owned() } else { platform.os() };
    let architecture = match platform.architecture().as_str() {
        "x86_64" => "amd64".to_owned(),
        "arm" => "arm64".to_owned(),
        other => other.to_owned(),
    };
    (!os.is_empty() && !architecture.is_empty()).then(|| format!("{os}/{architecture}"))
}

/// A path of a manifest: relative to the workspace's root, also when it begins with `/`; `..` may lead out of it.
pub(crate) fn within(root: &Utf8Path, path: &str) -> PathBuf {
    let mut full = root.as_std_path().to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) => full.push(name),
            Component::ParentDir => {
                full.pop();
            }
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    full
}
