//! Stacks of environments: rendered once each, with what they name in the buckets.

use copilot_local_aws::Application;
use serde_json::{Value as Json, json};

use super::{build, infrastructure};
use crate::Folder;
use crate::support::{Cloud, command, done};

/// A stage that deploys the stack of its own environment.
const STAGE: &str = "  - name: NAME
    deployments:
      deploy-env:
        template_path: infrastructure/NAME.env.yml
        template_config: infrastructure/NAME.env.params.json
        stack_name: shop-NAME
";
const FLOW_LOGS: &str = "network: {vpc: {flow_logs: {retention: 30}}}\n";
/// Addons with code that is zipped.
const ADDONS: &str = "Parameters:
  App: {Type: String}
  Env: {Type: String}
Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Code: lambdas/fn
      Handler: index.handler
      Runtime: nodejs22.x
      Role: !Sub 'arn:aws:iam::${AWS::AccountId}:role/r'
";

/// A pipeline of three environments, two of them in one region.
fn workspace() -> (Folder, Cloud) {
    let folder = Folder::workspace();
    for name in ["test", "prod", "away"] {
        let path = format!("copilot/environments/{name}/manifest.yml");
        folder.write(&path, format!("name: {name}\ntype: Environment\n"));
    }
    folder.write("copilot/environments/addons/fn.yml", ADDONS);
    folder.write("lambdas/fn/index.js", "exports.handler = async () => {};\n");
    pipeline(&folder, &["test", "prod", "away"].map(|name| STAGE.replace("NAME", name)).concat());
    let mut application = Application::new("shop", "123456789012", "us-west-2")
        .environment("test", "us-west-2")
        .environment("prod", "us-west-2")
        .environment("away", "eu-west-1")
        .workload("api", "Backend Service");
    for environment in &mut application.environments {
        environment.version = "v1.33.0".into();
    }
    application.environments[0].parameters = [("ALBWorkloads".to_owned(), "web".to_owned())].into();
    (folder, Cloud::with(&application))
}

fn pipeline(folder: &Folder, stages: &str) {
    let head = "name: main\nversion: 1\nsource:\n  provider: GitHub\n  properties:\n    branch: main\n    repository: https://github.com/shop/shop\nstages:\n";
    folder.write("copilot/pipelines/main/manifest.yml", format!("{head}{stages}"));
}

fn names(folder: &Folder) -> Vec<String> {
    infrastructure(folder).into_keys().map(|name| name.replace("infrastructure/", "")).collect()
}

/// The values of `S3Key` and `S3Bucket` in a template, in pairs.
fn code(template: &str) -> Vec<(&str, &str)> {
    let values = |key: &'static str| template.lines().filter_map(move |line| line.trim().strip_prefix(key));
    values("S3Bucket: ").zip(values("S3Key: ")).collect()
}

#[test]
fn all_stages_are_rendered_at_once_and_have_what_they_name() {
    let (folder, cloud) = workspace();
    let (done, report) = build(&folder, &[], &cloud.variables());
    assert_eq!(done.code, 0, "{}", done.stderr);
    let all =
        ["away", "prod", "test"].map(|name| [format!("{name}.env.params.json"), format!("{name}.env.yml")]);
    let mut expected: Vec<String> = all.into_iter().flatten().chain(["env.addons.yml".into()]).collect();
    expected.sort();
    assert_eq!(names(&folder), expected);
    for name in ["test", "prod", "away"] {
        let template = folder.read(&format!("infrastructure/{name}.env.yml"));
        let functions = code(&template);
        assert!(!functions.is_empty());
        for (bucket, key) in functions {
            assert!(cloud.aws.object(bucket, key).is_some(), "{name}: {key}");
        }
        let url = template.lines().find_map(|line| line.trim().strip_prefix("TemplateURL: ")).unwrap();
        let (host, key) = url.strip_prefix("https://").unwrap().split_once('/').unwrap();
        let addons = cloud.aws.object(host.split(".s3").next().unwrap(), key).unwrap();
        let addons = String::from_utf8(addons.to_vec()).unwrap();
        let [(bucket, key)] = code(&addons)[..] else { panic!("{addons}") };
        assert!(cloud.aws.object(bucket, key).unwrap().starts_with(b"PK"), "a zip");
    }
    let parameters = folder.read("infrastructure/test.env.params.json");
    let parameters: Json = serde_json::from_str(&parameters).unwrap();
    assert_eq!(parameters["Parameters"]["ALBWorkloads"], "web");
    // Each once in each region: what two environments of a region name is the same.
    let uploads = cloud.aws.calls().count("s3", "PutObject");
    let objects = report["objects"].as_array().unwrap();
    assert_eq!((uploads, objects.len() % 2), (objects.len(), 0));
    let stack = |stack: &Json| {
        let keys: Vec<&String> = stack.as_object().unwrap().keys().collect();
        assert!(!keys.contains(&&"workload".to_owned()), "{keys:?}");
        (stack["environment"].clone(), stack["template"].clone(), stack["changed"].clone())
    };
    let stacks: Vec<_> = report["stacks"].as_array().unwrap().iter().map(stack).collect();
    let expected =
        ["test", "prod", "away"].map(|name| (json!(name), json!(format!("{name}.env.yml")), json!(true)));
    assert_eq!(stacks, expected);
    assert!(done.stderr.contains("3 stacks in `infrastructure`, 3 of them changed"), "{}", done.stderr);

    let before = infrastructure(&folder);
    let (again, report) = build(&folder, &[], &cloud.variables());
    assert_eq!((again.code, &report["counts"]["uploads"]), (0, &json!(0)), "{}", again.stderr);
    assert!(infrastructure(&folder) == before, "nothing in them is of the time");
    let (forced, _) = build(&folder, &["--force", "--env", "test"], &cloud.variables());
    assert_eq!(forced.code, 0, "{}", forced.stderr);
    let now = infrastructure(&folder);
    let changed: Vec<_> =
        now.iter().filter(|(name, bytes)| before[*name] != **bytes).map(|(name, _)| name).collect();
    // The template of addons names the bucket of the last environment.
    assert_eq!(changed, ["infrastructure/env.addons.yml", "infrastructure/test.env.yml"]);
}

#[test]
fn what_is_built_is_what_env_package_writes() {
    let (folder, cloud) = workspace();
    folder.write(
        "copilot/environments/overrides/cfn.patches.yml",
        "- {op: add, path: /Metadata/Team, value: a}\n",
    );
    assert_eq!(build(&folder, &[], &cloud.variables()).0.code, 0);
    let whole = infrastructure(&folder);
    fs_err::remove_dir_all(folder.path.join("infrastructure")).unwrap();
    for name in ["test", "prod", "away"] {
        let package = ["env", "package", "-n", name, "--output-dir", "infrastructure", "--upload-assets"];
        let done = done(command(&folder.path, &package, &cloud.variables()).spawn().unwrap());
        assert_eq!(done.code, 0, "{}", done.stderr);
    }
    assert!(infrastructure(&folder) == whole);
    assert!(folder.read("infrastructure/away.env.yml").contains("Team: a"));
}

#[test]
fn a_pipeline_may_deploy_environments_and_workloads() {
    let (folder, cloud) = workspace();
    let workload = "      api:\n        depends_on: [deploy-env]\n";
    pipeline(&folder, &format!("{}{workload}  - name: prod\n", STAGE.replace("NAME", "test")));
    let (done, report) = build(&folder, &[], &cloud.variables());
    assert_eq!(done.code, 0, "{}", done.stderr);
    let templates = |names: Vec<String>| -> Vec<String> {
        names.into_iter().filter(|name| name.strip_suffix(".yml").is_some()).collect()
    };
    let all = ["api-prod.stack.yml", "api-test.stack.yml", "env.addons.yml", "test.env.yml"];
    assert_eq!(templates(names(&folder)), all);
    let stacks = report["stacks"].as_array().unwrap();
    let whose: Vec<_> = stacks.iter().map(|stack| (stack.get("workload"), &stack["environment"])).collect();
    let (api, test, prod) = (json!("api"), json!("test"), json!("prod"));
    assert_eq!(whose, [(None, &test), (Some(&api), &test), (Some(&api), &prod)]);

    for (arguments, expected) in [
        (&["--only", "api"][..], &["api-prod.stack.yml", "api-test.stack.yml"][..]),
        (&["--env", "prod"], &["api-prod.stack.yml"]),
        (&["--env", "test"], &["api-test.stack.yml", "env.addons.yml", "test.env.yml"]),
    ] {
        fs_err::remove_dir_all(folder.path.join("infrastructure")).unwrap();
        let (done, _) = build(&folder, arguments, &cloud.variables());
        assert_eq!(done.code, 0, "{}", done.stderr);
        assert_eq!(templates(names(&folder)), expected, "{arguments:?}");
    }
}

#[test]
fn nothing_is_asked_or_written_where_it_need_not_be() {
    let (folder, cloud) = workspace();
    let (dry, report) = build(&folder, &["--dry-run"], &cloud.variables());
    assert_eq!((dry.code, &report["outcome"]), (0, &json!("dry_run")), "{}", dry.stderr);
    assert!(dry.stderr.contains("would be uploaded; 3 stacks would be written"), "{}", dry.stderr);
    assert!(infrastructure(&folder).is_empty());
    assert_eq!(cloud.aws.calls().count("s3", "PutObject"), 0);

    let facts = done(command(&folder.path, &["facts"], &cloud.variables()).spawn().unwrap());
    folder.write("facts.yml", facts.stdout);
    cloud.aws.reset_calls();
    let (done, report) = build(&folder, &["--facts", "facts.yml", "--no-upload", "--json"], &[]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert_eq!(serde_json::from_str::<Json>(&done.stdout).unwrap()["stacks"], report["stacks"]);
    assert_eq!(cloud.aws.calls().total(), 0);
    assert_eq!(names(&folder).len(), 7);
    let prod = STAGE.replace("NAME", "prod");
    pipeline(&folder, &format!("{prod}{}", STAGE.replace("NAME", "test")));
    folder.write(
        "copilot/environments/prod/manifest.yml",
        format!("name: prod\ntype: Environment\n{FLOW_LOGS}"),
    );
    let (done, report) = build(&folder, &["--facts", "facts.yml", "--no-upload"], &[]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let changed: Vec<_> = report["stacks"].as_array().unwrap().iter().map(|it| &it["changed"]).collect();
    assert_eq!(changed, [&json!(true), &json!(false)]);
}

#[test]
fn what_is_wrong_with_any_of_them_is_said_before_aws_is_asked() {
    let (folder, cloud) = workspace();
    let mut found = Vec::new();
    let mut refuse = |folder: &Folder, arguments: &[&str]| {
        let (done, _) = build(folder, arguments, &cloud.variables());
        assert_eq!((done.code, cloud.calls()), (1, 0), "{done:?}");
        assert!(infrastructure(folder).is_empty());
        found.push(done.shown(&folder.path));
    };
    folder.write("copilot/environments/test/manifest.yml", "name: test\ntype: Environment\nnetwork: []\n");
    folder.write(
        "copilot/environments/away/manifest.yml",
        "name: away\ntype: Environment\ncdn: {certificate: 1}\n",
    );
    refuse(&folder, &[]);
    fs_err::remove_dir_all(folder.path.join("copilot/environments/prod")).unwrap();
    refuse(&folder, &["--env", "prod"]);
    refuse(&folder, &["--only", "api"]);
    insta::assert_snapshot!(found.join("\n\n"));
}

#[test]
fn without_its_manifest_an_environment_is_left_to_others() {
    let (folder, cloud) = workspace();
    fs_err::remove_dir_all(folder.path.join("copilot/environments/prod")).unwrap();
    let (done, _) = build(&folder, &["--dry-run"], &cloud.variables());
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stderr.contains("`infrastructure/prod.env.yml`, which is not there"), "{done:?}");
    assert!(done.stderr.contains("`copilot-pipeline env show --name prod --manifest`"), "{done:?}");
    folder.write("infrastructure/prod.env.yml", "Resources: {}\n");
    let (done, _) = build(&folder, &["--dry-run"], &cloud.variables());
    assert!(done.code == 0 && !done.stderr.contains("prod.env.yml"), "{done:?}");
    let package = ["env", "package", "-n", "prod"];
    let missing = crate::support::done(command(&folder.path, &package, &cloud.variables()).spawn().unwrap());
    assert!(missing.stderr.contains("`copilot-pipeline env show --name prod --manifest`"), "{missing:?}");
}

#[test]
fn a_newer_environment_is_not_taken_back_by_accident() {
    let (folder, _) = workspace();
    let mut application =
        Application::new("shop", "123456789012", "us-west-2").environment("test", "us-west-2");
    application.environments[0].version = "v1.99.0".into();
    let cloud = Cloud::with(&application);
    pipeline(&folder, &STAGE.replace("NAME", "test"));
    let (refused, _) = build(&folder, &[], &cloud.variables());
    assert!(refused.code == 1 && refused.stderr.contains("v1.99.0"), "{refused:?}");
    assert!(refused.stderr.contains("`--allow-downgrade`"), "{refused:?}");
    assert_eq!(cloud.aws.calls().count("s3", "PutObject"), 0);
    let (allowed, _) = build(&folder, &["--allow-downgrade"], &cloud.variables());
    assert_eq!(allowed.code, 0, "{allowed:?}");
}
