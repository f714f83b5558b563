//! A workspace made from a number: a manifest drawn from the declarations of its keys, and what AWS knows.

use std::path::Path;

use copilot_manifest::sample;
use copilot_manifest::workload::WorkloadType;
use copilot_yaml::{Diagnostics, Node, Source, parse};

use crate::{cut, facts, ours};

/// How many problems of a manifest are taken away.
const REPAIRS: usize = 80;

/// A drawn workspace with one manifest.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) kind: Kind,
    pub(crate) manifest: String,
    pub(crate) facts: String,
}

/// What a manifest describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Workload(WorkloadType),
    Pipeline,
    Environment,
}

/// Manifests of one kind alone.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Only {
    Workloads,
    Pipelines,
    Environments,
}

impl Only {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "workload" => Ok(Self::Workloads),
            "pipeline" => Ok(Self::Pipelines),
            "environment" => Ok(Self::Environments),
            text => Err(format!("`{text}` is neither workload, pipeline nor environment")),
        }
    }
}

impl Kind {
    /// The name that drawn manifests of the kind have.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Workload(_) => "web",
            Self::Pipeline => "release",
            Self::Environment => "test",
        }
    }

    fn place(self) -> &'static str {
        match self {
            Self::Workload(_) => "copilot/web",
            Self::Pipeline => "copilot/pipelines/release",
            Self::Environment => "copilot/environments/test",
        }
    }

    /// Names of the files with template and parameters that Copilot writes.
    pub(crate) fn files(self) -> (String, String) {
        let name = self.name();
        match self {
            Self::Workload(_) => (format!("{name}-test.stack.yml"), format!("{name}-test.params.json")),
            Self::Pipeline => (format!("{name}.stack.yml"), format!("{name}.params.json")),
            Self::Environment => (format!("{name}.env.yml"), format!("{name}.env.params.json")),
        }
    }
}

/// Draws a case. What we refuse in it is taken away most of the time, because refused manifests show less.
pub(crate) fn case(seed: u64, number: u64, only: Option<Only>) -> Case {
    let mut random =
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number.wrapping_mul(0xD1B5_4A32_D192_ED03));
    let kind = kind(&mut random, only);
    let repairs = if random.below(8) == 0 { 0 } else { REPAIRS };
    let mut case = draw(kind, &mut random);
    for _ in 0..repairs {
        let Err(refusal) = ours::render(&case) else { break };
        match refusal.span.and_then(|span| cut::without(&case.manifest, span)) {
            Some(manifest) => case.manifest = manifest,
            None => case = draw(kind, &mut random),
        }
    }
    case
}

fn kind(random: &mut Random, only: Option<Only>) -> Kind {
    let types = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 4, 4, 5].map(|place: usize| WorkloadType::ALL[place]);
    let workload = Kind::Workload(*random.pick(&types));
    match only {
        Some(Only::Workloads) => workload,
        Some(Only::Pipelines) => Kind::Pipeline,
        Some(Only::Environments) => Kind::Environment,
        None => match random.below(10) {
            0 => Kind::Pipeline,
            1 | 2 => Kind::Environment,
            _ => workload,
        },
    }
}

fn draw(kind: Kind, random: &mut Random) -> Case {
    let length = 50 + random.below(600);
    let bytes: Vec<u8> = (0..length).map(|_| random.byte()).collect();
    let manifest = match kind {
        Kind::Workload(kind) => sample::plausible_workload(kind, &bytes),
        Kind::Pipeline => sample::plausible_pipeline(&bytes),
        Kind::Environment => sample::plausible_environment(&bytes),
    };
    let facts = facts::draw(kind, &manifest, random);
    Case { kind, manifest, facts }
}

impl Case {
    /// Whether the manifest has this line, at whatever indentation.
    pub(crate) fn has_line(&self, line: &str) -> bool {
        self.manifest.lines().any(|found| found.trim() == line)
    }

    /// Whether there is a sidecar with the workload's name.
    pub(crate) fn has_sidecar_named_as_the_workload(&self) -> bool {
        let tree = parse(&Source::new("manifest.yml", self.manifest.as_str()), &mut Diagnostics::default());
        let named =
            |node: &Node| node.get("sidecars").and_then(|sidecars| sidecars.get(self.kind.name())).is_some();
        tree.is_some_and(|tree| {
            let over = tree.get("environments").and_then(|environments| environments.get("test"));
            named(&tree) || over.is_some_and(named)
        })
    }

    /// Writes the case as a folder.
    pub(crate) fn write(&self, folder: &Path) -> std::io::Result<()> {
        let write = |place: &str, text: &str| {
            std::fs::create_dir_all(folder.join(place))?;
            std::fs::write(folder.join(place).join("manifest.yml"), text)
        };
        write(self.kind.place(), &self.manifest)?;
        std::fs::write(folder.join("copilot/.workspace"), "application: app\n")?;
        std::fs::write(folder.join("facts.yml"), &self.facts)?;
        // What manifests name.
        std::fs::create_dir_all(folder.join("site"))?;
        std::fs::create_dir_all(folder.join("web"))?;
        for file in ["x.env", "web/x.env", "site/index.html"] {
            std::fs::write(folder.join(file), "A=b\n")?;
        }
        if self.kind == Kind::Pipeline {
            for (name, kind) in ours::WORKLOADS {
                let text = format!("name: {name}\ntype: {kind}\nimage: {{location: x, port: 80}}\n");
                write(&format!("copilot/{name}"), &text)?;
            }
        }
        let (kind, env) = match self.kind {
            Kind::Workload(_) => ("workload", ", \"env\": \"test\""),
            Kind::Pipeline => ("pipeline", ""),
            Kind::Environment => ("environment", ", \"env\": \"test\""),
        };
        let name = self.kind.name();
        let case = format!("{{\"kind\": \"{kind}\", \"name\": \"{name}\"{env}}}");
        std::fs::write(folder.join("case.json"), case)
    }
}

/// Numbers that follow from a seed (`SplitMix64`).
pub(crate) struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// One of them, which must be some.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let limit = u64::try_from(from.len()).unwrap_or(u64::MAX);
        &from[usize::try_from(self.below(limit)).unwrap_or_default()]
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}
