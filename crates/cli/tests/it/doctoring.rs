//! `doctor` finds what will break, and says when.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::{Done, Folder, with_io};

/// 2026-11-28.
fn clock() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_hours(498_840)
}

pub(crate) fn at_that_day(folder: &camino::Utf8Path, arguments: &[&str]) -> Done {
    with_io(folder, arguments, |io| io.with_clock(clock))
}

/// A buildspec with the parts of a generated one.
pub(crate) const BUILDSPEC: &str = r#"# Ours since 2022.
version: 0.2
phases:
  install:
    runtime-versions:
      docker: 19
      ruby: 2.6
    commands:
      - cd $CODEBUILD_SRC_DIR
      # Get it.
      - wget -q https://bucket.example/copilot-linux-v1.22.0
      - mv ./copilot-linux-v1.22.0 ./copilot-linux
      - chmod +x ./copilot-linux
  build:
    commands:
      - make test # ours
  post_build:
    commands:
      - pipeline=$(cat $CODEBUILD_SRC_DIR/copilot/pipelines/main/manifest.yml | ruby -ryaml -rjson -e 'puts YAML.load(ARGF).to_json')
      - pl_envs=$(echo $pipeline | jq -r '.stages[].name')
      - svcs=$(./copilot-linux svc ls --local --json | jq -r '.services[].name')
      - >
        for env in $pl_envs; do
          for svc in $svcs; do
            ./copilot-linux svc package -n $svc -e $env --output-dir './infrastructure' --tag $tag --upload-assets;
          done;
        done;
      - make notify
artifacts:
  files:
    - "infrastructure/*"
"#;

pub(crate) const PIPELINE: &str = "name: main\nversion: 1\nsource:\n  provider: GitHubV1\n  properties:\n    branch: main\n    repository: https://github.com/acme/shop\n    access_token_secret: token\nbuild:\n  image: aws/codebuild/amazonlinux2-x86_64-standard:3.0 # fast\nstages:\n  - name: test\n    test_commands:\n      - ./copilot-linux svc exec -n api -c ls\n  - name: prod\n    require_approval: true\n";

pub(crate) fn old_workspace() -> Folder {
    let folder = Folder::workspace();
    folder.write("copilot/pipelines/main/manifest.yml", PIPELINE);
    folder.write("copilot/pipelines/main/buildspec.yml", BUILDSPEC);
    folder.write("copilot/environments/prod/manifest.yml", "name: prod\ntype: Environment\nhttp:\n  public:\n    security_groups:\n      ingress:\n        restrict_to:\n          source_ips: [198.51.100.0/24]\n");
    folder.write("copilot/web/manifest.yml", "name: web\ntype: Request-Driven Web Service\nimage:\n  build: web/Dockerfile\n  port: 80\ncpus: 256\n");
    folder.write(
        "web/Dockerfile",
        "FROM node:20 AS build\nFROM public.ecr.aws/nginx/nginx:1\nCOPY --from=build /a /b\n",
    );
    folder.write("copilot/api/addons/db.yml", "Parameters:\n  App: {Type: String}\n  Env: {Type: String}\n  Name: {Type: String}\nResources:\n  Cluster:\n    Type: AWS::RDS::DBCluster\n    Properties: {Engine: aurora-postgresql, EngineVersion: '14.4'}\n  Old:\n    Type: AWS::RDS::DBCluster\n    Properties: {Engine: aurora-mysql, EngineMode: serverless}\n  F:\n    Type: AWS::Lambda::Function\n    Properties: {Runtime: python3.9}\n  G:\n    Type: AWS::Lambda::Function\n    Properties: {Runtime: python3.13}\n");
    folder
}

#[test]
fn everything_is_found_with_its_date() {
    let folder = old_workspace();
    let done = at_that_day(&folder.path, &["doctor"]);
    insta::assert_snapshot!(done.shown(&folder.path));
    let done = at_that_day(&folder.path, &["doctor", "--json", "--fail-on", "never"]);
    assert_eq!(done.code, 0);
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    let found: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap_or("-").to_owned();
            assert!(text("reference").starts_with("https://") && !text("fix").is_empty(), "{finding}");
            let code = text("code");
            format!(
                "{} {} {} {}:{}",
                text("severity"),
                &code["copilot::doctor::".len()..],
                text("date"),
                text("file"),
                finding["line"]
            )
        })
        .collect();
    insta::assert_snapshot!(found.join("\n"));
}

#[test]
fn what_bites_later_is_left_out() {
    let folder = old_workspace();
    let codes = |until: &str| {
        let done = at_that_day(&folder.path, &["doctor", "--json", "--until", until]);
        let report: Value = serde_json::from_str(&done.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap().clone();
        findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let runtime = "copilot::doctor::lambda_runtime".to_owned();
    assert!(codes("2027-02-02").contains(&runtime));
    let before = codes("2027-02-01");
    assert!(!before.contains(&runtime) && before.contains(&"copilot::doctor::lost_gate".to_owned()));
    let done = at_that_day(&folder.path, &["doctor", "--until", "2027-02-30"]);
    assert!(done.code == 1 && done.stderr.contains("is no day"), "{done:?}");
}

#[test]
fn sarif_names_rules_and_places() {
    let folder = old_workspace();
    let done = at_that_day(&folder.path, &["doctor", "--format", "sarif"]);
    assert_eq!(done.code, 1);
    let log: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1, "{place}");
        assert!(folder.path.join(place["artifactLocation"]["uri"].as_str().unwrap()).is_file(), "{place}");
    }
}

#[test]
fn a_sound_workspace_has_no_findings() {
    let folder = Folder::workspace();
    let done = at_that_day(&folder.path, &["doctor", "--fail-on", "warning"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stderr.contains("0 errors, 0 warnings; dates looked up on "), "{done:?}");
}

#[test]
fn what_is_deployed_is_examined_with_or_without_a_workspace() {
    let folder = Folder::new();
    let aws = folder.path.join(".aws");
    let made = at_that_day(&folder.path, &["--local", aws.as_str(), "demo", "."]);
    assert_eq!(made.code, 0, "{made:?}");
    let inside = ["--local", aws.as_str(), "doctor", "--deployed", "--json", "--until", "2026-11-28"];
    let done = at_that_day(&folder.path, &inside);
    let report: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
    let resources: Vec<_> =
        report["findings"].as_array().unwrap().iter().filter(|it| it.get("resource").is_some()).collect();
    assert!(resources.is_empty(), "{resources:#?}");
    let elsewhere = Folder::new();
    let outside = ["--local", aws.as_str(), "doctor", "--deployed", "--app", "storefront"];
    let done = at_that_day(&elsewhere.path, &outside);
    assert!(done.code == 0 && done.stderr.contains("dates looked up"), "{done:?}");
    let wrong = ["--local", aws.as_str(), "doctor", "--deployed", "--app", "none"];
    assert_eq!(at_that_day(&elsewhere.path, &wrong).code, 1);
}

#[cfg(unix)]
#[test]
fn a_workspace_that_can_not_be_read_is_no_absent_one() {
    let folder = Folder::new();
    std::os::unix::fs::symlink("copilot", folder.path.join("copilot")).unwrap();
    let aws = folder.path.join(".aws");
    let asked = ["--local", aws.as_str(), "doctor", "--deployed", "--app", "storefront"];
    let done = at_that_day(&folder.path, &asked);
    assert!(done.code == 1 && done.stderr.contains("can't read"), "{done:?}");
}
