//! Addons and overrides: files beside a manifest that add to its stack or change it.

use camino::{Utf8Path, Utf8PathBuf};

use copilot_yaml::{Diagnostic, Diagnostics, Source};

use crate::error::Error;
use crate::header::read_source;
use crate::listing::entries;
use crate::locate::Workspace;

const PATCHES: &str = "cfn.patches.yml";
const CDK: &str = "cdk.json";
const PARAMETERS: [&str; 2] = ["addons.parameters.yml", "addons.parameters.yaml"];

/// Templates of a folder `addons`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addons {
    /// The folder.
    pub folder: Utf8PathBuf,
    /// The templates by name. There is at least one.
    pub templates: Vec<Utf8PathBuf>,
    /// The file with values for the templates' parameters; two where both spellings of its name are used, which is a mistake.
    pub parameters: Vec<Utf8PathBuf>,
}

/// The files of a folder `addons`, read.
#[derive(Debug, Clone)]
pub struct AddonsText {
    /// The templates by name.
    pub templates: Vec<Source>,
    /// The files with values for the templates' parameters.
    pub parameters: Vec<Source>,
}

/// What changes a rendered template before it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overrides {
    /// A list of patches. Wins over a CDK application beside it.
    Patches(Utf8PathBuf),
    /// The folder of a CDK application.
    Cdk(Utf8PathBuf),
}

impl Workspace {
    /// The addons of a service or job.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::NotUtf8`].
    pub fn addons(&self, workload: &str) -> Result<Option<Addons>, Error> {
        addons_in(self.root(), self.folder().join(workload).join("addons"))
    }

    /// The addons that every environment gets.
    ///
    /// # Errors
    /// As [`Workspace::addons`].
    pub fn environment_addons(&self) -> Result<Option<Addons>, Error> {
        addons_in(self.root(), self.folder().join("environments").join("addons"))
    }

    /// Reads the files of addons.
    ///
    /// # Errors
    /// A problem for each file that can't be read or is no text.
    pub fn read_addons(&self, addons: &Addons) -> Result<AddonsText, Diagnostics> {
        let mut problems = Diagnostics::default();
        let mut read =
            |path: &Utf8PathBuf| self.read_text(path).map_err(|problem| problems.push(*problem)).ok();
        let templates = addons.templates.iter().filter_map(&mut read).collect();
        let parameters = addons.parameters.iter().filter_map(read).collect();
        if problems.is_empty() { Ok(AddonsText { templates, parameters }) } else { Err(problems) }
    }

    /// Reads a text file of the project. Its name is its path from the project's root.
    ///
    /// # Errors
    /// Why it can't be read or is no text.
    pub fn read_text(&self, path: &Utf8Path) -> Result<Source, Box<Diagnostic>> {
        read_source(self.root(), path, self.display_path(path))
    }

    /// The overrides of a service's or job's stack.
    ///
    /// # Errors
    /// [`Error::EmptyOverrides`], [`Error::Io`], [`Error::NotUtf8`].
    pub fn overrides(&self, workload: &str) -> Result<Option<Overrides>, Error> {
        overrides_in(self.root(), &self.folder().join(workload).join("overrides"))
    }

    /// The overrides of all environments' stacks.
    ///
    /// # Errors
    /// As [`Workspace::overrides`].
    pub fn environment_overrides(&self) -> Result<Option<Overrides>, Error> {
        overrides_in(self.root(), &self.folder().join("environments").join("overrides"))
    }

    /// The overrides of a pipeline's stack. They are found by the pipeline's name, wherever its manifest stands.
    ///
    /// # Errors
    /// As [`Workspace::overrides`].
    pub fn pipeline_overrides(&self, name: &str) -> Result<Option<Overrides>, Error> {
        overrides_in(self.root(), &self.pipeline_folder(name).join("overrides"))
    }
}

fn addons_in(root: &Utf8Path, folder: Utf8PathBuf) -> Result<Option<Addons>, Error> {
    let names = entries(root, &folder)?;
    let is_template = |name: &&String| {
        matches!(Utf8Path::new(name).extension(), Some("yml" | "yaml"))
            && !PARAMETERS.contains(&name.as_str())
    };
    let templates: Vec<_> = names
        .iter()
        .filter(is_template)
        .map(|name| folder.join(name))
        .filter(|path| !path.is_dir())
        .collect();
    if templates.is_empty() {
        return Ok(None);
    }
    let parameters = names
        .iter()
        .filter(|name| PARAMETERS.contains(&name.as_str()))
        .map(|name| folder.join(name))
        .collect();
    Ok(Some(Addons { folder, templates, parameters }))
}

fn overrides_in(root: &Utf8Path, folder: &Utf8Path) -> Result<Option<Overrides>, Error> {
    if !folder.exists() {
        return Ok(None);
    }
    let names = entries(root, folder)?;
    if names.iter().any(|name| name == PATCHES) {
        return Ok(Some(Overrides::Patches(folder.join(PATCHES))));
    }
    if names.iter().any(|name| name == CDK) {
        return Ok(Some(Overrides::Cdk(folder.to_owned())));
    }
    Err(Error::EmptyOverrides { path: folder.to_owned() })
}
