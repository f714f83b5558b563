//! One workload in one environment: its stack's resources, and what they are.

use aws_config::SdkConfig;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use copilot_stack::stack_name;

use crate::application::{self, Environment};
use crate::error::Error;
use crate::facts::tagged;
use crate::session::Session;
use crate::stack::{self, Resource, Stacks};

/// What a workload runs on. Its stack tells, so no record and no manifest is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// An ECS service.
    Service,
    /// A task of ECS that a state machine starts.
    Job,
    /// An App Runner service.
    AppRunner,
    /// Files in a bucket behind `CloudFront`.
    StaticSite,
    /// Nothing of these: the stack's creation got nowhere.
    Nothing,
}

/// An ECS service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcsService {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The cluster in its ARN; an ARN of the form before 2018 has none.
    pub cluster: Option<String>,
}

impl EcsService {
    fn from_arn(arn: &str) -> Self {
        let mut parts = arn.rsplit(':').next().unwrap_or(arn).rsplit('/');
        let name = parts.next().unwrap_or_default().to_owned();
        let cluster = parts.next().filter(|part| *part != "service").map(str::to_owned);
        Self { arn: arn.to_owned(), name, cluster }
    }
}

/// A workload that is deployed in an environment, and the way to look at it.
#[derive(Debug, Clone)]
pub struct Deployed {
    /// Its application.
    pub app: String,
    /// The record of its environment.
    pub environment: Environment,
    /// Its name.
    pub name: String,
    /// Name of its stack.
    pub stack: String,
    /// Those resources of its stack that are there.
    resources: Vec<Resource>,
    config: SdkConfig,
}

/// Finds a workload in an environment: one call for the environment's record, one to assume its role, one for the stack.
///
/// # Errors
/// [`Error::NoEnvironment`], [`Error::AssumeRole`], [`Error::NotDeployed`], or when AWS refuses.
pub async fn find(session: &Session, app: &str, env: &str, name: &str) -> Result<Deployed, Error> {
    let environment = application::environment(session, app, env).await?;
    find_in(session, app, environment, name).await
}

/// As [`find`], in an environment whose record is known.
///
/// # Errors
/// [`Error::AssumeRole`], [`Error::NotDeployed`], or when AWS refuses.
pub async fn find_in(
    session: &Session,
    app: &str,
    environment: Environment,
    name: &str,
) -> Result<Deployed, Error> {
    let config = session.assume(&environment.manager_role_arn, &environment.region).await?;
    let client = Stacks::new(&config);
    let usual = stack_name::workload(app, &environment.name, name);
    let mut found = Deployed {
        app: app.to_owned(),
        name: name.to_owned(),
        resources: there(&client, &usual).await?,
        stack: usual,
        environment,
        config,
    };
    // A pipeline's manifest may give a stack another name.
    if found.resources.is_empty()
        && let Some(stack) = tagged_stack(&found).await?
    {
        found.resources = there(&client, &stack).await?;
        found.stack = stack;
    }
    if found.resources.is_empty() {
        let (workload, environment) = (found.name, found.environment.name);
        return Err(Error::NotDeployed { workload, environment });
    }
    Ok(found)
}

/// The resources of a stack that are there. One that failed to become stable is; one that was deleted is not.
async fn there(client: &Stacks, stack: &str) -> Result<Vec<Resource>, Error> {
    let mut resources = stack::resources(client, stack).await?;
    resources.retain(|resource| !resource.physical_id.is_empty() && !resource.status.is_deleted());
    Ok(resources)
}

/// Name of the stack that has the workload's tags.
async fn tagged_stack(wanted: &Deployed) -> Result<Option<String>, Error> {
    let filter = |key: &str, value: &str| TagFilter::builder().key(key).values(value).build();
    let filters = vec![
        filter("copilot-application", &wanted.app),
        filter("copilot-environment", &wanted.environment.name),
        filter("copilot-service", &wanted.name),
    ];
    let arns = tagged(&wanted.config, "cloudformation:stack", filters).await?;
    let names = arns.iter().filter_map(|found| found.resource_arn()?.split('/').nth(1));
    // Nested stacks have the tags of the one that they are in, and its name before their own.
    Ok(names.min_by_key(|name| name.len()).filter(|name| *name != wanted.stack).map(str::to_owned))
}

impl Deployed {
    /// The environment's manager role in the environment's region.
    #[doc(hidden)]
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// CloudFormation in the environment's region, as its manager.
    pub fn stacks(&self) -> Stacks {
        Stacks::new(&self.config)
    }

    /// The environment's region.
    pub fn region(&self) -> &str {
        &self.environment.region
    }

    /// The resources of its stack that are there.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Physical ID of the resource with this logical ID and type.
    pub fn physical_id(&self, logical_id: &str, kind: &str) -> Option<&str> {
        let mut found = self.resources.iter();
        let found = found.find(|resource| resource.logical_id == logical_id && resource.kind == kind)?;
        Some(&found.physical_id)
    }

    /// What it runs on.
    pub fn platform(&self) -> Platform {
        let has = |logical_id: &str, kind: &str| self.physical_id(logical_id, kind).is_some();
        if has("Service", "AWS::ECS::Service") {
            Platform::Service
        } else if has("Service", "AWS::AppRunner::Service") {
            Platform::AppRunner
        } else if has("StateMachine", "AWS::StepFunctions::StateMachine") {
            Platform::Job
        } else if has("Bucket", "AWS::S3::Bucket") {
            Platform::StaticSite
        } else {
            Platform::Nothing
        }
    }

    /// Its ECS service.
    ///
    /// # Errors
    /// [`Error::NotThere`] when its stack has none.
    pub fn service(&self) -> Result<EcsService, Error> {
        self.required("Service", "AWS::ECS::Service", "ECS service").map(EcsService::from_arn)
    }

    /// Name of the ECS cluster that its tasks run in: that of its service, else that of the environment, which takes a call.
    ///
    /// # Errors
    /// [`Error::NotThere`] when the environment's stack has none, or when CloudFormation refuses.
    pub async fn cluster(&self) -> Result<String, Error> {
        if let Some(cluster) = self.service().ok().and_then(|service| service.cluster) {
            return Ok(cluster);
        }
        let stack = stack_name::environment(&self.app, &self.environment.name);
        let resources = there(&self.stacks(), &stack).await?.into_iter();
        let mut clusters = resources.filter(|resource| resource.kind == "AWS::ECS::Cluster");
        clusters
            .next()
            .map(|cluster| cluster.physical_id)
            .ok_or(Error::NotThere { stack, thing: "ECS cluster" })
    }

    /// The family of its task definitions.
    pub fn task_family(&self) -> String {
        stack_name::workload(&self.app, &self.environment.name, &self.name)
    }

    /// ARN of the task definition that its stack made last. That is the one that is deployed once the stack is complete.
    ///
    /// # Errors
    /// [`Error::NotThere`] when its stack has none.
    pub fn task_definition(&self) -> Result<&str, Error> {
        self.required("TaskDefinition", "AWS::ECS::TaskDefinition", "task definition")
    }

    /// The log group of its tasks.
    ///
    /// # Errors
    /// [`Error::NotThere`] when its stack has none.
    pub fn log_group(&self) -> Result<&str, Error> {
        self.required("LogGroup", "AWS::Logs::LogGroup", "log group")
    }

    /// ARN of the state machine that starts a job.
    ///
    /// # Errors
    /// [`Error::NotThere`] when its stack has none.
    pub fn state_machine(&self) -> Result<&str, Error> {
        self.required("StateMachine", "AWS::StepFunctions::StateMachine", "state machine")
    }

    /// ARN of its App Runner service.
    ///
    /// # Errors
    /// [`Error::NotThere`] when its stack has none.
    pub fn app_runner(&self) -> Result<&str, Error> {
        self.required("Service", "AWS::AppRunner::Service", "App Runner service")
    }

    /// The log group of its App Runner service: of what the containers write, or of what App Runner does.
    ///
    /// # Errors
    /// [`Error::NotThere`] when its stack has no such service.
    pub fn app_runner_log_group(&self, system: bool) -> Result<String, Error> {
        let arn = self.app_runner()?;
        let service = arn.split_once(":service/").map_or(arn, |(_, service)| service);
        Ok(format!("/aws/apprunner/{service}/{}", if system { "service" } else { "application" }))
    }

    /// The bucket of a static site.
    ///
    /// # Errors
    /// [`Error::NotThere`] when its stack has none.
    pub fn bucket(&self) -> Result<&str, Error> {
        self.required("Bucket", "AWS::S3::Bucket", "bucket")
    }

    /// ID of the `CloudFront` distribution of a static site.
    ///
    /// # Errors
    /// [`Error::NotThere`] when its stack has none.
    pub fn distribution(&self) -> Result<&str, Error> {
        let mut found = self.resources.iter();
        let found = found.find(|resource| resource.kind == "AWS::CloudFront::Distribution");
        found.map(|found| found.physical_id.as_str()).ok_or_else(|| self.lacks("CloudFront distribution"))
    }

    fn required(&self, logical_id: &str, kind: &str, thing: &'static str) -> Result<&str, Error> {
        self.physical_id(logical_id, kind).ok_or_else(|| self.lacks(thing))
    }

    fn lacks(&self, thing: &'static str) -> Error {
        Error::NotThere { stack: self.stack.clone(), thing }
    }
}

#[cfg(test)]
mod tests {
    use super::EcsService;

    #[test]
    fn services_of_either_form_of_arn_are_read() {
        let long =
            EcsService::from_arn("arn:aws:ecs:r:1:service/shop-test-Cluster-a/shop-test-web-Service-b");
        assert_eq!(long.name, "shop-test-web-Service-b");
        assert_eq!(long.cluster.as_deref(), Some("shop-test-Cluster-a"));
        let short = EcsService::from_arn("arn:aws:ecs:r:1:service/shop-test-web-Service-b");
        assert_eq!((short.name.as_str(), short.cluster), ("shop-test-web-Service-b", None));
    }
}
