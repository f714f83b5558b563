//! How values are read and overrides are merged: the readings that deployed stacks depend on.

use copilot_manifest::decode::Spanned;
use copilot_manifest::interpolate::Variables;
use copilot_manifest::workload::value::{Either, Variable};
use copilot_manifest::workload::{
    Count, Efs, HttpOrBool, LoadBalancedWebService, Loaded, Range, WorkerService, WorkloadConfig,
    WorkloadManifest,
};
use copilot_yaml::{Diagnostics, Source};

fn try_load(text: &str, environment: &str) -> Result<Loaded, Diagnostics> {
    let shell = [("N", "512"), ("SGS", r#"["sg-1","sg-2"]"#)];
    let variables = Variables {
        application: "app".to_owned(),
        shell: shell.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    };
    WorkloadManifest::parse(Source::new("m.yml", text))?.load(environment, &variables)
}

/// A load balanced web service with these lines besides the least.
fn web_in(lines: &str, environment: &str) -> Result<(LoadBalancedWebService, Diagnostics), Diagnostics> {
    let http = if lines.starts_with("http:") || lines.contains("\nhttp:") { "" } else { "http: {path: /}\n" };
    let text = format!(
        "name: web\ntype: Load Balanced Web Service\nimage: {{location: nginx, port: 80}}\n{http}{lines}"
    );
    let loaded = try_load(&text, environment)?;
    match loaded.workload.config {
        WorkloadConfig::LoadBalancedWebService(config) => Ok((*config, loaded.warnings)),
        _ => panic!("another type"),
    }
}

fn web(lines: &str) -> LoadBalancedWebService {
    web_in(lines, "test").unwrap_or_else(|problems| panic!("{lines}: {problems:?}")).0
}

/// The paths of what is wrong.
fn wrong(lines: &str) -> Vec<String> {
    match web_in(lines, "test") {
        Ok(_) => Vec::new(),
        Err(problems) => {
            problems.iter().filter(|problem| problem.is_error()).map(|problem| problem.path.clone()).collect()
        }
    }
}

fn worker(lines: &str) -> WorkerService {
    let text = format!("name: w\ntype: Worker Service\nimage: {{location: x}}\n{lines}");
    match try_load(&text, "test").unwrap().workload.config {
        WorkloadConfig::WorkerService(config) => *config,
        _ => panic!("another type"),
    }
}

fn value<T: Copy>(value: Option<&Spanned<T>>) -> Option<T> {
    value.map(|value| value.value)
}

#[test]
fn numbers_are_read_as_the_go_parser_reads_them() {
    for (text, expected) in [("0400", 256), ("1_024", 1024), ("256.5", 256), ("0x10", 16), ("", 256)] {
        assert_eq!(value(web(&format!("cpu: {text}\n")).task.cpu.as_ref()), Some(expected), "{text}");
    }
    assert_eq!(wrong("cpu: '256'\n"), ["cpu"]);
    assert_eq!(wrong("cpu: ${N}\n"), ["cpu"]);
    assert_eq!(wrong("count: 1-3\n"), ["count"]);
    assert_eq!(wrong("count: {value: 3}\n"), ["count"]);
    let desired = |text: &str| web(text).task.count.unwrap().desired();
    assert_eq!(
        [desired("count:\n"), desired("count: 0\n"), desired("count: -1\n")],
        [Some(1), Some(0), Some(-1)]
    );
}

#[test]
fn old_booleans_count_only_without_quotes() {
    assert!(web("exec: yes\n").task.exec.unwrap().enabled());
    assert!(web("exec: On\n").task.exec.unwrap().enabled());
    assert!(web("http: no\nnlb: {port: 80}\n").http.unwrap().disabled());
    assert_eq!(wrong("exec: 'true'\n"), ["exec"]);
}

#[test]
fn texts_keep_their_source() {
    let web = web("variables: {A: , B: 1.0, C: true, D: 010, E: 2021-01-01, F: ~}\n");
    let variables = web.task.variables.unwrap();
    let texts = variables.iter().map(|(name, value)| match &value.value {
        Variable::Plain(text) => format!("{name}={text}"),
        Variable::FromCfn(name) => panic!("{name}"),
    });
    assert_eq!(texts.collect::<Vec<_>>(), ["A=", "B=1.0", "C=true", "D=010", "E=2021-01-01", "F="]);
}

#[test]
fn wrong_types_in_http_and_count_are_zero_with_a_warning() {
    let (web, warnings) =
        web_in("http: {path: /, target_port: '8080', deregistration_delay: 5, stickiness: 'true'}\n", "test")
            .unwrap();
    let http = web.http.unwrap();
    let main = &http.http().unwrap().main;
    assert_eq!(value(main.target_port.as_ref()), Some(0));
    assert_eq!(main.deregistration_delay.as_ref().unwrap().as_nanos(), 0);
    assert_eq!(value(main.stickiness.as_ref()), Some(false));
    let codes: Vec<_> = warnings.iter().map(|warning| (warning.code.id, warning.path.as_str())).collect();
    let code = "copilot::manifest::read_as_zero";
    assert_eq!(
        codes,
        [(code, "http.target_port"), (code, "http.deregistration_delay"), (code, "http.stickiness")]
    );
    let (web, warnings) =
        web_in("count: {range: 1-5, cpu_percentage: 70, cooldown: {in: 30}}\n", "test").unwrap();
    let count = web.task.count.unwrap();
    let cooldown = count.advanced().unwrap().cooldown.as_ref().unwrap();
    assert_eq!(cooldown.scale_in.as_ref().unwrap().as_nanos(), 0);
    assert_eq!(warnings.len(), 1);
}

#[test]
fn wrong_types_elsewhere_are_errors() {
    let backend = "name: b\ntype: Backend Service\nimage: {location: x, port: 80}\nhttp: {path: /, target_port: '80'}\n";
    assert!(try_load(backend, "test").is_err());
    assert_eq!(wrong("http: {path: /, healthcheck: {port: '80'}}\n"), ["http.healthcheck.port"]);
    assert_eq!(wrong("nlb: {port: 80, target_port: '80'}\n"), ["nlb.target_port"]);
    assert_eq!(wrong("image: {location: x, port: '80'}\n").len(), 1, "the key stands twice");
    assert_eq!(wrong("http: {path: /, healthcheck: ''}\n"), ["http.healthcheck"]);
    assert_eq!(wrong("http: {path: /, healthcheck: {}}\n"), ["http.healthcheck"]);
    assert_eq!(wrong("http: {alb: x}\n"), ["http"]);
    assert_eq!(wrong("http: {path: /, alias: {name: b}}\n"), ["http.alias"]);
    assert_eq!(wrong("deployment: {rollback_alarms: {}}\n"), ["deployment.rollback_alarms"]);
    assert_eq!(wrong("deployment: {rollback_alarms: []}\n"), [""; 0]);
    assert_eq!(wrong("variables: {A: '[\"x\"]'}\n"), ["variables.A"]);
    assert_eq!(wrong("variables:\n  A: |\n    [\"x\"]\n"), [""; 0]);
}

#[test]
fn aliases_lose_texts_once_there_is_a_mapping() {
    let web = web("http: {path: /, alias: [a.x, {name: b.x}]}\n");
    let http = web.http.unwrap();
    assert_eq!(http.http().unwrap().main.alias.as_ref().unwrap().names(), ["b.x"]);
}

#[test]
fn health_checks_are_a_path_or_a_mapping() {
    let check = |text: &str| {
        let web = web(&format!("http:\n  path: /\n  healthcheck: {text}\n"));
        let Some(HttpOrBool::Http(http)) = web.http.as_deref().cloned() else { panic!("no rules") };
        http.main.healthcheck.map(|check| check.value)
    };
    assert_eq!(check("5"), Some(Either::Basic("5".to_owned())));
    assert_eq!(check(""), None);
    assert!(matches!(check("{interval: 5s}"), Some(Either::Advanced(_))));
}

#[test]
fn the_old_spelling_of_the_target_container_is_taken() {
    let web = web("http: {path: /, targetContainer: nginx}\nsidecars: {nginx: {image: x, port: 81}}\n")
        .http
        .unwrap();
    assert_eq!(web.http().unwrap().main.target_container.as_ref().unwrap().value, "nginx");
    let both =
        "http: {path: /, targetContainer: n, target_container: n}\nsidecars: {n: {image: x, port: 81}}\n";
    assert_eq!(wrong(both), ["http"]);
}

#[test]
fn names_without_a_value_are_errors_and_not_a_crash() {
    assert_eq!(wrong("sidecars: {n: }\n"), ["sidecars.n.image"]);
    assert_eq!(wrong("storage: {volumes: {v: }}\n"), ["storage.volumes.v.path"]);
    assert_eq!(
        wrong("count: {range: 1-5, cpu_percentage: {cooldown: {in: 5s}}}\n"),
        ["count.cpu_percentage.value"]
    );
    for kind in ["Scheduled Job", "Request-Driven Web Service", "Backend Service", "Static Site"] {
        let text = format!(
            "name: x\ntype: {kind}\nimage: {{location: x, port: 80}}\non: {{schedule: '@daily'}}\nenvironments: {{test: }}\n"
        );
        assert!(try_load(&text, "test").is_ok(), "{kind}");
    }
}

#[test]
fn a_count_of_one_kind_excludes_the_others() {
    let count = |base: &str, over: &str| {
        let web = web(&format!("count: {base}\nenvironments: {{test: {{count: {over}}}}}\n"));
        web.task.count.unwrap().value
    };
    assert!(matches!(count("2", "{range: 1-5, cpu_percentage: 70}"), Count::Advanced(_)));
    assert!(matches!(count("{range: 1-5, cpu_percentage: 70}", "3"), Count::Fixed(3)));
    let Count::Advanced(spot) = count("{range: 1-5, cpu_percentage: 70, cooldown: {in: 1s}}", "{spot: 4}")
    else {
        panic!("a number")
    };
    assert!(spot.range.is_none() && spot.cooldown.is_none() && spot.cpu_percentage.is_none());
    let Count::Advanced(range) = count("{spot: 4}", "{range: 1-5, cpu_percentage: 70}") else {
        panic!("a number")
    };
    assert!(range.spot.is_none());
    let Count::Advanced(merged) =
        count("{range: {min: 1, max: 5}, cpu_percentage: 70}", "{range: {spot_from: 2}}")
    else {
        panic!("a number")
    };
    assert_eq!(
        merged.range.as_deref().map(|range| (range.bounds(), range.spot_from())),
        Some((Some((1, 5)), Some(2)))
    );
    let text =
        "count: {range: 1-5, cpu_percentage: 70}\nenvironments: {test: {count: {range: {spot_from: 2}}}}\n";
    assert_eq!(wrong(text), ["count.range.min"]);
    let text = "count: {range: 1-5, cpu_percentage: 70}\nenvironments: {test: {count: {cpu_percentage: {cooldown: {in: 5s}}}}}\n";
    assert_eq!(wrong(text), ["count.cpu_percentage.value"]);
    assert!(matches!(merged.range.as_deref(), Some(Range::Bounds(_))));
}

#[test]
fn an_override_of_both_kinds_of_count_is_refused() {
    for base in ["{spot: 1}", "{range: 1-2, cpu_percentage: 3}", "1"] {
        let over = "environments: {test: {count: {spot: 2, range: 1-3}}}";
        assert!(wrong(&format!("count: {base}\n{over}")).contains(&"count".to_owned()), "{base}");
    }
    assert_eq!(
        wrong("count: {spot: 1}\nenvironments: {test: {count: {range: 1-3, cpu_percentage: 3}}}"),
        [""; 0]
    );
}

#[test]
fn a_filter_policy_is_json() {
    let wrong = |policy: &str| {
        let topics = format!("subscribe: {{topics: [{{name: a, service: svc, filter_policy: {policy}}}]}}");
        let text = format!("name: w\ntype: Worker Service\nimage: {{location: x}}\n{topics}\n");
        try_load(&text, "test").is_err()
    };
    assert!(wrong("{a: .nan}") && wrong("{a: [{b: .inf}]}"));
    assert!(!wrong("{a: [1e400, '.nan', 1.5, ~]}"));
}

#[test]
fn what_names_nothing_is_refused() {
    assert_eq!(wrong("taskdef_overrides: [{}]"), ["taskdef_overrides[0].path"]);
    assert_eq!(wrong("network: {vpc: {security_groups: {groups: []}}}"), ["network.vpc.security_groups"]);
    assert_eq!(wrong("network: {vpc: {security_groups: {groups: [], deny_default: true}}}"), [""; 0]);
}

#[test]
fn exec_fifo_and_efs_keep_both_forms() {
    let enabled = |base: &str, over: &str| {
        web(&format!("exec: {base}\nenvironments: {{test: {{exec: {over}}}}}\n")).task.exec.unwrap().enabled()
    };
    assert!(!enabled("true", "false"));
    assert!(enabled("{enable: true}", "false"));
    assert!(enabled("false", "{enable: false}"));
    assert_eq!(web_in("exec: {enable: false}\n", "test").unwrap().1.len(), 1);
    let fifo = |base: &str, over: &str| {
        let text = format!(
            "subscribe: {{topics: [], queue: {{fifo: {base}}}}}\nenvironments: {{test: {{subscribe: {{queue: {{fifo: {over}}}}}}}}}\n"
        );
        let worker = worker(&text);
        let fifo = worker.subscribe.unwrap().value.queue.unwrap().value.fifo.unwrap().value;
        (fifo.enabled(), fifo.settings().is_some())
    };
    assert_eq!(fifo("true", "{high_throughput: true}"), (true, false));
    assert_eq!(fifo("{high_throughput: true}", "false"), (true, true));
    let id = |base: &str, over: &str| {
        let volume = |id: &str| format!("{{storage: {{volumes: {{v: {{path: /v, efs: {{id: {id}}}}}}}}}}}");
        let base = volume(base);
        let web = web(&format!("{}\nenvironments: {{test: {}}}\n", &base[1..base.len() - 1], volume(over)));
        let volumes = web.task.storage.unwrap().value.volumes.unwrap().value;
        let Some(Efs::Config(efs)) = volumes.get("v").unwrap().efs.as_deref().cloned() else {
            panic!("no efs")
        };
        format!("{:?}", efs.id.unwrap().value)
    };
    assert_eq!(id("fs-1", "{from_cfn: F}"), "Plain(\"fs-1\")");
    assert_eq!(id("{from_cfn: F}", "fs-1"), "Plain(\"fs-1\")");
}

#[test]
fn lists_are_replaced_and_names_are_united() {
    let web = web(
        "command: [a, b]\nvariables: {A: a, B: {from_cfn: X}}\nsidecars: {n: {image: x, port: 90, labels: {a: '1'}}}\n\
         network: {vpc: {security_groups: [sg-1]}}\n\
         environments:\n  test:\n    command: []\n    variables: {B: b, C: c, A: }\n    \
         sidecars: {n: {image: {build: y}, labels: {b: '2'}}, m: {image: z}}\n    \
         network: {vpc: {security_groups: {deny_default: true}}}\n",
    );
    assert_eq!(web.command.command.unwrap().words().unwrap(), [""; 0]);
    let variables = web.task.variables.unwrap();
    let variables: Vec<_> =
        variables.iter().map(|(name, value)| format!("{name}={:?}", value.value)).collect();
    assert_eq!(variables, ["A=Plain(\"\")", "B=Plain(\"b\")", "C=Plain(\"c\")"]);
    let sidecars = web.sidecars.unwrap().value;
    let n = sidecars.get("n").unwrap();
    assert!(n.build().is_some() && n.image_reference().is_none());
    assert_eq!(n.port.as_ref().unwrap().value, "90");
    assert_eq!(n.labels.as_ref().unwrap().0.len(), 2);
    assert!(sidecars.get("m").is_some());
    let network = web.network.unwrap().value;
    let groups = network.vpc.unwrap().value.security_groups.unwrap().value;
    assert!(groups.groups().is_empty() && groups.denies_default());
}

#[test]
fn one_form_of_an_image_excludes_the_other() {
    let origin = |base: &str, over: &str| {
        let text = format!(
            "name: w\ntype: Worker Service\nimage: {base}\nenvironments: {{test: {{image: {over}}}}}\n"
        );
        match try_load(&text, "test").unwrap().workload.config {
            WorkloadConfig::WorkerService(config) => config.image.unwrap().value.image.origin,
            _ => panic!("another type"),
        }
    };
    let origin = |base: &str, over: &str| {
        let origin = origin(base, over);
        (origin.build.is_some(), origin.location.is_some())
    };
    assert_eq!(origin("{build: a}", "{location: b}"), (false, true));
    assert_eq!(origin("{location: b}", "{build: {context: a}}"), (true, false));
    assert_eq!(origin("{location: b}", "{build: ''}"), (true, true), "an empty path is no build");
    // The two keys of a sidecar stay both, as in Copilot, and are refused.
    let sidecar =
        "sidecars: {n: {image: {location: a}}}\nenvironments: {test: {sidecars: {n: {image: {build: b}}}}}\n";
    assert_eq!(wrong(sidecar), ["sidecars.n.image"]);
}

#[test]
fn rules_and_alarms_are_merged_or_switched_off() {
    let http = |base: &str, over: &str| {
        web(&format!("http: {base}\nnlb: {{port: 80}}\nenvironments: {{test: {{http: {over}}}}}\n"))
            .http
            .unwrap()
            .value
    };
    assert!(http("{path: /}", "false").disabled());
    assert_eq!(http("false", "{path: /a}").http().unwrap().main.path.as_ref().unwrap().value, "/a");
    let merged = http("{path: /a, stickiness: true}", "{path: /b}");
    let main = &merged.http().unwrap().main;
    assert_eq!(
        (main.path.as_ref().unwrap().value.as_str(), value(main.stickiness.as_ref())),
        ("/b", Some(true))
    );
    assert!(
        http("{path: /, additional_rules: [{path: /x}]}", "{path: /, additional_rules: []}")
            .http()
            .unwrap()
            .additional()
            .is_empty()
    );
    let merged = http("{path: /, healthcheck: {path: /a, port: 1}}", "{path: /, healthcheck: {path: /b}}");
    let check = merged.http().unwrap().main.healthcheck.as_ref().unwrap().advanced().unwrap().clone();
    assert_eq!((check.path.unwrap().value, check.port.unwrap().value), ("/b".to_owned(), 1));
    let alarms = web("deployment: {rollback_alarms: {cpu_utilization: 70}}\n\
         environments: {test: {deployment: {rollback_alarms: {memory_utilization: 80}}}}\n");
    let Some(Either::Advanced(alarms)) =
        alarms.deployment.unwrap().value.rollback_alarms.map(|alarms| alarms.value)
    else {
        panic!("names")
    };
    assert!(alarms.cpu_utilization.is_some() && alarms.memory_utilization.is_some());
}

#[test]
fn a_variable_may_hold_a_list() {
    let web = web("network: {vpc: {security_groups: '${SGS}'}}\n");
    let network = web.network.unwrap().value;
    assert_eq!(network.vpc.unwrap().value.security_groups.unwrap().groups().len(), 2);
}

#[test]
fn command_lines_are_split_as_a_shell_does() {
    let words = web("command: \"sh -c 'a # b' # c\"\nentrypoint: [x, 'y z']\n").command;
    assert_eq!(words.command.unwrap().words().unwrap(), ["sh", "-c", "a # b"]);
    assert_eq!(words.entrypoint.unwrap().words().unwrap(), ["x", "y z"]);
    assert_eq!(wrong("command: sh -c 'a\n"), ["command"]);
    assert_eq!(wrong("sidecars: {n: {image: x, entrypoint: 'a \\'}}\n"), ["sidecars.n.entrypoint"]);
}

#[test]
fn a_static_site_cannot_lose_its_alias() {
    let text = "name: s\ntype: Static Site\nhttp: {alias: a.b}\nfiles: [{source: x}]\nenvironments: {test: {http: {alias: ''}, files: []}}\n";
    let WorkloadConfig::StaticSite(site) = try_load(text, "test").unwrap().workload.config else {
        panic!("another type")
    };
    assert_eq!(site.alias(), Some("a.b"));
    assert!(site.files().is_empty());
}

#[test]
fn one_decoding_serves_all_environments_with_the_same_variables() {
    let text =
        "name: w\ntype: Worker Service\nimage: {location: 'x:${TAG}'}\nenvironments: {prod: {cpu: 512}}\n";
    let manifest = WorkloadManifest::parse(Source::new("m.yml", text)).unwrap();
    let variables = |tag: &str| Variables {
        application: String::new(),
        shell: [("TAG".to_owned(), tag.to_owned())].into_iter().collect(),
    };
    let load = |environment: &str, tag: &str| {
        let workload = manifest.load(environment, &variables(tag)).unwrap().workload;
        let ecs = workload.config.ecs().unwrap();
        (
            ecs.image.unwrap().origin.location.as_ref().unwrap().value.clone(),
            value(ecs.task.cpu.as_ref()).unwrap(),
        )
    };
    assert_eq!(load("test", "1"), ("x:1".to_owned(), 256));
    assert_eq!(load("prod", "1"), ("x:1".to_owned(), 512));
    assert_eq!(load("prod", "2"), ("x:2".to_owned(), 512));
}
