//! All diagnostics that any command can print.

use copilot_yaml::Code;

/// A pipeline runs a file that is not there.
pub(crate) static MISSING_BUILDSPEC: Code = Code {
    id: "copilot::pipeline::missing_buildspec",
    summary: "a pipeline runs a buildspec that the project does not have",
    explanation: "The path of a buildspec starts in the project's folder, which is the one that holds `copilot`. Without the \
         file the action fails when the pipeline runs. It is a warning, because another step may write the file.",
};

/// A workload is built from a file that is not there.
pub(crate) static MISSING_FILE: Code = Code {
    id: "copilot::workload::missing_file",
    summary: "a manifest names a file that the workspace does not have",
    explanation: "Paths of Dockerfiles, build contexts and env files start in the project's folder, which is the one that holds \
         `copilot`. Without the file `build` stops. For `validate` it is a warning, because another step may write the file.",
};

/// A manifest has more environments than can be looked at.
pub(crate) static MANY_ENVIRONMENTS: Code = Code {
    id: "copilot::workload::many_environments",
    summary: "a manifest has more environments than can be looked at",
    explanation: "`validate` looks at a manifest as it is in each environment, so the work is the product of both. It is refused above \
         32 MB: a manifest of 100 kB may have 320 environments. `--name` and a smaller manifest help; so does deleting environments \
         that no longer exist.",
};

/// The branch that a pipeline follows is not there.
pub(crate) static UNKNOWN_BRANCH: Code = Code {
    id: "copilot::pipeline::unknown_branch",
    summary: "a pipeline follows a branch that this clone doesn't know",
    explanation: "A pipeline starts when its branch changes, and fails at once if there is no such branch. The clone that was asked \
         knows the branches that the remote had when it was last fetched: `git fetch` learns of newer ones, and a branch of your own \
         has to be pushed first.",
};

/// The codes of every crate, ordered by id.
pub(crate) fn all() -> Vec<&'static Code> {
    let crates: &[&[&'static Code]] = &[
        copilot_yaml::ALL_CODES,
        copilot_workspace::ALL_CODES,
        copilot_cfn::ALL_CODES,
        copilot_manifest::buildspec::codes::ALL_CODES,
        copilot_manifest::codes::ALL_CODES,
        copilot_manifest::environment::codes::ALL_CODES,
        copilot_manifest::pipeline::codes::ALL_CODES,
        copilot_manifest::workload::codes::ALL_CODES,
        copilot_stack::codes::ALL_CODES,
        &[&MISSING_BUILDSPEC, &MISSING_FILE, &MANY_ENVIRONMENTS, &UNKNOWN_BRANCH],
    ];
    let mut codes: Vec<_> = crates.iter().flat_map(|codes| codes.iter().copied()).collect();
    codes.sort_by_key(|code| code.id);
    codes
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_two_codes_are_the_same() {
        let codes = super::all();
        for pair in codes.windows(2) {
            assert_ne!(pair[0].id, pair[1].id);
        }
        for code in codes {
            let parts: Vec<_> = code.id.split("::").collect();
            assert!(parts.len() == 3 && parts[0] == "copilot", "{}", code.id);
        }
    }
}
