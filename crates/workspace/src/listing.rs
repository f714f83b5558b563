//! What is in a workspace.

use std::collections::HashMap;

use camino::{Utf8Path, Utf8PathBuf};
use copilot_manifest::Kind;
use copilot_yaml::{Diagnostic, Diagnostics};

use crate::codes;
use crate::error::Error;
use crate::files::Root;
use crate::header::{self, ManifestFile, Place};
use crate::locate::{Workspace, is_absent};

const MANIFEST: &str = "manifest.yml";
const ENVIRONMENTS: &str = "environments";
const PIPELINES: &str = "pipelines";
const LEGACY_PIPELINE: &str = "pipeline.yml";

impl Workspace {
    /// All services and jobs, by name. A broken manifest is an entry too.
    ///
    /// # Errors
    /// [`Error::Io`] and [`Error::NotUtf8`] when the folder can't be listed.
    pub fn workloads(&self) -> Result<Vec<ManifestFile>, Error> {
        let mut names = folders(self.root(), self.folder())?;
        names.retain(|name| name != ENVIRONMENTS && name != PIPELINES);
        Ok(self.read_all(self.folder(), names, Place::Workload))
    }

    /// The services, without what can't be read.
    ///
    /// # Errors
    /// As [`Workspace::workloads`].
    pub fn services(&self) -> Result<Vec<ManifestFile>, Error> {
        self.workloads_where(Kind::is_service)
    }

    /// The jobs, without what can't be read.
    ///
    /// # Errors
    /// As [`Workspace::workloads`].
    pub fn jobs(&self) -> Result<Vec<ManifestFile>, Error> {
        self.workloads_where(Kind::is_job)
    }

    fn workloads_where(&self, wanted: fn(Kind) -> bool) -> Result<Vec<ManifestFile>, Error> {
        let mut files = self.workloads()?;
        files.retain(|file| file.header.as_ref().is_ok_and(|header| wanted(header.kind)));
        Ok(files)
    }

    /// All environments that have a manifest, by name.
    ///
    /// # Errors
    /// As [`Workspace::workloads`].
    pub fn environments(&self) -> Result<Vec<ManifestFile>, Error> {
        let folder = self.folder().join(ENVIRONMENTS);
        Ok(self.read_all(&folder, folders(self.root(), &folder)?, Place::Environment))
    }

    /// All pipelines, by the name inside; `copilot/pipeline.yml`, where older workspaces have theirs, is one of them.
    ///
    /// Of two with the same name the second one is an error. One that has the name of the old place's is left out, as Copilot
    /// does; [`Workspace::shadowed`] tells of it.
    ///
    /// # Errors
    /// As [`Workspace::workloads`].
    pub fn pipelines(&self) -> Result<Vec<ManifestFile>, Error> {
        let (mut files, _) = self.all_pipelines()?;
        refuse_duplicates(&mut files);
        Ok(files)
    }

    /// A warning for each pipeline that nobody reads because `copilot/pipeline.yml` has its name.
    ///
    /// # Errors
    /// As [`Workspace::workloads`].
    pub fn shadowed(&self) -> Result<Diagnostics, Error> {
        let (_, shadowed) = self.all_pipelines()?;
        let legacy = self.display_path(&self.folder().join(LEGACY_PIPELINE));
        let warnings = shadowed.iter().filter_map(|file| {
            let header = file.header.as_ref().ok()?;
            let message = format!(
                "`{}` is not read: `{legacy}` has the pipeline `{}`, too",
                file.display_path, header.name
            );
            let warning = Diagnostic::warning(&codes::SHADOWED_PIPELINE, message);
            let warning = warning.at(&header.source, header.name_span, "the name of both");
            Some(warning.help(format!(
                "delete one of the two files, or rename the pipeline; Copilot takes `{legacy}`, too"
            )))
        });
        Ok(warnings.collect())
    }

    /// The pipelines that are read, and those that the one in the old place hides.
    fn all_pipelines(&self) -> Result<(Vec<ManifestFile>, Vec<ManifestFile>), Error> {
        let folder = self.folder().join(PIPELINES);
        let mut files = self.read_all(&folder, folders(self.root(), &folder)?, Place::Pipeline);
        let mut hidden = Vec::new();
        let legacy = self.folder().join(LEGACY_PIPELINE);
        if exists(&legacy) {
            let name = self.display_path(&legacy);
            let folder = self.folder().file_name().unwrap_or_default();
            let legacy = header::read(self.root(), legacy, name, folder, Place::Pipeline);
            if let Ok(header) = &legacy.header {
                let is_hidden =
                    |file: &ManifestFile| file.header.as_ref().is_ok_and(|other| other.name == header.name);
                (hidden, files) = files.into_iter().partition(is_hidden);
            }
            files.insert(0, legacy);
        }
        files.sort_by(|a, b| a.name().cmp(b.name()));
        Ok((files, hidden))
    }

    /// Where a pipeline of this name is created.
    pub fn pipeline_folder(&self, name: &str) -> Utf8PathBuf {
        self.folder().join(PIPELINES).join(name)
    }

    /// The buildspec that belongs to a pipeline's manifest unless the manifest says otherwise, as a display path.
    pub fn default_buildspec(&self, manifest: &ManifestFile) -> String {
        let folder = manifest.path.parent().unwrap_or(self.folder());
        self.display_path(&folder.join("buildspec.yml"))
    }

    /// Warnings about the workspace as a whole: manifests that nobody reads, the [shadowed](Workspace::shadowed) ones among them.
    ///
    /// # Errors
    /// As [`Workspace::workloads`].
    pub fn strays(&self) -> Result<Diagnostics, Error> {
        let mut found = self.shadowed()?;
        for parent in
            [self.folder().to_owned(), self.folder().join(ENVIRONMENTS), self.folder().join(PIPELINES)]
        {
            for name in folders(self.root(), &parent)? {
                let stray = parent.join(name).join("manifest.yaml");
                if exists(&stray) {
                    let message = format!("`{}` is not read", self.display_path(&stray));
                    let help = format!("rename it to `{MANIFEST}`");
                    found.push(Diagnostic::warning(&codes::IGNORED_MANIFEST, message).help(help));
                }
            }
        }
        Ok(found)
    }

    fn read_all(&self, parent: &Utf8Path, names: Vec<String>, place: Place) -> Vec<ManifestFile> {
        let manifests = names.into_iter().map(|name| (parent.join(&name).join(MANIFEST), name));
        manifests
            .filter(|(path, _)| exists(path))
            .map(|(path, name)| {
                let display_path = self.display_path(&path);
                header::read(self.root(), path, display_path, &name, place)
            })
            .collect()
    }
}

/// Whether there is anything at the path, be it a link that leads nowhere.
fn exists(path: &Utf8Path) -> bool {
    fs_err::symlink_metadata(path).is_ok()
}

/// Turns every pipeline whose name an earlier one has into an error.
fn refuse_duplicates(files: &mut [ManifestFile]) {
    let mut known: HashMap<String, String> = HashMap::new();
    for file in files {
        let Ok(header) = &file.header else { continue };
        let Some(first) = known.get(&header.name) else {
            known.insert(header.name.clone(), file.display_path.clone());
            continue;
        };
        let message = format!("the pipeline `{}` is defined twice", header.name);
        let diagnostic = Diagnostic::error(&codes::DUPLICATE_PIPELINE, message)
            .at(&header.source, header.name_span, format!("also the name in `{first}`"))
            .help("rename one of the two")
            .path("name");
        file.partial = std::mem::replace(&mut file.header, Err(diagnostic.into())).ok();
    }
}

/// Names of the folders inside a folder, ordered; none if it does not exist.
fn folders(root: &Utf8Path, parent: &Utf8Path) -> Result<Vec<String>, Error> {
    let mut names = entries(root, parent)?;
    names.retain(|name| parent.join(name).is_dir());
    Ok(names)
}

/// Names of what is in a folder of the project at `root`, ordered by their bytes; none if it does not exist.
pub(crate) fn entries(root: &Utf8Path, parent: &Utf8Path) -> Result<Vec<String>, Error> {
    let real = Root::of(root.as_std_path()).and_then(|root| root.resolve(parent.as_std_path()));
    let real = match real {
        Ok(real) => real,
        Err(problem) if problem.is_absent() => return Ok(Vec::new()),
        Err(problem) => return Err(Error::File { path: parent.to_owned(), problem }),
    };
    let listed = match std::fs::read_dir(real) {
        Ok(listed) => listed,
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        Err(source) => return Err(Error::Io { path: parent.to_owned(), source }),
    };
    let mut names = Vec::new();
    for entry in listed {
        let entry = entry.map_err(|source| Error::Io { path: parent.to_owned(), source })?;
        let name = entry.file_name().into_string();
        let name = name
            .map_err(|name| Error::NotUtf8 { path: parent.join(name.to_string_lossy().as_ref()).into() })?;
        names.push(name);
    }
    names.sort_unstable();
    Ok(names)
}
