//! What a test or a demonstration can see of the state, and arrange in it.

use std::collections::BTreeMap;

use serde_json::json;

use crate::State;
use crate::core::caller::{Caller, arn, global_arn};
use crate::core::input::Input;
use crate::core::state::Regional;
use crate::services::cloudformation::{Drift, Replaced, Validation};
use crate::services::codebuild::BuildScript;
use crate::services::codepipeline::{Doom, Execution};
use crate::services::ecs::{self, TaskScript};
use crate::services::tags::Tags;
use crate::services::{acm, ec2, iam, monitoring, route53, sns, ssm};

/// A stack as it is now.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StackView {
    /// Its ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its status, such as `CREATE_COMPLETE`.
    pub status: String,
    /// Why it has that status.
    pub reason: Option<String>,
    /// Its template as it was sent.
    pub template: String,
    /// Its parameters.
    pub parameters: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its outputs.
    pub outputs: BTreeMap<String, String>,
    /// Its resources by logical id: type, physical id and status.
    pub resources: BTreeMap<String, (String, Option<String>, String)>,
    /// Its events, the oldest first: logical id and status.
    pub events: Vec<(String, String)>,
    /// Names of its change sets that were not executed.
    pub change_sets: Vec<String>,
}

/// A service of ECS as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceView {
    /// Its ARN.
    pub arn: String,
    /// ARN of its task definition.
    pub definition: String,
    /// How many tasks it wants.
    pub desired: i64,
    /// How many run.
    pub running: usize,
    /// How its newest rollout is: `IN_PROGRESS`, `COMPLETED` or `FAILED`.
    pub state: String,
    /// What its events say, the oldest first.
    pub events: Vec<String>,
}

/// What exists in an account and region, to be looked at and arranged.
#[derive(Debug)]
pub struct Region<'a> {
    here: &'a mut Regional,
    account: String,
    name: String,
}

impl State {
    /// An account and region.
    pub fn region(&mut self, account: &str, region: &str) -> Region<'_> {
        let here = self.at(&Self::scope(account, region));
        Region { here, account: account.to_owned(), name: region.to_owned() }
    }

    /// The stacks of all accounts and regions, without those that were deleted.
    pub fn stacks(&self) -> Vec<StackView> {
        let all = self.regional.values().flat_map(|here| here.stacks.live());
        all.map(view).collect()
    }

    /// Makes the connections with this name or ARN `AVAILABLE`, as a person does in the console; how many there were.
    pub fn authorize_connection(&mut self, name_or_arn: &str) -> usize {
        let mut count = 0;
        for regional in self.regional.values_mut() {
            for connection in regional.connections.values_mut() {
                if connection.name == name_or_arn || connection.arn == name_or_arn {
                    connection.status = "AVAILABLE".into();
                    count += 1;
                }
            }
        }
        count
    }

    /// Makes a role that CloudFormation, CodePipeline, CodeBuild and everyone in `trusted` (an account) may assume; its ARN.
    pub fn add_role(&mut self, account: &str, name: &str, trusted: &str) -> String {
        let services =
            ["cloudformation", "codepipeline", "codebuild"].map(|name| format!("{name}.amazonaws.com"));
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": {"AWS": format!("arn:aws:iam::{trusted}:root"), "Service": services},
            }],
        });
        let arn = global_arn("iam", "", account, &format!("role/{name}"));
        let role = iam::Role {
            id: format!("AROA{}", self.ids.upper(17)),
            arn: arn.clone(),
            path: "/".into(),
            trust: trust.to_string(),
            max_session: 3600,
            ..iam::Role::default()
        };
        self.iam(account).roles.insert(name.to_owned(), role);
        arn
    }

    /// Nobody may assume this role any more, whatever its trust policy says.
    pub fn refuse_role(&mut self, arn: &str) {
        self.refused_roles.insert(arn.to_owned());
    }

    /// Lets the role be assumed again.
    pub fn admit_role(&mut self, arn: &str) {
        self.refused_roles.remove(arn);
    }

    /// Lets all sessions of assumed roles run out.
    pub fn expire_sessions(&mut self) {
        for session in self.sessions.values_mut() {
            session.expires = 0;
        }
    }

    /// Names of the roles of an account.
    pub fn roles(&self, account: &str) -> Vec<&str> {
        self.iam.get(account).into_iter().flat_map(|iam| iam.roles.keys().map(String::as_str)).collect()
    }

    /// Names and types of the records in the public zones with this name.
    pub fn records(&self, zone: &str) -> Vec<(&str, &str)> {
        let name = route53::normal(zone);
        let zones = self.zones.values().filter(|zone| zone.name == name && !zone.private);
        let both = |record| Some((Input::text(record, "Name")?, Input::text(record, "Type")?));
        zones.flat_map(|zone| &zone.records).filter_map(both).collect()
    }

    /// Names of all buckets.
    pub fn buckets(&self) -> Vec<&str> {
        self.buckets.keys().map(String::as_str).collect()
    }

    /// Takes `s3:ListBucket` on a bucket from everybody: what is not in there is then answered with 403 instead of 404.
    pub fn refuse_listing(&mut self, bucket: &str) {
        if let Some(bucket) = self.buckets.get_mut(bucket) {
            bucket.unlisted = true;
        }
    }

    /// Keys of the objects in a bucket.
    pub fn keys(&self, bucket: &str) -> Vec<&str> {
        let Some(bucket) = self.buckets.get(bucket) else { return Vec::new() };
        bucket.objects.keys().map(String::as_str).filter(|key| bucket.current(key).is_some()).collect()
    }
}

/// A stack as others see it.
fn view(stack: &crate::services::cloudformation::Stack) -> StackView {
    let resource = |resource: &crate::services::cloudformation::Resource| {
        (resource.kind.clone(), resource.physical_id.clone(), resource.status.clone())
    };
    let open = stack.change_sets.values().filter(|set| set.execution != "EXECUTE_COMPLETE");
    StackView {
        change_sets: open.map(|set| set.name.clone()).collect(),
        id: stack.id.clone(),
        name: stack.name.clone(),
        status: stack.status.clone(),
        reason: stack.reason.clone(),
        template: stack.body.clone(),
        parameters: stack.parameters.iter().map(|(key, value)| (key.clone(), value.given.clone())).collect(),
        tags: plain(&stack.tags),
        outputs: stack.outputs.iter().map(|output| (output.key.clone(), output.value.clone())).collect(),
        resources: stack.resources.iter().map(|(id, found)| (id.clone(), resource(found))).collect(),
        events: stack.events.iter().map(|event| (event.logical_id.clone(), event.status.clone())).collect(),
    }
}

fn plain(tags: &Tags) -> BTreeMap<String, String> {
    tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn owned(tags: &[(&str, &str)]) -> Tags {
    tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

impl Region<'_> {
    /// The stack with this name (not deleted) or ARN.
    pub fn stack(&self, name: &str) -> Option<StackView> {
        let id = self.here.stacks.find(name)?;
        Some(view(&self.here.stacks.by_id[id]))
    }

    /// Names of the stacks that are not deleted.
    pub fn stacks(&self) -> Vec<String> {
        self.here.stacks.live().map(|stack| stack.name.clone()).collect()
    }

    /// Changes a property of a stack's resource behind CloudFormation's back. `property` is a JSON pointer such as
    /// `/RetentionInDays`; null takes it away.
    pub fn drift(&mut self, stack: &str, resource: &str, property: &str, value: serde_json::Value) {
        let (stack, resource) = (stack.to_owned(), resource.to_owned());
        let drift = Drift { stack, resource, property: Some(property.to_owned()), value };
        self.here.stacks.surprises.drifts.push(drift);
    }

    /// Has a stack's resource vanish behind CloudFormation's back.
    pub fn vanish(&mut self, stack: &str, resource: &str) {
        let (stack, resource) = (stack.to_owned(), resource.to_owned());
        let drift = Drift { stack, resource, property: None, value: serde_json::Value::Null };
        self.here.stacks.surprises.drifts.push(drift);
    }

    /// Has change sets of a stack say that a resource is made anew when this property changes.
    pub fn replace_with(&mut self, stack: &str, resource: &str, property: &str) {
        let [stack, resource, property] = [stack, resource, property].map(str::to_owned);
        self.here.stacks.surprises.replacements.push(Replaced { stack, resource, property });
    }

    /// Has change sets of a stack that concern the resource find this.
    pub fn find_invalid(&mut self, stack: &str, validation: Validation) {
        self.here.stacks.surprises.validations.push((stack.to_owned(), validation));
    }

    /// The value of a parameter of Systems Manager.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.here.parameters.get(name).map(|parameter| parameter.value.clone())
    }

    /// Puts a `String` parameter of Systems Manager.
    pub fn put_parameter(&mut self, name: &str, value: &str, tags: &[(&str, &str)]) {
        let parameter = ssm::Parameter {
            kind: "String".into(),
            value: value.to_owned(),
            version: 1,
            tags: owned(tags),
            ..ssm::Parameter::default()
        };
        self.here.parameters.insert(name.to_owned(), parameter);
    }

    /// Names of the pipelines.
    pub fn pipelines(&self) -> Vec<String> {
        self.here.pipelines.keys().cloned().collect()
    }

    /// Ids and statuses of a pipeline's executions, the oldest first.
    pub fn executions(&self, pipeline: &str) -> Vec<(String, String)> {
        let found = self.here.pipelines.get(pipeline);
        let executions = found.into_iter().flat_map(|pipeline| &pipeline.executions);
        executions.map(|execution| (execution.id.clone(), execution.status.clone())).collect()
    }

    /// Whether a secret with this name exists.
    pub fn has_secret(&self, name: &str) -> bool {
        self.here.secrets.contains_key(name)
    }

    /// Tags of the images in a repository, with their digests.
    pub fn image_tags(&self, repository: &str) -> BTreeMap<String, String> {
        self.here.repositories.get(repository).map(|found| found.image_tags.clone()).unwrap_or_default()
    }

    /// Says what the builds of a project write, and whether they fail.
    pub fn script_build(&mut self, project: &str, script: BuildScript) {
        self.here.build_scripts.insert(project.to_owned(), script);
    }

    /// Says what [`crate::Options::builder`] is to build from when a build of the project runs.
    pub fn build_from(&mut self, project: &str, source: serde_json::Value) {
        self.here.build_sources.insert(project.to_owned(), source);
    }

    /// Says what tasks of ECS do that begin from now on. Scripts are tried in the order in which they were added.
    pub fn script_task(&mut self, script: TaskScript) {
        self.here.ecs.scripts.push(script);
    }

    /// Says how functions behind hooks of deployments end whose ARN has `name` in it: `SUCCEEDED`, `FAILED`, or `IN_PROGRESS` for
    /// one that does not end. Others succeed.
    pub fn script_hook(&mut self, name: &str, status: &str) {
        self.here.ecs.hooks.insert(name.to_owned(), status.to_owned());
    }

    /// Lets all tasks of ECS run and be well again that begin from now on.
    pub fn clear_task_scripts(&mut self) {
        self.here.ecs.scripts.clear();
    }

    /// The services of ECS.
    pub fn services(&self) -> Vec<ServiceView> {
        let tasks = || self.here.ecs.tasks.values().filter(|task| task.status == "RUNNING");
        let view = |service: &ecs::Service| ServiceView {
            arn: service.arn.clone(),
            definition: service.shape.text("taskDefinition").unwrap_or_default().to_owned(),
            desired: service.desired,
            running: tasks().filter(|task| task.service.as_ref() == Some(&service.arn)).count(),
            state: service.rollouts.first().map(|one| one.state.clone()).unwrap_or_default(),
            events: service.events.iter().map(|event| event.message.clone()).collect(),
        };
        self.here.ecs.services.values().map(view).collect()
    }

    /// Puts an alarm of CloudWatch into a state: `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub fn set_alarm(&mut self, name: &str, state: &str) {
        let alarm = monitoring::Alarm { state: state.to_owned(), ..monitoring::Alarm::default() };
        self.here.alarms.insert(name.to_owned(), alarm);
    }

    /// Lets the next `times` runs of an action fail.
    pub fn fail_action(&mut self, pipeline: &str, action: &str, message: &str, times: u32) {
        let doom = Doom { action: action.to_owned(), message: message.to_owned(), times };
        self.here.dooms.entry(pipeline.to_owned()).or_default().push(doom);
    }

    /// Starts an execution as a push to the source's branch does; whether there is such a pipeline.
    pub fn push_commit(&mut self, pipeline: &str, id: &str, message: &str, time: i64) -> bool {
        let Some(found) = self.here.pipelines.get_mut(pipeline) else { return false };
        found.executions.push(Execution {
            id: id.to_owned(),
            status: "InProgress".into(),
            started: time,
            updated: time,
            version: found.version,
            trigger: "WebhookV2".into(),
            message: Some(message.to_owned()),
            definition: found.definition.clone(),
            ..Execution::default()
        });
        true
    }

    /// Adds a certificate; its ARN ends in `id`.
    pub fn add_certificate(&mut self, id: &str, domain: &str, alternatives: &[&str]) -> String {
        let arn = arn("acm", &self.name, &self.account, &format!("certificate/{id}"));
        let certificate = acm::Certificate {
            domain: domain.to_owned(),
            alternatives: alternatives.iter().map(|name| (*name).to_owned()).collect(),
            status: "ISSUED".into(),
            created: 0,
            token: None,
        };
        self.here.certificates.insert(arn.clone(), certificate);
        arn
    }

    /// Adds a subnet.
    pub fn add_subnet(&mut self, id: &str, vpc: &str, tags: &[(&str, &str)]) {
        let zone = format!("{}a", self.name);
        let subnet = ec2::Subnet { vpc: vpc.into(), cidr: "10.0.0.0/24".into(), zone, tags: owned(tags) };
        self.here.network.subnets.insert(id.to_owned(), subnet);
    }

    /// Adds a topic; its ARN.
    pub fn add_topic(&mut self, name: &str, tags: &[(&str, &str)]) -> String {
        let arn = arn("sns", &self.name, &self.account, name);
        self.here.topics.insert(arn.clone(), sns::Topic { tags: owned(tags) });
        arn
    }

    /// Adds a load balancer with listeners on `ports` (HTTPS on 443, HTTP otherwise); its ARN.
    pub fn add_load_balancer(&mut self, name: &str, ports: &[u16]) -> String {
        let caller = Caller::service(&self.account, &self.name, "elasticloadbalancing");
        let tail = format!("app/{name}/0123456789abcdef");
        let arn = caller.arn("elasticloadbalancing", &format!("loadbalancer/{tail}"));
        let shape = json!({
            "LoadBalancerArn": arn, "LoadBalancerName": name, "State": {"Code": "active"}, "Type": "application",
            "DNSName": format!("{name}-1234567890.{}.elb.amazonaws.com", self.name),
            "CanonicalHostedZoneId": "Z1H1FL5HABSF5", "Scheme": "internet-facing",
            "SecurityGroups": [format!("sg-{name}")],
        });
        self.here.load_balancers.balancers.insert(arn.clone(), shape);
        for port in ports {
            let listener = caller.arn("elasticloadbalancing", &format!("listener/{tail}/{port:016x}"));
            let shape = json!({
                "ListenerArn": listener, "LoadBalancerArn": arn, "Port": port,
                "Protocol": if *port == 443 { "HTTPS" } else { "HTTP" },
            });
            self.here.load_balancers.listeners.insert(listener, shape);
        }
        arn
    }
}
