//! The stacks of an application as they are deployed: what a look at its health needs.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::operation::describe_stack_set::DescribeStackSetError;
use aws_sdk_resourcegroupstagging::types::{Tag, TagFilter};
use copilot_stack::stack_name;
use futures::future::{join_all, try_join, try_join_all, try_join4};

use crate::application::{self, Application, Environment};
use crate::error::Error;
use crate::facts::{read_metadata, tagged};
use crate::pipeline;
use crate::session::Session;
use crate::stack::{self, Stacks};

/// An application with its stacks.
#[derive(Debug, Clone)]
pub struct Inventory {
    /// Its record.
    pub application: Application,
    /// The records of its environments.
    pub environments: Vec<Environment>,
    /// The template of the stack with its roles, if there is one.
    pub roles: Option<String>,
    /// The template of its StackSet, if there is one.
    pub stack_set: Option<String>,
    /// The stacks of environments, workloads and pipelines.
    pub stacks: Vec<DeployedStack>,
    /// Environments that could not be looked at, with the reason.
    pub unreachable: Vec<(String, String)>,
}

/// A stack that is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployedStack {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its status, such as `UPDATE_COMPLETE`.
    pub status: String,
    /// Version of the program that wrote its template; nothing where the template says none.
    pub version: Option<String>,
    /// The manifest that its template was made from, where that is in it.
    pub manifest: Option<String>,
    /// What it is for.
    pub kind: Kind,
}

/// What a stack is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An environment.
    Environment,
    /// A service or job.
    Workload,
    /// A pipeline.
    Pipeline,
}

impl DeployedStack {
    /// The region in its ARN.
    pub fn region(&self) -> &str {
        self.arn.split(':').nth(3).unwrap_or_default()
    }
}

/// Looks at all stacks of an application: two calls for each, and a few for the application and each environment. An
/// environment that can't be looked at is told of, and does not keep the others from it.
///
/// # Errors
/// When there is no such application, or AWS refuses.
pub async fn inventory(session: &Session, app: &str) -> Result<Inventory, Error> {
    let (record, environments) =
        try_join(application::application(session, app), application::environments(session, app)).await?;
    let roles_stack = format!("{app}-infrastructure-roles");
    let own = stack::client(session);
    let each = async {
        Ok::<_, Error>(join_all(environments.iter().map(|env| of_environment(session, app, env))).await)
    };
    let (roles, stack_set, pipelines, found) = try_join4(
        stack::template(&own, &roles_stack),
        stack_set(session, app),
        of_pipelines(session, app),
        each,
    )
    .await?;
    let (mut stacks, mut unreachable) = (Vec::new(), Vec::new());
    for (environment, found) in environments.iter().zip(found) {
        match found {
            Ok(found) => stacks.extend(found),
            Err(error) => unreachable.push((environment.name.clone(), error.to_string())),
        }
    }
    stacks.extend(pipelines);
    Ok(Inventory { application: record, environments, roles, stack_set, stacks, unreachable })
}

async fn stack_set(session: &Session, app: &str) -> Result<Option<String>, Error> {
    let name = format!("{app}-infrastructure");
    match Client::new(session.config()).describe_stack_set().stack_set_name(name).send().await {
        Ok(answer) => Ok(answer.stack_set.and_then(|set| set.template_body)),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(DescribeStackSetError::is_stack_set_not_found_exception) =>
        {
            Ok(None)
        }
        Err(error) => Err(Error::aws("cloudformation:DescribeStackSet", &error)),
    }
}

async fn of_environment(
    session: &Session,
    app: &str,
    env: &Environment,
) -> Result<Vec<DeployedStack>, Error> {
    let config = session.assume(&env.manager_role_arn, &env.region).await?;
    let client = Stacks::new(&config);
    let filter = |key: &str, value: &str| TagFilter::builder().key(key).values(value).build();
    let filters = vec![filter("copilot-application", app), filter("copilot-environment", &env.name)];
    let tagged = tagged(&config, "cloudformation:stack", filters).await?;
    let workloads = tagged.iter().filter_map(|found| {
        let name = found.tags().iter().find(|tag| tag.key() == "copilot-service").map(Tag::value)?;
        let stack = stack_name::workload(app, &env.name, name);
        // Nested stacks have the tags of the one that they are in.
        (name_of(found.resource_arn()?) == stack).then_some((stack, Kind::Workload))
    });
    let own = (stack_name::environment(app, &env.name), Kind::Environment);
    let all: Vec<(String, Kind)> = std::iter::once(own).chain(workloads).collect();
    let found = try_join_all(all.iter().map(|(name, kind)| deployed(&client, name, *kind))).await?;
    Ok(found.into_iter().flatten().collect())
}

fn name_of(arn: &str) -> &str {
    arn.split('/').nth(1).unwrap_or_default()
}

async fn of_pipelines(session: &Session, app: &str) -> Result<Vec<DeployedStack>, Error> {
    let pipelines = pipeline::list(session, app).await?;
    let client = stack::client(session);
    let names: Vec<String> = pipelines.iter().map(|pipeline| pipeline.stack_name(app)).collect();
    let found = try_join_all(names.iter().map(|name| deployed(&client, name, Kind::Pipeline))).await?;
    Ok(found.into_iter().flatten().collect())
}

async fn deployed(client: &Stacks, name: &str, kind: Kind) -> Result<Option<DeployedStack>, Error> {
    let (found, metadata) = try_join(stack::describe(client, name), stack::metadata(client, name)).await?;
    let Some(found) = found else { return Ok(None) };
    let metadata = metadata.filter(|text| !text.is_empty()).map(|text| read_metadata(name, &text));
    let (version, manifest) = metadata.map_or((None, None), |read| (Some(read.version), read.manifest));
    Ok(Some(DeployedStack {
        arn: found.id,
        name: found.name,
        status: found.status.to_string(),
        version,
        manifest,
        kind,
    }))
}
