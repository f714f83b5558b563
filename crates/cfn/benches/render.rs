//! How long a template of a service's size takes to build and to write.

use std::hint::black_box;

use copilot_cfn::intrinsic::{cond_if, get_att, import_value, join, no_value, reference, sub};
use copilot_cfn::write::{to_json, to_yaml};
use copilot_cfn::{Error, Resource, Template, Value, cfn};
use criterion::{Criterion, criterion_group, criterion_main};

/// About 40 KB of YAML, as a load balanced service with autoscaling, storage and a few custom resources has.
fn template(name: &str) -> Result<Value, Error> {
    let mut template =
        Template::new("CloudFormation environment template for infrastructure shared among services.");
    template.metadata.insert(
        "Manifest",
        "name: front-end\ntype: Load Balanced Web Service\nimage:\n  build: ./Dockerfile\n".repeat(8),
    );
    for parameter in [
        "AppName",
        "EnvName",
        "WorkloadName",
        "ContainerImage",
        "ContainerPort",
        "TaskCPU",
        "TaskMemory",
        "TaskCount",
        "LogRetention",
        "AddonsTemplateURL",
        "EnvFileARN",
        "RulePath",
        "Stickiness",
    ] {
        template.insert_parameter(parameter, cfn!({ "Type": "String", "Default": "" }))?;
    }
    for condition in ["HasAddons", "HasEnvFile", "IsGovCloud"] {
        template.insert_condition(
            condition,
            cfn!({ "Fn::Not": [{ "Fn::Equals": [reference("AddonsTemplateURL"), ""] }] }),
        )?;
    }
    for place in 0..24 {
        let role = Resource::new("AWS::IAM::Role")
            .metadata("aws:copilot:description", "An IAM role to control permissions for the containers in your service")
            .condition("HasAddons")
            .depends_on("TaskDefinition")
            .properties(cfn!({
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [{ "Effect": "Allow", "Principal": { "Service": "ecs-tasks.amazonaws.com" }, "Action": "sts:AssumeRole" }],
                },
                "Policies": [{
                    "PolicyName": join("", [reference("AppName"), "-".into(), reference("EnvName"), Value::from("SecretsPolicy")]),
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [{
                            "Effect": "Allow",
                            "Action": ["ssm:GetParameters", "secretsmanager:GetSecretValue", "kms:Decrypt"],
                            "Resource": [
                                sub("arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/*"),
                                sub("arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*"),
                            ],
                            "Condition": { "StringEquals": { "ssm:ResourceTag/copilot-environment": sub("${EnvName}") } },
                        }],
                    },
                }],
                "Environment": [
                    { "Name": "COPILOT_APPLICATION_NAME", "Value": sub("${AppName}") },
                    { "Name": "COPILOT_LB_DNS", "Value": get_att("EnvControllerAction", "PublicLoadBalancerDNSName") },
                    { "Name": "COPILOT_SERVICE_NAME", "Value": name.to_owned() },
                ],
                "Subnets": { "Fn::Split": [",", import_value(sub("${AppName}-${EnvName}-PublicSubnets"))] },
                "Extra": cond_if("HasEnvFile", cfn!({ "Type": "s3", "Value": reference("EnvFileARN") }), no_value()),
            }));
        template.insert_resource(format!("Resource{place}"), role)?;
    }
    Ok(template.into_value())
}

fn bench(criterion: &mut Criterion) {
    let value = template("front-end").expect("no name twice");
    let yaml = to_yaml(&value);
    assert!((30_000..50_000).contains(&yaml.len()), "{} bytes", yaml.len());
    criterion.bench_function("build", |b| b.iter(|| template(black_box("front-end"))));
    criterion.bench_function("yaml", |b| b.iter(|| to_yaml(black_box(&value))));
    criterion.bench_function("json", |b| b.iter(|| to_json(black_box(&value))));
    criterion.bench_function("yaml through serde-saphyr, without tags", |b| {
        b.iter(|| serde_saphyr::to_string(black_box(&value)).expect("YAML"));
    });
    criterion.bench_function("read", |b| {
        let source = copilot_yaml::Source::new("template.yml", yaml.as_str());
        b.iter(|| copilot_cfn::read::read(black_box(&source), &mut copilot_yaml::Diagnostics::default()));
    });
}

criterion_group!(benches, bench);
criterion_main!(benches);
