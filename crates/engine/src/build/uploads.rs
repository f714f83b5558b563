//! Which files of a workload go to the artifact bucket, and how its stack refers to them.

use camino::Utf8Path;
use copilot_artifact::assets::{self, Bucket, FileUpload};
use copilot_artifact::{Cancel, ObjectRequest, keys};
use copilot_cfn::write::to_yaml;
use copilot_manifest::decode::Map;
use copilot_manifest::workload::{StaticSite, WorkloadConfig};
use copilot_stack::Facts;
use copilot_stack::addons::{Addons, LocalFile, Uploaded, replace_local_files};

use super::units::Unit;
use crate::error::Error;

/// The container of the log router in [`Facts::env_files`].
const LOG_ROUTER: &str = "firelens_log_router";

/// Where files are, and where they go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Files<'a> {
    /// The workspace's root.
    pub(crate) root: &'a Utf8Path,
    pub(crate) bucket: &'a Bucket,
    /// Threads that read and hash.
    pub(crate) threads: usize,
    /// What stops them.
    pub(crate) cancel: &'a Cancel,
}

/// The workload's own files; `facts` learn where they will be.
pub(crate) fn of_unit(unit: &Unit, files: Files<'_>, facts: &mut Facts) -> Result<Vec<ObjectRequest>, Error> {
    if let WorkloadConfig::StaticSite(site) = &unit.workload.config {
        return static_site(unit, site, files, facts);
    }
    let mut objects = Vec::new();
    for (container, path) in env_files(unit) {
        let object = assets::env_file(files.root.as_std_path(), path, files.bucket, files.cancel)?;
        facts.env_files.insert(container.to_owned(), object.at.arn());
        objects.push(object);
    }
    Ok(objects)
}

/// Containers with the environment file that they name.
fn env_files(unit: &Unit) -> Vec<(&str, &str)> {
    let Some(shared) = unit.workload.config.ecs() else { return Vec::new() };
    let main = shared.task.env_file.as_deref().map(|path| (unit.pair.workload.as_str(), path));
    let sidecars = shared.sidecars.into_iter().flat_map(Map::iter);
    let sidecars = sidecars.filter_map(|(name, sidecar)| Some((name, sidecar.env_file.as_deref()?)));
    let router = shared.logging.and_then(|logging| logging.env_file.as_deref());
    let all = main.into_iter().chain(sidecars).chain(router.map(|path| (LOG_ROUTER, path)));
    all.map(|(container, path)| (container, path.as_str())).filter(|(_, path)| !path.is_empty()).collect()
}

/// Whose addons they are, which decides where their files go.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AddonsOf<'a> {
    Workload(&'a str),
    Environments,
}

impl AddonsOf<'_> {
    fn template_key(self, hash: &str) -> String {
        match self {
            Self::Workload(name) => keys::addons_template(name, hash),
            Self::Environments => keys::environment_addons_template(hash),
        }
    }

    fn asset_key(self, hash: &str) -> String {
        match self {
            Self::Workload(name) => keys::addons_asset(name, hash),
            Self::Environments => keys::environment_addons_asset(hash),
        }
    }
}

impl std::fmt::Display for AddonsOf<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Workload(name) => f.write_str(name),
            Self::Environments => f.write_str("environments"),
        }
    }
}

/// The template of addons with the files that it refers to, which are replaced in it by where they will be.
pub(crate) fn of_addons(
    owner: AddonsOf<'_>,
    addons: &mut Addons,
    files: Files<'_>,
    facts: &mut Facts,
) -> Result<Vec<ObjectRequest>, Error> {
    let mut objects = Vec::new();
    replace_local_files(&mut addons.template, |file| {
        let asset = assets::addon_asset(files.root.as_std_path(), file.path.as_ref(), file.zip, files.cancel)
            .map_err(|error| referred(&file, owner, error))?;
        let at = files.bucket.at(owner.asset_key(&asset.hash));
        let uploaded = Uploaded { bucket: at.bucket.clone(), key: at.key.clone(), url: at.url() };
        objects.push(ObjectRequest::new(at, asset.body, format!("{} of the addons of {owner}", file.path)));
        Ok::<_, Error>(uploaded)
    })?;
    let template = addons_template(owner, addons, files.bucket);
    facts.addons_url = Some(template.at.url());
    objects.push(template);
    Ok(objects)
}

/// The template of addons as it lies in the bucket.
pub(crate) fn addons_template(owner: AddonsOf<'_>, addons: &Addons, bucket: &Bucket) -> ObjectRequest {
    let text = to_yaml(&addons.template.clone().into_value());
    bucket.text(text, format!("addons template of {owner}"), |hash| owner.template_key(hash))
}

fn referred(file: &LocalFile<'_>, owner: AddonsOf<'_>, error: copilot_artifact::Error) -> Error {
    if matches!(error, copilot_artifact::Error::Cancelled) {
        return error.into();
    }
    Error::AddonFile { owner: owner.to_string(), place: file.place.to_owned(), problem: Box::new(error) }
}

fn static_site(
    unit: &Unit,
    site: &StaticSite,
    files: Files<'_>,
    facts: &mut Facts,
) -> Result<Vec<ObjectRequest>, Error> {
    let uploads: Vec<FileUpload> = site.files().iter().map(|entry| file_upload(&entry.value)).collect();
    let root = files.root.as_std_path();
    let (environment, workload) = (&unit.pair.environment, &unit.pair.workload);
    let site = assets::static_site(
        root,
        &uploads,
        environment,
        workload,
        files.bucket,
        files.threads,
        files.cancel,
    )?;
    let bytes = site.mapping.size().unwrap_or_default();
    if bytes > assets::MAPPING_LIMIT as u64 {
        return Err(Error::TooManyFiles { workload: workload.clone(), bytes, limit: assets::MAPPING_LIMIT });
    }
    facts.asset_mapping_url = Some(site.mapping.at.s3_uri());
    Ok(site.objects.into_iter().chain([site.mapping]).collect())
}

fn file_upload(entry: &copilot_manifest::workload::FileUpload) -> FileUpload {
    let text = |value: Option<&String>| value.cloned().unwrap_or_default();
    let list = |list: Option<&copilot_manifest::workload::value::StringList>| {
        list.map(|list| list.as_slice().to_vec()).unwrap_or_default()
    };
    FileUpload {
        source: text(entry.source.as_deref()),
        destination: text(entry.destination.as_deref()),
        recursive: entry.recursive.as_ref().is_some_and(|recursive| recursive.value),
        exclude: list(entry.exclude.as_deref()),
        reinclude: list(entry.reinclude.as_deref()),
    }
}
