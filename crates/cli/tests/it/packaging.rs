//! `svc package` and `job package`.

use crate::{Folder, copilot};

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
}
