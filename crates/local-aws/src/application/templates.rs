//! The templates of an application, cut down to what others read of them.

use std::collections::BTreeMap;

use copilot_yaml::{Diagnostics, Source};
use serde_json::{Map, Value as Json, json};

use super::{Application, Environment};
use crate::core::caller::global_arn;

/// The version of the application's own templates.
const VERSION: &str = "v1.2.0";

/// YAML with short tags, as deployed templates are written.
fn yaml(template: &Json) -> String {
    let text = template.to_string();
    copilot_cfn::read::read(&Source::new("template", text.as_str()), &mut Diagnostics::default())
        .map_or(text, |document| copilot_cfn::write::to_yaml(&document.value))
}

fn trust(principal: &Json) -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole"]}],
    })
}

/// The roles that StackSet operations take on, and the one with which environments change the application's zones.
pub(super) fn roles(application: &Application) -> String {
    let app = &application.name;
    let mut template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Metadata": {"TemplateVersion": VERSION},
        "Resources": {
            "AdministrationRole": {"Type": "AWS::IAM::Role", "Properties": {
                "RoleName": format!("{app}-adminrole"),
                "AssumeRolePolicyDocument": trust(&json!({"Service": "cloudformation.amazonaws.com"})),
            }},
            "ExecutionRole": {"Type": "AWS::IAM::Role", "Properties": {
                "RoleName": format!("{app}-executionrole"),
                "AssumeRolePolicyDocument": trust(&json!({"AWS": {"Fn::GetAtt": ["AdministrationRole", "Arn"]}})),
            }},
        },
        "Outputs": {
            "ExecutionRoleARN": {"Value": {"Fn::GetAtt": ["ExecutionRole", "Arn"]}},
            "AdministrationRoleARN": {"Value": {"Fn::GetAtt": ["AdministrationRole", "Arn"]}},
            "TemplateVersion": {"Value": VERSION},
        },
    });
    if application.domain.is_some() {
        let root = |account: &str| global_arn("iam", &application.region, account, "root");
        let mut accounts = vec![root(&application.account)];
        accounts.extend(application.environments.iter().map(|environment| root(&environment.account)));
        accounts.sort_unstable();
        accounts.dedup();
        template["Resources"]["DNSDelegationRole"] = json!({"Type": "AWS::IAM::Role", "Properties": {
            "RoleName": format!("{app}-DNSDelegationRole"),
            "AssumeRolePolicyDocument": trust(&json!({"AWS": accounts})),
        }});
    }
    yaml(&template)
}

/// Key, bucket and image repositories of a region; `version` counts the changes of the template.
pub(super) fn resources(application: &Application, version: u32) -> String {
    let app = &application.name;
    let built = |kind: &str| kind != "Static Site";
    let workloads: Vec<Json> = application
        .workloads
        .iter()
        .map(|(name, kind)| json!({"Name": name, "WithECR": built(kind)}))
        .collect();
    let mut accounts: Vec<&str> = application.environments.iter().map(|env| env.account.as_str()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let mut resources = Map::new();
    let mut outputs = Map::new();
    resources.insert(
        "KMSKey".into(),
        json!({"Type": "AWS::KMS::Key", "Properties": {
            "EnableKeyRotation": true,
            "KeyPolicy": {"Version": "2012-10-17", "Id": {"Ref": "AWS::StackName"}, "Statement": [{
                "Effect": "Allow", "Action": ["kms:*"], "Resource": "*",
                "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
            }]},
        }}),
    );
    resources.insert(
        "PipelineBuiltArtifactBucket".into(),
        json!({
            "Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": "Enabled"}},
        }),
    );
    for (name, _) in application.workloads.iter().filter(|(_, kind)| built(kind)) {
        let id = format!("ECRRepo{}", name.replace('-', "DASH"));
        resources.insert(id.clone(), json!({"Type": "AWS::ECR::Repository", "Properties": {
            "RepositoryName": format!("{app}/{name}"), "Tags": [{"Key": "copilot-service", "Value": name}],
        }}));
        outputs.insert(id.clone(), json!({"Value": {"Fn::GetAtt": [id, "Arn"]}}));
    }
    outputs.insert(
        "KMSKeyARN".into(),
        json!({
            "Value": {"Fn::GetAtt": ["KMSKey", "Arn"]}, "Export": {"Name": format!("{app}-ArtifactKey")},
        }),
    );
    outputs.insert("PipelineBucket".into(), json!({"Value": {"Ref": "PipelineBuiltArtifactBucket"}}));
    outputs.insert("TemplateVersion".into(), json!({"Value": VERSION}));
    outputs.insert("StackSetOpId".into(), json!({"Value": version}));
    yaml(&json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Cross-regional resources to support the CodePipeline for a workspace",
        "Metadata": {
            "TemplateVersion": VERSION, "Version": version, "Workloads": workloads, "Accounts": accounts,
            "Services": "See #5140",
        },
        "Resources": resources,
        "Outputs": outputs,
    }))
}

/// Parameters that the stack of every environment has.
const PARAMETERS: [&str; 13] = [
    "AppName",
    "EnvironmentName",
    "ALBWorkloads",
    "InternalALBWorkloads",
    "EFSWorkloads",
    "NATWorkloads",
    "AppRunnerPrivateWorkloads",
    "Aliases",
    "ToolsAccountPrincipalARN",
    "AppDNSName",
    "AppDNSDelegationRole",
    "ServiceDiscoveryEndpoint",
    "CreateHTTPSListener",
];

/// The values of the parameters that workloads own.
const FEATURES: &str = "${ALBWorkloads},${InternalALBWorkloads},${EFSWorkloads},${NATWorkloads},${Aliases},${AppRunnerPrivateWorkloads}";

/// Their values.
pub(super) fn parameters(application: &Application, environment: &Environment) -> BTreeMap<String, String> {
    let root = global_arn("iam", &application.region, &application.account, "root");
    let mut values: BTreeMap<String, String> = PARAMETERS
        .iter()
        .map(|name| {
            let value = match *name {
                "AppName" => application.name.clone(),
                "EnvironmentName" => environment.name.clone(),
                "ToolsAccountPrincipalARN" => root.clone(),
                "AppDNSName" => application.domain.clone().unwrap_or_default(),
                "ServiceDiscoveryEndpoint" => format!("{}.{}.local", environment.name, application.name),
                "CreateHTTPSListener" => "false".into(),
                _ => String::new(),
            };
            ((*name).to_owned(), value)
        })
        .collect();
    values.extend(environment.parameters.clone());
    values
}

/// The stack of an environment: its roles, a network, a cluster, and the exports that workloads import.
pub(super) fn environment(application: &Application, environment: &Environment) -> String {
    let declared: Map<String, Json> = parameters(application, environment)
        .keys()
        .map(|name| (name.clone(), json!({"Type": "String", "Default": ""})))
        .collect();
    let named = |suffix: &str| json!({"Fn::Sub": format!("${{AWS::StackName}}-{suffix}")});
    let role = |suffix: &str, principal: &Json| {
        json!({"Type": "AWS::IAM::Role", "DeletionPolicy": "Retain", "Properties": {
            "RoleName": named(suffix), "AssumeRolePolicyDocument": trust(principal), "Path": "/",
        }})
    };
    // Later versions have added statements to its policy.
    let mut manager = role("EnvManagerRole", &json!({"AWS": {"Ref": "ToolsAccountPrincipalARN"}}));
    manager["Properties"]["Policies"] = json!([{"PolicyName": "root", "PolicyDocument": {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "CloudFormation", "Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"}],
    }}]);
    let exported =
        |name: &str, value: Json| (name.to_owned(), json!({"Value": value, "Export": {"Name": named(name)}}));
    let subnet = |zone: u8, block: &str| {
        json!({"Type": "AWS::EC2::Subnet", "Properties": {
            "VpcId": {"Ref": "VPC"}, "CidrBlock": block,
            "AvailabilityZone": {"Fn::Select": [zone, {"Fn::GetAZs": ""}]},
        }})
    };
    let list = |names: [&str; 2]| json!({"Fn::Join": [",", [{"Ref": names[0]}, {"Ref": names[1]}]]});
    let outputs: Map<String, Json> = [
        exported("VpcId", json!({"Ref": "VPC"})),
        exported("PublicSubnets", list(["PublicSubnet1", "PublicSubnet2"])),
        exported("PrivateSubnets", list(["PrivateSubnet1", "PrivateSubnet2"])),
        exported("ClusterId", json!({"Ref": "Cluster"})),
        exported("EnvironmentSecurityGroup", json!({"Fn::GetAtt": ["EnvironmentSecurityGroup", "GroupId"]})),
        exported("ServiceDiscoveryNamespaceID", json!({"Fn::GetAtt": ["ServiceDiscoveryNamespace", "Id"]})),
        (
            "EnvironmentManagerRoleARN".to_owned(),
            json!({"Value": {"Fn::GetAtt": ["EnvironmentManagerRole", "Arn"]}}),
        ),
        (
            "CFNExecutionRoleARN".to_owned(),
            json!({"Value": {"Fn::GetAtt": ["CloudformationExecutionRole", "Arn"]}}),
        ),
        // Changes with what workloads need, so that an update of these parameters alone is one.
        ("EnabledFeatures".to_owned(), json!({"Value": {"Fn::Sub": FEATURES}})),
    ]
    .into_iter()
    .collect();
    yaml(&json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "CloudFormation environment template for infrastructure shared among Copilot workloads.",
        "Metadata": {"Version": environment.version, "Manifest": environment.manifest.clone().unwrap_or_default()},
        "Parameters": declared,
        "Resources": {
            "CloudformationExecutionRole": role("CFNExecutionRole", &json!({"Service": "cloudformation.amazonaws.com"})),
            "EnvironmentManagerRole": manager,
            "VPC": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
            "PublicSubnet1": subnet(0, "10.0.0.0/24"),
            "PublicSubnet2": subnet(1, "10.0.1.0/24"),
            "PrivateSubnet1": subnet(0, "10.0.2.0/24"),
            "PrivateSubnet2": subnet(1, "10.0.3.0/24"),
            "EnvironmentSecurityGroup": {"Type": "AWS::EC2::SecurityGroup", "Properties": {
                "GroupDescription": {"Fn::Sub": "${AppName}-${EnvironmentName}EnvironmentSecurityGroup"}, "VpcId": {"Ref": "VPC"},
            }},
            "ServiceDiscoveryNamespace": {"Type": "AWS::ServiceDiscovery::PrivateDnsNamespace", "Properties": {
                "Name": {"Ref": "ServiceDiscoveryEndpoint"}, "Vpc": {"Ref": "VPC"},
            }},
            "Cluster": {"Type": "AWS::ECS::Cluster"},
        },
        "Outputs": outputs,
    }))
}
