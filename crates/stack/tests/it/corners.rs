//! Rules that no conformance case reaches.

use copilot_cfn::{Value, cfn};
use copilot_manifest::interpolate::Variables;
use copilot_manifest::workload::WorkloadManifest;
use copilot_stack::Facts;
use copilot_stack::workload::{Error, Rendered, Request, render};
use copilot_yaml::{Diagnostics, Source};

use crate::keys::NoCode;

const FACTS: &str = "
application: {name: shop, account_id: '111122223333'}
regions: {us-west-2: {artifact_bucket: bucket}}
environments: {test: {account_id: '111122223333', region: us-west-2, version: v1.33.0, subnets: [{id: subnet-1, tags: {tier: web}}]}}
addons_url: https://bucket/addons.yml
";

fn rendered(manifest: &str) -> Rendered {
    attempt(manifest).unwrap()
}

fn attempt(manifest: &str) -> Result<Rendered, Error> {
    let facts = Facts::read(&Source::new("facts.yml", FACTS), &mut Diagnostics::default()).unwrap();
    let source = Source::new("manifest.yml", manifest);
    let variables = Variables { application: "shop".to_owned(), ..Variables::default() };
    let manifest = WorkloadManifest::parse(source.clone()).unwrap();
    let loaded = manifest.load("test", &variables).unwrap();
    let request = Request {
        workload: &loaded.workload,
        source: &source,
        environment: "test",
        facts: &facts,
        addons: None,
        function_keys: &NoCode,
    };
    render(request)
}

fn resource(rendered: &Rendered, logical_id: &str) -> Value {
    rendered.template.resources.get(logical_id).unwrap()["Properties"].clone()
}

const WORKER: &str = "name: mailer\ntype: Worker Service\nimage: {location: nginx}\n";

/// Copilot turns the policy into JSON before it becomes part of the template.
#[test]
fn a_filter_policy_goes_through_json() {
    let policy =
        "{z: [1.50, 0x1F, 1e3, 0400, 1_000], yes: [yes, ~, true, 2021-01-01], a: !Sub x, '<': {c: 1, b: 2}}";
    let manifest =
        format!("{WORKER}subscribe: {{topics: [{{name: a, service: svc, filter_policy: {policy}}}]}}\n");
    let found = resource(&rendered(&manifest), "svcaSNSTopicSubscription")["FilterPolicy"].clone();
    let wanted = cfn!({
        "<": { "b": 2, "c": 1 },
        "a": "x",
        "yes": ["yes", Value::Null, true, "2021-01-01T00:00:00Z"],
        "z": [1.5, 31, 1000, 256, 1000],
    });
    assert_eq!(found, wanted);
}

#[test]
fn the_address_of_addons_is_only_for_those_who_have_some() {
    assert_eq!(rendered(WORKER).parameters.parameters["AddonsTemplateURL"], "");
}

/// What Copilot reads of a deployed stack.
#[test]
fn a_template_says_which_version_and_manifest_it_is_of() {
    let manifest = format!("{WORKER}variables: {{ENV: '${{COPILOT_ENVIRONMENT_NAME}}'}} # a comment\n");
    let metadata = rendered(&manifest).template.metadata;
    assert_eq!(metadata.get("Version").unwrap(), &Value::from("v1.34.1"));
    let wanted = format!("{WORKER}variables: {{ENV: \"test\"}} # a comment\n");
    assert_eq!(metadata.get("Manifest").unwrap(), &Value::from(wanted));
}

/// A list of no subnets is refused by AWS after minutes.
#[test]
fn tags_that_no_subnet_has_are_an_error() {
    let by_tag = |value: &str| {
        let subnets = format!("{{subnets: {{from_tags: {{tier: {value}}}}}}}");
        attempt(&format!("{WORKER}network: {{vpc: {{placement: {subnets}}}}}\n"))
    };
    let network = resource(&by_tag("w*").unwrap(), "Service")["NetworkConfiguration"].clone();
    assert_eq!(network["AwsvpcConfiguration"]["Subnets"], cfn!(["subnet-1"]));
    let Err(Error::Manifest { problems, .. }) = by_tag("db") else { panic!("not refused") };
    let told: Vec<String> = problems.iter().map(|problem| format!("{} {problem}", problem.path)).collect();
    let wanted =
        "network.vpc.placement manifest.yml:4:28: the environment `test` has no subnet with these tags";
    assert_eq!(told, [wanted]);
}

/// An empty policy is none.
#[test]
fn an_empty_filter_policy_lets_everything_through() {
    let manifest =
        format!("{WORKER}subscribe: {{topics: [{{name: a, service: svc, filter_policy: {{}}}}]}}\n");
    assert_eq!(resource(&rendered(&manifest), "svcaSNSTopicSubscription").get("FilterPolicy"), None);
}

/// Copilot's numbers are floats, and long ones have an exponent in deployed stacks.
#[test]
fn long_cooldowns_are_written_as_go_writes_them() {
    let scaling = "{value: 50, cooldown: {in: 720h, out: 100ns}}";
    let manifest = format!("{WORKER}count: {{range: 1-2, cpu_percentage: {scaling}}}\n");
    let policy = resource(&rendered(&manifest), "AutoScalingPolicyECSServiceAverageCPUUtilization");
    let policy = &policy["TargetTrackingScalingPolicyConfiguration"];
    let written = ["ScaleInCooldown", "ScaleOutCooldown", "TargetValue"].map(|key| policy[key].scalar_text());
    assert_eq!(written.map(Option::unwrap), ["2.592e+06", "1e-07", "50"]);
}

/// The list is laid over nothing, so that the check keeps its default; laid over a command it removes that.
#[test]
fn a_command_of_no_words_over_no_command_is_the_default() {
    let command = |base: &str| {
        let over = "environments: {test: {image: {healthcheck: {command: [], interval: 10s}}}}\n";
        let manifest =
            format!("name: mailer\ntype: Worker Service\nimage: {{location: nginx{base}}}\n{over}");
        let task = resource(&rendered(&manifest), "TaskDefinition");
        task["ContainerDefinitions"][0]["HealthCheck"]["Command"].clone()
    };
    let default = cfn!(["CMD-SHELL", "curl -f http://localhost/ || exit 1"]);
    assert_eq!(command(""), default);
    assert_eq!(command(", healthcheck: {interval: 5s}"), default);
    assert_eq!(command(", healthcheck: {command: [a]}"), cfn!([]));
}

#[test]
fn a_file_system_without_an_id_is_an_export_without_a_name() {
    let manifest = format!("{WORKER}storage: {{volumes: {{v: {{path: /v, efs: {{root_dir: /}}}}}}}}\n");
    let task = resource(&rendered(&manifest), "TaskDefinition");
    assert_eq!(task["Volumes"][0]["EFSVolumeConfiguration"]["FilesystemId"], cfn!({ "Fn::ImportValue": "" }));
}

const WEB: &str = "name: web\ntype: Load Balanced Web Service\nimage: {location: nginx, port: 80}\n";

#[test]
fn a_health_check_without_codes_takes_those_of_the_load_balancer() {
    let manifest = format!("{WEB}http: {{path: /, healthcheck: {{success_codes: ''}}}}\n");
    assert_eq!(resource(&rendered(&manifest), "TargetGroup").get("Matcher"), None);
}

#[test]
fn a_network_load_balancer_without_a_domain_and_with_a_port_that_is_none() {
    let rendered = rendered(&format!("{WEB}http: false\nnlb: {{port: 443/tls, target_port: 70000}}\n"));
    assert_eq!(resource(&rendered, "NLBCertValidatorAction")["DomainName"], "<nil>".into());
    assert_eq!(resource(&rendered, "NetworkLoadBalancerTargetGroup")["Port"].scalar_text().unwrap(), "4464");
    let ports = &resource(&rendered, "TaskDefinition")["ContainerDefinitions"][0]["PortMappings"];
    assert_eq!(ports[1]["ContainerPort"].scalar_text().unwrap(), "4464");
}
