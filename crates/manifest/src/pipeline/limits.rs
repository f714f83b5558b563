//! What CloudFormation and `CodePipeline` take: names, names that must differ, quotas.
//!
//! Sources: the user guides' "Quotas in AWS `CodePipeline`" and "Stack name requirements".

use std::collections::HashMap;

use copilot_yaml::{Code, Span};

use super::manifest::StageManifest;
use super::model::{ActionKind, Stage};
use super::names::{self, Moment};
use super::{Surroundings, codes};
use crate::decode::{Context, Map, Spanned};
use crate::stack_name;

/// Most actions of a stage.
pub const ACTIONS: usize = 50;
/// Most stages of a pipeline; source and build are two of them.
pub const STAGES: usize = 50;
const STACK_NAME: usize = 128;
const PIPELINE_NAME: usize = 100;
const ACTION_NAME: usize = 100;
const ARTIFACT_NAME: usize = 100;
/// Longest name of an environment: with it, the name of the action that waits for an approval has 100 characters.
const ENVIRONMENT_NAME: usize = ACTION_NAME - "ApprovePromotionTo-".len();
const ACTION_HELP: &str = "take letters, digits and `.@-_`, 100 at most";

pub(super) fn pipeline_name(name: &Spanned<String>, around: &Surroundings, cx: &mut Context<'_>) {
    let stack = stack_name::pipeline(&around.application, name, false);
    let most = PIPELINE_NAME.min((STACK_NAME + name.len()).saturating_sub(stack.len()));
    let problem = if let Some(bad) = name.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
        format!("`{}` can't be part of a stack's name: it has the character {bad:?}", name.value)
    } else if name.len() > PIPELINE_NAME {
        format!("a pipeline's name has at most {PIPELINE_NAME} characters, this one has {}", name.len())
    } else if stack.len() > STACK_NAME {
        format!("the stack's name `{stack}` would have {} characters; {STACK_NAME} are the most", stack.len())
    } else {
        return;
    };
    let help = format!("take letters, digits and `-`, {most} at most");
    report(&codes::NAME, problem, name.span, "part of a stack's name", &help, cx);
}

pub(super) fn number_of_stages(stages: &Spanned<Vec<Spanned<StageManifest>>>, cx: &mut Context<'_>) {
    if stages.len() + 2 > STAGES {
        let message = format!(
            "a pipeline has at most {STAGES} stages; with source and build, this one has {}",
            stages.len() + 2
        );
        let at = stages.get(STAGES - 2).map_or(stages.span, |stage| stage.span);
        report(&codes::QUOTA, message, at, "the first stage too many", "split the pipeline in two", cx);
    }
}

/// Checks the names of a stage, of its actions and of its stacks, and the number of its actions.
pub(super) fn stage(
    resolved: &Stage,
    stage: &Spanned<StageManifest>,
    environment: &Spanned<String>,
    around: &Surroundings,
    cx: &mut Context<'_>,
) {
    let bad = environment.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-');
    if bad.is_some() || environment.len() > ENVIRONMENT_NAME {
        let why = match bad {
            Some(bad) => format!("it has the character {bad:?}"),
            None => format!("it has {} characters", environment.len()),
        };
        let message = format!("`{}` can't be the name of an environment: {why}", environment.value);
        let help = format!("take letters, digits and `-`, {ENVIRONMENT_NAME} at most");
        cx.within("name", |cx| {
            report(&codes::NAME, message, environment.span, "not an environment", &help, cx);
        });
        return;
    }
    let actions = named_actions(resolved, stage, environment);
    if actions.len() > ACTIONS {
        let message =
            format!("a stage has at most {ACTIONS} actions, `{}` has {}", environment.value, actions.len());
        report(&codes::QUOTA, message, stage.span, "too many actions", "deploy less in one stage", cx);
        return;
    }
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for action in &actions {
        action_name(action, cx);
        if let Some(first) = seen.insert(&action.name, action.span) {
            let message =
                format!("two actions of the stage `{}` are named `{}`", environment.value, action.name);
            let diagnostic = cx
                .error(&codes::DUPLICATE_ACTION, message, action.span, "again here")
                .at(cx.source(), first, "first here")
                .help("rename one of them");
            cx.within(action.key, |cx| cx.report(diagnostic));
        }
    }
    stack_names(stage, environment, around, cx);
}

/// An action with its name in `CodePipeline` and the place of the key that it comes from.
struct Named {
    name: String,
    span: Span,
    key: &'static str,
}

/// The actions of a stage, each with the key that asks for it; what the manifest does not name comes from the stage's name.
fn named_actions(stage: &Stage, manifest: &StageManifest, environment: &Spanned<String>) -> Vec<Named> {
    let place = |kind: ActionKind<'_>| match kind {
        ActionKind::Approval => {
            ("requires_approval", manifest.requires_approval.as_ref().map(|approval| approval.span))
        }
        ActionKind::Action(action) => {
            let map = match action.moment {
                Moment::Pre => &manifest.pre_deployments,
                Moment::Post => &manifest.post_deployments,
            };
            (action.moment.key(), key_span(map.as_ref(), &action.name))
        }
        ActionKind::Deploy(deployment) => {
            ("deployments", key_span(manifest.deployments.as_ref(), &deployment.name))
        }
        ActionKind::Test(_) => {
            ("test_commands", manifest.test_commands.as_ref().map(|commands| commands.span))
        }
        // These two are stages of their own.
        ActionKind::Source(_) | ActionKind::Build { .. } => ("name", None),
    };
    let actions = stage.actions().into_iter().map(|action| {
        let (key, span) = place(action.kind);
        Named { name: action.name, span: span.unwrap_or(environment.span), key }
    });
    actions.collect()
}

fn key_span<T>(map: Option<&Spanned<Map<T>>>, name: &str) -> Option<Span> {
    map?.value.0.get(name).map(|member| member.key)
}

fn action_name(action: &Named, cx: &mut Context<'_>) {
    let name = &action.name;
    let bad = name.chars().find(|c| !c.is_ascii_alphanumeric() && !".@-_".contains(*c));
    let problem = match bad {
        Some(bad) => format!("no action can be named `{name}`: it has the character {bad:?}"),
        None if name.is_empty() => "an action has an empty name".to_owned(),
        None if name.len() > ACTION_NAME => {
            format!("the action's name `{name}` has {} characters; {ACTION_NAME} are the most", name.len())
        }
        None => return,
    };
    cx.within(action.key, |cx| {
        report(&codes::ACTION_NAME, problem, action.span, "not a name of an action", ACTION_HELP, cx);
    });
}

/// A name with `#{` in it is completed by `CodePipeline` when the action runs.
fn stack_names(
    stage: &StageManifest,
    environment: &Spanned<String>,
    around: &Surroundings,
    cx: &mut Context<'_>,
) {
    for (name, member) in stage.deployments.iter().flat_map(|map| &map.value.0) {
        let given = member.value.as_ref().and_then(|deployment| deployment.stack_name.as_ref());
        let given = given.filter(|stack| !stack.is_empty());
        let (stack, span) = match given {
            Some(stack) => (stack.value.clone(), stack.span),
            None => (stack_name::workload(&around.application, environment, name), member.key),
        };
        let fits = stack.len() <= STACK_NAME
            && stack.starts_with(|c: char| c.is_ascii_alphabetic())
            && stack.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        // Without an application nothing is known of the default name but its end.
        if fits || stack.contains("#{") || (given.is_none() && around.application.is_empty()) {
            continue;
        }
        let message = format!("no stack can be named `{stack}`");
        cx.within("deployments", |cx| {
            cx.within(name.as_str(), |cx| {
                let help = "a stack's name has letters, digits and `-`, starts with a letter, and has 128 characters at most";
                report(&codes::NAME, message, span, "not a stack's name", help, cx);
            });
        });
    }
}

/// The logical IDs that stages and actions lead to, with the places that they come from.
#[derive(Default)]
pub(super) struct LogicalIds {
    seen: HashMap<String, Span>,
}

impl LogicalIds {
    pub(super) fn check_stage(&mut self, stage: &StageManifest, environment: &str, cx: &mut Context<'_>) {
        if let Some(commands) = stage.test_commands.as_ref().filter(|commands| !commands.is_empty()) {
            let id = names::test_project(environment);
            cx.within("test_commands", |cx| {
                self.check(id, commands.span, cx);
            });
        }
        for (moment, map) in [(Moment::Pre, &stage.pre_deployments), (Moment::Post, &stage.post_deployments)]
        {
            for (name, member) in map.iter().flat_map(|map| &map.value.0) {
                cx.within(moment.key(), |cx| {
                    if self.check(moment.project(environment, name), member.key, cx) {
                        self.check(moment.role(environment, name), member.key, cx);
                    }
                    artifact(&moment.artifact(environment, name), member.key, cx);
                });
            }
        }
    }

    /// Reports an ID that is taken; whether it was free.
    fn check(&mut self, id: String, span: Span, cx: &mut Context<'_>) -> bool {
        let Some(first) = self.seen.get(&id).copied() else {
            self.seen.insert(id, span);
            return true;
        };
        let message = format!("two names become the logical ID `{id}`");
        let diagnostic = cx
            .error(&codes::LOGICAL_ID, message, span, "this name and")
            .at(cx.source(), first, "this one have the same letters and digits")
            .help("rename one of them");
        cx.report(diagnostic);
        false
    }
}

fn artifact(name: &str, span: Span, cx: &mut Context<'_>) {
    if name.len() > ARTIFACT_NAME {
        let message = format!(
            "the action's artifact `{name}` has {} characters; {ARTIFACT_NAME} are the most",
            name.len()
        );
        report(&codes::ACTION_NAME, message, span, "too long a name", "take a shorter one", cx);
    }
}

fn report(code: &'static Code, message: String, span: Span, label: &str, help: &str, cx: &mut Context<'_>) {
    let diagnostic = cx.error(code, message, span, label).help(help);
    cx.report(diagnostic);
}
