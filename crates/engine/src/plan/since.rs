//! Differences that a newer Copilot would have made anyway: what its releases changed in templates.

use copilot_cfn::Value;
use copilot_cfn::diff::Step;
use copilot_cfn::effect::Effect;
use copilot_deployer::pipeline::is_later;

use super::Subject;

/// Whose stacks a release changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Environment,
    Workload,
}

/// What a release changed: in which stacks, in resources whose names begin so, and at what path, which is part of the
/// difference's path or of what it holds. An empty text is any.
struct Release {
    version: &'static str,
    of: Of,
    resource: &'static str,
    path: &'static str,
}

const fn environment(version: &'static str, resource: &'static str, path: &'static str) -> Release {
    Release { version, of: Of::Environment, resource, path }
}

const fn workload(version: &'static str, resource: &'static str, path: &'static str) -> Release {
    Release { version, of: Of::Workload, resource, path }
}

/// The first that fits counts, so that a longer name stands before its own beginning. Templates of environments had numbers of their own before v1.29.0, all of them lower.
const RELEASES: &[Release] = &[
    environment("v1.14.0", "EnvironmentManagerRole", "PutObjectsToArtifactBucket"),
    environment("v1.14.0", "EnvironmentManagerRole", "EncryptObjectsInArtifactBucket"),
    environment("v1.18.0", "HTTPSImportCertificate", ""),
    environment("v1.19.0", "InternalLoadBalancer", ""),
    environment("v1.19.0", "DefaultInternalHTTP", ""),
    environment("v1.19.0", "InternalLoadBalancerSecurityGroup", ""),
    environment("v1.20.0", "CloudFrontDistribution", ""),
    environment("v1.20.0", "InternalWorkloadsHostedZone", ""),
    environment("v1.20.0", "EnvironmentManagerRole", "StartStateMachine"),
    environment("v1.21.0", "PublicLoadBalancerSecurityGroup", ""),
    environment("v1.21.0", "PublicHTTPLoadBalancerSecurityGroup", ""),
    environment("v1.21.0", "PublicHTTPSLoadBalancerSecurityGroup", ""),
    environment("v1.21.0", "EnvironmentSecurityGroupIngressFromPublicALB", ""),
    environment("v1.21.0", "EnvironmentHTTPSecurityGroupIngressFromPublicALB", ""),
    environment("v1.21.0", "EnvironmentHTTPSSecurityGroupIngressFromPublicALB", ""),
    environment("v1.32.0", "ELBAccessLogsBucketCleaner", ""),
    environment("v1.21.0", "ELBAccessLogsBucket", ""),
    environment("v1.21.0", "CertificateReplicatorFunction", ""),
    environment("v1.21.0", "UniqueJSONValuesFunction", ""),
    environment("v1.21.0", "", "nodejs16.x"),
    environment("v1.23.0", "AppRunnerVpcEndpoint", ""),
    environment("v1.23.0", "FlowLog", ""),
    environment("v1.24.0", "VpcFlowLogGroup", ""),
    environment("v1.25.0", "AddonsStack", ""),
    environment("v1.25.0", "CloudFrontOriginAccessControl", ""),
    environment("v1.29.0", "LogResourcePolicy", ""),
    environment("v1.30.0", "EmptyELBAccessLogsBucket", ""),
    environment("v1.32.0", "BucketCleaner", ""),
    environment("v1.32.0", "EnvironmentManagerRole", "RDS"),
    environment("v1.32.0", "EnvironmentManagerRole", "SSMSession"),
    environment("v1.32.0", "EnvironmentManagerRole", "ecs:ListServicesByNamespace"),
    environment("v1.33.0", "", "nodejs20.x"),
    environment("v1.34.0", "EnvironmentManagerRole", "ListStacks"),
    workload("v1.21.0", "", "nodejs16.x"),
    workload("v1.32.0", "TaskRole", "DenyIAM"),
    workload("v1.32.0", "InstanceRole", "DenyIAM"),
    workload("v1.33.0", "PublicNetworkLoadBalancer", ""),
    workload("v1.33.0", "NLBSecurityGroup", ""),
    workload("v1.33.0", "NLBTargetGroup", ""),
    workload("v1.33.0", "NLBListener", ""),
    workload("v1.33.0", "NetworkLoadBalancer", ""),
    workload("v1.33.0", "NLBCustomDomain", ""),
    workload("v1.33.0", "", "nodejs20.x"),
    workload("v1.33.0", "ExecutionRole", "DecryptTaggedKMSKey"),
    workload("v1.33.0", "InstanceRole", "DecryptTaggedKMSKey"),
    workload("v1.33.2", "TaskRole", "GrantEFSAccess"),
    workload("v1.33.2", "StateMachine", "Subnets"),
];

/// The version of the program that a deployed template names.
pub fn version_of(template: &Value) -> Option<&str> {
    template.at("Metadata/Version")?.as_str()
}

/// The release that a difference comes from, if what is deployed is older than it.
pub(super) fn since(subject: &Subject, effect: &Effect, deployed: &str) -> Option<&'static str> {
    let of = match subject {
        Subject::Environment { .. } => Of::Environment,
        Subject::Workload { .. } => Of::Workload,
        Subject::Pipeline { .. } | Subject::Addons { .. } => return None,
    };
    let change = &effect.change;
    if change.section == "Metadata" && change.name == "Version" {
        return Some(copilot_stack::TEMPLATE_VERSION);
    }
    if change.section != "Resources" {
        return None;
    }
    let concerns = |release: &&Release| {
        release.of == of
            && change.name.starts_with(release.resource)
            && is_later(release.version, deployed)
            && (release.path.is_empty() || named(effect, release.path))
    };
    RELEASES.iter().find(concerns).map(|release| release.version)
}

/// Whether a difference is about something of this name.
fn named(effect: &Effect, name: &str) -> bool {
    let in_path = effect.change.path.iter().any(|step| match step {
        Step::Key(key) => key == name,
        Step::Item { value, .. } => value.starts_with(name),
        Step::Index(_) => false,
    });
    in_path || [&effect.change.old, &effect.change.new].into_iter().flatten().any(|value| holds(value, name))
}

/// Whether a value has a text that begins so, other than deep inside of something that is added or removed as a whole.
fn holds(value: &Value, name: &str) -> bool {
    match value {
        Value::String(text) => text.starts_with(name),
        Value::Map(map) => {
            map.values().any(|value| matches!(value, Value::String(text) if text.starts_with(name)))
        }
        Value::List(items) => {
            items.iter().any(|item| matches!(item, Value::String(text) if text.starts_with(name)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use copilot_cfn::diff::{Change, Kind};
    use copilot_cfn::effect::Class;

    use super::*;

    fn effect(name: &str, path: &[&str], new: &'static str) -> Effect {
        let change = Change {
            section: "Resources".into(),
            name: name.into(),
            resource_type: None,
            path: path.iter().map(|key| Step::Key((*key).into())).collect(),
            kind: Kind::Changed,
            old: None,
            new: Some(new.into()),
        };
        Effect { change, class: Class::InPlace, cause: None, remark: None }
    }

    #[test]
    fn what_a_release_changed_is_known_by_what_was_deployed_before_it() {
        let environment = Subject::Environment { name: "test".into() };
        let workload = Subject::Workload { workload: "api".into(), environment: "test".into() };
        let runtime = effect("EnvControllerFunction", &["Properties", "Runtime"], "nodejs20.x");
        assert_eq!(since(&workload, &runtime, "v1.32.1"), Some("v1.33.0"));
        assert_eq!(since(&workload, &runtime, "v1.33.0"), None);
        assert_eq!(since(&environment, &runtime, "v1.13.0"), Some("v1.33.0"));
        assert_eq!(since(&Subject::Pipeline { name: "main".into() }, &runtime, "v1.0.0"), None);
        let added = effect("ELBAccessLogsBucketCleanerAction", &[], "");
        assert_eq!(since(&environment, &added, "v1.13.0"), Some("v1.32.0"));
        let other = effect("Service", &["Properties", "DesiredCount"], "2");
        assert_eq!(since(&workload, &other, "v1.0.0"), None);
    }
}
