//! The stack of a pipeline: its source, build, permissions, and the stages that deploy.
//!
//! Logical IDs, names and the order of lists are those of deployed pipelines: another name would replace a resource, and
//! overrides of a workspace point into the lists by number.

mod additional_policy;
mod artifact_store;
mod build_action;
mod build_policy;
mod build_project;
mod connection;
mod pipeline_role;
mod project;
mod roles;
mod source;
mod stages;
mod test_commands;

use copilot_cfn::{Map, Resource, Template, cfn, intrinsic::get_att, intrinsic::reference};
use copilot_manifest::pipeline::{Build, BuildAction, CodeSource, Pipeline, Repository, Stage};

use crate::Error;
use crate::facts::{Application, Environment, Facts};
use artifact_store::ArtifactStore;
use connection::Connection;

/// Tags of a pipeline's stack, in order.
///
/// The pipelines of an application are found by these tags. A legacy pipeline has none with its own name.
pub fn tags(pipeline: &Pipeline, facts: &Facts) -> Vec<(String, String)> {
    let mut tags = facts.application.tags.clone();
    tags.insert("copilot-application".to_owned(), facts.application.name.clone());
    if !facts.is_legacy_pipeline(&pipeline.name) {
        tags.insert("copilot-pipeline".to_owned(), pipeline.name.clone());
    }
    tags.sort_keys();
    tags.into_iter().collect()
}

/// Name of a pipeline's stack.
pub fn stack_name(pipeline: &Pipeline, facts: &Facts) -> String {
    crate::stack_name::pipeline(
        &facts.application.name,
        &pipeline.name,
        facts.is_legacy_pipeline(&pipeline.name),
    )
}

/// Renders the stack of a pipeline.
///
/// # Errors
/// When the facts lack an environment of the pipeline or one of its roles, the application's artifact stores, or the
/// connection that the manifest names.
pub fn render(pipeline: &Pipeline, facts: &Facts) -> Result<Template, Error> {
    let parts = Parts::gather(pipeline, facts)?;
    let mut template = Template::new(format!("CodePipeline for {}", facts.application.name));
    template.metadata.insert("Version", crate::TEMPLATE_VERSION);
    connection::add(&mut template, &parts)?;
    build_project::add(&mut template, &parts)?;
    for stage in &parts.stages {
        test_commands::add(&mut template, stage.stage, &parts)?;
    }
    for stage in &parts.stages {
        build_action::add_all(&mut template, &stage.stage.pre_deployments, stage, &parts)?;
    }
    for stage in &parts.stages {
        build_action::add_all(&mut template, &stage.stage.post_deployments, stage, &parts)?;
    }
    pipeline_role::add(&mut template, &parts)?;
    template.insert_resource("Pipeline", pipeline_resource(&parts))?;
    connection::add_output(&mut template, &parts)?;
    Ok(template)
}

/// What all parts of the stack need to know.
struct Parts<'a> {
    application: &'a Application,
    /// `aws`, or the partition that the application's regions belong to.
    partition: &'a str,
    legacy: bool,
    source: &'a CodeSource,
    /// The connection of a source that has one.
    connection: Option<Connection>,
    build: &'a Build,
    stores: Vec<ArtifactStore<'a>>,
    stages: Vec<Target<'a>>,
}

/// A stage with the environment that it deploys to.
struct Target<'a> {
    stage: &'a Stage,
    environment: &'a Environment,
    /// ARN of the role that deploys, as AWS knows it.
    manager_role: &'a str,
    /// ARN of the role with which `CloudFormation` changes stacks, as AWS knows it.
    execution_role: &'a str,
    /// ARN of the role that deploys, made of names.
    named_manager_role: String,
}

impl<'a> Parts<'a> {
    fn gather(pipeline: &'a Pipeline, facts: &'a Facts) -> Result<Self, Error> {
        let stores = ArtifactStore::gather(facts)?;
        let partition = stores.first().map_or("aws", |store| store.partition);
        let stages = pipeline.stages.iter().map(|stage| Target::find(stage, partition, facts));
        Ok(Self {
            application: &facts.application,
            partition,
            legacy: facts.is_legacy_pipeline(&pipeline.name),
            source: &pipeline.source,
            connection: Connection::of(&pipeline.source, facts)?,
            build: &pipeline.build,
            stages: stages.collect::<Result<_, _>>()?,
            stores,
        })
    }

    /// Whether builds get a full clone in place of the files.
    fn full_clone(&self) -> bool {
        let (Repository::Connected { format, .. } | Repository::CodeCommit { format, .. }) =
            &self.source.repository
        else {
            return false;
        };
        *format == Some(copilot_manifest::pipeline::OutputFormat::FullClone)
    }
}

impl<'a> Target<'a> {
    fn find(stage: &'a Stage, partition: &str, facts: &'a Facts) -> Result<Self, Error> {
        let name = &stage.environment;
        let application = &facts.application.name;
        let environment = facts.environments.get(name).ok_or_else(|| Error::UnknownEnvironment {
            application: application.clone(),
            environment: name.clone(),
        })?;
        let role = |role: &'a Option<String>, key: &str| {
            role.as_deref().ok_or_else(|| Error::MissingFact { key: format!("environments.{name}.{key}") })
        };
        Ok(Self {
            stage,
            environment,
            manager_role: role(&environment.manager_role_arn, "manager_role_arn")?,
            execution_role: role(&environment.execution_role_arn, "execution_role_arn")?,
            named_manager_role: format!(
                "arn:{partition}:iam::{}:role/{application}-{name}-EnvManagerRole",
                environment.account_id
            ),
        })
    }
}

fn pipeline_resource(parts: &Parts<'_>) -> Resource {
    let stores = parts.stores.iter().map(ArtifactStore::to_value);
    let mut stages = vec![source::stage(parts), build_project::stage()];
    stages.extend(parts.stages.iter().filter(|target| target.stage.is_deployed()).map(stages::stage));
    Resource::new("AWS::CodePipeline::Pipeline")
        .depends_on_all(["PipelineRole", "PipelineRolePolicy"])
        .properties(cfn!({
            "ArtifactStores": stores.collect::<copilot_cfn::Value>(),
            "Name"?: parts.legacy.then(|| reference("AWS::StackName")),
            "RoleArn": get_att("PipelineRole", "Arn"),
            "Stages": stages,
        }))
}

/// `Category`, `Owner` and `Provider` of an action.
fn action_type(category: &'static str, owner: &'static str, provider: &'static str) -> Map {
    Map::from([
        ("Category", copilot_cfn::Value::from(category)),
        ("Owner", owner.into()),
        ("Version", 1.into()),
        ("Provider", provider.into()),
    ])
}

/// A list with one artifact.
fn artifact(name: impl Into<copilot_cfn::Str>) -> copilot_cfn::Value {
    cfn!([{ "Name": name.into() }])
}

/// The name that identifies an action's project; used by several parts.
fn project_id(action: &BuildAction, environment: &str) -> String {
    action.moment.project(environment, &action.name)
}
