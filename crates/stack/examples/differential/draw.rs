//! A workspace made from a number: a manifest drawn from the declarations of its keys, and what AWS knows.

use std::fmt::Write as _;
use std::path::Path;

use copilot_manifest::sample;
use copilot_manifest::workload::WorkloadType;

use crate::ours;

/// A drawn workspace with one manifest.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) kind: Kind,
    pub(crate) manifest: String,
    pub(crate) facts: String,
}

/// What a manifest describes. Environments come here, once they are rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Workload(WorkloadType),
    Pipeline,
}

impl Kind {
    /// The name that drawn manifests of the kind have.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Workload(_) => "web",
            Self::Pipeline => "release",
        }
    }

    fn place(self) -> &'static str {
        match self {
            Self::Workload(_) => "copilot/web",
            Self::Pipeline => "copilot/pipelines/release",
        }
    }
}

/// Draws a case. What we refuse is drawn again most of the time: refused manifests show less.
pub(crate) fn case(seed: u64, number: u64) -> Case {
    let mut random =
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number.wrapping_mul(0xD1B5_4A32_D192_ED03));
    let kind = match random.below(10) {
        0 => Kind::Pipeline,
        place => Kind::Workload(
            WorkloadType::ALL[[0, 0, 1, 1, 2, 2, 3, 4, 5][usize::try_from(place).unwrap_or(1) - 1]],
        ),
    };
    let tries = if random.below(8) == 0 { 1 } else { 60 };
    let mut case = draw(kind, &mut random);
    for _ in 1..tries {
        if ours::render(&case).is_ok() {
            break;
        }
        case = draw(kind, &mut random);
    }
    case
}

fn draw(kind: Kind, random: &mut Random) -> Case {
    let length = 50 + random.below(600);
    let bytes: Vec<u8> = (0..length).map(|_| random.byte()).collect();
    let manifest = match kind {
        Kind::Workload(kind) => sample::plausible_workload(kind, &bytes),
        Kind::Pipeline => sample::plausible_pipeline(&bytes),
    };
    let facts = facts(kind, &manifest, random);
    Case { kind, manifest, facts }
}

/// What AWS knows of the application: sometimes a domain, certificates, images, a boundary.
fn facts(kind: Kind, manifest: &str, random: &mut Random) -> String {
    let mut text = String::from("application:\n  name: app\n  account_id: '111122223333'\n");
    if random.below(2) == 0 {
        text.push_str("  domain: example.com\n");
    }
    if random.below(6) == 0 {
        text.push_str("  permissions_boundary: limits\n");
    }
    if random.below(6) == 0 {
        text.push_str("  tags: {team: blue, cost: '7'}\n");
    }
    text.push_str(
        "regions:\n  us-west-2: {artifact_bucket: bucket-west, artifact_key_arn: 'arn:aws:kms:us-west-2:111122223333:key/1'}\n",
    );
    if kind == Kind::Pipeline {
        text.push_str(
            "  eu-west-1: {artifact_bucket: bucket-eu, artifact_key_arn: 'arn:aws:kms:eu-west-1:111122223333:key/2'}\n",
        );
    }
    text.push_str("environments:\n");
    for (name, region) in [("test", "us-west-2"), ("prod", "eu-west-1")] {
        if name == "prod" && kind != Kind::Pipeline {
            continue;
        }
        let _ = write!(
            text,
            "  {name}:\n    account_id: '111122223333'\n    region: {region}\n    version: v1.34.1\n    \
             service_discovery_endpoint: {name}.app.local\n    execution_role_arn: 'arn:aws:iam::111122223333:role/app-{name}-CFNExecutionRole'\n    \
             manager_role_arn: 'arn:aws:iam::111122223333:role/app-{name}-EnvManagerRole'\n"
        );
        text.push_str(&environment(name, random));
    }
    if kind == Kind::Pipeline {
        text.push_str(
            "connections: {a: 'arn:aws:codestar-connections:us-west-2:111122223333:connection/a'}\n",
        );
        return text;
    }
    if manifest.contains("alb: ") {
        text.push_str(BALANCERS);
    }
    // A site's files would be uploaded with its images.
    let has_images = kind != Kind::Workload(WorkloadType::StaticSite) && random.below(4) == 0;
    if has_images {
        text.push_str(
            "images:\n  web: {repository: 111122223333.dkr.ecr.us-west-2.amazonaws.com/app/web, tag: v1}\n",
        );
    }
    text
}

fn environment(name: &str, random: &mut Random) -> String {
    let mut text = String::from(
        "    subnets:\n    - {id: subnet-1, tags: {a: b, b: '80'}}\n    - {id: subnet-2, tags: {a: web, web: a}}\n",
    );
    let certificates = [
        "http: {public: {certificates: [CERTIFICATE]}}",
        "http: {private: {certificates: [CERTIFICATE]}}",
        "cdn: true",
    ];
    let chosen = usize::try_from(random.below(12)).ok().and_then(|place| certificates.get(place));
    if let Some(chosen) = chosen {
        let certificate =
            "'arn:aws:acm:us-west-2:111122223333:certificate/11111111-2222-3333-4444-555555555555'";
        let _ = writeln!(
            text,
            "    manifest:\n      name: {name}\n      type: Environment\n      {}",
            chosen.replace("CERTIFICATE", certificate)
        );
    }
    text
}

const BALANCERS: &str = "load_balancers:
  front:
    arn: arn:aws:elasticloadbalancing:us-west-2:111122223333:loadbalancer/app/front/1
    name: front
    scheme: internet-facing
    dns_name: front-1.us-west-2.elb.amazonaws.com
    hosted_zone_id: Z1H1FL5HABSF5
    security_groups: [sg-0a, sg-0b]
    listeners:
    - {arn: 'arn:aws:elasticloadbalancing:us-west-2:111122223333:listener/app/front/1/1', port: 80, protocol: HTTP}
    - {arn: 'arn:aws:elasticloadbalancing:us-west-2:111122223333:listener/app/front/1/2', port: 443, protocol: HTTPS}
  inner:
    arn: arn:aws:elasticloadbalancing:us-west-2:111122223333:loadbalancer/app/inner/2
    name: inner
    scheme: internal
    dns_name: internal-inner-2.us-west-2.elb.amazonaws.com
    hosted_zone_id: Z1H1FL5HABSF5
    security_groups: [sg-0c]
    listeners:
    - {arn: 'arn:aws:elasticloadbalancing:us-west-2:111122223333:listener/app/inner/2/1', port: 443, protocol: HTTPS}
";

impl Case {
    /// Writes the case as a folder.
    pub(crate) fn write(&self, folder: &Path) -> std::io::Result<()> {
        let place = folder.join(self.kind.place());
        std::fs::create_dir_all(&place)?;
        std::fs::write(place.join("manifest.yml"), &self.manifest)?;
        std::fs::write(folder.join("copilot/.workspace"), "application: app\n")?;
        std::fs::write(folder.join("facts.yml"), &self.facts)?;
        let (kind, env) = match self.kind {
            Kind::Workload(_) => ("workload", ", \"env\": \"test\""),
            Kind::Pipeline => ("pipeline", ""),
        };
        if self.kind == Kind::Pipeline {
            for (name, kind) in ours::WORKLOADS {
                std::fs::create_dir_all(folder.join("copilot").join(name))?;
                let text = format!("name: {name}\ntype: {kind}\nimage: {{location: x, port: 80}}\n");
                std::fs::write(folder.join("copilot").join(name).join("manifest.yml"), text)?;
            }
        }
        let name = self.kind.name();
        std::fs::write(
            folder.join("case.json"),
            format!("{{\"kind\": \"{kind}\", \"name\": \"{name}\"{env}}}"),
        )
    }
}

/// Numbers that follow from a seed (`SplitMix64`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}
