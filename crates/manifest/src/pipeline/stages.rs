//! The stages of a pipeline: their actions with names, run orders and defaults.

use std::collections::{HashMap, HashSet};

use copilot_yaml::Span;

use super::manifest::{ActionManifest, DeploymentManifest, StageManifest};
use super::model::{BuildAction, Deployment, Stage};
use super::names::{self, Moment};
use super::order::{self, Item};
use super::{Surroundings, codes, limits};
use crate::decode::{Context, Map, Spanned};
use crate::stack_name;

/// Resolves all stages but those without a name.
pub(super) fn resolve(
    stages: &Spanned<Vec<Spanned<StageManifest>>>,
    around: &Surroundings,
    cx: &mut Context<'_>,
) -> Vec<Stage> {
    if stages.is_empty() {
        let diagnostic =
            cx.error(&codes::NO_STAGES, "the pipeline has no stages", stages.span, "no stage here");
        cx.report(diagnostic.help("add an environment: `- name: test`"));
    }
    limits::number_of_stages(stages, cx);
    let mut names: HashMap<&str, Span> = HashMap::new();
    let mut ids = limits::LogicalIds::default();
    let mut resolved = Vec::with_capacity(stages.len());
    // More than a pipeline can have are refused as a whole.
    for (index, stage) in stages.iter().enumerate().take(limits::STAGES) {
        cx.within(index, |cx| {
            let Some(name) = stage.name.as_ref().filter(|name| !name.is_empty()) else {
                return report_nameless(stage, cx);
            };
            report_unknown(name, around, cx);
            resolved.push(one(stage, name, around, cx));
            match names.insert(name, name.span) {
                Some(first) => report_duplicate(name, first, cx),
                None => ids.check_stage(stage, name, cx),
            }
        });
    }
    resolved
}

fn one(
    stage: &Spanned<StageManifest>,
    environment: &Spanned<String>,
    around: &Surroundings,
    cx: &mut Context<'_>,
) -> Stage {
    let requires_approval = stage.requires_approval.as_ref().is_some_and(|approval| approval.value);
    let test_commands = test_commands(stage, cx);
    let first = 1 + u32::from(requires_approval);
    let pre = actions(stage.pre_deployments.as_ref(), Moment::Pre, first, cx);
    let first = 1 + latest(first - 1, pre.iter().map(|action| action.run_order));
    let deployments = deployments(stage, environment, around, first, cx);
    let first = 1 + latest(first - 1, deployments.iter().map(|deployment| deployment.run_order));
    let post = actions(stage.post_deployments.as_ref(), Moment::Post, first, cx);
    let resolved = Stage {
        environment: environment.value.clone(),
        requires_approval,
        pre_deployments: pre,
        deployments,
        post_deployments: post,
        test_commands,
        test_run_order: first,
    };
    limits::stage(&resolved, stage, environment, around, cx);
    resolved
}

fn latest(before: u32, run_orders: impl Iterator<Item = u32>) -> u32 {
    run_orders.fold(before, u32::max)
}

fn test_commands(stage: &StageManifest, cx: &mut Context<'_>) -> Vec<String> {
    let Some(commands) = &stage.test_commands else { return Vec::new() };
    if let Some(post) = stage.post_deployments.as_ref().filter(|_| !commands.is_empty()) {
        let message = "`test_commands` and `post_deployments` can't both follow the deployments";
        let diagnostic = cx
            .error(&codes::TESTS_AND_ACTIONS, message, commands.span, "the commands")
            .at(cx.source(), post.span, "the actions")
            .help("run the commands in the buildspec of a post-deployment action");
        cx.within("test_commands", |cx| cx.report(diagnostic));
    }
    for (index, command) in commands.iter().enumerate() {
        if command.trim().is_empty() {
            let diagnostic = cx
                .error(&codes::EMPTY_COMMAND, "a test command is empty", command.span, "nothing to run")
                .help("delete it");
            cx.within("test_commands", |cx| cx.within(index, |cx| cx.report(diagnostic)));
        }
    }
    commands.iter().map(|command| command.value.clone()).collect()
}

fn actions(
    actions: Option<&Spanned<Map<ActionManifest>>>,
    moment: Moment,
    first: u32,
    cx: &mut Context<'_>,
) -> Vec<BuildAction> {
    let Some(actions) = actions else { return Vec::new() };
    let none = ActionManifest::default();
    cx.within(moment.key(), |cx| {
        for (name, member) in &actions.value.0 {
            let buildspec = member.value.as_ref().and_then(|action| action.buildspec.as_ref());
            if buildspec.is_none_or(|path| path.is_empty()) {
                let message = format!("the action `{name}` has no buildspec");
                let diagnostic = cx
                    .error(&codes::EMPTY_ACTION, message, member.key, "nothing to run")
                    .help(format!("add `buildspec: PATH`, or delete `{name}`"));
                cx.within(name.as_str(), |cx| cx.report(diagnostic));
            }
        }
        let members: Vec<(&str, &ActionManifest)> = (actions.value.0.iter())
            .map(|(name, member)| (name.as_str(), member.value.as_ref().map_or(&none, |value| &value.value)))
            .collect();
        let what = if moment == Moment::Pre { "pre-deployments" } else { "post-deployments" };
        let ranks = ranks(&members, |action| action.depends_on.as_ref(), what, cx);
        let mut actions: Vec<BuildAction> = (members.iter().zip(ranks))
            .map(|((name, action), rank)| BuildAction {
                name: (*name).to_owned(),
                moment,
                buildspec: text(action.buildspec.as_ref()).unwrap_or_default(),
                depends_on: dependencies(action.depends_on.as_ref()),
                run_order: first + rank,
            })
            .collect();
        actions.sort_by(|one, other| one.name.cmp(&other.name));
        actions
    })
}

fn deployments(
    stage: &StageManifest,
    environment: &Spanned<String>,
    around: &Surroundings,
    first: u32,
    cx: &mut Context<'_>,
) -> Vec<Deployment> {
    let none = DeploymentManifest::default();
    let explicit = stage.deployments.as_ref().filter(|map| !map.is_empty());
    let mut members: Vec<(&str, &DeploymentManifest)> = Vec::new();
    if let Some(map) = explicit {
        members.extend(map.0.iter().map(|(name, member)| {
            (name.as_str(), member.value.as_ref().map_or(&none, |value| &value.value))
        }));
        cx.within("deployments", |cx| report_unknown_workloads(map, around, cx));
    } else {
        members.extend(around.workloads.iter().flatten().map(|name| (name.as_str(), &none)));
        if around.workloads.as_ref().is_some_and(Vec::is_empty) {
            let message = format!("the stage `{}` deploys nothing and is left out", environment.value);
            let (label, help) = match &around.unregistered[..] {
                [] => (
                    "the workspace has no services or jobs to deploy".to_owned(),
                    "add a service or a job to the workspace, or `deployments` to the stage".to_owned(),
                ),
                names => (
                    "the application knows none of the workspace's services and jobs".to_owned(),
                    format!(
                        "register {} with the application first, with `copilot svc init` or `copilot job init`",
                        listed(names)
                    ),
                ),
            };
            let diagnostic = cx.warning(&codes::EMPTY_STAGE, message, environment.span, &label).help(help);
            cx.report(diagnostic);
        }
    }
    let ranks = cx.within("deployments", |cx| {
        ranks(&members, |deployment| deployment.depends_on.as_ref(), "deployments", cx)
    });
    let mut deployments: Vec<Deployment> = (members.into_iter().zip(ranks))
        .map(|((name, deployment), rank)| {
            let file = |kind: &str| format!("infrastructure/{name}-{}.{kind}", environment.value);
            Deployment {
                name: name.to_owned(),
                stack_name: text(deployment.stack_name.as_ref())
                    .unwrap_or_else(|| stack_name::workload(&around.application, &environment.value, name)),
                template_path: text(deployment.template_path.as_ref()).unwrap_or_else(|| file("stack.yml")),
                template_config: text(deployment.template_config.as_ref())
                    .unwrap_or_else(|| file("params.json")),
                depends_on: dependencies(deployment.depends_on.as_ref()),
                run_order: first + rank,
            }
        })
        .collect();
    deployments.sort_by_cached_key(|deployment| names::deploy_action(&deployment.name, environment));
    deployments
}

/// Most names that a help lists.
const LISTED: usize = 20;

/// Names in backticks, the first few of many.
fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Run orders counted from 0. A stage with more actions than fit into one is reported elsewhere and not ordered.
fn ranks<T>(
    members: &[(&str, &T)],
    depends_on: impl Fn(&T) -> Option<&Spanned<Vec<Spanned<String>>>>,
    what: &str,
    cx: &mut Context<'_>,
) -> Vec<u32> {
    if members.len() > limits::ACTIONS {
        return vec![0; members.len()];
    }
    let items: Vec<Item<'_>> = (members.iter())
        .map(|(name, item)| Item {
            name,
            depends_on: depends_on(item).map_or(&[][..], |names| names.value.as_slice()),
        })
        .collect();
    order::ranks(&items, what, cx)
}

fn dependencies(names: Option<&Spanned<Vec<Spanned<String>>>>) -> Vec<String> {
    let mut seen = HashSet::new();
    let names = names.map(|names| names.value.as_slice()).unwrap_or_default().iter();
    names.map(|name| &name.value).filter(|name| seen.insert(*name)).cloned().collect()
}

/// A text that is not empty; Copilot takes an empty one as none.
fn text(text: Option<&Spanned<String>>) -> Option<String> {
    text.map(|spanned| spanned.value.clone()).filter(|text| !text.is_empty())
}

fn report_nameless(stage: &Spanned<StageManifest>, cx: &mut Context<'_>) {
    let at = stage.name.as_ref().map_or(stage.span, |name| name.span);
    let diagnostic = cx
        .error(&codes::MISSING, "a stage has no name", at, "`name` belongs here")
        .help("add the name of an environment: `name: test`");
    cx.report(diagnostic);
}

fn report_duplicate(name: &Spanned<String>, first: Span, cx: &mut Context<'_>) {
    let message = format!("two stages deploy to `{}`", name.value);
    let diagnostic = cx
        .error(&codes::DUPLICATE_STAGE, message, name.span, "again here")
        .at(cx.source(), first, "first here")
        .help("join the two stages, or name another environment");
    cx.within("name", |cx| cx.report(diagnostic));
}

fn report_unknown(name: &Spanned<String>, around: &Surroundings, cx: &mut Context<'_>) {
    let Some(known) = &around.environments else { return };
    if known.contains(&name.value) {
        return;
    }
    let message = format!("the application `{}` has no environment `{}`", around.application, name.value);
    let help = match cx.near(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => {
            "it has none at all, and a pipeline deploys to environments that exist".to_owned()
        }
        None => format!("its environments are: {}", listed(known)),
    };
    let diagnostic =
        cx.error(&codes::UNKNOWN_ENVIRONMENT, message, name.span, "no such environment").help(help);
    cx.within("name", |cx| cx.report(diagnostic));
}

fn report_unknown_workloads(map: &Map<DeploymentManifest>, around: &Surroundings, cx: &mut Context<'_>) {
    let Some(known) = &around.workloads else { return };
    for (name, member) in &map.0 {
        let own_template = member.value.as_ref().is_some_and(|deployment| deployment.template_path.is_some());
        if own_template || known.contains(name) {
            continue;
        }
        let message = format!("the workspace has no service or job `{name}`");
        let help = match cx.near(name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "give its `template_path`, where your own buildspec writes the template".to_owned(),
        };
        let diagnostic =
            cx.warning(&codes::UNKNOWN_WORKLOAD, message, member.key, "not in the workspace").help(help);
        cx.within(name.as_str(), |cx| cx.report(diagnostic));
    }
}
