//! What CloudFormation refuses before it does anything.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::walk::{Reference, dependencies, references};
use super::{resources, section};
use crate::core::input::Input;
use crate::error::AwsError;

/// Sections that a template may have.
const SECTIONS: [&str; 10] = [
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Transform",
    "Resources",
    "Outputs",
];

/// Names that `Ref` knows without a declaration.
pub(crate) const PSEUDO: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NotificationARNs",
    "AWS::NoValue",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// Services whose resource types are taken for known. A misspelt service is refused, as is anything else in another form.
const NAMESPACES: &str = " AmazonMQ ApiGateway ApiGatewayV2 AppAutoScaling AppConfig AppMesh AppRunner AppSync Athena \
    ApplicationAutoScaling AutoScaling Backup Batch Bedrock Budgets CDK CertificateManager Chatbot CloudFormation CloudFront \
    CloudTrail CloudWatch CodeArtifact CodeBuild CodeCommit CodeConnections CodeDeploy CodePipeline CodeStarConnections \
    CodeStarNotifications Cognito Config DAX DMS DocDB DynamoDB EC2 ECR ECS EFS EKS ElastiCache ElasticBeanstalk \
    ElasticLoadBalancing ElasticLoadBalancingV2 Elasticsearch Events EventSchemas FIS GlobalAccelerator Glue GuardDuty IAM \
    IoT KMS Kinesis KinesisFirehose Lambda Logs MemoryDB MSK Neptune OpenSearchServerless OpenSearchService Pipes QLDB RDS \
    RAM Redshift ResourceGroups Route53 Route53Resolver S3 SES SNS SQS SSM SageMaker Scheduler SecretsManager Serverless \
    ServiceCatalog ServiceDiscovery StepFunctions Synthetics Timestream Transfer VpcLattice WAFv2 XRay ";

fn known_type(kind: &str) -> bool {
    if kind.strip_prefix("Custom::").is_some_and(|name| !name.is_empty()) {
        return true;
    }
    let parts: Vec<&str> = kind.split("::").collect();
    match parts.as_slice() {
        ["AWS", service, name] => !name.is_empty() && NAMESPACES.contains(&format!(" {service} ")),
        _ => false,
    }
}

fn format_error(message: impl std::fmt::Display) -> AwsError {
    AwsError::validation(format!("Template format error: {message}"))
}

/// Refuses a template with anything that can be seen to be wrong without evaluating it.
pub(crate) fn check(template: &Json) -> Result<(), AwsError> {
    let unknown: Vec<&str> = template
        .as_object()
        .into_iter()
        .flat_map(|sections| sections.keys().map(String::as_str))
        .filter(|name| !SECTIONS.contains(name))
        .collect();
    if !unknown.is_empty() {
        return Err(format_error(format!(
            "Invalid template property or properties [{}]",
            unknown.join(", ")
        )));
    }
    if resources(template).is_none_or(serde_json::Map::is_empty) {
        return Err(format_error("At least one Resources member must be defined."));
    }
    each_resource(template)?;
    refer_to_what_is_there(template)?;
    circles(template)
}

fn each_resource(template: &Json) -> Result<(), AwsError> {
    const ATTRIBUTES: [&str; 9] = [
        "Type",
        "Properties",
        "DependsOn",
        "Condition",
        "Metadata",
        "DeletionPolicy",
        "UpdateReplacePolicy",
        "UpdatePolicy",
        "CreationPolicy",
    ];
    let mut unknown: Vec<&str> = Vec::new();
    for (name, resource) in section(template, "Resources") {
        if !name.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(format_error(format!("Resource name {name} is non alphanumeric.")));
        }
        let Some(members) = resource.as_object() else {
            return Err(format_error("Every Resources member must be an object."));
        };
        let Some(kind) = resource.text("Type") else {
            return Err(format_error(format!(
                "[/Resources/{name}] Every Resources object must contain a Type member."
            )));
        };
        if let Some(key) = members.keys().find(|key| !ATTRIBUTES.contains(&key.as_str())) {
            return Err(AwsError::validation(format!("Invalid template resource property '{key}'")));
        }
        if !known_type(kind) && !unknown.contains(&kind) {
            unknown.push(kind);
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    Err(format_error(format!("Unrecognized resource types: [{}]", unknown.join(", "))))
}

fn refer_to_what_is_there(template: &Json) -> Result<(), AwsError> {
    let declared =
        |section: &str, name: &str| template.get(section).is_some_and(|section| section.get(name).is_some());
    for block in ["Resources", "Outputs"] {
        let mut unresolved: BTreeSet<String> = BTreeSet::new();
        for (name, member) in section(template, block) {
            let mut found = BTreeSet::new();
            references(member, &mut found);
            for reference in found {
                match reference {
                    Reference::Ref(to) => {
                        let known = PSEUDO.contains(&to.as_str())
                            || declared("Resources", &to)
                            || declared("Parameters", &to);
                        if !known {
                            unresolved.insert(to);
                        }
                    }
                    Reference::Attribute(to) if !declared("Resources", &to) => {
                        return Err(AwsError::validation(format!(
                            "Template error: instance of Fn::GetAtt references undefined resource {to}"
                        )));
                    }
                    Reference::Condition(to) if !declared("Conditions", &to) => {
                        return Err(AwsError::validation(format!(
                            "Template error: unresolved condition dependency {to} in the {block} block of the template"
                        )));
                    }
                    Reference::Mapping(to) if !declared("Mappings", &to) => {
                        return Err(AwsError::validation(format!(
                            "Template error: Mapping named '{to}' is not present in the 'Mappings' section of template."
                        )));
                    }
                    _ => {}
                }
            }
            if let Some(condition) = member.text("Condition").filter(|name| !declared("Conditions", name)) {
                return Err(format_error(format!(
                    "Unresolved condition dependency {condition} in the {block} block of the template ({name})"
                )));
            }
            let depends = match member.get("DependsOn") {
                Some(Json::String(name)) => vec![name.clone()],
                _ => member.texts("DependsOn"),
            };
            unresolved.extend(depends.into_iter().filter(|name| !declared("Resources", name)));
        }
        if !unresolved.is_empty() {
            let names: Vec<String> = unresolved.into_iter().collect();
            return Err(format_error(format!(
                "Unresolved resource dependencies [{}] in the {block} block of the template",
                names.join(", ")
            )));
        }
    }
    Ok(())
}

/// Refuses resources that wait for one another.
fn circles(template: &Json) -> Result<(), AwsError> {
    let mut waiting: BTreeMap<&str, BTreeSet<String>> = section(template, "Resources")
        .map(|(name, resource)| (name.as_str(), dependencies(resource, template)))
        .collect();
    loop {
        let ready: Vec<&str> = waiting
            .iter()
            .filter(|(_, on)| !on.iter().any(|name| waiting.contains_key(name.as_str())))
            .map(|(name, _)| *name)
            .collect();
        if ready.is_empty() {
            break;
        }
        for name in ready {
            waiting.remove(name);
        }
    }
    if waiting.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = waiting.into_keys().collect();
    Err(AwsError::validation(format!("Circular dependency between resources: [{}]", names.join(", "))))
}
