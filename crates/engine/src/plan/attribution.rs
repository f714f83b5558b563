//! Which line of a manifest a difference comes from, for what has a line of its own there.

use copilot_cfn::diff::{PARAMETERS, Step};
use copilot_cfn::effect::Effect;
use copilot_yaml::{Node, Span};

use super::proposed::Manifest;
use super::{Place, Subject};

/// A manifest in which lines are looked up.
pub(super) struct Lines<'a> {
    subject: &'a Subject,
    manifest: &'a Manifest,
}

/// Parameters of workloads with the keys that they come from.
const PARAMETER_KEYS: &[(&str, &str)] = &[
    ("ContainerImage", "image"),
    ("ContainerPort", "image.port"),
    ("EnvFileARN", "env_file"),
    ("HTTPRedirect", "http.redirect_to_https"),
    ("LogRetention", "logging.retention"),
    ("NLBPort", "nlb.port"),
    ("RulePath", "http.path"),
    ("Schedule", "on.schedule"),
    ("Stickiness", "http.stickiness"),
    ("TargetContainer", "http.target_container"),
    ("TargetPort", "http.target_port"),
    ("TaskCPU", "cpu"),
    ("TaskCount", "count"),
    ("TaskMemory", "memory"),
];

/// Resources of workloads, by the beginning of their names, and paths of their properties, with keys. The first that fits.
const WORKLOAD_KEYS: &[(&str, &str, &str)] = &[
    ("TaskDefinition", "Cpu", "cpu"),
    ("TaskDefinition", "Memory", "memory"),
    ("TaskDefinition", "RuntimePlatform", "platform"),
    ("TaskDefinition", "EphemeralStorage", "storage.ephemeral"),
    ("TaskDefinition", "Volumes", "storage.volumes"),
    ("Service", "DesiredCount", "count"),
    ("Service", "CapacityProviderStrategy", "count"),
    ("Service", "NetworkConfiguration", "network.vpc"),
    ("Service", "EnableExecuteCommand", "exec"),
    ("Service", "ServiceConnectConfiguration", "network.connect"),
    ("Service", "DeploymentConfiguration", "deployment"),
    ("Service", "HealthCheckGracePeriodSeconds", "http.healthcheck.grace_period"),
    ("Service", "SourceConfiguration.ImageRepository.ImageConfiguration.Port", "image.port"),
    ("Service", "SourceConfiguration.ImageRepository.ImageConfiguration.StartCommand", "command"),
    ("Service", "SourceConfiguration", "variables"),
    ("Service", "InstanceConfiguration.Cpu", "cpu"),
    ("Service", "InstanceConfiguration.Memory", "memory"),
    ("Service", "HealthCheckConfiguration", "http.healthcheck"),
    ("AutoScaling", "", "count"),
    ("ScalableTarget", "", "count"),
    ("TargetGroup", "HealthCheck", "http.healthcheck"),
    ("TargetGroup", "HealthyThresholdCount", "http.healthcheck.healthy_threshold"),
    ("TargetGroup", "UnhealthyThresholdCount", "http.healthcheck.unhealthy_threshold"),
    ("TargetGroup", "TargetGroupAttributes", "http"),
    ("TargetGroup", "ProtocolVersion", "http.version"),
    ("TargetGroup", "", "http"),
    ("HTTP", "", "http"),
    ("LoadBalancerDNSAlias", "", "http.alias"),
    ("NetworkLoadBalancer", "", "nlb"),
    ("NLB", "", "nlb"),
    ("EventsQueue", "", "subscribe"),
    ("DeadLetterQueue", "", "subscribe"),
    ("LogGroup", "RetentionInDays", "logging.retention"),
    ("StateMachine", "", "on"),
    ("Rule", "ScheduleExpression", "on.schedule"),
    ("DynamicDesiredCount", "", "count"),
];

/// Parts of a container with keys: of the main one as they are, of another one below `sidecars.NAME`.
const CONTAINER_KEYS: &[(&str, &str)] = &[
    ("Command", "command"),
    ("DependsOn", "image.depends_on"),
    ("DockerLabels", "image.labels"),
    ("EntryPoint", "entrypoint"),
    ("Environment", "variables"),
    ("EnvironmentFiles", "env_file"),
    ("HealthCheck", "image.healthcheck"),
    ("Image", "image"),
    ("LogConfiguration", "logging"),
    ("MountPoints", "storage.volumes"),
    ("PortMappings", "image.port"),
    ("ReadonlyRootFilesystem", "storage.readonly_fs"),
    ("Secrets", "secrets"),
];

/// Resources of environments with keys.
const ENVIRONMENT_KEYS: &[(&str, &str)] = &[
    ("CloudFront", "cdn"),
    ("Cluster", "observability"),
    ("DefaultHTTP", "http.public"),
    ("DefaultInternal", "http.private"),
    ("ELBAccessLogs", "http.public.access_logs"),
    ("EnvironmentSecurityGroup", "network.vpc.security_group"),
    ("FlowLog", "network.vpc.flow_logs"),
    ("HTTP", "http.public"),
    ("Internal", "http.private"),
    ("PrivateSubnet", "network.vpc.subnets.private"),
    ("Public", "http.public"),
    ("PublicSubnet", "network.vpc.subnets.public"),
    ("VPC", "network.vpc"),
    ("VpcFlowLog", "network.vpc.flow_logs"),
];

impl<'a> Lines<'a> {
    pub(super) fn new(subject: &'a Subject, manifest: &'a Manifest) -> Self {
        Self { subject, manifest }
    }

    /// The line that a difference comes from.
    pub(super) fn place(&self, effect: &Effect) -> Option<Place> {
        let change = &effect.change;
        let key = match self.subject {
            Subject::Workload { workload, .. } if change.section == "Resources" => {
                of_workload(effect, workload)
            }
            Subject::Workload { .. } if change.section == PARAMETERS => parameter(&change.name),
            Subject::Environment { .. } if change.section == "Resources" => {
                longest(ENVIRONMENT_KEYS, &change.name).map(str::to_owned)
            }
            Subject::Pipeline { .. } if change.section == "Resources" => return self.of_pipeline(effect),
            _ => None,
        };
        let key = key.filter(|key| !key.is_empty())?;
        let own = match self.subject {
            Subject::Workload { environment, .. } => {
                let overriding = self.manifest.root.get("environments").and_then(|all| all.get(environment));
                overriding.and_then(|node| follow(node, &key)).map(|found| (environment, found))
            }
            _ => None,
        };
        let (key, span) = match (own, follow(&self.manifest.root, &key)) {
            // What the environment says wins where it says as much.
            (Some((_, (own, _))), Some((key, span))) if depth(&own) < depth(&key) => (key, span),
            (Some((environment, (own, span))), _) => (format!("environments.{environment}.{own}"), span),
            (None, found) => found?,
        };
        Some(self.at(key, span))
    }

    fn at(&self, key: String, span: Span) -> Place {
        let (line, _) = self.manifest.source.line_column(span.start);
        Place { file: self.manifest.file.clone(), line, key }
    }

    /// A stage of the pipeline by its name, or what it is built with.
    fn of_pipeline(&self, effect: &Effect) -> Option<Place> {
        let change = &effect.change;
        let root = &self.manifest.root;
        let item = |step: &Step| match step {
            Step::Item { value, .. } => Some(value.clone()),
            _ => None,
        };
        let stage = change.path.iter().find_map(item);
        let key = match (change.name.as_str(), stage.as_deref()) {
            ("Pipeline", Some("Source")) | ("SourceConnection", _) => "source",
            ("Pipeline", Some("Build")) => "build",
            ("Pipeline", Some(stage)) => {
                let environment = stage.strip_prefix("DeployTo-")?;
                let stages = root.get("stages")?.as_sequence()?;
                let place = stages.iter().position(|item| {
                    item.get("name").and_then(Node::as_str).is_some_and(|name| name == environment)
                })?;
                return Some(self.at(format!("stages[{place}]"), stages[place].span));
            }
            (name, _) if name.starts_with("BuildProject") => "build",
            _ => return None,
        };
        let (key, span) = follow(root, key)?;
        Some(self.at(key, span))
    }
}

fn depth(key: &str) -> usize {
    key.split('.').count()
}

fn parameter(name: &str) -> Option<String> {
    if let Some(sidecar) = name.strip_prefix("EnvFileARNFor") {
        return Some(format!("sidecars.{sidecar}.env_file"));
    }
    PARAMETER_KEYS.iter().find(|(known, _)| *known == name).map(|(_, key)| (*key).to_owned())
}

fn of_workload(effect: &Effect, workload: &str) -> Option<String> {
    let change = &effect.change;
    let path = match change.path.split_first() {
        Some((Step::Key(first), rest)) if first == "Properties" => rest,
        Some(_) => return None,
        None => &[],
    };
    if change.name == "TaskDefinition"
        && let [Step::Key(key), container, rest @ ..] = path
        && key == "ContainerDefinitions"
    {
        return match container {
            Step::Item { value, .. } => of_container(value, rest, workload),
            // The main container comes first. Its name is a parameter.
            Step::Index(0) => of_container(workload, rest, workload),
            _ => None,
        };
    }
    let keys: Vec<&str> = path
        .iter()
        .map_while(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            _ => None,
        })
        .collect();
    let keys = keys.join(".");
    let fits = |(resource, property, _): &&(&str, &str, &str)| {
        change.name.starts_with(resource) && keys.starts_with(property)
    };
    WORKLOAD_KEYS.iter().find(fits).map(|(_, _, key)| (*key).to_owned())
}

fn of_container(container: &str, path: &[Step], workload: &str) -> Option<String> {
    let own = container == workload;
    let key = match path.first() {
        Some(Step::Key(part)) => {
            let (_, key) = CONTAINER_KEYS.iter().find(|(known, _)| known == part)?;
            match path.get(1) {
                Some(Step::Item { value, .. }) if matches!(*key, "variables" | "secrets") => {
                    format!("{key}.{value}")
                }
                _ => (*key).to_owned(),
            }
        }
        _ if own => "image".to_owned(),
        _ => String::new(),
    };
    if own {
        return Some(key);
    }
    // A sidecar has beside its image what a service has inside of it.
    let key = key.strip_prefix("image.").unwrap_or(&key);
    Some(format!("sidecars.{container}.{key}").trim_end_matches('.').to_owned())
}

/// The key of the longest name that a name begins with.
fn longest<'k>(keys: &'k [(&str, &'k str)], name: &str) -> Option<&'k str> {
    let fits = keys.iter().filter(|(known, _)| name.starts_with(known));
    fits.max_by_key(|(known, _)| known.len()).map(|(_, key)| *key)
}

/// Goes as far along a path of keys as they are there; `None` where not even the first is.
fn follow(root: &Node, key: &str) -> Option<(String, Span)> {
    let mut found: Option<(String, Span)> = None;
    let mut node = root;
    for step in key.split('.') {
        let Some(entry) =
            node.as_mapping().and_then(|entries| entries.iter().find(|entry| &*entry.key.text == step))
        else {
            break;
        };
        let path = found.map_or_else(|| step.to_owned(), |(path, _)| format!("{path}.{step}"));
        found = Some((path, entry.key.span));
        node = &entry.value;
    }
    found
}
