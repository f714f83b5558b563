use copilot_stack::Facts;
use copilot_yaml::{Diagnostics, Source};

use crate::{conformance, reference};

fn read(text: &str) -> (Option<Facts>, Vec<String>) {
    let mut diagnostics = Diagnostics::default();
    let facts = Facts::read(&Source::new("facts.yml", text), &mut diagnostics);
    (facts, diagnostics.iter().map(|d| format!("{} {d}", d.code.id)).collect())
}

const WHOLE: &str = "
application:
  name: shop
  account_id: '012345678901'
  domain: example.com
  permissions_boundary: bound
  tags: {owner: 'yes', cost: '7'}
regions:
  us-west-2: {artifact_bucket: b, artifact_key_arn: arn:aws:kms:us-west-2:012345678901:key/1}
  eu-west-1: {}
environments:
  prod:
    account_id: '2222'
    region: us-west-2
    version: v1.33.0
    service_discovery_endpoint: prod.shop.local
    execution_role_arn: arn:e
    manager_role_arn: arn:m
    parameters: {Aliases: '', ALBWorkloads: 'web,api'}
    last_force_deploy_id: x
    redirecting_services: [api]
    cloudfront_prefix_list_id: pl-1
    subnets: [{id: subnet-1, tags: {tier: web}}, {id: subnet-0}]
    topics: []
    manifest: {name: prod, type: Environment, observability: {container_insights: yes}, n: [0400, 1.10, '7', null]}
load_balancers:
  lb: {arn: a, name: n, dns_name: d, hosted_zone_id: z, security_groups: [sg-1], listeners: [{arn: l, port: 80, protocol: HTTP}]}
connections: {gh: arn:c}
pipelines: {old: {legacy: true}}
root_user_arn: arn:root
images: {web: {repository: r, tag: t, digest: 'sha256:1'}}
env_files: {web: arn:s3}
addons_url: https://a
asset_mapping_url: s3://b/k
";

#[test]
fn every_key_survives_being_written() {
    let (facts, problems) = read(WHOLE);
    assert_eq!(problems, [""; 0]);
    let facts = facts.unwrap();
    let written = facts.to_yaml();
    let (again, problems) = read(&written);
    assert_eq!(problems, [""; 0], "{written}");
    assert_eq!(again.as_ref().unwrap(), &facts);
    assert_eq!(facts.regions.keys().collect::<Vec<_>>(), ["us-west-2", "eu-west-1"]);
    assert_eq!(facts.environments["prod"].topics, Some(Vec::new()));
    assert!(facts.is_legacy_pipeline("old"));
}

#[test]
fn all_problems_are_errors_and_found_at_once() {
    let (facts, problems) = read("application: {nam: x}\nenvironments: {test: {region: [], acount_id: 1}}\n");
    assert_eq!(facts, None);
    insta::assert_snapshot!(problems.join("\n"));
    assert_eq!(
        read("").1,
        ["copilot::manifest::wrong_type facts.yml:1:1: facts are a mapping, but `facts.yml` holds nothing"]
    );
    assert_eq!(read("- a\n").0, None);
}

#[test]
fn the_facts_of_every_conformance_case_are_read() {
    let Some(folder) = reference::folder("conformance") else { return };
    let folders = conformance::folders_with(&folder, "facts.yml");
    for case in &folders {
        let text = std::fs::read_to_string(case.join("facts.yml")).unwrap();
        let (facts, problems) = read(&text);
        assert!(facts.is_some() && problems.is_empty(), "{}: {problems:#?}", case.display());
    }
    assert!(!folders.is_empty(), "no case in {}", folder.display());
    eprintln!("read the facts of {} conformance cases", folders.len());
}
