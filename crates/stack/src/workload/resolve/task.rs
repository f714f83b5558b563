//! A workload that runs as tasks of ECS.

use copilot_manifest::decode::Spanned;
use copilot_manifest::workload::value::{Duration, Either};
use copilot_manifest::workload::{
    AlarmThresholds, Deployment as DeploymentManifest, EcsWorkload as Shared, Http as HttpManifest,
    HttpOrBool, NlbListener, Observability, RoutingRule, WorkerDeployment, Workload, WorkloadConfig,
    defaults,
};

use super::container::{dependencies, health_check, secrets, sidecars, text, texts, variables, words};
use super::{count, http, job::job, logging, network, nlb, ports, storage, subscribe};
use crate::workload::context::Context;
use crate::workload::model::{
    Container, CustomAlarms, Deployment, EcsKind, EcsWorkload, ExposedPorts, Http, Nlb, Platform,
    RollbackAlarms, Target,
};

/// Resolves a workload; `None` when it does not run as tasks of ECS.
pub(crate) fn ecs<'a>(workload: &'a Workload, cx: &Context<'a>) -> Option<EcsWorkload<'a>> {
    let shared = workload.config.ecs()?;
    let kind = match &workload.config {
        WorkloadConfig::LoadBalancedWebService(_) => EcsKind::LoadBalanced,
        WorkloadConfig::BackendService(_) => EcsKind::Backend,
        WorkloadConfig::WorkerService(_) => EcsKind::Worker,
        WorkloadConfig::ScheduledJob(_) => EcsKind::Job,
        WorkloadConfig::RequestDrivenWebService(_) | WorkloadConfig::StaticSite(_) => return None,
    };
    let traffic = traffic(&workload.config, shared, cx);
    let task = shared.task;
    let storage = task.storage.as_deref();
    let volumes = storage::volumes(storage, cx.name);
    let image = shared.image;
    let mut main = Container {
        name: cx.name,
        variables: variables(task.variables.as_ref()),
        secrets: secrets(task.secrets.as_ref()),
        labels: texts(image.and_then(|image| image.labels.as_ref())),
        depends_on: dependencies(image.and_then(|image| image.depends_on.as_ref())),
        health_check: health_check(shared.healthcheck),
        credentials: image.and_then(|image| text(image.credentials.as_ref())),
        mounts: storage::mounts(&volumes),
        ..Container::default()
    };
    words(&mut main, shared.command);
    Some(EcsWorkload {
        kind,
        image: main_image(&workload.config, cx),
        port: shared.port,
        env_file: cx.facts.env_files.get(cx.name).map(String::as_str),
        readonly_root: storage.and_then(|storage| storage.readonly_fs.as_ref()).map(|flag| flag.value),
        sidecars: sidecars(shared.sidecars, cx.facts),
        log_router: logging::log_router(shared.logging, cx.facts),
        log_retention: logging::retention(shared.logging),
        tracing: observability(&workload.config).is_some_and(traces),
        cpu: task.cpu.as_ref().map_or(defaults::TASK_CPU, |units| units.value),
        memory: task.memory.as_ref().map_or(defaults::TASK_MEMORY, |size| size.value),
        platform: task
            .platform
            .as_ref()
            .map_or_else(Platform::default, |p| Platform::new(&p.os(), &p.architecture())),
        count: count::count(task.count.as_deref()),
        exec: kind != EcsKind::Job && task.exec.as_ref().is_some_and(|exec| exec.enabled()),
        ephemeral_storage: storage.and_then(|storage| storage.ephemeral.as_ref()).map(|size| size.value),
        volumes,
        network: network::network(shared.network, cx.environment),
        publish: subscribe::topics(shared.publish),
        deployment: deployment(&workload.config),
        http: traffic.http,
        nlb: traffic.nlb,
        ports: traffic.ports,
        grace_period: traffic.grace_period,
        target: traffic.target,
        connect_target: traffic.connect_target,
        subscribe: match &workload.config {
            WorkloadConfig::WorkerService(config) => subscribe::subscriptions(config.subscribe.as_deref()),
            _ => None,
        },
        job: match &workload.config {
            WorkloadConfig::ScheduledJob(config) => Some(job(config)),
            _ => None,
        },
        main,
    })
}

/// The image of the main container: the one that the manifest names, else the one that was built and pushed.
pub(crate) fn main_image(config: &WorkloadConfig, cx: &Context<'_>) -> String {
    let location = config.image().and_then(|image| text(image.origin.location.as_ref()));
    match location {
        Some(location) => location.to_owned(),
        None => cx.facts.images.get(cx.name).map(crate::facts::Image::of_main_container).unwrap_or_default(),
    }
}

/// Ports and load balancers.
struct Traffic<'a> {
    ports: ExposedPorts<'a>,
    http: Option<Http<'a>>,
    nlb: Option<Nlb<'a>>,
    grace_period: Option<i64>,
    target: Target<'a>,
    connect_target: Option<Target<'a>>,
}

fn traffic<'a>(config: &'a WorkloadConfig, shared: Shared<'a>, cx: &Context<'a>) -> Traffic<'a> {
    let main = cx.name;
    let (kind, balanced, manifest, nlb) = match config {
        WorkloadConfig::LoadBalancedWebService(config) => {
            let http = config.http.as_deref();
            let balanced = http.is_some_and(|http| !http.disabled());
            (EcsKind::LoadBalanced, balanced, http.and_then(HttpOrBool::http), config.nlb.as_deref())
        }
        WorkloadConfig::BackendService(config) => {
            let http = config.http.as_deref().filter(|http| !http.is_empty());
            (EcsKind::Backend, http.is_some(), http, None)
        }
        _ => (EcsKind::Worker, false, None, None),
    };
    let rules: Vec<&RoutingRule> = manifest.map(HttpManifest::rules).unwrap_or_default();
    let listeners: Vec<&NlbListener> = nlb.map(|nlb| nlb.listeners()).unwrap_or_default();
    let ports = ports::exposed(main, shared.port, shared.sidecars, &rules, &listeners);
    let target = rules.first().map_or_else(
        || Target { container: main, port: ports.own(main) },
        |rule| ports::rule_target(rule, main, &ports),
    );
    let seconds = |time: &Spanned<Duration>| time.as_secs();
    let of_http = rules.first().and_then(|rule| match rule.healthcheck.as_deref() {
        Some(Either::Advanced(check)) => check.grace_period.as_ref().map(seconds),
        _ => None,
    });
    let of_nlb = || nlb?.main.healthcheck.as_deref()?.grace_period.as_ref().map(seconds);
    let http = balanced.then(|| http::http(manifest, kind, main, &ports, cx));
    Traffic {
        connect_target: if kind == EcsKind::Worker {
            None
        } else {
            connect_target(&target, main, &rules, &ports)
        },
        http,
        nlb: nlb.and_then(|manifest| nlb::nlb(manifest, main, &ports)),
        grace_period: of_http.or_else(of_nlb),
        target,
        ports,
    }
}

/// What Service Connect offers: where the main rule sends its requests, else the main container, unless it speaks UDP.
fn connect_target<'a>(
    target: &Target<'a>,
    main: &'a str,
    rules: &[&RoutingRule],
    ports: &ExposedPorts<'a>,
) -> Option<Target<'a>> {
    let named =
        rules.first().is_some_and(|rule| rule.target_container.is_some() || rule.target_port.is_some());
    let offered = if named { target.clone() } else { Target { container: main, port: ports.own(main) } };
    let number: u16 = offered.port.parse().ok()?;
    let udp = !named && ports.get(number).is_some_and(|port| port.protocol == "udp");
    (!udp).then_some(offered)
}

fn observability(config: &WorkloadConfig) -> Option<&Observability> {
    match config {
        WorkloadConfig::LoadBalancedWebService(config) => config.observability.as_deref(),
        WorkloadConfig::BackendService(config) => config.observability.as_deref(),
        WorkloadConfig::WorkerService(config) => config.observability.as_deref(),
        _ => None,
    }
}

fn traces(observability: &Observability) -> bool {
    text(observability.tracing.as_ref()).is_some_and(|vendor| vendor.eq_ignore_ascii_case("awsxray"))
}

fn deployment(config: &WorkloadConfig) -> Deployment<'_> {
    match config {
        WorkloadConfig::LoadBalancedWebService(config) => of_service(config.deployment.as_deref()),
        WorkloadConfig::BackendService(config) => of_service(config.deployment.as_deref()),
        WorkloadConfig::WorkerService(config) => of_worker(config.deployment.as_deref()),
        _ => Deployment::default(),
    }
}

fn of_service(manifest: Option<&DeploymentManifest>) -> Deployment<'_> {
    let Some(manifest) = manifest else { return Deployment::default() };
    let alarms = match manifest.rollback_alarms.as_deref() {
        None => RollbackAlarms::None,
        Some(Either::Basic(names)) => existing(names),
        Some(Either::Advanced(thresholds)) => RollbackAlarms::Custom(custom(thresholds, None)),
    };
    Deployment { recreate: recreates(manifest.rolling.as_ref()), alarms }
}

fn of_worker(manifest: Option<&WorkerDeployment>) -> Deployment<'_> {
    let Some(manifest) = manifest else { return Deployment::default() };
    let alarms = match manifest.rollback_alarms.as_deref() {
        None => RollbackAlarms::None,
        Some(Either::Basic(names)) => existing(names),
        Some(Either::Advanced(thresholds)) => {
            let delayed = thresholds.messages_delayed.as_ref().map(|messages| messages.value);
            RollbackAlarms::Custom(custom(&thresholds.common, delayed))
        }
    };
    Deployment { recreate: recreates(manifest.rolling.as_ref()), alarms }
}

fn recreates(rolling: Option<&Spanned<String>>) -> bool {
    text(rolling).is_some_and(|rolling| rolling.eq_ignore_ascii_case("recreate"))
}

fn existing(names: &[String]) -> RollbackAlarms<'_> {
    if names.is_empty() {
        RollbackAlarms::None
    } else {
        RollbackAlarms::Existing(names.iter().map(String::as_str).collect())
    }
}

fn custom(thresholds: &AlarmThresholds, messages_delayed: Option<i64>) -> CustomAlarms {
    CustomAlarms {
        cpu: thresholds.cpu_utilization.as_ref().map(|limit| limit.value),
        memory: thresholds.memory_utilization.as_ref().map(|limit| limit.value),
        messages_delayed,
    }
}
