//! The table of what updates replace, compiled from the registry's schemas that cfn-lint brings along.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;

use crate::process;
use crate::tools::{self, text};

const TABLE: &str = "crates/cfn/src/classes/resources.txt";
/// Services whose types the table has: what Copilot's stacks, pipelines and the usual addons are made of.
const SERVICES: &str = "ACMPCA AmazonMQ ApiGateway ApiGatewayV2 AppConfig AppRunner AppSync ApplicationAutoScaling Athena \
    AutoScaling Backup Batch CertificateManager CloudFormation CloudFront CloudTrail CloudWatch CodeBuild CodeCommit \
    CodeConnections CodeDeploy CodePipeline CodeStarConnections CodeStarNotifications Cognito DAX DocDB DocDBElastic DynamoDB \
    EC2 ECR ECS EFS ElastiCache ElasticLoadBalancingV2 Events IAM KMS Kinesis KinesisFirehose Lambda Logs MSK MemoryDB Neptune \
    OpenSearchServerless OpenSearchService Pipes RDS Redshift RedshiftServerless ResourceGroups Route53 Route53Resolver S3 SES \
    SNS SQS SSM Scheduler SecretsManager ServiceCatalogAppRegistry ServiceDiscovery StepFunctions Synthetics Transfer \
    VpcLattice WAFv2 XRay";
/// The region whose types are taken.
const REGION: &str = "us-east-1";
const ABOUT: &str =
    "# What updates replace, from the schemas of CloudFormation's registry. Made by `cargo xtask schemas`.\n";

/// Writes the table. It needs the network, once, for cfn-lint.
pub(crate) fn write(root: &Path) -> Result<()> {
    let programs =
        tools::python(root, "cfn-lint", &["cfn-lint"])?.ok_or_else(|| anyhow!(tools::NO_PYTHON))?;
    let python = programs.join("python");
    let asked = "import cfnlint, os, importlib.metadata as m; \
        print(os.path.dirname(cfnlint.__file__)); print(m.version('cfn-lint'))";
    let answer = String::from_utf8(process::output(root, text(&python)?, &["-c", asked])?)?;
    let (folder, version) = answer.trim().split_once('\n').context("python prints two lines")?;
    let schemas = PathBuf::from(folder).join("data").join("schemas");
    let date = read(&schemas.join("version.json"))?;
    let date =
        date["schema_date"].as_str().and_then(|date| date.get(..10)).context("the schemas have a date")?;
    let types: BTreeMap<String, String> =
        serde_json::from_value(read(&schemas.join("providers").join(format!("{REGION}.json")))?)?;
    let mut table = format!("{ABOUT}# schemas: {date}\n# cfn-lint: {version}\n");
    for (name, hash) in types {
        if name.split("::").nth(1).is_some_and(|service| SERVICES.split(' ').any(|known| known == service)) {
            let schema = read(&schemas.join("resources").join(format!("{hash}.json")))?;
            writeln!(table, "{}", line(&name, &schema)?)?;
        }
    }
    fs_err::write(root.join(TABLE), table)?;
    println!("wrote {TABLE}: schemas of {date}, cfn-lint {version}");
    Ok(())
}

fn read(path: &Path) -> Result<Value> {
    Ok(serde_json::from_slice(&fs_err::read(path)?)?)
}

/// A type with its paths.
fn line(name: &str, schema: &Value) -> Result<String> {
    let mut line = name.to_owned();
    for (key, mark) in [("createOnlyProperties", ""), ("conditionalCreateOnlyProperties", "~")] {
        for path in paths(schema, key)? {
            write!(line, " {mark}{path}")?;
        }
    }
    Ok(line)
}

/// The paths of a list without those that lie in another one.
fn paths(schema: &Value, key: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for path in schema[key].as_array().into_iter().flatten() {
        let path = path.as_str().and_then(|path| path.strip_prefix("/properties/"));
        let path =
            path.with_context(|| format!("a path of {} in {key} leads elsewhere", schema["typeName"]))?;
        // Arrays are marked in two ways.
        let path = path.replace("/items/", "/*/").replace("/properties/", "/");
        ensure!(!path.contains(char::is_whitespace), "`{path}` has a blank");
        found.push(path);
    }
    let all = found.clone();
    found.retain(|path| !all.iter().any(|other| path.starts_with(&format!("{other}/"))));
    found.sort();
    found.dedup();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_outermost_paths() {
        let schema = serde_json::json!({
            "createOnlyProperties": ["/properties/B/C", "/properties/B", "/properties/A/*/D"],
            "conditionalCreateOnlyProperties": ["/properties/E"],
        });
        assert_eq!(line("AWS::X::Y", &schema).unwrap(), "AWS::X::Y A/*/D B ~E");
        assert_eq!(line("AWS::X::Z", &serde_json::json!({})).unwrap(), "AWS::X::Z");
        assert!(line("AWS::X::Y", &serde_json::json!({"createOnlyProperties": ["/definitions/B"]})).is_err());
    }
}
