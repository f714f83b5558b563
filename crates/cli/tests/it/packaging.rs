//! `svc package` and `job package`.

use crate::{Folder, copilot, root};

const FACTS: &str = "
application: {name: shop, account_id: '111122223333'}
regions: {eu-west-1: {artifact_bucket: bucket, artifact_key_arn: 'arn:aws:kms:eu-west-1:111122223333:key/1'}}
environments: {test: {account_id: '111122223333', region: eu-west-1, version: v1.33.0}}
";

const ADDONS: &str = "
Parameters: {App: {Type: String}, Env: {Type: String}, Name: {Type: String}, Group: {Type: String}}
Resources:
  Table: {Type: AWS::DynamoDB::Table}
  Policy: {Type: AWS::IAM::ManagedPolicy}
Outputs:
  TableName: {Value: !Ref Table}
  TableAccess: {Value: !Ref Policy}
";

fn workspace() -> Folder {
    let folder = Folder::workspace();
    folder.write("facts.yml", FACTS);
    folder
}

#[test]
fn addons_are_merged_written_and_wired_in() {
    let folder = workspace();
    let package =
        ["svc", "package", "-n", "api", "-e", "test", "--facts", "facts.yml", "--output-dir", "out"];
    assert_eq!(copilot(&folder.path, &package).code, 0);
    assert!(!folder.path.join("out/api.addons.stack.yml").exists(), "there are no addons");

    folder.write("copilot/api/addons/table.yml", ADDONS);
    folder.write(
        "copilot/api/addons/addons.parameters.yml",
        "Parameters: {Group: !Ref EnvironmentSecurityGroup}\n",
    );
    let done = copilot(&folder.path, &package);
    assert_eq!(done.code, 0, "{done:?}");
    insta::assert_snapshot!("addons_template", folder.read("out/api.addons.stack.yml"));
    let stack = folder.read("out/api-test.stack.yml");
    assert!(stack.contains("- Name: TABLE_NAME\n"), "{stack}");
    assert!(stack.contains("- !GetAtt AddonsStack.Outputs.TableAccess\n"), "{stack}");
    assert!(stack.contains("Group: !Ref EnvironmentSecurityGroup\n"), "{stack}");

    folder.write("copilot/api/addons/zzz.yml", "Resources: {Table: {Type: AWS::S3::Bucket}}\n");
    let refused = copilot(&folder.path, &package);
    insta::assert_snapshot!("addons_conflict", refused.shown(&folder.path));
    assert_eq!(copilot(&folder.path, &["validate"]).code, 1, "`validate` finds it as well");

    folder.write("copilot/api/addons/zzz.yml", "");
    fs_err::remove_file(folder.path.join("copilot/api/addons/addons.parameters.yml")).unwrap();
    assert_eq!(copilot(&folder.path, &package).code, 1, "nobody gives `Group`");
    let checked = copilot(&folder.path, &["validate"]);
    assert!(checked.code == 0 && checked.stderr.contains("copilot::addons::no_value"), "{checked:?}");
}

/// The example that uses nearly everything, as a whole.
#[test]
fn a_workload_of_each_type_is_rendered() {
    let example = root().join("examples/everything");
    for name in ["shop", "billing", "mailer", "landing", "site", "report"] {
        let kind = if name == "report" { "job" } else { "svc" };
        let done = copilot(&example, &[kind, "package", "-n", name, "-e", "prod", "--facts", "facts.yml"]);
        assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{name}");
        insta::assert_snapshot!(format!("everything_{name}"), without_hashes(&done.stdout));
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
