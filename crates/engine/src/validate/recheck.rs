//! What would be wrong with a manifest if it had another text.

use copilot_workspace::{Header, ManifestFile};
use copilot_yaml::Diagnostics;

use super::{Scope, check, manifests, surroundings};
use crate::error::Error;
use crate::host::Host;
use crate::project::Project;

/// Looks at manifests of a workspace one by one.
pub(crate) struct Recheck<'a> {
    project: &'a Project,
    /// All of them.
    pub(crate) files: Vec<ManifestFile>,
    around: check::Surroundings<'a>,
}

impl<'a> Recheck<'a> {
    /// # Errors
    /// When the workspace can't be read.
    pub(crate) fn new(project: &'a Project, host: &'a dyn Host) -> Result<Self, Error> {
        let files = manifests(project.workspace())?;
        let around = surroundings(project, &files, &Scope::default(), host);
        Ok(Self { project, files, around })
    }

    /// What is wrong with a manifest that says this.
    pub(crate) fn of(&self, file: &ManifestFile, header: &Header) -> Diagnostics {
        let file = ManifestFile { header: Ok(header.clone()), partial: None, ..file.clone() };
        check::check(&file, self.project, &self.around)
    }
}
