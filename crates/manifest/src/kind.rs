//! What a manifest describes.

use copilot_yaml::{Diagnostics, Node, Source, parse};
use serde_json::{Value, json};

use crate::decode::{Describe, Shape};
use crate::environment::EnvironmentManifest;
use crate::pipeline::{self, PipelineManifest};
use crate::schema;
use crate::workload::WorkloadType;

/// What a manifest describes, which decides how it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A pipeline: [`pipeline::read`](pipeline::read()).
    Pipeline,
    /// A service or a job: [`WorkloadManifest`](crate::workload::WorkloadManifest).
    Workload(WorkloadType),
    /// An environment: [`EnvironmentManifest`].
    Environment,
}

impl Kind {
    /// All kinds, in the order in which they are documented.
    pub const ALL: [Self; 8] = [
        Self::Pipeline,
        Self::Workload(WorkloadType::LoadBalancedWebService),
        Self::Workload(WorkloadType::BackendService),
        Self::Workload(WorkloadType::WorkerService),
        Self::Workload(WorkloadType::RequestDrivenWebService),
        Self::Workload(WorkloadType::StaticSite),
        Self::Workload(WorkloadType::ScheduledJob),
        Self::Environment,
    ];

    /// Its name, such as `Backend Service`. That of workloads and environments stands under `type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pipeline => "Pipeline",
            Self::Workload(kind) => kind.as_str(),
            Self::Environment => "Environment",
        }
    }

    /// Whether it is a job.
    pub const fn is_job(self) -> bool {
        matches!(self, Self::Workload(kind) if kind.is_job())
    }

    /// Whether it is a service.
    pub const fn is_service(self) -> bool {
        matches!(self, Self::Workload(kind) if !kind.is_job())
    }

    /// Tells the kind by `type`, or by a pipeline's `source` or `stages` where there is none.
    ///
    /// `None` for what is neither, also because it is no YAML: then the reader of workloads says what is wrong.
    ///
    /// ```
    /// use copilot_manifest::Kind;
    /// use copilot_yaml::Source;
    ///
    /// let kind = |text| Kind::of(&Source::new("manifest.yml", text)).map(Kind::as_str);
    /// assert_eq!(kind("name: api\ntype: Backend Service\n"), Some("Backend Service"));
    /// assert_eq!(kind("name: release\nversion: 1\nstages: []\n"), Some("Pipeline"));
    /// assert_eq!(kind("name: api\n"), None);
    /// ```
    pub fn of(source: &Source) -> Option<Self> {
        let root = parse(source, &mut Diagnostics::default())?;
        match root.get("type").and_then(Node::as_str) {
            Some("Environment") => Some(Self::Environment),
            Some(name) => WorkloadType::parse(name).map(Self::Workload),
            None => ["source", "stages"].iter().any(|key| root.get(key).is_some()).then_some(Self::Pipeline),
        }
    }

    /// The form of a whole manifest, with the documentation of its keys.
    pub fn shape(self) -> Shape {
        match self {
            Self::Pipeline => PipelineManifest::shape(),
            Self::Workload(kind) => kind.shape(),
            Self::Environment => EnvironmentManifest::shape(),
        }
    }

    /// The JSON Schema (2020-12) of a whole manifest, with `id` as its `$id`. [`schema::workloads`]
    /// and [`schema::manifests`] are those of several kinds together.
    pub fn json_schema(self, id: &str) -> Value {
        if self == Self::Pipeline {
            return pipeline::json_schema(id);
        }
        let mut schema = schema::json_schema(&self.shape(), id, self.as_str());
        schema["required"] = json!(schema::ENVELOPE);
        if self == Self::Environment {
            schema["properties"] = json!({ "type": { "const": self.as_str() } });
        }
        schema
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
