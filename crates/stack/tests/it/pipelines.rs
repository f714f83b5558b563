//! The stack of a pipeline with everything that it can have, and why one can't be rendered.

use copilot_cfn::{Value, write::to_yaml};
use copilot_manifest::pipeline::{Pipeline, Surroundings, read};
use copilot_stack::{Error, Facts, pipeline};
use copilot_yaml::{Diagnostics, Source};

const FACTS: &str = "
application: {name: shop, account_id: '111122223333', permissions_boundary: bound, tags: {owner: me, copilot-pipeline: x}}
regions:
  us-west-2: {artifact_bucket: one, artifact_key_arn: 'arn:aws:kms:us-west-2:111122223333:key/1'}
  ap-south-1: {}
  eu-west-1: {artifact_bucket: two, artifact_key_arn: 'arn:aws:kms:eu-west-1:111122223333:key/2'}
environments:
  test: {account_id: '111122223333', region: us-west-2, execution_role_arn: 'arn:e', manager_role_arn: 'arn:m'}
  te-st: {account_id: '444455556666', region: eu-west-1, execution_role_arn: 'arn:e2', manager_role_arn: 'arn:m2'}
connections: {ours: 'arn:aws:codestar-connections:us-west-2:111122223333:connection/1'}
pipelines: {old: {legacy: true}}
";

const STAGES: &str = "stages:
- name: test
  requires_approval: true
  pre_deployments: {db-migrate: {buildspec: 'ci/@db: x.yml'}, seed: {buildspec: seed.yml, depends_on: [db-migrate]}}
  deployments: {api: , web: {depends_on: [api], stack_name: own, template_path: t.yml, template_config: 'yes'}}
  test_commands: ['echo a: b', 'yes', \"one\\ntwo\\n\", 'make \"x\" ${Y} # z', '{{resolve:ssm:x}}']
- name: te-st
  deployments: {api: }
  post_deployments: {smoke: {buildspec: 1.0}}
";

fn facts(text: &str) -> Facts {
    let mut diagnostics = Diagnostics::default();
    Facts::read(&Source::new("facts.yml", text), &mut diagnostics)
        .unwrap_or_else(|| panic!("{diagnostics:#?}"))
}

fn manifest(name: &str, source: &str, rest: &str) -> Pipeline {
    let around = Surroundings {
        application: "shop".to_owned(),
        folder: format!("copilot/pipelines/{name}"),
        ..Surroundings::default()
    };
    let text = format!("name: {name}\nversion: 1\nsource: {source}\n{rest}{STAGES}");
    let mut diagnostics = Diagnostics::default();
    read(&Source::new("m.yml", text), &around, &mut diagnostics).unwrap_or_else(|| panic!("{diagnostics:#?}"))
}

fn render(name: &str, source: &str, rest: &str, facts: &Facts) -> Value {
    pipeline::render(&manifest(name, source, rest), facts).unwrap().into_value()
}

const GITHUB: &str = "{provider: GitHub, properties: {repository: acme/shop, branch: '@x', output_artifact_format: CODEBUILD_CLONE_REF}}";
const POLICY: &str = "build:
  image: aws/codebuild/amazonlinux2-aarch64-standard:3.0
  additional_policy:
    PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 'ecr:*', Resource: !Sub 'arn:${AWS::Partition}:ecr:::x'}]}
";

#[test]
fn everything_that_a_pipeline_can_have() {
    insta::assert_snapshot!(to_yaml(&render("release", GITHUB, POLICY, &facts(FACTS))));
}

#[test]
fn a_legacy_pipeline_with_a_token() {
    let source = "{provider: GitHub, properties: {repository: acme/shop, access_token_secret: 'x}}-${y}'}}";
    let template = render("old", source, "", &facts(FACTS));
    let pipeline = &template["Resources"]["Pipeline"]["Properties"];
    insta::assert_snapshot!(to_yaml(&pipeline["Stages"][0]));
    assert_eq!(pipeline["Name"]["Ref"], "AWS::StackName".into());
    assert_eq!(template["Outputs"], Value::Null);
    let facts = facts(FACTS);
    let old = manifest("old", source, "");
    assert_eq!(pipeline::stack_name(&old, &facts), "old");
    let tags = |pipeline: &Pipeline| {
        let tags = pipeline::tags(pipeline, &facts);
        tags.into_iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(tags(&old), "copilot-application=shop copilot-pipeline=x owner=me");
    let new = manifest("new", source, "");
    assert_eq!(pipeline::stack_name(&new, &facts), "pipeline-shop-new");
    assert_eq!(tags(&new), "copilot-application=shop copilot-pipeline=new owner=me");
}

#[test]
fn every_arn_is_in_the_partition_of_the_application() {
    let facts = facts(&FACTS.replace("arn:aws:", "arn:aws-cn:").replace("us-west-2", "cn-north-1"));
    let text = to_yaml(&render("release", GITHUB, POLICY, &facts));
    assert!(text.contains("arn:aws-cn:iam::aws:policy/"));
    assert!(!text.contains("arn:aws:"), "{text}");
}

#[test]
fn a_connection_of_the_renamed_service_is_allowed_under_both_names() {
    let rendered = |service: &str| {
        let source = GITHUB.replace("repository:", "connection_name: ours, repository:");
        to_yaml(&render("release", &source, POLICY, &facts(&FACTS.replace("codestar-connections", service))))
    };
    let (old, new) = (rendered("codestar-connections"), rendered("codeconnections"));
    assert!(!old.contains("codeconnections"), "{old}");
    for action in ["UseConnection", "PassConnection", "GetConnection"] {
        let count = |text: &str, service: &str| text.matches(&format!("- {service}:{action}\n")).count();
        let expected = count(&old, "codestar-connections");
        assert!(expected > 0, "{old}");
        assert_eq!(count(&new, "codestar-connections"), expected, "{new}");
        assert_eq!(count(&new, "codeconnections"), expected, "{new}");
    }
}

#[test]
fn a_template_never_changes_by_itself() {
    let facts = facts(FACTS);
    assert_eq!(
        to_yaml(&render("release", GITHUB, POLICY, &facts)),
        to_yaml(&render("release", GITHUB, POLICY, &facts))
    );
}

#[test]
fn what_is_missing_is_named() {
    let named = "{provider: GitHub, properties: {repository: acme/shop, connection_name: other}}";
    let cases = [
        (GITHUB, FACTS.replace("te-st", "staging"), "the application `shop` has no environment `te-st`"),
        (
            GITHUB,
            FACTS.replace(", manager_role_arn: 'arn:m2'", ""),
            "the facts have no `environments.te-st.manager_role_arn`",
        ),
        (
            GITHUB,
            FACTS
                .replace("artifact_bucket", "artifact_key_arn")
                .replace(", artifact_key_arn: 'arn:aws:kms:us-west-2:111122223333:key/1'", "")
                .replace(", artifact_key_arn: 'arn:aws:kms:eu-west-1:111122223333:key/2'", ""),
            "the facts have no `regions`",
        ),
        (
            GITHUB,
            FACTS.replace("'arn:aws:kms:eu-west-1:111122223333:key/2'", "two"),
            "`regions.eu-west-1.artifact_key_arn` among the facts must be the ARN of a KMS key, not `two`",
        ),
        (named, FACTS.to_owned(), "there is no connection `other` to a repository"),
    ];
    for (source, text, expected) in cases {
        let problem: Result<_, Error> = pipeline::render(&manifest("release", source, ""), &facts(&text));
        assert_eq!(problem.unwrap_err().to_string(), expected);
    }
}
