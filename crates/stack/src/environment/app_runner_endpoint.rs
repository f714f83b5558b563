//! The endpoint over which private App Runner services are reached. It is there once a workload needs it, and only in
//! Copilot's own VPC.

use copilot_cfn::intrinsic::{reference, sub};
use copilot_cfn::{Resource, cfn};

use super::parameters::APP_RUNNER;
use super::security_groups::{ENVIRONMENT_GROUP, ingress};
use super::settings::{Settings, Vpc};
use super::subnets;
use crate::template::About as _;
use crate::template::Stack;
use crate::template::names::cut;

/// Logical ID of the endpoint.
pub(super) const ID: &str = "AppRunnerVpcEndpoint";
const GROUP: &str = "AppRunnerVpcEndpointSecurityGroup";
/// Longest description of a security group, in bytes.
const DESCRIPTION: usize = 255;

/// Adds the endpoint and its security group.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    let Vpc::Own(_) = settings.vpc else { return };
    let resource = |kind: &'static str| Resource::new(kind).condition(APP_RUNNER);
    let (app, name) = (settings.app, settings.name);
    let group = resource("AWS::EC2::SecurityGroup").properties(cfn!({
        "GroupDescription": cut(&format!("{app}-{name}-{GROUP}"), DESCRIPTION).to_owned(),
        "VpcId": settings.vpc.id(),
        "Tags": [{ "Key": "Name", "Value": cut(&format!("copilot-{app}-{name}-app-runner-vpc-endpoint"), DESCRIPTION).to_owned() }],
    }));
    stack.resource(GROUP, group.about("Security group of the endpoint for private App Runner services"));
    let rule = ingress(GROUP, ENVIRONMENT_GROUP, "Ingress from services in the environment");
    stack.resource("AppRunnerVpcEndpointSecurityGroupIngressFromEnvironment", rule.condition(APP_RUNNER));
    let private = subnets::private(&settings.vpc);
    let endpoint = resource("AWS::EC2::VPCEndpoint").properties(cfn!({
        "VpcEndpointType": "Interface",
        "VpcId": settings.vpc.id(),
        "SecurityGroupIds": [reference(GROUP)],
        "ServiceName": sub("com.amazonaws.${AWS::Region}.apprunner.requests"),
        "SubnetIds"?: (!private.is_empty()).then_some(private),
    }));
    stack.resource(ID, endpoint.about("Endpoint for private App Runner services"));
}
