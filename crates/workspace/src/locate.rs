//! Where the workspace is and which application it belongs to.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use copilot_manifest::names;
use copilot_yaml::{Diagnostic, Diagnostics};

use crate::codes;
use crate::error::Error;
use crate::header::read_tree;

/// How many folders are searched, the start folder included.
pub const LEVELS: usize = 5;

const FOLDER: &str = "copilot";
const SUMMARY: &str = ".workspace";

/// A `copilot` folder and the project around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    folder: Utf8PathBuf,
    root: Utf8PathBuf,
}

/// The content of `copilot/.workspace`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Name of the application that the workspace belongs to.
    pub application: String,
}

impl Workspace {
    /// Looks for `copilot` in `start`, which is absolute, and in up to four folders above it.
    ///
    /// A `start` that is itself called `copilot` is the folder, unless a workspace lies in a `copilot` inside it.
    ///
    /// # Errors
    /// [`Error::NotFound`], which also names a file called `copilot` if one was met, and [`Error::Io`].
    pub fn find(start: &Utf8Path) -> Result<Self, Error> {
        let inner = start.join(FOLDER);
        let is_project = inner.join(SUMMARY).is_file() && !start.join(SUMMARY).exists();
        if start.file_name() == Some(FOLDER) && !is_project {
            return Ok(Self::of(start.to_owned()));
        }
        let mut file = None;
        for level in start.ancestors().take(LEVELS) {
            let candidate = level.join(FOLDER);
            match fs_err::metadata(&candidate) {
                Ok(found) if found.is_dir() => return Ok(Self::of(candidate)),
                Ok(_) => file = file.or(Some(candidate)),
                Err(error) if is_absent(&error) => {}
                Err(source) => return Err(Error::Io { path: candidate, source }),
            }
        }
        Err(Error::NotFound { start: start.to_owned(), file })
    }

    fn of(folder: Utf8PathBuf) -> Self {
        let root = folder.parent().map_or_else(|| folder.clone(), Utf8Path::to_owned);
        Self { folder, root }
    }

    /// The `copilot` folder.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// The project: the folder that holds `copilot`.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// A path of the workspace as people and manifests write it: from the project's root, with `/`.
    pub fn display_path(&self, path: &Utf8Path) -> String {
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        relative.as_str().replace(std::path::MAIN_SEPARATOR, "/")
    }

    /// Which application the workspace belongs to.
    ///
    /// # Errors
    /// [`Error::NoSummary`] without the file, [`Error::Summary`] when it can't be read as one.
    pub fn summary(&self) -> Result<Summary, Error> {
        let path = self.folder.join(SUMMARY);
        match fs_err::symlink_metadata(&path) {
            Err(error) if is_absent(&error) => return Err(Error::NoSummary { path }),
            _ => {}
        }
        let mut diagnostics = Diagnostics::default();
        let tree = read_tree(&self.root, &path, self.display_path(&path), &mut diagnostics);
        if let Some((source, root)) = tree.filter(|_| !diagnostics.has_errors()) {
            let node = root.get("application");
            if let Some((node, application)) = node.and_then(|node| Some((node, node.as_str()?))) {
                let Err(problem) = names::check(application) else {
                    return Ok(Summary { application: application.to_owned() });
                };
                let message = format!("the application's name {problem}");
                let diagnostic = Diagnostic::error(&codes::NAME, message)
                    .at(&source, node.span, "this name")
                    .help("write the name that the application was created with")
                    .path("application");
                diagnostics.push(diagnostic);
                return Err(Error::Summary(diagnostics));
            }
            let message = format!("`{}` names no application", source.name());
            let diagnostic = Diagnostic::error(&codes::NO_APPLICATION, message)
                .at(&source, root.span, "no `application` here")
                .help("write `application: NAME`");
            diagnostics.push(diagnostic);
        }
        Err(Error::Summary(diagnostics))
    }

    /// [`Error::NoSummary`] as a warning, for those who can go on without knowing the application.
    pub fn no_application(&self) -> Diagnostic {
        let path = self.display_path(&self.folder.join(SUMMARY));
        Diagnostic::warning(&codes::NO_APPLICATION, format!("`{path}` does not exist"))
            .help("write `application: NAME` into it and commit it")
    }
}

/// Whether an error of the file system means that there is nothing at the path.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
