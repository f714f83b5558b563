//! The certificate of TLS listeners.

use copilot_cfn::cfn;
use copilot_cfn::intrinsic::get_att;

use super::dns::CONDITION;
use super::{BALANCER, naming};
use crate::template::About as _;
use crate::template::function::Function;
use crate::workload::context::Context;
use crate::workload::dns::{certificate_statements, zone_statements};
use crate::workload::iam::{function_role, policy};
use crate::workload::model::Nlb;
use crate::workload::stack::Stack;

/// Logical ID of the certificate.
pub(super) const ACTION: &str = "NLBCertValidatorAction";

const FUNCTION: Function = Function {
    id: "NLBCertValidatorFunction",
    role: "NLBCertValidatorRole",
    handler: "index.handler",
    timeout: 900,
};

/// Adds the function that asks for the certificate and proves that the names are the application's.
pub(super) fn add(stack: &mut Stack, nlb: &Nlb<'_>, cx: &Context<'_>) {
    let action = FUNCTION
        .action()
        .about("Certificate of the network load balancer")
        .condition(CONDITION)
        .properties(naming(nlb, cx))
        .property("LoadBalancerDNS", get_att(BALANCER, "DNSName"));
    stack.resource(ACTION, action);
    stack.resource(FUNCTION.id, FUNCTION.resource(cx).condition(CONDITION));
    let statements = cfn!([..zone_statements(), ..certificate_statements()]);
    let role = function_role(cx, cfn!([policy("NLBCertValidatorPolicy", statements)]));
    stack.resource(FUNCTION.role, role.about("Role of the function that gets the certificate"));
}
