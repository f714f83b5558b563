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
    around: check::Surroundings<'a>,
}

impl<'a> Recheck<'a> {
    /// # Errors
    /// When the workspace can't be read.
    pub(crate) fn new(project: &'a Project, host: &'a dyn Host) -> Result<Self, Error> {
        let files = manifests(project.workspace())?;
        Ok(Self { project, around: surroundings(project, &files, &Scope::default(), host) })
    }

    /// What is wrong with a manifest that says this.
    pub(crate) fn of(&self, file: &ManifestFile, header: &Header) -> Diagnostics {
        let file = ManifestFile { header: Ok(header.clone()), partial: None, ..file.clone() };
        check::check(&file, self.project, &self.around)
    }
}
