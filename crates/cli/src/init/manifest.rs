//! The manifest of a new pipeline.

use std::fmt::Write as _;

use copilot_stack::stack_name;
use copilot_workspace::Provider;

use super::quote::quote;
use super::{PipelineType, Request};

/// Text of `manifest.yml`.
pub(crate) fn manifest(request: &Request) -> String {
    let mut text = format!(
        "# A pipeline that follows a branch, builds what is in this workspace and deploys it, stage after stage.\n\
         # `copilot-pipeline validate` checks this file, `copilot-pipeline show --local` shows what it does.\n\
         \n\
         # The stack is named after it: renaming a deployed pipeline makes a second one.\n\
         name: {}\n\
         \n\
         # Version of this file's format.\n\
         version: 1\n\
         \n\
         # Where the code comes from.\n\
         source:\n  \
           provider: {}\n  \
           properties:\n    \
             branch: {}\n    \
             repository: {}\n",
        quote(&request.name),
        quote(&request.repository.provider().to_string()),
        quote(&request.branch),
        quote(&request.repository.to_string()),
    );
    if request.repository.provider() != Provider::CodeCommit {
        text.push_str(
            "    # A connection that exists already. Without it one is made, and somebody has to complete it in the console.\n    \
             # connection_name: a-connection\n",
        );
    }
    text.push_str(
        "\n# How the code is built. These are the defaults.\n\
         # build:\n\
         #   image: aws/codebuild/amazonlinux2-x86_64-standard:5.0\n\
         #   # Statements that the build needs beyond those for the deployment.\n\
         #   additional_policy:\n\
         #     PolicyDocument:\n\
         #       Version: \"2012-10-17\"\n\
         #       Statement: []\n\
         \n\
         # The environments to deploy to, one after the other.\n\
         stages:\n",
    );
    for (index, environment) in request.environments.iter().enumerate() {
        stage(&mut text, request, environment, index == 0);
    }
    text
}

fn stage(text: &mut String, request: &Request, environment: &str, explain: bool) {
    let _ = writeln!(text, "  - name: {}", quote(environment));
    if request.kind == PipelineType::Environments {
        let _ = write!(
            text,
            "    deployments:\n      deploy-env:\n        template_path: {}\n        template_config: {}\n        stack_name: {}\n",
            quote(&format!("infrastructure/{environment}.env.yml")),
            quote(&format!("infrastructure/{environment}.env.params.json")),
            quote(&stack_name::environment(&request.application, environment)),
        );
    } else if explain {
        text.push_str(
            "    # Every service and job of the workspace is deployed at once, unless this says which and in which order.\n    \
             # deployments:\n    \
             #   backend:\n    \
             #   frontend:\n    \
             #     depends_on: [backend]\n",
        );
    }
    if explain {
        text.push_str("    # Somebody has to approve before anything is deployed to this stage.\n");
    }
    let comment = if request.approvals.iter().any(|name| name == environment) { "" } else { "# " };
    let _ = writeln!(text, "    {comment}requires_approval: true");
    if explain {
        text.push_str("    # Run after the deployment; if one of them fails, the pipeline stops here.\n");
    }
    text.push_str("    # test_commands: [\"make test\"]\n");
}
