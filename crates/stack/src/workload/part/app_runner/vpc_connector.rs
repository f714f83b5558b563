//! The service's way into the environment's network.

use copilot_cfn::intrinsic::{join, reference, split, sub};
use copilot_cfn::{Resource, cfn};

use super::tags;
use crate::template::About as _;
use crate::template::as_written::all_as_written;
use crate::workload::model::{AppRunner, Placement};
use crate::workload::stack::{Stack, env_import};

/// Adds the connector and its security group.
pub(crate) fn add(
    stack: &mut Stack,
    placement: &Placement<'_>,
    service: &AppRunner<'_>,
    waits_for_environment: bool,
) {
    // No dash stands before the last name: the description can not change without replacing the group.
    let description = cfn!([reference("AppName"), "-", reference("EnvName"), reference("WorkloadName")]);
    let group = Resource::new("AWS::EC2::SecurityGroup").properties(cfn!({
        "GroupDescription": join("", description),
        "VpcId": env_import("VpcId"),
        "Tags": [{ "Key": "Name", "Value": sub("copilot-${AppName}-${EnvName}-${WorkloadName}") }],
    }));
    let ingress = Resource::new("AWS::EC2::SecurityGroupIngress").properties(cfn!({
        "GroupId": env_import("EnvironmentSecurityGroup"),
        "IpProtocol": -1,
        "SourceSecurityGroupId": reference("ServiceSecurityGroup"),
    }));
    let subnets = match placement {
        Placement::Subnets(ids) => all_as_written(ids).into(),
        Placement::Private | Placement::Public => split(",", env_import("PrivateSubnets")),
    };
    let connector = Resource::new("AWS::AppRunner::VpcConnector").properties(cfn!({
        "Subnets": subnets,
        "SecurityGroups": [reference("ServiceSecurityGroup"), env_import("EnvironmentSecurityGroup")],
        "Tags": tags(service),
    }));
    let connector =
        if waits_for_environment { connector.depends_on("EnvControllerAction") } else { connector };
    stack.resource(
        "ServiceSecurityGroup",
        group.about("Security group of the service, to which addons can open"),
    );
    let ingress = ingress.about("Rule that lets the service reach the environment's workloads");
    stack.resource("EnvironmentSecurityGroupIngressFromServiceSecurityGroup", ingress);
    stack.resource(
        "VpcConnector",
        connector.about("Connection of the service with the environment's subnets"),
    );
}
