//! A pipeline's manifest as it is written.

use super::values::{OutputFormat, PolicyDocument, Provider, Text};
use crate::decode::{Map, Spanned};
use crate::record;

record! {
    /// A pipeline: a repository to follow, a build, and the environments to deploy to.
    pub struct PipelineManifest {
        /// Name of the pipeline. Its stack is named `pipeline-APPLICATION-NAME`.
        name: String,
        /// Version of the manifest's format. `1` is the only one.
        version: i64,
        /// The repository whose changes start the pipeline.
        source: SourceManifest,
        /// How templates and images are built.
        build: BuildManifest,
        /// The environments to deploy to, one after the other.
        stages: Vec<Spanned<StageManifest>>,
    }
}

record! {
    /// The repository whose changes start the pipeline.
    pub struct SourceManifest {
        /// Where the repository is hosted: `GitHub`, `GitHubV1`, `Bitbucket` or `CodeCommit`.
        provider: Provider,
        /// Which repository it is and how to get at it.
        properties: SourceProperties,
    }
}

record! {
    /// Which repository a pipeline follows and how it gets at it.
    pub struct SourceProperties {
        /// Address of the repository, such as `https://github.com/OWNER/REPOSITORY`.
        repository: Text,
        /// The branch to follow. Default: `main`.
        branch: Text,
        /// Name of an existing connection. Without one, a connection is created that somebody has to confirm in the console.
        connection_name: Text,
        /// ARN of an existing connection.
        connection_arn: Text,
        /// Name of the secret with a personal access token, for `GitHubV1`.
        access_token_secret: Text,
        /// What the pipeline hands to its builds: the files (`CODE_ZIP`, the default) or a full clone (`CODEBUILD_CLONE_REF`).
        output_artifact_format: OutputFormat,
    }
}

record! {
    /// How templates and images are built.
    pub struct BuildManifest {
        /// The image in which the build runs. Default: `aws/codebuild/amazonlinux2-x86_64-standard:5.0`. With `aarch64` in its
        /// name the build runs on ARM.
        image: String,
        /// Path of the buildspec from the root of the repository. Default: `buildspec.yml` beside the manifest.
        buildspec: String,
        /// What the build may do beyond what Copilot needs.
        additional_policy: AdditionalPolicyManifest,
    }
}

record! {
    /// What the build may do beyond what Copilot needs.
    pub struct AdditionalPolicyManifest {
        /// An IAM policy document. CloudFormation's tags such as `!Sub` work in it.
        policy_document as "PolicyDocument": PolicyDocument,
    }
}

record! {
    /// An environment to deploy to.
    pub struct StageManifest {
        /// Name of the environment.
        name: String,
        /// Whether somebody has to approve before anything of the stage runs.
        requires_approval: bool,
        /// Commands that run after the deployments. Not together with `post_deployments`.
        test_commands: Vec<Spanned<String>>,
        /// What is deployed, by name. Default: all services and jobs of the workspace.
        deployments: Map<DeploymentManifest>,
        /// Actions that run before the deployments, by name.
        pre_deployments: Map<ActionManifest>,
        /// Actions that run after the deployments, by name.
        post_deployments: Map<ActionManifest>,
    }
}

record! {
    /// A stack that a stage deploys.
    pub struct DeploymentManifest {
        /// Name of the stack. Default: `APPLICATION-ENVIRONMENT-NAME`.
        stack_name: String,
        /// Path of the template in the build's output. Default: `infrastructure/NAME-ENVIRONMENT.stack.yml`.
        template_path: String,
        /// Path of parameters and tags in the build's output. Default: `infrastructure/NAME-ENVIRONMENT.params.json`.
        template_config: String,
        /// Deployments of the same stage that have to be done first.
        depends_on: Vec<Spanned<String>>,
    }
}

record! {
    /// A build that runs before or after the deployments of a stage.
    pub struct ActionManifest {
        /// Path of the buildspec from the root of the repository.
        buildspec: String,
        /// Actions of the same kind that have to be done first.
        depends_on: Vec<Spanned<String>>,
    }
}
