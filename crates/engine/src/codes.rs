//! The diagnostics of a workspace as a whole: what its files name and it does not have.

use copilot_yaml::Code;

/// A pipeline runs a file that is not there.
pub static MISSING_BUILDSPEC: Code = Code {
    id: "copilot::pipeline::missing_buildspec",
    summary: "a pipeline runs a buildspec that the project does not have",
    explanation: "The path of a buildspec starts in the project's folder, which is the one that holds `copilot`. Without the \
         file the action fails when the pipeline runs. It is a warning, because another step may write the file.",
};

/// A workload is built from a file that is not there.
pub static MISSING_FILE: Code = Code {
    id: "copilot::workload::missing_file",
    summary: "a manifest names a file that the workspace does not have",
    explanation: "Paths of Dockerfiles, build contexts and env files start in the project's folder, which is the one that holds \
         `copilot`. Without the file `build` stops. For `validate` it is a warning, because another step may write the file.",
};

/// A manifest has more environments than can be looked at.
pub static MANY_ENVIRONMENTS: Code = Code {
    id: "copilot::workload::many_environments",
    summary: "a manifest has more environments than can be looked at",
    explanation: "`validate` looks at a manifest as it is in each environment, so the work is the product of both. It is refused above \
         32 MB: a manifest of 100 kB may have 320 environments. `--name` and a smaller manifest help; so does deleting environments \
         that no longer exist.",
};

/// The branch that a pipeline follows is not there.
pub static UNKNOWN_BRANCH: Code = Code {
    id: "copilot::pipeline::unknown_branch",
    summary: "a pipeline follows a branch that this clone doesn't know",
    explanation: "A pipeline starts when its branch changes, and fails at once if there is no such branch. The clone that was asked \
         knows the branches that the remote had when it was last fetched: `git fetch` learns of newer ones, and a branch of your own \
         has to be pushed first.",
};

/// All of them.
pub static ALL_CODES: &[&Code] = &[&MISSING_BUILDSPEC, &MISSING_FILE, &MANY_ENVIRONMENTS, &UNKNOWN_BRANCH];
