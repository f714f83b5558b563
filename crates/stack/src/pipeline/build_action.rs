//! The builds that run before or after the deployments of a stage: a role and a project for each.

use copilot_cfn::Template;
use copilot_manifest::pipeline::{Build, BuildAction};

use super::project::{Run, project, run};
use super::roles::{assume_env_managers, build_role, inline};
use super::{Parts, Target, build_policy, project_id};
use crate::Error;

pub(super) fn add_all(
    template: &mut Template,
    actions: &[BuildAction],
    target: &Target<'_>,
    parts: &Parts<'_>,
) -> Result<(), Error> {
    actions.iter().try_for_each(|action| add(template, action, target, parts))
}

fn add(
    template: &mut Template,
    action: &BuildAction,
    target: &Target<'_>,
    parts: &Parts<'_>,
) -> Result<(), Error> {
    let environment = &target.stage.environment;
    let role = action.moment.role(environment, &action.name);
    let policies = vec![
        assume_env_managers([target.named_manager_role.as_str()].into_iter()),
        inline("build-role-policy", build_policy::statements(parts)),
    ];
    template.insert_resource(role.clone(), build_role(parts, policies))?;
    let resource = project(role, "CODEPIPELINE", parts).properties(run(Run {
        kind: "LINUX_CONTAINER",
        image: Build::DEFAULT_IMAGE,
        buildspec: &action.buildspec,
        variables: vec![
            ("COPILOT_APPLICATION_NAME", &parts.application.name),
            ("COPILOT_ENVIRONMENT_NAME", environment),
        ],
    }));
    Ok(template.insert_resource(project_id(action, environment), resource)?)
}
