//! `env package`.

use crate::{Folder, copilot, root};

const FACTS: &str = "
application: {name: shop, account_id: '111122223333'}
regions: {eu-west-1: {artifact_bucket: bucket, artifact_key_arn: 'arn:aws:kms:eu-west-1:111122223333:key/1'}}
environments: {test: {account_id: '111122223333', region: eu-west-1, last_force_deploy_id: first}}
";

const ADDONS: &str = "
Parameters: {App: {Type: String}, Env: {Type: String}, Group: {Type: String}}
Resources: {Table: {Type: AWS::DynamoDB::Table}}
";

fn workspace() -> Folder {
    let folder = Folder::workspace();
    folder.write("facts.yml", FACTS);
    folder
}

/// The examples as a whole.
#[test]
fn environments_of_both_kinds_are_rendered() {
    let example = root().join("examples/environments");
    for name in ["test", "prod"] {
        let done = copilot(&example, &["env", "package", "-n", name, "--facts", "facts.yml"]);
        assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{name}");
        insta::assert_snapshot!(format!("environment_{name}"), without_hashes(&done.stdout));
    }
}

/// The code of functions changes more often than what refers to it.
fn without_hashes(template: &str) -> String {
    let is_key = |line: &&str| line.trim_start().starts_with("S3Key: manual/scripts/custom-resources/");
    let lines = template.lines().map(|line| match line.rsplit_once('/').filter(|_| is_key(&line)) {
        Some((folder, _)) => format!("{folder}/[HASH].zip\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn addons_and_overrides_of_all_environments_count() {
    let folder = workspace();
    let package = ["env", "package", "--facts", "facts.yml", "--output-dir", "out"];
    let done = copilot(&folder.path, &package);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stderr.contains("the environment is `test`, the only one there is"), "{done:?}");
    assert!(!folder.path.join("out/env.addons.yml").exists(), "there are no addons");
    assert!(
        folder.read("out/test.env.params.json").contains("\"ServiceDiscoveryEndpoint\": \"test.shop.local\"")
    );

    folder.write("copilot/environments/addons/table.yml", ADDONS);
    let parameters = "Parameters: {Group: !Ref EnvironmentSecurityGroup}\n";
    folder.write("copilot/environments/addons/addons.parameters.yml", parameters);
    let patches = "- {op: remove, path: /Resources/LogResourcePolicy}\n";
    folder.write("copilot/environments/overrides/cfn.patches.yml", patches);
    let done = copilot(&folder.path, &package);
    assert_eq!(done.code, 0, "{done:?}");
    let template = folder.read("out/test.env.yml");
    assert!(template.contains("Group: !Ref EnvironmentSecurityGroup\n"), "{template}");
    assert!(!template.contains("LogResourcePolicy:"), "{template}");
    // It is where `--upload-assets` would put it.
    let url = "TemplateURL: https://bucket.s3.eu-west-1.amazonaws.com/manual/addons/environments/";
    assert!(template.contains(url), "{template}");
    assert!(folder.read("out/env.addons.yml").contains("Table:"));

    folder.write("copilot/environments/overrides/cfn.patches.yml", "- {op: remove, path: /Resources/CDN}\n");
    let refused = copilot(&folder.path, &package);
    assert!(refused.code == 1 && refused.stderr.contains("CDN"), "{refused:?}");
    assert_eq!(folder.read("out/test.env.yml"), template, "nothing is written where something fails");
}

#[test]
fn a_difference_is_printed_and_forced() {
    let folder = workspace();
    let facts = ["--facts", "facts.yml"];
    let package = |more: &[&str]| {
        copilot(&folder.path, &[&["env", "package", "-n", "test"], &facts[..], more].concat())
    };
    let first = package(&["--output-dir", "out"]);
    assert_eq!(first.code, 0, "{first:?}");
    let same = package(&["--diff", "out/test.env.yml"]);
    assert_eq!((same.code, same.stdout.as_str()), (0, "No changes.\n"));
    assert!(folder.read("out/test.env.yml").contains("Value: first\n"));
    let forced = package(&["--diff", "out/test.env.yml", "--force"]);
    assert_eq!(forced.code, 1, "{forced:?}");
    assert!(forced.stdout.contains("LastForceDeployID"), "{forced:?}");

    let manifest = "name: test\ntype: Environment\nnetwork: {vpc: {flow_logs: {retention: 30}}}\n";
    folder.write("copilot/environments/test/manifest.yml", manifest);
    insta::assert_snapshot!("environment_diff", package(&["--diff", "out/test.env.yml"]).shown(&folder.path));
    let missing = package(&["--diff", "nowhere.yml"]);
    assert_eq!(missing.code, 2, "{missing:?}");
}

#[test]
fn what_is_wrong_is_refused_before_anything_is_written() {
    let folder = workspace();
    let package = || {
        copilot(
            &folder.path,
            &["env", "package", "-n", "test", "--facts", "facts.yml", "--output-dir", "out"],
        )
    };
    let mut shown = Vec::new();
    let mut refuse = |manifest: &str, facts: &str| {
        folder.write("copilot/environments/test/manifest.yml", manifest);
        folder.write("facts.yml", facts);
        let done = package();
        assert_eq!(done.code, 1, "{done:?}");
        shown.push(done.shown(&folder.path));
    };
    let newer = FACTS.replace("last_force_deploy_id: first", "version: v1.36.0");
    let fine = "name: test\ntype: Environment\n";
    refuse(
        "name: other\ntype: Environments\nhttp: {public: {security_groups: {ingress: {restrict_to: {source_ips: [10.0.0.0/8]}}}}}\n",
        FACTS,
    );
    refuse(&format!("{fine}cdn: true\nhttp: {{public: {{ingress: {{cdn: true}}}}}}\n"), FACTS);
    refuse(fine, &newer);
    refuse(fine, &FACTS.replace("test:", "prod:"));
    assert!(!folder.path.join("out").exists());
    insta::assert_snapshot!("environments_refused", shown.join("\n\n"));
    folder.write("facts.yml", newer);
    let package = ["env", "package", "-n", "test", "--facts", "facts.yml", "--allow-downgrade"];
    assert_eq!(copilot(&folder.path, &package).code, 0);
    let unknown = copilot(&folder.path, &["env", "package", "-n", "tets", "--facts", "facts.yml"]);
    assert!(unknown.code == 1 && unknown.stderr.contains("did you mean `test`?"), "{unknown:?}");
}

/// Everything is asked of a local AWS, to which functions and addons are uploaded.
#[test]
fn without_facts_aws_is_asked() {
    let folder = Folder::new();
    assert_eq!(copilot(&folder.path, &["demo", "."]).code, 0);
    folder.write(
        "copilot/environments/addons/table.yml",
        "Parameters: {App: {Type: String}, Env: {Type: String}}\nResources: {Table: {Type: AWS::DynamoDB::Table}}\n",
    );
    let package = |more: &[&str]| {
        copilot(&folder.path, &[&["--local", ".aws", "env", "package", "-n", "test"], more].concat())
    };
    let plain = package(&["--output-dir", "plain"]);
    assert_eq!(plain.code, 0, "{plain:?}");
    let uploaded = package(&["--output-dir", "uploaded", "--upload-assets"]);
    assert_eq!(uploaded.code, 0, "{uploaded:?}");
    assert_eq!(folder.read("plain/test.env.yml"), folder.read("uploaded/test.env.yml"));
    let state = folder.read(".aws/state.json");
    for key in ["manual/addons/environments/", "manual/scripts/custom-resources/dnsdelegationfunction/"] {
        assert!(state.contains(key), "nothing was uploaded to {key}");
    }
    // The stack of the demo has all but the addons.
    let diff = package(&["--diff"]);
    assert!(diff.code == 1 && diff.stdout.contains("+ AddonsStack ("), "{diff:?}");
    let parameters = folder.read("plain/test.env.params.json");
    assert!(parameters.contains("\"AppName\": \"storefront\""), "{parameters}");
}

/// What `init` writes, but for the version and the program that this build is.
#[test]
fn the_pipeline_of_the_example_is_one_that_init_writes_and_builds_both() {
    let example = root().join("examples/environments");
    let folder = Folder::new();
    folder.write("copilot/.workspace", "application: network\n");
    folder.write("facts.yml", fs_err::read(example.join("facts.yml")).unwrap());
    let init = "init --name network-main --url https://github.com/network-example/network --git-branch main \
                --pipeline-type Environments --environments test,prod --require-approval prod --facts facts.yml";
    let done = copilot(&folder.path, &init.split_whitespace().collect::<Vec<_>>());
    assert_eq!(done.code, 0, "{done:?}");
    let of_this_build = |line: &&str| {
        line.contains("SHA256_") && !line.contains('$') || line.contains("the first was version")
    };
    let lasting =
        |text: String| text.lines().filter(|line| !of_this_build(line)).collect::<Vec<_>>().join("\n");
    for name in ["manifest.yml", "buildspec.yml"] {
        let path = format!("copilot/pipelines/network-main/{name}");
        let committed = fs_err::read_to_string(example.join(&path)).unwrap();
        assert_eq!(lasting(committed), lasting(folder.read(&path)), "{name}");
    }
    assert_eq!(copilot(&example, &["validate"]).code, 0);
    let done = copilot(&example, &["build", "--facts", "facts.yml", "--no-upload", "--dry-run"]);
    assert!(done.code == 0 && done.stderr.contains("2 stacks would be written"), "{done:?}");
}
