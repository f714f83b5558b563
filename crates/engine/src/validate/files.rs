//! Whether the files that a workload is built from are there.

use camino::Utf8Path;
use copilot_manifest::decode::{Map, Spanned};
use copilot_manifest::workload::{Build, Workload};
use copilot_workspace::{FileProblem, Workspace};
use copilot_yaml::{Diagnostic, Diagnostics, Span};

use super::buildspecs::neighbour;
use crate::build::within;
use crate::codes::MISSING_FILE;

/// Neighbours are looked for only for so many problems.
const MOST: usize = 50;

/// A warning for each Dockerfile, build context and env file that the workspace does not have.
pub(crate) fn missing(workload: &Workload, workspace: &Workspace) -> Diagnostics {
    let mut look = Look { workload, workspace, found: Diagnostics::default() };
    let config = &workload.config;
    if let Some(image) = config.image().filter(|image| image.origin.location.is_none()) {
        look.build(image.origin.build(), "image.build");
    }
    let Some(shared) = config.ecs() else { return look.found };
    look.env_file(shared.task.env_file.as_ref(), "env_file");
    if let Some(logging) = shared.logging {
        look.env_file(logging.env_file.as_ref(), "logging.env_file");
    }
    for (name, sidecar) in shared.sidecars.into_iter().flat_map(Map::iter) {
        look.env_file(sidecar.env_file.as_ref(), &format!("sidecars.{name}.env_file"));
        if let Some(image) = sidecar.image.as_ref() {
            look.sidecar(sidecar.build(), image.span, &format!("sidecars.{name}.image.build"));
        }
    }
    look.found
}

struct Look<'a> {
    workload: &'a Workload,
    workspace: &'a Workspace,
    found: Diagnostics,
}

impl Look<'_> {
    fn build(&mut self, build: Option<&Spanned<Build>>, key: &str) {
        if let Some(build) = build {
            self.sidecar(Some(&build.value), build.span, key);
        }
    }

    /// `at` is where the build stands, for what has no place of its own.
    fn sidecar(&mut self, build: Option<&Build>, at: Span, key: &str) {
        let Some(build) = build else { return };
        let args = build.args();
        let context = args.and_then(|args| args.context.as_ref()).filter(|context| !context.is_empty());
        if let Some(context) = context {
            self.path(context, context.span, Kind::Context, &format!("{key}.context"));
        }
        match (args.and_then(|args| args.dockerfile.as_ref()), build.dockerfile(), context) {
            (Some(dockerfile), ..) => {
                self.path(dockerfile, dockerfile.span, Kind::Dockerfile, &format!("{key}.dockerfile"));
            }
            (None, Some(dockerfile), _) => self.path(dockerfile, at, Kind::Dockerfile, key),
            (None, None, Some(context)) => {
                let path = format!("{}/Dockerfile", context.trim_end_matches('/'));
                self.path(&path, context.span, Kind::Dockerfile, &format!("{key}.context"));
            }
            (None, None, None) => self.path("Dockerfile", at, Kind::Dockerfile, key),
        }
    }

    fn env_file(&mut self, file: Option<&Spanned<String>>, key: &str) {
        if let Some(file) = file.filter(|file| !file.is_empty()) {
            self.path(file, file.span, Kind::EnvFile, key);
        }
    }

    fn path(&mut self, path: &str, span: Span, kind: Kind, key: &str) {
        let full = within(self.workspace.root(), path);
        let is_there = if kind == Kind::Context { full.is_dir() } else { full.is_file() };
        // A variable that is not set here says nothing about the path.
        if is_there || path.contains("${") {
            return;
        }
        let what = if kind == Kind::Context { "folder" } else { "file" };
        let source = self.workload.written.source();
        let mut problem = Diagnostic::warning(&MISSING_FILE, format!("the project has no {what} `{path}`"))
            .at(source, span, kind.label())
            .help(self.help(path, &full, kind))
            .path(key);
        self.workload.written.restore(&mut problem);
        self.found.push(problem);
    }

    fn help(&self, path: &str, full: &std::path::Path, kind: Kind) -> String {
        if kind == Kind::Dockerfile && full.is_dir() {
            return format!("this is a folder: write `{}/Dockerfile`", path.trim_end_matches('/'));
        }
        if kind != Kind::Context && full.exists() {
            let why = if full.is_dir() { FileProblem::Folder } else { FileProblem::Special };
            return format!("{why}: name another one");
        }
        // A neighbour is looked for only inside of the project.
        let inside = full.starts_with(self.workspace.root()) && Utf8Path::new(path).is_relative();
        match Some(path)
            .filter(|_| inside && self.found.len() < MOST)
            .and_then(|path| neighbour(path, self.workspace))
        {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write the path from the project's folder, the one that holds `copilot`".to_owned(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Dockerfile,
    Context,
    EnvFile,
}

impl Kind {
    const fn label(self) -> &'static str {
        match self {
            Self::Dockerfile => "the image is built from it",
            Self::Context => "the image is built from what is in it",
            Self::EnvFile => "the container gets its variables from it",
        }
    }
}
