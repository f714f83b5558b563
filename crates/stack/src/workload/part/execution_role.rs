//! The role with which ECS starts tasks: it reads secrets, env files and images.

use copilot_cfn::intrinsic::{join, reference, select, split, sub};
use copilot_cfn::{Value, cfn};

use crate::template::About as _;
use crate::template::names::logical_id;
use crate::workload::context::Context;
use crate::workload::iam::{policy, role, tagged_for_environment, trust};
use crate::workload::model::EcsWorkload;
use crate::workload::stack::{Stack, full_name, only_if};

/// Adds the role.
pub(crate) fn add(stack: &mut Stack, workload: &EcsWorkload<'_>, cx: &Context<'_>) {
    let mut policies = vec![
        policy(full_name(Some("SecretsPolicy")), secret_statements()),
        only_if("HasEnvFile", env_file("EnvFileARN".into(), "GetEnvFilePolicy".into())),
    ];
    if workload.log_router.is_some() {
        let logging = env_file("LoggingEnvFileARN".into(), "GetLoggingEnvFilePolicy".into());
        policies.push(only_if("HasLoggingEnvFile", logging));
    }
    for sidecar in &workload.sidecars {
        let id = logical_id(sidecar.container.name);
        let of_sidecar = env_file(format!("EnvFileARNFor{id}"), format!("GetEnvFilePolicyFor{id}"));
        policies.push(only_if(format!("HasEnvFileFor{id}"), of_sidecar));
    }
    let managed = sub("arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy");
    let role = role(cx, trust("ecs-tasks.amazonaws.com"))
        .property("Policies", policies)
        .property("ManagedPolicyArns", cfn!([managed]));
    stack.resource("ExecutionRole", role.about("Role with which ECS starts the tasks"));
}

/// Reading secrets and parameters that are tagged for the environment, and what they are encrypted with.
pub(crate) fn secret_statements() -> Value {
    let in_account = |service: &str, rest: &str| {
        sub(format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{rest}"))
    };
    cfn!([
        {
            "Effect": "Allow",
            "Action": ["ssm:GetParameters"],
            "Resource": [in_account("ssm", "parameter/*")],
            "Condition": tagged_for_environment("ssm"),
        },
        {
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": [in_account("secretsmanager", "secret:*")],
            "Condition": tagged_for_environment("secretsmanager"),
        },
        { "Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": [reference("ArtifactKeyARN")] },
        {
            "Sid": "DecryptTaggedKMSKey",
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": [in_account("kms", "key/*")],
            "Condition": tagged_for_environment("aws"),
        },
    ])
}

fn env_file(parameter: String, suffix: String) -> Value {
    let file = reference(parameter);
    let bucket = select(0, split("/", select(5, split(":", file.clone()))));
    let name =
        cfn!([reference("AppName"), "-", reference("EnvName"), "-", reference("WorkloadName"), suffix]);
    policy(
        join("", name),
        cfn!([
            { "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [file] },
            {
                "Effect": "Allow",
                "Action": ["s3:GetBucketLocation"],
                "Resource": [join("", cfn!(["arn:", reference("AWS::Partition"), ":s3:::", bucket]))],
            },
        ]),
    )
}
