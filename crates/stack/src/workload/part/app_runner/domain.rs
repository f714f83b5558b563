//! The service's domain name.

use copilot_cfn::intrinsic::get_att;
use copilot_cfn::{Value, cfn};

use crate::template::About as _;
use crate::template::as_written::as_written;
use crate::template::function::Function;
use crate::workload::context::Context;
use crate::workload::dns;
use crate::workload::iam::{function_role, policy};
use crate::workload::stack::Stack;

const FUNCTION: Function = Function {
    id: "CustomDomainFunction",
    role: "CustomResourceRole",
    handler: "index.handler",
    timeout: 900,
};

/// Accounts and versions of the layer with AWS's SDK for JavaScript, by region.
const SDK_LAYERS: [(&str, &str, u8); 21] = [
    ("ap-northeast-1", "249908578461", 15),
    ("us-east-1", "668099181075", 15),
    ("ap-southeast-1", "468957933125", 14),
    ("eu-west-1", "399891621064", 14),
    ("us-west-1", "325793726646", 15),
    ("ap-northeast-2", "296580773974", 14),
    ("ap-south-1", "631267018583", 14),
    ("ap-southeast-2", "817496625479", 14),
    ("ca-central-1", "778625758767", 14),
    ("eu-central-1", "292169987271", 14),
    ("eu-west-2", "142628438157", 14),
    ("sa-east-1", "640010853179", 14),
    ("us-east-2", "259788987135", 14),
    ("us-west-2", "420165488524", 14),
    ("af-south-1", "392341123054", 7),
    ("ap-east-1", "118857876118", 14),
    ("ap-northeast-3", "961244031340", 14),
    ("eu-north-1", "642425348156", 14),
    ("eu-south-1", "426215560912", 7),
    ("eu-west-3", "959311844005", 14),
    ("me-south-1", "507411403535", 10),
];

/// Adds the function that ties the name to the service.
pub(crate) fn add(stack: &mut Stack, alias: &str, cx: &Context<'_>) {
    let action = FUNCTION
        .action()
        .about("Domain name of the service, with its records")
        .depends_on(FUNCTION.id)
        .properties(cfn!({
            "ServiceARN": get_att("Service", "ServiceArn"),
            "CustomDomain": as_written(alias),
            "AppDNSRole": dns::delegation_role(cx),
            "AppDNSName": dns::domain(cx),
        }));
    let statements = cfn!([{
        "Effect": "Allow",
        "Action": [
            "apprunner:AssociateCustomDomain",
            "apprunner:DisassociateCustomDomain",
            "apprunner:DescribeCustomDomains",
            "sts:AssumeRole",
            "route53:ChangeResourceRecordSets",
            "route53:ListHostedZonesByName",
        ],
        "Resource": ["*"],
    }]);
    let function = FUNCTION.resource(cx).property("Layers", cfn!([sdk_layer(&cx.environment.region)]));
    stack.resource(FUNCTION.id, function);
    stack.resource("CustomDomainAction", action);
    let role = function_role(cx, cfn!([policy("DNSandACMAccess", statements)]));
    stack.resource(FUNCTION.role, role.about("Role of the function for the domain name"));
}

fn sdk_layer(region: &str) -> Value {
    let known = SDK_LAYERS.iter().find(|(known, ..)| *known == region);
    known.map_or(Value::Null, |(_, account, version)| {
        format!("arn:aws:lambda:{region}:{account}:layer:AWSLambda-Node-AWS-SDK:{version}").into()
    })
}
