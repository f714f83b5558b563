//! What `Fn::GetAtt` gives.

use serde_json::Value as Json;

use crate::core::caller::{Caller, global_arn, partition};
use crate::core::ids::sha256_hex;
use crate::core::input::Input;
use crate::core::world::World;
use crate::services::cloudformation::model::Resource;
use crate::services::{apprunner, route53};

/// An attribute of a resource.
pub(crate) fn attribute(
    world: &World,
    caller: &Caller,
    resource: &Resource,
    name: &str,
) -> Result<Json, String> {
    if let Some(value) = resource.attributes.get(name) {
        return Ok(value.clone());
    }
    let physical = resource.physical_id.as_deref().unwrap_or_default();
    if resource.kind == "AWS::CloudFormation::Stack" {
        return output(world, caller, physical, name);
    }
    if STORED.contains(&resource.kind.as_str()) {
        return stored(world, caller, &resource.kind, physical, name)
            .ok_or_else(|| unknown(&resource.kind, name));
    }
    if let Some(value) = resource.properties.get(name).filter(|value| !value.is_object()) {
        return Ok(value.clone());
    }
    if let Some(list) = listed(&resource.kind, physical, name) {
        return Ok(Json::from(list));
    }
    Ok(Json::from(plausible(caller, &resource.kind, physical, name)))
}

/// An attribute that is a list, of a type that is only accepted.
fn listed(kind: &str, physical: &str, name: &str) -> Option<Vec<String>> {
    match (kind, name) {
        ("AWS::Route53::HostedZone", "NameServers") => Some(route53::servers(physical)),
        _ => None,
    }
}

fn unknown(kind: &str, name: &str) -> String {
    format!("Template error: resource of type {kind} does not support attribute type {name} in Fn::GetAtt")
}

/// An output of a nested stack.
fn output(world: &World, caller: &Caller, id: &str, name: &str) -> Result<Json, String> {
    let key = name.strip_prefix("Outputs.").unwrap_or(name);
    world
        .state
        .regional
        .get(&caller.scope())
        .and_then(|here| here.stacks.by_id.get(id))
        .and_then(|stack| stack.outputs.iter().find(|output| output.key == key))
        .map(|output| Json::from(output.value.clone()))
        .ok_or_else(|| format!("Output '{key}' not found in stack '{id}'"))
}

/// Types that exist for real.
const STORED: [&str; 11] = [
    "AWS::SSM::Parameter",
    "AWS::IAM::Role",
    "AWS::IAM::ManagedPolicy",
    "AWS::S3::Bucket",
    "AWS::KMS::Key",
    "AWS::ECR::Repository",
    "AWS::CodeBuild::Project",
    "AWS::CodePipeline::Pipeline",
    "AWS::CodeStarConnections::Connection",
    "AWS::CodeConnections::Connection",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
];

/// An attribute of a resource that exists for real.
fn stored(world: &World, caller: &Caller, kind: &str, physical: &str, name: &str) -> Option<Json> {
    let here = world.state.regional.get(&caller.scope());
    let iam = world.state.iam.get(&caller.account);
    let (region, account) = (caller.region.as_str(), caller.account.as_str());
    let value = match kind {
        "AWS::SSM::Parameter" => {
            let parameter = here.and_then(|here| here.parameters.get(physical));
            match name {
                "Value" => parameter.map(|parameter| parameter.value.clone()),
                "Type" => parameter.map(|parameter| parameter.kind.clone()),
                _ => None,
            }
        }
        "AWS::IAM::Role" => {
            let role = iam.and_then(|iam| iam.roles.get(physical));
            match name {
                "Arn" => role.map(|role| role.arn.clone()),
                "RoleId" => role.map(|role| role.id.clone()),
                _ => None,
            }
        }
        "AWS::S3::Bucket" => match name {
            "Arn" => Some(format!("arn:{}:s3:::{physical}", partition(region))),
            "DomainName" => Some(format!("{physical}.s3.amazonaws.com")),
            "RegionalDomainName" => Some(format!("{physical}.s3.{region}.amazonaws.com")),
            "WebsiteURL" => Some(format!("http://{physical}.s3-website-{region}.amazonaws.com")),
            _ => None,
        },
        "AWS::KMS::Key" => match name {
            "Arn" => here.and_then(|here| here.keys.get(physical)).map(|key| key.arn.clone()),
            "KeyId" => Some(physical.to_owned()),
            _ => None,
        },
        "AWS::ECR::Repository" => match name {
            "Arn" => here.and_then(|here| here.repositories.get(physical)).map(|found| found.arn.clone()),
            "RepositoryUri" => Some(world.repository_uri(account, region, physical)),
            _ => None,
        },
        "AWS::CodeBuild::Project" => match name {
            "Arn" => here.and_then(|here| here.projects.get(physical)).map(|project| project.arn.clone()),
            _ => None,
        },
        "AWS::CodePipeline::Pipeline" => match name {
            "Version" => here
                .and_then(|here| here.pipelines.get(physical))
                .map(|pipeline| pipeline.version.to_string()),
            _ => None,
        },
        "AWS::CodeStarConnections::Connection" | "AWS::CodeConnections::Connection" => {
            let found = here.and_then(|here| here.connections.values().find(|found| found.arn == physical));
            match name {
                "ConnectionArn" => Some(physical.to_owned()),
                "ConnectionStatus" => found.map(|connection| connection.status.clone()),
                "OwnerAccountId" => Some(account.to_owned()),
                _ => None,
            }
        }
        "AWS::IAM::ManagedPolicy" => match name {
            "PolicyArn" => Some(physical.to_owned()),
            _ => None,
        },
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => {
            let found = here.and_then(|here| here.load_balancers.balancers.get(physical));
            let text = |key: &str| found.and_then(|found| found.text(key)).map(str::to_owned);
            match name {
                "DNSName" => text("DNSName"),
                "CanonicalHostedZoneID" => text("CanonicalHostedZoneId"),
                "LoadBalancerName" => text("LoadBalancerName"),
                "LoadBalancerArn" => Some(physical.to_owned()),
                "LoadBalancerFullName" => {
                    physical.split_once(":loadbalancer/").map(|(_, tail)| tail.to_owned())
                }
                _ => None,
            }
        }
        _ => None,
    };
    value.map(Json::from)
}

/// An attribute of a type that is only accepted.
fn plausible(caller: &Caller, kind: &str, physical: &str, name: &str) -> String {
    let service = kind.split("::").nth(1).unwrap_or_default().to_lowercase();
    let last = physical.rsplit(['/', ':']).next().unwrap_or(physical);
    match (kind, name) {
        ("AWS::SQS::Queue", "QueueUrl") | ("AWS::AppRunner::Service", "ServiceArn") => physical.to_owned(),
        ("AWS::SQS::Queue", "Arn") => caller.arn("sqs", last),
        ("AWS::Logs::LogGroup", "Arn") => caller.arn("logs", &format!("log-group:{physical}:*")),
        ("AWS::AppRunner::Service", "ServiceUrl") => apprunner::url(&caller.region, physical),
        ("AWS::ECS::Cluster", "Arn") => caller.arn("ecs", &format!("cluster/{physical}")),
        ("AWS::Lambda::Function", "Arn") => caller.arn("lambda", &format!("function:{physical}")),
        ("AWS::DynamoDB::Table", "Arn") => caller.arn("dynamodb", &format!("table/{physical}")),
        ("AWS::ElasticLoadBalancingV2::TargetGroup", "TargetGroupFullName") => {
            physical.rsplit(':').next().unwrap_or(physical).to_owned()
        }
        ("AWS::EC2::EIP", "AllocationId") => {
            format!("eipalloc-{}", &sha256_hex(physical.as_bytes())[..17])
        }
        ("AWS::EFS::FileSystem", "Arn") => {
            caller.arn("elasticfilesystem", &format!("file-system/{physical}"))
        }
        ("AWS::ServiceDiscovery::PrivateDnsNamespace", "Arn") => {
            caller.arn("servicediscovery", &format!("namespace/{physical}"))
        }
        ("AWS::ServiceDiscovery::PrivateDnsNamespace", "HostedZoneId") => {
            physical.replace("ns-", "Z").to_uppercase()
        }
        ("AWS::EC2::VPC", "DefaultSecurityGroup") => physical.replace("vpc-", "sg-"),
        ("AWS::CloudFront::Distribution", "DomainName") => {
            format!("{}.cloudfront.net", physical.to_lowercase())
        }
        (_, "Arn") if physical.starts_with("arn:") => physical.to_owned(),
        (_, "Arn") if service == "iam" => global_arn(
            "iam",
            &caller.region,
            &caller.account,
            &format!("{}/{physical}", kind.split("::").last().unwrap_or_default().to_lowercase()),
        ),
        (_, "Arn") => caller.arn(&service, physical),
        (_, "Id" | "GroupId" | "VpcId" | "SubnetId" | "FileSystemId" | "AccessPointId" | "AllocationId") => {
            physical.to_owned()
        }
        (_, "Name" | "TopicName" | "QueueName") | ("AWS::AppRunner::Service", "ServiceId") => last.to_owned(),
        _ => format!("{last}-{}", name.replace('.', "-").to_lowercase()),
    }
}
