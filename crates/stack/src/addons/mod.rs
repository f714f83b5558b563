//! Addons: templates of the user's own, beside a workload's or all environments' manifests, deployed as one nested stack.
//!
//! [`merge`] makes one template of them and tells what of it reaches the workload. Nothing here reads a file or uploads one.

mod local_files;
mod merge;
mod model;
mod outputs;
mod parameters;

use copilot_yaml::{Diagnostics, Source};

pub use local_files::{LocalFile, Uploaded, replace_local_files};
pub use model::{Addons, Output, OutputKind};

/// The files of a folder `addons`, read.
#[derive(Debug, Clone, Copy)]
pub struct Files<'a> {
    /// The templates in the order of their names.
    pub templates: &'a [Source],
    /// `addons.parameters.yml` or `addons.parameters.yaml`; both of them are a mistake that is reported.
    pub parameters: &'a [Source],
}

/// Whose addons they are, which decides what their template is always given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A service's or job's: the parameters `App`, `Env` and `Name`.
    Workload,
    /// All environments': the parameters `App` and `Env`.
    Environment,
}

impl Owner {
    /// Parameters that the template must have and that nobody else may give.
    pub const fn reserved(self) -> &'static [&'static str] {
        match self {
            Self::Workload => &["App", "Env", "Name"],
            Self::Environment => &["App", "Env"],
        }
    }
}

/// Addons that can be deployed, with what is probably not as their author meant it.
#[derive(Debug, Clone)]
pub struct Merged {
    /// One template, the parameters and outputs.
    pub addons: Addons,
    /// Warnings only.
    pub warnings: Diagnostics,
}

/// Merges templates into one and checks that all of its parameters get a value.
///
/// A name that two files define is fine when both say the same. The order is that of the files; tables of `Mappings` are
/// merged by their first keys, `Transform` is a set.
///
/// # Errors
/// All problems of all files: what is no template, conflicts (with both places), and parameters that nobody gives, that
/// are reserved, or that no template has.
pub fn merge(files: Files<'_>, owner: Owner) -> Result<Merged, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut merging = merge::Merging::default();
    for source in files.templates {
        merging.add(source, &mut problems);
    }
    let parameters = parameters::read(files.parameters, owner, &mut problems);
    if let Some(given) = parameters.as_ref().filter(|_| !merging.incomplete) {
        parameters::check(&merging, given, files, owner, &mut problems);
    }
    problems.sort();
    if problems.has_errors() {
        return Err(problems);
    }
    let template = merging.template;
    let outputs = outputs::classify(&template);
    let parameters = parameters.map(parameters::Given::into_values).unwrap_or_default();
    Ok(Merged { addons: Addons { template, parameters, outputs }, warnings: problems })
}
