//! Types that are only accepted: they get a plausible physical id, and some of them can be described.

use serde_json::{Value as Json, json};

use super::Place;
use super::naming::{physical, tags};
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::world::World;
use crate::services::{acm, apprunner, ecs};

/// Makes a resource of any type.
pub(super) fn create(
    world: &mut World,
    caller: &Caller,
    place: &Place,
    kind: &str,
    properties: &Json,
) -> String {
    let hex = |world: &mut World, prefix: &str| format!("{prefix}{}", world.state.ids.hex(17));
    let text = |key: &str| properties.text(key).map(str::to_owned);
    match kind {
        "AWS::EC2::VPC" => hex(world, "vpc-"),
        "AWS::EC2::Subnet" => subnet(world, caller, place, properties),
        "AWS::EC2::SecurityGroup" => hex(world, "sg-"),
        "AWS::EC2::InternetGateway" => hex(world, "igw-"),
        "AWS::EC2::RouteTable" => hex(world, "rtb-"),
        "AWS::EC2::NatGateway" => hex(world, "nat-"),
        "AWS::EC2::VPCEndpoint" => hex(world, "vpce-"),
        "AWS::EC2::FlowLog" => hex(world, "fl-"),
        "AWS::EC2::SubnetRouteTableAssociation" => hex(world, "rtbassoc-"),
        "AWS::EC2::SecurityGroupIngress" | "AWS::EC2::SecurityGroupEgress" => hex(world, "sgr-"),
        "AWS::EC2::Route" => {
            let destination = text("DestinationCidrBlock").or_else(|| text("DestinationIpv6CidrBlock"));
            format!("{}|{}", text("RouteTableId").unwrap_or_default(), destination.unwrap_or_default())
        }
        "AWS::EC2::VPCGatewayAttachment" => {
            let gateway = if text("VpnGatewayId").is_some() { "VPNGW" } else { "IGW" };
            format!("{gateway}|{}", text("VpcId").unwrap_or_default())
        }
        "AWS::EFS::MountTarget" => hex(world, "fsmt-"),
        "AWS::Logs::ResourcePolicy" => text("PolicyName").unwrap_or_else(|| physical(world, place, 128)),
        "AWS::ElasticLoadBalancingV2::ListenerRule" => {
            let listener =
                text("ListenerArn").unwrap_or_default().replacen(":listener/", ":listener-rule/", 1);
            let arn = format!("{listener}/{}", world.state.ids.hex(16));
            rule(world, caller, &arn, properties);
            arn
        }
        "AWS::EC2::EIP" => format!("203.0.113.{}", world.state.ids.below(254) + 1),
        "AWS::EFS::FileSystem" => hex(world, "fs-"),
        "AWS::EFS::AccessPoint" => hex(world, "fsap-"),
        "AWS::ServiceDiscovery::PrivateDnsNamespace" => format!("ns-{}", world.state.ids.lower(16)),
        "AWS::ServiceDiscovery::Service" => format!("srv-{}", world.state.ids.lower(16)),
        "AWS::CloudFront::Distribution" | "AWS::CloudFront::OriginAccessControl" => {
            format!("E{}", world.state.ids.upper(13))
        }
        "AWS::SQS::Queue" => {
            let name = text("QueueName").unwrap_or_else(|| physical(world, place, 80));
            format!("https://sqs.{}.amazonaws.com/{}/{name}", caller.region, caller.account)
        }
        "AWS::AppRunner::Service" => {
            let name = text("ServiceName").unwrap_or_else(|| physical(world, place, 40));
            let id = world.state.ids.hex(32);
            let arn = caller.arn("apprunner", &format!("service/{name}/{id}"));
            apprunner::deployed_now(world, caller, &arn, "CREATE_SERVICE");
            arn
        }
        "AWS::CloudWatch::Alarm" => text("AlarmName").unwrap_or_else(|| physical(world, place, 255)),
        "AWS::ECS::Cluster" => text("ClusterName").unwrap_or_else(|| physical(world, place, 255)),
        "AWS::ECS::TaskDefinition" => {
            let family = text("Family").unwrap_or_else(|| place.stack_name.to_owned());
            let first = i64::from(world.state.ids.below(40) + 1);
            ecs::define(world, caller, &family, properties, tags(place, properties), first)
        }
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => balancer(world, caller, place, properties),
        "AWS::ElasticLoadBalancingV2::TargetGroup" => {
            let name = text("Name").unwrap_or_else(|| physical(world, place, 32));
            let id = world.state.ids.hex(16);
            caller.arn("elasticloadbalancing", &format!("targetgroup/{name}/{id}"))
        }
        "AWS::ElasticLoadBalancingV2::Listener" => listener(world, caller, properties),
        "AWS::CertificateManager::Certificate" => {
            let names = properties.texts("SubjectAlternativeNames");
            acm::new_certificate(
                world,
                caller,
                properties.text("DomainName").unwrap_or_default(),
                names,
                "ISSUED",
            )
        }
        "AWS::StepFunctions::StateMachine" => {
            let name = text("StateMachineName").unwrap_or_else(|| physical(world, place, 80));
            caller.arn("states", &format!("stateMachine:{name}"))
        }
        "AWS::Lambda::Function" => text("FunctionName").unwrap_or_else(|| physical(world, place, 64)),
        "AWS::DynamoDB::Table" => text("TableName").unwrap_or_else(|| physical(world, place, 255)),
        _ if kind.starts_with("Custom::") || kind == "AWS::CloudFormation::CustomResource" => {
            format!("{}-{}", place.logical_id.to_lowercase(), world.state.ids.uuid())
        }
        _ => text("Name").unwrap_or_else(|| physical(world, place, 128)),
    }
}

fn subnet(world: &mut World, caller: &Caller, place: &Place, properties: &Json) -> String {
    let id = format!("subnet-{}", world.state.ids.hex(17));
    let subnet = crate::services::ec2::Subnet {
        vpc: properties.text("VpcId").unwrap_or_default().into(),
        cidr: properties.text("CidrBlock").unwrap_or_default().into(),
        zone: properties
            .text("AvailabilityZone")
            .map_or_else(|| format!("{}a", caller.region), str::to_owned),
        tags: tags(place, properties),
    };
    world.state.at(&caller.scope()).network.subnets.insert(id.clone(), subnet);
    id
}

fn balancer(world: &mut World, caller: &Caller, place: &Place, properties: &Json) -> String {
    let name = properties.text("Name").map_or_else(|| physical(world, place, 32), str::to_owned);
    let id = world.state.ids.hex(16);
    let network = properties.text("Type") == Some("network");
    let arn = caller.arn(
        "elasticloadbalancing",
        &format!("loadbalancer/{}/{name}/{id}", if network { "net" } else { "app" }),
    );
    let created = world.now();
    let shape = json!({
        "LoadBalancerArn": arn, "LoadBalancerName": name, "State": {"Code": "active"},
        "DNSName": format!("{name}-{}.{}.elb.amazonaws.com", &id[..10], caller.region),
        "CanonicalHostedZoneId": "Z1H1FL5HABSF5", "CreatedTime": crate::core::input::timestamp(created),
        "Scheme": properties.text("Scheme").unwrap_or("internet-facing"),
        "Type": if network { "network" } else { "application" },
        "SecurityGroups": properties.texts("SecurityGroups"),
    });
    let tags = tags(place, properties);
    let balancing = &mut world.state.at(&caller.scope()).load_balancers;
    balancing.balancers.insert(arn.clone(), shape);
    balancing.tags.insert(arn.clone(), tags);
    arn
}

fn listener(world: &mut World, caller: &Caller, properties: &Json) -> String {
    let balancer = properties.text("LoadBalancerArn").unwrap_or_default();
    let tail = balancer.split_once(":loadbalancer/").map_or("app/unknown/0", |(_, tail)| tail).to_owned();
    let arn = caller.arn("elasticloadbalancing", &format!("listener/{tail}/{}", world.state.ids.hex(16)));
    let shape = json!({
        "ListenerArn": arn, "LoadBalancerArn": balancer, "Protocol": properties.text("Protocol"),
        "Port": properties.number("Port"), "Certificates": properties.get("Certificates"),
    });
    world.state.at(&caller.scope()).load_balancers.listeners.insert(arn.clone(), shape);
    arn
}

/// What is described of a listener's rule.
fn rule(world: &mut World, caller: &Caller, arn: &str, properties: &Json) {
    let shape = json!({
        "RuleArn": arn, "IsDefault": false, "Priority": properties.get("Priority"),
        "Conditions": properties.get("Conditions"), "Actions": properties.get("Actions"),
    });
    world.state.at(&caller.scope()).load_balancers.rules.insert(arn.to_owned(), shape);
}

/// Changes what can be described of a resource.
pub(super) fn update(world: &mut World, caller: &Caller, kind: &str, physical: &str, properties: &Json) {
    if kind == "AWS::ElasticLoadBalancingV2::ListenerRule" {
        rule(world, caller, physical, properties);
    }
    if kind == "AWS::AppRunner::Service" {
        apprunner::deployed_now(world, caller, physical, "UPDATE_SERVICE");
    }
}

/// Removes what can be described of a resource.
pub(super) fn delete(world: &mut World, caller: &Caller, physical: &str) {
    let here = world.state.at(&caller.scope());
    here.network.subnets.remove(physical);
    here.load_balancers.balancers.remove(physical);
    here.load_balancers.listeners.remove(physical);
    here.load_balancers.tags.remove(physical);
    here.load_balancers.rules.remove(physical);
    here.certificates.remove(physical);
    here.logs.remove(physical);
    here.alarms.remove(physical);
    here.runners.remove(physical);
    ecs::deregister(world, caller, physical);
}

/// The ARN that a service of ECS will have.
pub(super) fn service_arn(world: &mut World, caller: &Caller, place: &Place, properties: &Json) -> String {
    let name = properties.text("ServiceName").map_or_else(|| physical(world, place, 255), str::to_owned);
    let cluster = properties.text("Cluster").unwrap_or("default");
    let cluster = cluster.rsplit('/').next().unwrap_or(cluster);
    caller.arn("ecs", &format!("service/{cluster}/{name}"))
}
