//! Environment variables of containers.

use copilot_cfn::intrinsic::{import_value, reference, sub, sub_with};
use copilot_cfn::{Value, cfn};

use crate::template::as_written::as_written;
use crate::template::go_json;
use crate::template::names::{logical_id, screaming_snake, title_case};
use crate::workload::context::Context;
use crate::workload::model::{Addons, EcsKind, EcsWorkload, Mount, Text, Topic};
use crate::workload::stack::{addon_output, from_environment};

/// The variables that every container of a task gets.
pub(crate) fn common(workload: &EcsWorkload<'_>, cx: &Context<'_>) -> Vec<Value> {
    let mut list = vec![
        variable("COPILOT_APPLICATION_NAME", sub("${AppName}")),
        variable("COPILOT_SERVICE_DISCOVERY_ENDPOINT", as_written(&cx.service_discovery_endpoint())),
        variable("COPILOT_ENVIRONMENT_NAME", sub("${EnvName}")),
        variable("COPILOT_SERVICE_NAME", sub("${WorkloadName}")),
    ];
    list.extend(of_addons(cx));
    list.extend(of_topics(&workload.publish, cx));
    if workload.kind == EcsKind::Worker {
        list.push(variable("COPILOT_QUEUE_URI", reference("EventsQueue")));
        list.extend(topic_queues(workload));
    }
    if let Some(http) = workload.http.as_ref().filter(|http| !http.rules.is_empty()) {
        let name = match (&http.imported, workload.kind) {
            (Some(imported), _) => as_written(imported.dns_name),
            (None, EcsKind::LoadBalanced) => from_environment("PublicLoadBalancerDNSName"),
            (None, _) => from_environment("InternalLoadBalancerDNSName"),
        };
        list.push(variable("COPILOT_LB_DNS", name));
    }
    list
}

/// A variable for each output of the addons that is neither a secret nor a policy.
pub(crate) fn of_addons(cx: &Context<'_>) -> impl Iterator<Item = Value> {
    let outputs = cx.addons.into_iter().flat_map(Addons::variables);
    outputs.map(|output| variable(screaming_snake(output), addon_output(output)))
}

/// ARNs of the topics that the workload publishes to, as JSON.
pub(crate) fn of_topics(topics: &[Topic], cx: &Context<'_>) -> Option<Value> {
    if topics.is_empty() {
        return None;
    }
    let (partition, region, account) = (cx.partition, &cx.environment.region, &cx.environment.account_id);
    let arns = topics.iter().map(|topic| {
        let name = &topic.name;
        (name, format!("arn:{partition}:sns:{region}:{account}:{}-{}-{}-{name}", cx.app, cx.env, cx.name))
    });
    Some(variable("COPILOT_SNS_TOPIC_ARNS", go_json::object(arns)))
}

/// URLs of the queues that topics have to themselves, as JSON.
fn topic_queues(workload: &EcsWorkload<'_>) -> Option<Value> {
    let topics = &workload.subscribe.as_ref()?.topics;
    let own: Vec<_> = topics.iter().filter(|topic| topic.has_own_queue()).collect();
    if own.is_empty() {
        return None;
    }
    let urls = own.iter().map(|topic| {
        let name = title_case(&logical_id(&topic.topic));
        (format!("{}{name}EventsQueue", logical_id(topic.service)), format!("${{{}URL}}", topic.id_prefix()))
    });
    let queues = own.iter().map(|topic| {
        let id = topic.id_prefix();
        (format!("{id}URL"), reference(format!("{id}EventsQueue")))
    });
    Some(variable("COPILOT_TOPIC_QUEUE_URIS", sub_with(go_json::object(urls), queues)))
}

/// The variables that a manifest gives to a container.
pub(crate) fn own(variables: &[(&str, Text<'_>)]) -> impl Iterator<Item = Value> {
    variables.iter().map(|(name, value)| {
        let value = match value {
            Text::Plain(text) => Value::from((*text).to_owned()),
            Text::Export(name) => import_value((*name).to_owned()),
        };
        variable(as_written(name), value)
    })
}

/// Where the volumes of a container are, as JSON; nothing when it has none.
pub(crate) fn mount_points(mounts: &[Mount<'_>]) -> Option<Value> {
    if mounts.is_empty() {
        return None;
    }
    let paths = mounts.iter().filter(|mount| !mount.path.is_empty()).map(|mount| (mount.volume, mount.path));
    Some(variable("COPILOT_MOUNT_POINTS", go_json::object(paths)))
}

/// An entry of an `Environment`.
pub(crate) fn variable(name: impl Into<Value>, value: impl Into<Value>) -> Value {
    cfn!({ "Name": name.into(), "Value": value.into() })
}
