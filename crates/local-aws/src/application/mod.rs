//! A Copilot application, as `app init`, `env init`, `env deploy` and `svc init` leave it behind.

mod templates;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::core::caller::Caller;
use crate::core::caller::global_arn;
use crate::core::state::State;
use crate::core::world::{World, hold};
use crate::error::AwsError;
use crate::server::LocalAws;
use crate::services::cloudformation;
use crate::services::route53;
use crate::services::ssm::Parameter;
use crate::services::tags::Tags;

/// An application.
#[derive(Debug, Clone)]
pub struct Application {
    /// Its name.
    pub name: String,
    /// The account that its records, its roles and its pipelines are in.
    pub account: String,
    /// Their region.
    pub region: String,
    /// Its domain, if it has one: the domain and the application then have zones in its account, and a role that environments
    /// change these with.
    pub domain: Option<String>,
    /// Whether its own region has an artifact bucket even if no environment is there, as after a first pipeline.
    pub bucket_in_own_region: bool,
    /// Its environments.
    pub environments: Vec<Environment>,
    /// Its services and jobs: name and type, such as `Load Balanced Web Service`.
    pub workloads: Vec<(String, String)>,
}

/// An environment.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Its account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// The version of its template, such as `v1.42.0`.
    pub version: String,
    /// Its deployed manifest, if the template carries one.
    pub manifest: Option<String>,
    /// The template of its stack; without one, a small stack stands in for it that has what others read of an environment.
    pub template: Option<String>,
    /// Parameters of its stack: all that the template needs, or those over the usual ones of the stand-in.
    pub parameters: BTreeMap<String, String>,
}

impl Application {
    /// An application without environments and workloads.
    pub fn new(name: &str, account: &str, region: &str) -> Self {
        Self {
            name: name.to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
            domain: None,
            bucket_in_own_region: false,
            environments: Vec::new(),
            workloads: Vec::new(),
        }
    }

    /// With an environment in the application's account.
    #[must_use]
    pub fn environment(mut self, name: &str, region: &str) -> Self {
        self.environments.push(Environment {
            name: name.to_owned(),
            account: self.account.clone(),
            region: region.to_owned(),
            version: "v1.42.0".into(),
            manifest: Some(format!("name: {name}\ntype: Environment\n")),
            template: None,
            parameters: BTreeMap::new(),
        });
        self
    }

    /// With a service or job of this type.
    #[must_use]
    pub fn workload(mut self, name: &str, kind: &str) -> Self {
        self.workloads.push((name.to_owned(), kind.to_owned()));
        self
    }

    fn tags(&self, more: &[(&str, &str)]) -> Tags {
        let own = ("copilot-application", self.name.as_str());
        std::iter::once(own)
            .chain(more.iter().copied())
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    /// The regions that have an artifact bucket.
    fn regions(&self) -> BTreeSet<&str> {
        let own = self.bucket_in_own_region.then_some(self.region.as_str());
        self.environments.iter().map(|environment| environment.region.as_str()).chain(own).collect()
    }
}

impl LocalAws {
    /// Sets up an application: its records, its roles, its StackSet with an instance in each region, the stacks of its
    /// environments with their roles, and an image repository for each workload that is built from one. Who calls without
    /// saying otherwise is in the application's account and region from now on.
    ///
    /// Stacks are made as on a request, and are complete when this returns.
    ///
    /// # Errors
    /// What AWS would answer, for example if the application exists already.
    pub fn create_application(&self, application: &Application) -> Result<(), AwsError> {
        self.begin_application(application)?;
        let mut world = hold(self.world());
        world.dirty = true;
        for environment in &application.environments {
            begin(&mut world, application, environment)?;
        }
        settle(&mut world);
        application.environments.iter().try_for_each(|environment| made(&world, application, environment))
    }

    /// Sets up an application but for the stacks of its environments, for who needs its buckets to say what is in these:
    /// [`LocalAws::create_environment`] makes them one by one.
    ///
    /// # Errors
    /// What AWS would answer, for example if the application exists already.
    pub fn begin_application(&self, application: &Application) -> Result<(), AwsError> {
        let mut world = hold(self.world());
        world.dirty = true;
        world.state.home = Some((application.account.clone(), application.region.clone()));
        records(&mut world, application);
        let caller = Caller::service(&application.account, &application.region, "copilot");
        let roles = stack(
            &format!("{}-infrastructure-roles", application.name),
            &templates::roles(application),
            &application.tags(&[]),
            &BTreeMap::new(),
        );
        ask(&mut world, &caller, "CreateStack", &roles)?;
        settle(&mut world);
        zones(&mut world, &caller, application)?;
        stack_set(&mut world, &caller, application)
    }

    /// Makes the stack of an environment.
    ///
    /// # Errors
    /// What AWS would answer, for example if the template lacks a parameter, or why the stack could not be made.
    pub fn create_environment(
        &self,
        application: &Application,
        environment: &Environment,
    ) -> Result<(), AwsError> {
        let mut world = hold(self.world());
        world.dirty = true;
        begin(&mut world, application, environment)?;
        settle(&mut world);
        made(&world, application, environment)
    }
}

/// Begins to make the stack of an environment.
fn begin(world: &mut World, application: &Application, environment: &Environment) -> Result<(), AwsError> {
    let caller = Caller::service(&environment.account, &environment.region, "copilot");
    let tags = application.tags(&[("copilot-environment", &environment.name)]);
    let name = format!("{}-{}", application.name, environment.name);
    let input = match &environment.template {
        Some(template) => stack(&name, template, &tags, &environment.parameters),
        None => stack(
            &name,
            &templates::environment(application, environment),
            &tags,
            &templates::parameters(application, environment),
        ),
    };
    ask(world, &caller, "CreateStack", &input).map(drop)
}

/// Whether the stack of an environment has been made; the first reason why not.
fn made(world: &World, application: &Application, environment: &Environment) -> Result<(), AwsError> {
    let name = format!("{}-{}", application.name, environment.name);
    let scope = State::scope(&environment.account, &environment.region);
    let stacks = world.state.regional.get(&scope).map(|here| &here.stacks);
    let stack = stacks.and_then(|stacks| stacks.by_id.get(stacks.find(&name)?));
    let Some(stack) = stack.filter(|stack| stack.status != "CREATE_COMPLETE") else { return Ok(()) };
    let failed = stack.events.iter().find(|event| event.status.ends_with("_FAILED"));
    let reason = failed.map_or_else(
        || stack.reason.clone().unwrap_or_default(),
        |event| format!("{}: {}", event.logical_id, event.reason.as_deref().unwrap_or_default()),
    );
    Err(AwsError::new("StackNotMade", format!("stack {name} ended in {}: {reason}", stack.status)))
}

fn ask(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Result<Json, AwsError> {
    cloudformation::call(world, caller, operation, input)
}

/// Lets everything come to its end.
fn settle(world: &mut World) {
    for _ in 0..1000 {
        if !cloudformation::tick(world) {
            return;
        }
    }
}

fn stack(name: &str, template: &str, tags: &Tags, parameters: &BTreeMap<String, String>) -> Json {
    let parameters: Vec<Json> =
        parameters.iter().map(|(key, value)| json!({"ParameterKey": key, "ParameterValue": value})).collect();
    json!({
        "StackName": name, "TemplateBody": template, "Parameters": parameters,
        "Capabilities": ["CAPABILITY_NAMED_IAM"], "Tags": crate::services::tags::write(tags),
    })
}

fn stack_set(world: &mut World, caller: &Caller, application: &Application) -> Result<(), AwsError> {
    let name = format!("{}-infrastructure", application.name);
    let role = |suffix: &str| format!("{}-{suffix}", application.name);
    let input = json!({
        "StackSetName": name, "TemplateBody": templates::resources(application, 1),
        "Description": "ECS CLI Application Resources (ECR repos, KMS keys, S3 buckets)",
        "Capabilities": ["CAPABILITY_NAMED_IAM"], "ExecutionRoleName": role("executionrole"),
        "AdministrationRoleARN":
            global_arn("iam", &application.region, &application.account, &format!("role/{}", role("adminrole"))),
        "Tags": crate::services::tags::write(&application.tags(&[])),
    });
    ask(world, caller, "CreateStackSet", &input)?;
    let regions: Vec<&str> = application.regions().into_iter().collect();
    if !regions.is_empty() {
        let instances = json!({
            "StackSetName": name, "Accounts": [application.account], "Regions": regions,
            "OperationPreferences": {"RegionConcurrencyType": "PARALLEL"},
        });
        ask(world, caller, "CreateStackInstances", &instances)?;
    }
    settle(world);
    Ok(())
}

/// The zone of the domain, and that of the application, to which it delegates.
fn zones(world: &mut World, caller: &Caller, application: &Application) -> Result<(), AwsError> {
    let Some(domain) = &application.domain else { return Ok(()) };
    let root = route53::new_zone(world, caller, domain, false);
    let name = format!("{}.{domain}", application.name);
    let own = route53::new_zone(world, caller, &name, false);
    let servers: Vec<Json> =
        route53::servers(&own).iter().map(|server| json!({"Value": format!("{server}.")})).collect();
    let record = json!({"Name": name, "Type": "NS", "TTL": 60, "ResourceRecords": servers});
    let changes = [json!({"Action": "UPSERT", "ResourceRecordSet": record})];
    let input = json!({"HostedZoneId": root, "ChangeBatch": {"Changes": changes}});
    route53::call(world, caller, "ChangeResourceRecordSets", &input).map(drop)
}

/// The records in Parameter Store.
fn records(world: &mut World, application: &Application) {
    let app = application.name.as_str();
    let mut all = vec![(
        format!("/copilot/applications/{app}"),
        json!({
            "name": app, "account": application.account, "domain": application.domain.as_deref().unwrap_or_default(),
            "domainHostedZoneID": "", "version": "1.0",
        }),
        application.tags(&[]),
    )];
    for environment in &application.environments {
        let (name, account) = (environment.name.as_str(), environment.account.as_str());
        let role = |suffix: &str| {
            global_arn("iam", &environment.region, account, &format!("role/{app}-{name}-{suffix}"))
        };
        all.push((
            format!("/copilot/applications/{app}/environments/{name}"),
            json!({
                "app": app, "name": name, "region": environment.region, "accountID": account, "registryURL": "",
                "executionRoleARN": role("CFNExecutionRole"), "managerRoleARN": role("EnvManagerRole"),
            }),
            application.tags(&[("copilot-environment", name)]),
        ));
    }
    for (name, kind) in &application.workloads {
        all.push((
            format!("/copilot/applications/{app}/components/{name}"),
            json!({"app": app, "name": name, "type": kind}),
            application.tags(&[("copilot-service", name)]),
        ));
    }
    let modified = world.now();
    let here = world.state.at(&State::scope(&application.account, &application.region));
    for (name, value, tags) in all {
        let value = value.to_string();
        let parameter =
            Parameter { kind: "String".into(), value, version: 1, modified, tags, ..Parameter::default() };
        here.parameters.insert(name, parameter);
    }
}
