//! A pipeline as it is rendered and shown: everything resolved, defaults filled in, run orders known.

use copilot_yaml::Node;

use super::names::{self, Moment};
use super::values::OutputFormat;

/// A pipeline. Its stages are in the order of the manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
    /// The repository that it follows.
    pub source: CodeSource,
    /// Its build.
    pub build: Build,
    /// The environments that it deploys to.
    pub stages: Vec<Stage>,
}

/// The repository that a pipeline follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSource {
    /// The branch.
    pub branch: String,
    /// The repository.
    pub repository: Repository,
}

/// A repository and the way to get at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repository {
    /// On github.com, polled with a personal access token.
    Token {
        /// User or organisation.
        owner: String,
        /// Its name.
        name: String,
        /// Name of the secret that holds the token.
        secret: String,
    },
    /// On github.com or bitbucket.org, through a connection.
    Connected {
        /// Which of the two.
        host: ConnectionHost,
        /// User, organisation or workspace.
        owner: String,
        /// Its name.
        name: String,
        /// The connection.
        connection: Connection,
        /// What the source hands to the builds, where the manifest says it.
        format: Option<OutputFormat>,
    },
    /// On AWS `CodeCommit`, in the pipeline's account.
    CodeCommit {
        /// Its region.
        region: String,
        /// Its name.
        name: String,
        /// What the source hands to the builds, where the manifest says it.
        format: Option<OutputFormat>,
    },
}

/// A host that a connection leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionHost {
    /// github.com.
    GitHub,
    /// bitbucket.org.
    Bitbucket,
}

impl ConnectionHost {
    /// The connection's provider type.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::Bitbucket => "Bitbucket",
        }
    }
}

/// How a pipeline gets its connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// The pipeline's stack creates one of this name; somebody has to confirm it in the console.
    Created(String),
    /// One of this name exists.
    Named(String),
    /// One with this ARN exists.
    Arn(String),
}

/// How templates and images are built.
#[derive(Debug, Clone, PartialEq)]
pub struct Build {
    /// The image in which the build runs.
    pub image: String,
    /// Path of the buildspec from the root of the repository.
    pub buildspec: String,
    /// What the build may do beyond what Copilot needs, as an IAM policy document.
    pub additional_policy: Option<Node>,
}

impl Build {
    /// The image of every build whose manifest names none.
    pub const DEFAULT_IMAGE: &'static str = "aws/codebuild/amazonlinux2-x86_64-standard:5.0";

    /// Whether the build runs on ARM, which the image's name decides.
    pub fn is_arm(&self) -> bool {
        self.image.contains("aarch64")
    }
}

/// An environment that a pipeline deploys to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Name of the environment.
    pub environment: String,
    /// Whether somebody has to approve before anything runs.
    pub requires_approval: bool,
    /// Actions before the deployments, by name.
    pub pre_deployments: Vec<BuildAction>,
    /// The deployments, by the names of their actions. Without any, the pipeline has no such stage.
    pub deployments: Vec<Deployment>,
    /// Actions after the deployments, by name.
    pub post_deployments: Vec<BuildAction>,
    /// Commands that run last, each as it was written.
    pub test_commands: Vec<String>,
    /// Run order of the test commands.
    pub test_run_order: u32,
}

/// A build that runs before or after the deployments of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildAction {
    /// Its name.
    pub name: String,
    /// Whether it runs before or after the deployments.
    pub moment: Moment,
    /// Path of its buildspec from the root of the repository.
    pub buildspec: String,
    /// Siblings that it waits for.
    pub depends_on: Vec<String>,
    /// When it runs, from 1.
    pub run_order: u32,
}

/// A stack that a stage deploys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Its name in the manifest.
    pub name: String,
    /// Name of the stack.
    pub stack_name: String,
    /// Path of the template in the build's output.
    pub template_path: String,
    /// Path of parameters and tags in the build's output.
    pub template_config: String,
    /// Siblings that it waits for.
    pub depends_on: Vec<String>,
    /// When it runs, from 1.
    pub run_order: u32,
}

/// An action of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action<'a> {
    /// Its name, unique in the stage.
    pub name: String,
    /// When it runs, from 1. Actions with the same run order run at the same time.
    pub run_order: u32,
    /// What it does.
    pub kind: ActionKind<'a>,
}

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionKind<'a> {
    /// Gets the source.
    Source(&'a CodeSource),
    /// Builds templates and images.
    Build {
        /// Path of the buildspec.
        buildspec: &'a str,
    },
    /// Waits for somebody to approve.
    Approval,
    /// Runs a buildspec before or after the deployments.
    Action(&'a BuildAction),
    /// Creates or updates a stack.
    Deploy(&'a Deployment),
    /// Runs the test commands.
    Test(&'a [String]),
}

/// A stage as `CodePipeline` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageView<'a> {
    /// Its name, unique in the pipeline.
    pub name: String,
    /// Its actions, in the order in which a template lists them.
    pub actions: Vec<Action<'a>>,
}

impl Pipeline {
    /// Every stage that `CodePipeline` gets, from the source on, with its actions and their run orders.
    pub fn stage_views(&self, application: &str) -> Vec<StageView<'_>> {
        let single = |stage: &str, action: String, kind| StageView {
            name: stage.to_owned(),
            actions: vec![Action { name: action, run_order: 1, kind }],
        };
        let source =
            single(names::SOURCE, names::source_action(application), ActionKind::Source(&self.source));
        let build = ActionKind::Build { buildspec: &self.build.buildspec };
        let mut views = vec![source, single(names::BUILD, names::BUILD.to_owned(), build)];
        views.extend(
            self.stages
                .iter()
                .filter(|stage| stage.is_deployed())
                .map(|stage| StageView { name: names::stage(&stage.environment), actions: stage.actions() }),
        );
        views
    }
}

impl Stage {
    /// Whether there is such a stage: one that deploys nothing is left out.
    pub fn is_deployed(&self) -> bool {
        !self.deployments.is_empty()
    }

    /// Its actions, in the order in which a template lists them.
    pub fn actions(&self) -> Vec<Action<'_>> {
        let mut actions = Vec::new();
        if self.requires_approval {
            let name = names::approval_action(&self.environment);
            actions.push(Action { name, run_order: 1, kind: ActionKind::Approval });
        }
        let builds = self.pre_deployments.iter().chain(&self.post_deployments);
        actions.extend(builds.map(|action| Action {
            name: action.name.clone(),
            run_order: action.run_order,
            kind: ActionKind::Action(action),
        }));
        actions.extend(self.deployments.iter().map(|deployment| Action {
            name: names::deploy_action(&deployment.name, &self.environment),
            run_order: deployment.run_order,
            kind: ActionKind::Deploy(deployment),
        }));
        if !self.test_commands.is_empty() {
            let kind = ActionKind::Test(&self.test_commands);
            actions.push(Action {
                name: names::TEST_ACTION.to_owned(),
                run_order: self.test_run_order,
                kind,
            });
        }
        actions
    }
}
