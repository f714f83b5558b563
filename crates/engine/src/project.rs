//! A workspace, with what the program around knows of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use camino::{Utf8Path, Utf8PathBuf};
use copilot_artifact::Cancel;
use copilot_manifest::interpolate::Variables;
use copilot_workspace::{Error as WorkspaceError, Git, GitCommand, Workspace};

use crate::error::Error;

/// A workspace on disk and the application that it belongs to.
#[derive(Debug, Clone)]
pub struct Project {
    workspace: Workspace,
    folder: Utf8PathBuf,
    variables: BTreeMap<String, String>,
    application: Option<String>,
    cdk: bool,
}

impl Project {
    /// Finds the workspace in `folder` or above it. `variables` are the environment variables that manifests may use and
    /// that programs are looked up with; `folder` is also where relative paths start from.
    ///
    /// # Errors
    /// When there is no workspace, or `copilot/.workspace` can't be read.
    pub fn open(folder: &Utf8Path, variables: BTreeMap<String, String>) -> Result<Self, Error> {
        let workspace = Workspace::find(folder)?;
        let application = match workspace.summary() {
            Ok(summary) => Some(summary.application),
            // What is wrong with it `validate` shows among the other problems; whoever needs the application asks again.
            Err(WorkspaceError::NoSummary { .. } | WorkspaceError::Summary(_)) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Self { workspace, folder: folder.to_owned(), variables, application, cdk: false })
    }

    /// As the workspace of this application, for a workspace that names none.
    ///
    /// # Errors
    /// When the workspace belongs to another one, or `copilot/.workspace` can't be read.
    pub fn of_application(mut self, name: Option<&str>) -> Result<Self, Error> {
        let own = match self.workspace.summary() {
            Ok(summary) => Some(summary.application),
            Err(WorkspaceError::NoSummary { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        match (own, name) {
            (Some(own), Some(wanted)) if own != wanted => {
                Err(Error::OtherApplication { own, wanted: wanted.to_owned() })
            }
            (own, name) => {
                self.application = own.or_else(|| name.map(str::to_owned));
                Ok(self)
            }
        }
    }

    /// Lets overrides that are a CDK application be run, which is code of the workspace.
    #[must_use]
    pub fn allow_cdk(mut self, allowed: bool) -> Self {
        self.cdk |= allowed;
        self
    }

    /// Whether CDK applications may be run.
    pub(crate) fn may_run_cdk(&self) -> bool {
        self.cdk
    }

    /// The workspace.
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// The folder that holds `copilot`.
    pub fn root(&self) -> &Utf8Path {
        self.workspace.root()
    }

    /// The folder that relative paths start from.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// The environment variables.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The application.
    ///
    /// # Errors
    /// When neither the workspace nor the caller has named one.
    pub fn application(&self) -> Result<&str, Error> {
        self.application.as_deref().ok_or_else(|| {
            WorkspaceError::NoSummary { path: self.workspace.folder().join(".workspace") }.into()
        })
    }

    /// The application, where there may be none.
    pub(crate) fn application_or_nothing(&self) -> &str {
        self.application.as_deref().unwrap_or_default()
    }

    /// What manifests may put in.
    pub(crate) fn interpolated(&self) -> Variables {
        Variables { application: self.application_or_nothing().to_owned(), shell: self.variables.clone() }
    }

    /// Git in the workspace. It ends when the run is stopped.
    pub fn git(&self, cancel: &Cancel) -> Git<GitCommand> {
        let cancel = cancel.clone();
        Git::new(GitCommand::new("git").end_when(move || cancel.is_cancelled()), self.workspace.root())
    }

    /// A program in the folders of `PATH`.
    pub fn on_path(&self, program: &str) -> Option<PathBuf> {
        on_path(program, &self.variables)
    }
}

/// A program in the folders of the variable `PATH`.
pub fn on_path(program: &str, variables: &BTreeMap<String, String>) -> Option<PathBuf> {
    let folders = variables.get("PATH")?;
    std::env::split_paths(folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}
