//! Services on ECS.

use copilot_yaml::Span;

use super::containers::Containers;
use super::{choose, fail, http, image, messaging, missing, network, nlb, sidecar, task, warn};
use crate::decode::{Blank, Context, Path, Spanned};
use crate::workload::{
    BackendService, Count, EcsWorkload, Http, HttpOrBool, LoadBalancedWebService, Nlb, NlbListener,
    RoutingRule, WorkerService, WorkloadType, codes,
};

/// What all types on ECS have in common.
pub(super) fn common(kind: WorkloadType, ecs: &EcsWorkload<'_>, image_span: Span, cx: &mut Context<'_>) {
    image::check(ecs.image, image_span, cx);
    task::check(kind, ecs.task, cx);
    task::command_lines(ecs.command, cx);
    task::logging(ecs.logging, cx);
    sidecar::check(ecs.sidecars, cx);
    network::check(ecs.network, cx);
    messaging::publish(ecs.publish, cx);
    task::taskdef_overrides(ecs.taskdef_overrides, cx);
}

pub(super) fn load_balanced(name: &str, config: &LoadBalancedWebService, whole: Span, cx: &mut Context<'_>) {
    let image_span = config.image.as_ref().map_or(whole, |image| image.span);
    let ecs = EcsWorkload::from(config);
    common(WorkloadType::LoadBalancedWebService, &ecs, image_span, cx);
    port(config.image.as_ref().and_then(|image| image.port.as_ref()), image_span, cx);
    rules_or_listeners(config, whole, cx);
    grace_periods(config, cx);
    let http = config.http.as_deref().and_then(HttpOrBool::http);
    if let (Some(http), Some(span)) = (http, config.http.as_ref().map(|http| http.span)) {
        cx.within("http", |cx| http::check(http, span, cx));
    }
    if let Some(nlb) = &config.nlb {
        nlb::check(nlb, cx);
    }
    if config.task.is_windows() {
        network::no_connect_on_windows(config.network.as_deref(), cx);
    }
    rolling(config.deployment.as_ref().and_then(|deployment| deployment.rolling.as_ref()), cx);
    task::tracing(config.observability.as_ref().and_then(|observability| observability.tracing.as_ref()), cx);
    let port = config.image.as_ref().and_then(|image| image.port.as_ref());
    containers(name, &ecs, port, http, config.nlb.as_deref(), cx);
}

/// Something that requests come in through.
fn rules_or_listeners(config: &LoadBalancedWebService, whole: Span, cx: &mut Context<'_>) {
    let help = "add a rule, such as `path: '/'`, or a listener under `nlb`";
    match &config.http {
        None => missing(cx, whole, "http", "a load balanced web service"),
        Some(http) if http.disabled() => {
            if config.nlb.as_deref().is_none_or(Nlb::is_empty) {
                let message =
                    "the service has no load balancer: at least one of `http` and `nlb` has to be set";
                cx.within("http", |cx| fail(cx, &codes::NO_LOAD_BALANCER, http.span, message, help));
            }
            needs_rules(&config.task, "`http` is false", cx);
        }
        Some(http) if matches!(http.value, HttpOrBool::Enabled(true)) => {
            let message = "`http: true` sets up no load balancer, and the stack can't be deployed";
            cx.within("http", |cx| warn(cx, &codes::NO_EFFECT, http.span, message, help));
        }
        Some(_) => {}
    }
}

/// Requests and response times are those of an application load balancer.
fn needs_rules(task: &crate::workload::Task, why: &str, cx: &mut Context<'_>) {
    for (key, span) in load_balancer_targets(task) {
        let message = format!("`count.{key}` needs rules under `http`, but {why}");
        let help = "add rules under `http`, or scale on `cpu_percentage` or `memory_percentage`";
        cx.within("count", |cx| cx.within(key, |cx| fail(cx, &codes::SCALING_KEY, span, message, help)));
    }
}

/// The targets of scaling that a load balancer measures, with their places.
fn load_balancer_targets(task: &crate::workload::Task) -> impl Iterator<Item = (&'static str, Span)> {
    let count = task.count.as_deref().and_then(Count::advanced);
    let requests = count.and_then(|count| count.requests.as_ref()).filter(|value| !value.is_blank());
    let time = count.and_then(|count| count.response_time.as_ref()).filter(|value| !value.is_blank());
    let found =
        [("requests", requests.map(|value| value.span)), ("response_time", time.map(|value| value.span))];
    found.into_iter().filter_map(|(key, span)| Some((key, span?)))
}

/// One grace period, and at the right place.
fn grace_periods(config: &LoadBalancedWebService, cx: &mut Context<'_>) {
    fn of_rule(rule: &RoutingRule) -> Option<Span> {
        rule.healthcheck.as_ref()?.advanced()?.grace_period.as_ref().map(|grace| grace.span)
    }
    fn of_listener(listener: &NlbListener) -> Option<Span> {
        listener.healthcheck.as_ref()?.grace_period.as_ref().map(|grace| grace.span)
    }
    let http = config.http.as_deref().and_then(HttpOrBool::http);
    let nlb = config.nlb.as_deref();
    let help = "remove it: the grace period is that of the service, and stands in the main rule or listener";
    let rules = http.map_or(&[][..], Http::additional).iter().enumerate();
    let rules = rules.map(|(index, rule)| (["http", "additional_rules"], index, of_rule(rule)));
    let listeners = nlb.map_or(&[][..], Nlb::additional).iter().enumerate();
    let listeners =
        listeners.map(|(index, listener)| (["nlb", "additional_listeners"], index, of_listener(listener)));
    for (list, index, span) in rules.chain(listeners) {
        let Some(span) = span else { continue };
        cx.at(Path::from(list).then(index), |cx| {
            let message = format!("`grace_period` is set in `{}`", cx.path());
            let key = ["healthcheck", "grace_period"];
            cx.at(key, |cx| fail(cx, &codes::GRACE_PERIOD, span, message, help));
        });
    }
    let both = http.and_then(|http| of_rule(&http.main)).zip(nlb.and_then(|nlb| of_listener(&nlb.main)));
    if let Some((http, nlb)) = both {
        let message = "`http.healthcheck.grace_period` and `nlb.healthcheck.grace_period` exclude each other";
        let problem = cx.error(&codes::GRACE_PERIOD, message, nlb, "").at(cx.source(), http, "");
        let problem = problem.help("keep one: the grace period is that of the service");
        cx.at(["nlb", "healthcheck", "grace_period"], |cx| cx.report(problem));
    }
}

fn port(port: Option<&Spanned<u16>>, image: Span, cx: &mut Context<'_>) {
    if port.is_none() {
        cx.within("image", |cx| missing(cx, image, "port", "a web service"));
    }
}

pub(super) fn containers(
    name: &str,
    ecs: &EcsWorkload<'_>,
    port: Option<&Spanned<u16>>,
    http: Option<&Http>,
    nlb: Option<&Nlb>,
    cx: &mut Context<'_>,
) {
    let (image, sidecars, logging) = (ecs.image, ecs.sidecars, ecs.logging);
    Containers { main: name, image, port, sidecars, logging, http, nlb }.check(cx);
}

pub(super) fn backend(name: &str, config: &BackendService, whole: Span, cx: &mut Context<'_>) {
    let image_span = config.image.as_ref().map_or(whole, |image| image.span);
    let ecs = EcsWorkload::from(config);
    common(WorkloadType::BackendService, &ecs, image_span, cx);
    let http = config.http.as_deref();
    match &config.http {
        Some(value) => {
            cx.within("http", |cx| {
                http::check(value, value.span, cx);
                backend_rules(value, cx);
            });
            if value.is_empty() {
                needs_rules(&config.task, "there are none", cx);
            } else if value.alb.is_some() {
                warn_of_scaling(&config.task, cx);
            }
        }
        None => needs_rules(&config.task, "there are none", cx),
    }
    let port = config.image.as_ref().and_then(|image| image.port.as_ref());
    let target = http.is_some_and(|http| http.main.target_container.is_some());
    network::connect_alias(config.network.as_deref(), port.is_some() || target, cx);
    if config.task.is_windows() {
        network::no_connect_on_windows(config.network.as_deref(), cx);
    }
    rolling(config.deployment.as_ref().and_then(|deployment| deployment.rolling.as_ref()), cx);
    task::tracing(config.observability.as_ref().and_then(|observability| observability.tracing.as_ref()), cx);
    containers(name, &ecs, port, http, None, cx);
}

/// Copilot scales a backend service behind a load balancer of its own by the metrics of the environment's.
fn warn_of_scaling(task: &crate::workload::Task, cx: &mut Context<'_>) {
    for (key, span) in load_balancer_targets(task) {
        let message =
            format!("`count.{key}` looks at the environment's load balancer, not at that of `http.alb`");
        let help = "scale on `cpu_percentage` or `memory_percentage`, or correct the metric with a patch";
        cx.within("count", |cx| {
            cx.within(key, |cx| warn(cx, &codes::UNDEPLOYABLE, span, message, help));
        });
    }
}

/// Keys that only the rules of a load balanced web service know.
fn backend_rules(http: &Http, cx: &mut Context<'_>) {
    let mut ignored = |path: Path, span: Option<Span>, help: &str| {
        if let Some(span) = span {
            let message = format!("`{path}` has no effect in a backend service");
            cx.at(path, |cx| warn(cx, &codes::NO_EFFECT, span, message, help));
        }
    };
    let camel = http.target_container_camel_case.as_ref().map(|value| value.span);
    ignored("targetContainer".into(), camel, "write `target_container`");
    let redirect = http.main.redirect_to_https.as_ref().map(|value| value.span);
    let help = "remove it: requests are redirected wherever there is a certificate";
    ignored("redirect_to_https".into(), redirect, help);
    for (index, rule) in http.additional().iter().enumerate() {
        let redirect = rule.redirect_to_https.as_ref().map(|value| value.span);
        ignored(Path::from("additional_rules").then(index).then("redirect_to_https"), redirect, help);
    }
}

pub(super) fn worker(name: &str, config: &WorkerService, whole: Span, cx: &mut Context<'_>) {
    let image_span = config.image.as_ref().map_or(whole, |image| image.span);
    let ecs = EcsWorkload::from(config);
    common(WorkloadType::WorkerService, &ecs, image_span, cx);
    network::connect_alias(config.network.as_deref(), false, cx);
    messaging::subscribe(config.subscribe.as_ref(), cx);
    rolling(config.deployment.as_ref().and_then(|deployment| deployment.rolling.as_ref()), cx);
    task::tracing(config.observability.as_ref().and_then(|observability| observability.tracing.as_ref()), cx);
    containers(name, &ecs, None, None, None, cx);
}

fn rolling(rolling: Option<&Spanned<String>>, cx: &mut Context<'_>) {
    let known = ["default", "recreate"];
    let Some(value) = rolling.filter(|value| !known.iter().any(|known| value.eq_ignore_ascii_case(known)))
    else {
        return;
    };
    let message =
        format!("`{}` is not a way to replace tasks; `rolling` must be default or recreate", value.value);
    let help = choose(value, &known);
    cx.within("deployment", |cx| {
        cx.within("rolling", |cx| fail(cx, &codes::ROLLING, value.span, message, help));
    });
}
