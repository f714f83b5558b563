//! Manifests of pipelines.
//!
//! [`read`] goes from a text to a [`Pipeline`] in three steps, each of which reports all that it finds wrong: the YAML tree,
//! the [manifest](PipelineManifest) as it is written, and the pipeline with every default filled in, names checked and run
//! orders known. Renderers and viewers need nothing but the last.

pub mod codes;
mod forms;
mod gates;
mod limits;
mod manifest;
mod model;
pub mod names;
mod order;
mod repository;
mod resolve;
mod schema;
mod stages;
mod values;

use copilot_yaml::{Diagnostics, Source, parse};

use crate::decode::{Context, Decode};

pub use limits::{ACTIONS as MOST_ACTIONS, STAGES as MOST_STAGES};
pub use manifest::{
    ActionManifest, AdditionalPolicyManifest, BuildManifest, DeploymentManifest, PipelineManifest,
    SourceManifest, SourceProperties, StageManifest,
};
pub use model::{
    Action, ActionKind, Build, BuildAction, CodeSource, Connection, ConnectionHost, Deployment, Pipeline,
    Repository, Stage, StageView,
};
pub use names::Moment;
pub(crate) use schema::constrain;
pub use schema::json_schema;
pub use values::{OutputFormat, PolicyDocument, Provider, Text};

/// What a pipeline's manifest takes from the workspace and the application around it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Name of the application.
    pub application: String,
    /// Folder of the manifest from the root of the repository, with `/`: `copilot/pipelines/release`.
    pub folder: String,
    /// Names of the services, then of the jobs: what a stage without `deployments` deploys. `None` where that is unknown.
    pub workloads: Option<Vec<String>>,
    /// Services and jobs of the workspace that are not among these workloads, because the application doesn't know them yet.
    pub unregistered: Vec<String>,
    /// Names of the application's environments. `None` where they are unknown.
    pub environments: Option<Vec<String>>,
}

impl Surroundings {
    /// Path of the buildspec that stands beside the manifest.
    fn buildspec(&self) -> String {
        match self.folder.trim_end_matches('/') {
            "" | "." => "buildspec.yml".to_owned(),
            folder => format!("{folder}/buildspec.yml"),
        }
    }
}

/// Reads and resolves a pipeline's manifest. All problems are reported at once, in the order of the file; `None` when there
/// is an error among them.
///
/// ```
/// use copilot_manifest::pipeline::{Surroundings, read};
/// use copilot_yaml::{Diagnostics, Source};
///
/// let text = "name: release\nversion: 1\nsource:\n  provider: GitHub\n  properties: {repository: acme/shop}\n\
///             stages: [{name: test, deployments: {api: }}]\n";
/// let around = Surroundings { application: "shop".into(), ..Surroundings::default() };
/// let mut diagnostics = Diagnostics::default();
/// let pipeline = read(&Source::new("manifest.yml", text), &around, &mut diagnostics).expect("a good manifest");
/// assert_eq!(pipeline.stages[0].deployments[0].stack_name, "shop-test-api");
/// ```
pub fn read(source: &Source, around: &Surroundings, diagnostics: &mut Diagnostics) -> Option<Pipeline> {
    let mut found = Diagnostics::default();
    let root = parse(source, &mut found);
    let pipeline = root.as_ref().and_then(|root| {
        let mut cx = Context::new(source, &mut found);
        report_null_properties(root, &mut cx);
        let manifest = PipelineManifest::decode(root, &mut cx)?;
        resolve::resolve(&manifest, root, around, &mut cx)
    });
    let mut found = forms::explain(gates::promote(found, root.as_ref()), root.as_ref());
    found.sort();
    let usable = !found.has_errors();
    diagnostics.extend(found);
    pipeline.filter(|_| usable)
}

/// A source's property without a value is no absent one: Copilot refuses `branch:` rather than follow `main`.
fn report_null_properties(root: &copilot_yaml::Node, cx: &mut Context<'_>) {
    let properties = root.get("source").and_then(|source| source.get("properties")?.as_mapping());
    for entry in properties.unwrap_or_default().iter().filter(|entry| entry.value.is_null()) {
        cx.at(["source", "properties", &entry.key.text], |cx| {
            let message = format!("`{}` has no value", cx.path());
            let diagnostic =
                cx.error(&crate::codes::WRONG_TYPE, message, entry.key.span, "a string belongs here");
            cx.report(diagnostic.help("give it a value, or delete the line"));
        });
    }
}
