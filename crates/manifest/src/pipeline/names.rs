//! The names of a pipeline's stages, actions, artifacts and resources. Deployed pipelines have them, so they never change.

use std::fmt;

/// Name of the stage that deploys to an environment.
pub fn stage(environment: &str) -> String {
    format!("DeployTo-{environment}")
}

/// Name of the action that gets the source.
pub fn source_action(application: &str) -> String {
    format!("SourceCodeFor-{application}")
}

/// Name of the build stage and of its action.
pub const BUILD: &str = "Build";
/// Name of the source stage.
pub const SOURCE: &str = "Source";
/// Name of the action that runs a stage's test commands.
pub const TEST_ACTION: &str = "TestCommands";
/// The artifact that the source action puts out.
pub const SOURCE_ARTIFACT: &str = "SCCheckoutArtifact";
/// The artifact that the build puts out.
pub const BUILD_ARTIFACT: &str = "BuildOutput";

/// Name of the action that waits for an approval.
pub fn approval_action(environment: &str) -> String {
    format!("ApprovePromotionTo-{environment}")
}

/// Name of the action that deploys a stack.
pub fn deploy_action(deployment: &str, environment: &str) -> String {
    format!("CreateOrUpdate-{deployment}-{environment}")
}

/// Logical ID of the project that runs a stage's test commands.
pub fn test_project(environment: &str) -> String {
    format!("BuildTestCommands{}", environment.replace('-', "DASH"))
}

/// Whether an action runs before or after the deployments of its stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// Before them.
    Pre,
    /// After them.
    Post,
}

impl Moment {
    /// The key of the manifest.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Pre => "pre_deployments",
            Self::Post => "post_deployments",
        }
    }

    /// Logical ID of the project that runs an action.
    pub fn project(self, environment: &str, action: &str) -> String {
        format!("{self}{}DeploymentAction{}", alphanumeric(environment), alphanumeric(action))
    }

    /// Logical ID of the role of that project.
    pub fn role(self, environment: &str, action: &str) -> String {
        format!("{}BuildProjectRole", self.project(environment, action))
    }

    /// The artifact that the action puts out.
    pub fn artifact(self, environment: &str, action: &str) -> String {
        format!("{}Output", self.project(environment, action))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pre => "Pre",
            Self::Post => "Post",
        })
    }
}

fn alphanumeric(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Name of the connection that is created for a repository: at most 32 characters, as the service asks.
pub fn connection(owner: &str, repository: &str) -> String {
    format!("copilot-{}-{}", first(owner, 5), first(repository, 18))
}

/// The first `bytes` bytes, fewer where that would cut a character.
fn first(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::{Moment, connection, test_project};

    #[test]
    fn names_are_those_of_deployed_pipelines() {
        assert_eq!(connection("aws", "phonetool"), "copilot-aws-phonetool");
        assert_eq!(
            connection("organization", "a-very-long-repository-name"),
            "copilot-organ-a-very-long-reposi"
        );
        assert_eq!(connection("ééé", ""), "copilot-éé-");
        assert_eq!(test_project("staging-test"), "BuildTestCommandsstagingDASHtest");
        assert_eq!(Moment::Pre.role("te-st", "db_1"), "PretestDeploymentActiondb1BuildProjectRole");
        assert_eq!(Moment::Post.artifact("test", "a"), "PosttestDeploymentActionaOutput");
    }
}
