//! Outputs, and the exports by which the stacks of workloads know their environment. Some exports are named otherwise than
//! their output.

use copilot_cfn::intrinsic::{get_att, join, reference, sub};
use copilot_cfn::{Value, cfn};

use super::parameters::{
    APP_RUNNER, DOMAIN, FILE_SYSTEM, INTERNAL_BALANCER, INTERNAL_HTTPS, NAT_GATEWAYS, PUBLIC_BALANCER,
    PUBLIC_HTTPS,
};
use super::security_groups::{ENVIRONMENT_GROUP, INTERNAL_GROUP};
use super::settings::{Settings, Vpc};
use super::{
    app_runner_endpoint, cdn, efs, execution_role, hosted_zone, internal_load_balancer, manager_role, nat,
    public_load_balancer, subnets,
};
use crate::template::Stack;

/// Adds an output that is exported under its own name.
fn export(stack: &mut Stack, condition: Option<&'static str>, name: &'static str, value: Value) {
    export_as(stack, condition, name, name, value);
}

/// Adds an output that is exported under another name.
fn export_as(
    stack: &mut Stack,
    condition: Option<&'static str>,
    name: &'static str,
    exported: &str,
    value: Value,
) {
    let exported = sub(format!("${{AWS::StackName}}-{exported}"));
    stack.output(name, cfn!({ "Condition"?: condition, "Value": value, "Export": { "Name": exported } }));
}

/// Adds all outputs.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    network(stack, settings);
    public_balancer(stack);
    internal_balancer(stack, settings);
    export(stack, None, "ClusterId", reference("Cluster"));
    export(stack, None, "EnvironmentManagerRoleARN", get_att(manager_role::ID, "Arn"));
    export(stack, None, "CFNExecutionRoleARN", get_att(execution_role::ID, "Arn"));
    if settings.manages_domain() {
        export_as(stack, Some(DOMAIN), "EnvironmentHostedZone", "HostedZone", reference(hosted_zone::ID));
        export_as(stack, Some(DOMAIN), "EnvironmentSubdomain", "SubDomain", sub(hosted_zone::NAME));
    }
    let features = "${ALBWorkloads},${InternalALBWorkloads},${EFSWorkloads},${NATWorkloads},${Aliases},${AppRunnerPrivateWorkloads}";
    stack.output("EnabledFeatures", cfn!({ "Value": sub(features) }));
    export_as(stack, Some(FILE_SYSTEM), "ManagedFileSystemID", "FilesystemID", reference(efs::ID));
    if settings.cdn.is_some() {
        export(stack, Some(PUBLIC_BALANCER), "CloudFrontDomainName", get_att(cdn::ID, "DomainName"));
    }
    let open = settings.public.prefix_list.is_none();
    stack.output("PublicALBAccessible", cfn!({ "Condition": PUBLIC_BALANCER, "Value": open }));
    stack.output("LastForceDeployID", cfn!({ "Value": settings.force_deploy_id.to_owned() }));
    if matches!(settings.vpc, Vpc::Own(_)) {
        export(stack, Some(APP_RUNNER), "AppRunnerVpcEndpointId", reference(app_runner_endpoint::ID));
    }
}

fn network(stack: &mut Stack, settings: &Settings<'_>) {
    export(stack, None, "VpcId", settings.vpc.id());
    let own = if let Vpc::Own(vpc) = &settings.vpc { Some(vpc) } else { None };
    for (name, subnets) in [
        ("PublicSubnets", subnets::public(&settings.vpc)),
        ("PrivateSubnets", subnets::private(&settings.vpc)),
    ] {
        if own.is_some() || !subnets.is_empty() {
            export(stack, None, name, join(",", subnets));
        }
    }
    if let Some(vpc) = own {
        export(stack, None, "InternetGatewayID", reference("InternetGateway"));
        export(stack, None, "PublicRouteTableID", reference("PublicRouteTable"));
        let tables: Vec<Value> =
            (0..vpc.private.len()).map(|place| reference(nat::route_table_id(place))).collect();
        export(stack, Some(NAT_GATEWAYS), "PrivateRouteTableIDs", join(",", tables));
    }
    export(stack, None, "ServiceDiscoveryNamespaceID", get_att("ServiceDiscoveryNamespace", "Id"));
    export(stack, None, ENVIRONMENT_GROUP, reference(ENVIRONMENT_GROUP));
}

fn public_balancer(stack: &mut Stack) {
    let balancer = |attribute| get_att(public_load_balancer::ID, attribute);
    let condition = Some(PUBLIC_BALANCER);
    export_as(stack, condition, "PublicLoadBalancerDNSName", "PublicLoadBalancerDNS", balancer("DNSName"));
    export(stack, condition, "PublicLoadBalancerFullName", balancer("LoadBalancerFullName"));
    let zone = balancer("CanonicalHostedZoneID");
    export_as(stack, condition, "PublicLoadBalancerHostedZone", "CanonicalHostedZoneID", zone);
    export(stack, condition, "HTTPListenerArn", reference("HTTPListener"));
    export(stack, Some(PUBLIC_HTTPS), "HTTPSListenerArn", reference("HTTPSListener"));
    let group = reference("DefaultHTTPTargetGroup");
    export_as(stack, condition, "DefaultHTTPTargetGroupArn", "DefaultHTTPTargetGroup", group);
}

fn internal_balancer(stack: &mut Stack, settings: &Settings<'_>) {
    let balancer = |attribute| get_att(internal_load_balancer::ID, attribute);
    let condition = Some(INTERNAL_BALANCER);
    export_as(
        stack,
        condition,
        "InternalLoadBalancerDNSName",
        "InternalLoadBalancerDNS",
        balancer("DNSName"),
    );
    export(stack, condition, "InternalLoadBalancerFullName", balancer("LoadBalancerFullName"));
    let zone = balancer("CanonicalHostedZoneID");
    let exported = "InternalLoadBalancerCanonicalHostedZoneID";
    export_as(stack, condition, "InternalLoadBalancerHostedZone", exported, zone);
    if settings.internal.certificates.is_empty() {
        let zone = reference(internal_load_balancer::ZONE);
        let exported = "InternalWorkloadsHostedZoneID";
        export_as(stack, condition, internal_load_balancer::ZONE, exported, zone);
        let name = sub(internal_load_balancer::ZONE_NAME);
        export(stack, condition, "InternalWorkloadsHostedZoneName", name);
    }
    export(stack, condition, "InternalHTTPListenerArn", reference("InternalHTTPListener"));
    export(stack, Some(INTERNAL_HTTPS), "InternalHTTPSListenerArn", reference("InternalHTTPSListener"));
    export(stack, condition, INTERNAL_GROUP, reference(INTERNAL_GROUP));
}
