//! What AWS knows of the application of a drawn case: sometimes a domain, certificates, images, a boundary.

use std::fmt::Write as _;

use copilot_manifest::workload::WorkloadType;

use crate::draw::{Kind, Random};

const CERTIFICATE: &str =
    "'arn:aws:acm:us-west-2:111122223333:certificate/11111111-2222-3333-4444-555555555555'";

/// Draws the facts.
pub(crate) fn draw(kind: Kind, manifest: &str, random: &mut Random) -> String {
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
    environment(&mut text, kind, "test", "us-west-2", random);
    match kind {
        Kind::Environment => {}
        Kind::Pipeline => {
            environment(&mut text, kind, "prod", "eu-west-1", random);
            text.push_str(
                "connections: {a: 'arn:aws:codestar-connections:us-west-2:111122223333:connection/a'}\n",
            );
        }
        Kind::Workload(kind) => workload(&mut text, kind, manifest, random),
    }
    text
}

fn workload(text: &mut String, kind: WorkloadType, manifest: &str, random: &mut Random) {
    if manifest.contains("alb: ") {
        text.push_str(BALANCERS);
    }
    // A site's files would be uploaded with its images.
    if kind != WorkloadType::StaticSite && random.below(4) == 0 {
        text.push_str(
            "images:\n  web: {repository: 111122223333.dkr.ecr.us-west-2.amazonaws.com/app/web, tag: v1}\n",
        );
    }
}

fn environment(text: &mut String, kind: Kind, name: &str, region: &str, random: &mut Random) {
    let _ = write!(
        text,
        "  {name}:\n    account_id: '111122223333'\n    region: {region}\n    version: v1.34.1\n    \
         service_discovery_endpoint: {name}.app.local\n    execution_role_arn: 'arn:aws:iam::111122223333:role/app-{name}-CFNExecutionRole'\n    \
         manager_role_arn: 'arn:aws:iam::111122223333:role/app-{name}-EnvManagerRole'\n"
    );
    if kind == Kind::Environment {
        let _ = writeln!(
            text,
            "    cloudfront_prefix_list_id: pl-82a045eb\n    parameters: {{ServiceDiscoveryEndpoint: {name}.app.local}}"
        );
        return;
    }
    text.push_str(
        "    topics: [api/orders, api/test, api/prod, api/a_b, front-end/orders, front-end/test]\n    subnets:\n    - {id: subnet-1, tags: {a: b, b: '80'}}\n    - {id: subnet-2, tags: {a: web, web: a}}\n",
    );
    let certificates = [
        "http: {public: {certificates: [CERTIFICATE]}}",
        "http: {private: {certificates: [CERTIFICATE]}}",
        "cdn: true",
    ];
    let chosen = usize::try_from(random.below(12)).ok().and_then(|place| certificates.get(place));
    if let Some(chosen) = chosen {
        let _ = writeln!(
            text,
            "    manifest:\n      name: {name}\n      type: Environment\n      {}",
            chosen.replace("CERTIFICATE", CERTIFICATE)
        );
    }
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
