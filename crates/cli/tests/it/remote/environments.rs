use copilot_local_aws::{Application, Effect, Fault, Handshake, ResourceAction, ResourceFault, StackView};

use super::{ACCOUNT, Cloud, REGION};
use crate::Done;

const STACK: &str = "shop-test";
const FILE: &str = "copilot/environments/test/manifest.yml";
/// Parameters that workloads have written.
const OWNED: [(&str, &str); 7] = [
    ("ALBWorkloads", "api,web"),
    ("InternalALBWorkloads", "db"),
    ("EFSWorkloads", "web"),
    ("NATWorkloads", "api"),
    ("AppRunnerPrivateWorkloads", ""),
    ("Aliases", r#"{"web":["example.com"]}"#),
    ("ServiceDiscoveryEndpoint", "shop.local"),
];

fn application(version: &str) -> Application {
    let mut application = Application::new("shop", ACCOUNT, REGION)
        .environment("test", REGION)
        .workload("api", "Backend Service")
        .workload("web", "Load Balanced Web Service")
        .workload("nightly", "Scheduled Job");
    let environment = application.environments.last_mut().unwrap();
    version.clone_into(&mut environment.version);
    environment.parameters =
        OWNED.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
    application
}

fn cloud() -> Cloud {
    Cloud::with(&application("v1.33.0"), Handshake::AfterTicks(1))
}

fn deployed(cloud: &Cloud) -> StackView {
    cloud.aws.with_state(|state| state.region(ACCOUNT, REGION).stack(STACK).unwrap())
}

fn kept(cloud: &Cloud) {
    let parameters = deployed(cloud).parameters;
    for (name, value) in OWNED {
        assert_eq!(parameters[name], value, "{name}");
    }
}

/// What was printed, with the many resources of an environment summed up, and what was uploaded at the same time in order.
fn shown(cloud: &Cloud, done: &Done) -> String {
    let text = cloud.show(done);
    let steps = ["  created ", "  updated ", "  deleted "];
    let (steps, rest): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| steps.iter().any(|step| line.starts_with(step)));
    let (mut uploaded, rest): (Vec<&str>, Vec<&str>) =
        rest.into_iter().partition(|line| line.starts_with("uploaded "));
    uploaded.sort_unstable();
    let uploaded = uploaded.iter().map(|line| line.split(" (").next().unwrap_or_default().to_owned());
    let rest = rest.into_iter().map(|line| match line.split_once(" resources") {
        Some(_) => "updating stack shop-test: [MANY] resources".to_owned(),
        None => line.to_owned(),
    });
    let steps = format!("-- {} resources", if steps.is_empty() { "no" } else { "[MANY]" });
    rest.chain(uploaded).chain([steps]).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_environment_is_deployed_and_keeps_what_workloads_have_asked_for() {
    let cloud = cloud();
    let first = cloud.run(&["env", "deploy", "-n", "test"]);
    assert_eq!(first.code, 0, "{first:?}");
    insta::assert_snapshot!("environment_deployed", shown(&cloud, &first));
    kept(&cloud);
    let stack = deployed(&cloud);
    assert_eq!(stack.status, "UPDATE_COMPLETE");
    // Their conditions hold.
    for resource in ["PublicLoadBalancer", "InternalLoadBalancer", "FileSystem", "NatGateway1"] {
        assert!(stack.resources.contains_key(resource), "{resource}");
    }
    let tags: Vec<_> = stack.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(tags, ["copilot-application=shop", "copilot-environment=test"]);
    // How often the role is assumed depends on when its credentials run out by the local AWS's own clock.
    let calls = cloud.calls();
    let calls: Vec<&str> = calls.lines().filter(|line| !line.ends_with("sts:AssumeRole")).collect();
    insta::assert_snapshot!("environment_calls", calls.join("\n"));

    cloud.aws.reset_calls();
    let again = cloud.run(&["env", "deploy", "-n", "test"]);
    insta::assert_snapshot!("environment_unchanged", cloud.show(&again));
    assert_eq!(cloud.aws.calls().count("s3", "PutObject"), 0, "all is there already");

    let forced = cloud.run(&["env", "deploy", "-n", "test", "--force"]);
    assert!(forced.code == 0 && forced.stderr.contains("updated stack shop-test"), "{forced:?}");
    let unforced = cloud.run(&["env", "deploy", "-n", "test"]);
    assert!(unforced.stderr.contains("no changes"), "the id of a forced deployment stays: {unforced:?}");
    kept(&cloud);
}

/// Nothing could be uploaded for it otherwise.
#[test]
fn the_manager_role_of_an_old_environment_is_first_allowed_to_upload() {
    let cloud = Cloud::with(&application("v1.8.0"), Handshake::AfterTicks(1));
    let done = cloud.run(&["env", "deploy", "-n", "test"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(
        done.stderr.contains("first its manager role is allowed to write to the artifact bucket"),
        "{done:?}"
    );
    assert_eq!(cloud.aws.calls().count("cloudformation", "ExecuteChangeSet"), 2);
    kept(&cloud);
    let again = cloud.run(&["env", "deploy", "-n", "test"]);
    assert!(again.stderr.contains("no changes"), "{again:?}");
}

#[test]
fn a_difference_is_shown_and_asked_about() {
    let cloud = cloud();
    assert_eq!(cloud.run(&["env", "deploy", "-n", "test"]).code, 0);
    let rules =
        "network: {vpc: {security_group: {ingress: [{ip_protocol: tcp, ports: 5432, cidr: 10.0.0.0/16}]}}}\n";
    cloud.folder.write(FILE, format!("name: test\ntype: Environment\n{rules}"));
    let before = deployed(&cloud);
    let nobody = cloud.run(&["env", "deploy", "-n", "test", "--diff"]);
    insta::assert_snapshot!("environment_difference", cloud.show(&nobody));
    let refused = cloud.answering(&["no"], &["env", "deploy", "-n", "test", "--diff"]);
    assert!(refused.code == 0 && refused.stderr.contains("nothing was changed"), "{refused:?}");
    assert_eq!(deployed(&cloud), before);
    let done = cloud.run(&["env", "deploy", "-n", "test", "--diff", "--yes"]);
    assert_eq!(done.code, 0, "{done:?}");
    let none = cloud.run(&["env", "deploy", "-n", "test", "--diff"]);
    assert!(none.code == 0 && none.stdout.starts_with("Nothing changes in 1 stack."), "{none:?}");
    kept(&cloud);
}

#[test]
fn what_would_break_is_refused_before_anything_is_touched() {
    let mut found = Vec::new();
    let mut refuse = |cloud: &Cloud, arguments: &[&str]| {
        let (before, objects) = (deployed(cloud), cloud.aws.calls().count("s3", "PutObject"));
        let done = cloud.run(&[&["env", "deploy"], arguments].concat());
        assert_eq!(done.code, 1, "{done:?}");
        assert_eq!(deployed(cloud), before);
        assert_eq!(cloud.aws.calls().count("s3", "PutObject"), objects);
        found.push(cloud.show(&done));
    };
    let cloud = cloud();
    refuse(&cloud, &["-n", "tets"]);
    // What is in the workspace and not in the application.
    refuse(&cloud, &["-n", "prod"]);
    refuse(&cloud, &[]);
    // Services that send CloudFront back and forth.
    let rule = |name: &str, action: &str| {
        let template = format!(
            r#"{{"Resources": {{"HTTPListenerRuleWithDomain": {{"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties":
                {{"ListenerArn": "arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener/app/a/1/2", "Priority": 1, "Conditions": [],
                "Actions": [{{"Type": "{action}"}}]}}}}}}}}"#
        );
        cloud.create_stack(&format!("shop-test-{name}"), &template, &[]);
    };
    rule("web", "redirect");
    rule("api", "forward");
    let cdn = "name: test\ntype: Environment\ncdn: {terminate_tls: true, certificate: 'arn:aws:acm:us-east-1:1:certificate/c'}\nhttp: {public: {certificates: ['arn:aws:acm:us-west-2:1:certificate/c']";
    cloud.folder.write(FILE, format!("{cdn}, ingress: {{cdn: true}}}}}}\n"));
    refuse(&cloud, &["-n", "test"]);
    let newer = Cloud::with(&application("v1.42.0"), Handshake::AfterTicks(1));
    refuse(&newer, &["-n", "test"]);
    insta::assert_snapshot!("environments_refused", found.join("\n\n"));
    let allowed = newer.run(&["env", "deploy", "-n", "test", "--allow-downgrade"]);
    assert_eq!(allowed.code, 0, "{allowed:?}");

    // Where the load balancer is open to others, too, it is only said.
    cloud.folder.write(FILE, format!("{cdn}}}}}\n"));
    let warned = cloud.run(&["env", "deploy", "-n", "test"]);
    assert!(warned.code == 0 && warned.stderr.contains("redirect to HTTPS: web\n"), "{warned:?}");
    kept(&cloud);
}

#[test]
fn services_without_alias_are_not_cut_off_by_a_cdn() {
    let mut application = application("v1.33.0");
    application.domain = Some("example.com".into());
    let cloud = Cloud::with(&application, Handshake::AfterTicks(1));
    cloud.folder.write(FILE, "name: test\ntype: Environment\ncdn: true\n");
    let refused = cloud.run(&["env", "deploy", "-n", "test"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("of every service behind the load balancer"), "{refused:?}");
    assert!(refused.stderr.contains("`api`") && !refused.stderr.contains("`web`"), "{refused:?}");
    kept(&cloud);
}

/// Roles of builds may not ask EC2.
#[test]
fn the_prefix_list_is_asked_for_or_taken_from_the_deployed_stack() {
    let cloud = cloud();
    let manifest = "name: test\ntype: Environment\nhttp: {public: {ingress: {cdn: true}, certificates: ['arn:aws:acm:us-west-2:1:certificate/c']}}\ncdn: {certificate: 'arn:aws:acm:us-east-1:1:certificate/c'}\n";
    cloud.folder.write(FILE, manifest);
    let package = ["env", "package", "-n", "test"];
    let refused = || Fault::new(Effect::AccessDenied).on("ec2:DescribeManagedPrefixLists");
    cloud.aws.inject(refused());
    let unknown = cloud.run(&package);
    assert!(unknown.code == 1 && unknown.stderr.contains("whose prefix list is not known"), "{unknown:?}");
    cloud.aws.clear_faults();
    let asked = cloud.run(&package);
    assert!(asked.code == 0 && asked.stdout.contains("pl-82a045eb"), "{asked:?}");
    assert_eq!(cloud.run(&["env", "deploy", "-n", "test"]).code, 0);
    cloud.aws.inject(refused());
    let remembered = cloud.run(&package);
    assert_eq!(remembered.code, 0, "{remembered:?}");
    assert!(remembered.stdout.contains("pl-82a045eb"), "{remembered:?}");
}

#[test]
fn the_first_failed_resource_is_the_end() {
    let cloud = cloud();
    assert_eq!(cloud.run(&["env", "deploy", "-n", "test"]).code, 0);
    cloud.folder.write(FILE, "name: test\ntype: Environment\nnetwork: {vpc: {flow_logs: {retention: 30}}}\n");
    let fail = || ResourceFault {
        target: "FlowLog".into(),
        stack: Some(STACK.into()),
        action: ResourceAction::Create,
        reason: "Resource handler returned message: \"the role may not write\"".into(),
        times: Some(1),
    };
    cloud.aws.inject_resource(fail());
    let undone = cloud.run(&["env", "deploy", "-n", "test"]);
    insta::assert_snapshot!("environment_failed", shown(&cloud, &undone));
    assert_eq!(deployed(&cloud).status, "UPDATE_ROLLBACK_COMPLETE");
    kept(&cloud);
    cloud.aws.inject_resource(fail());
    let left = cloud.run(&["env", "deploy", "-n", "test", "--no-rollback"]);
    insta::assert_snapshot!("environment_failed_and_left", shown(&cloud, &left));
    assert_eq!(deployed(&cloud).status, "UPDATE_FAILED");
    kept(&cloud);
    let mended = cloud.run(&["env", "deploy", "-n", "test"]);
    assert_eq!(mended.code, 0, "{mended:?}");
    kept(&cloud);
}

#[test]
fn an_update_goes_on_by_itself_and_is_waited_for() {
    let cloud = cloud();
    let started = cloud.run(&["env", "deploy", "-n", "test", "--detach"]);
    insta::assert_snapshot!("environment_detached", shown(&cloud, &started));
    assert_eq!(deployed(&cloud).status, "UPDATE_IN_PROGRESS");
    let waited = cloud.run(&["env", "deploy", "-n", "test", "--wait"]);
    assert!(waited.code == 0 && waited.stderr.contains("no changes"), "{waited:?}");
    kept(&cloud);
}

#[test]
fn an_environment_is_shown() {
    let cloud = cloud();
    let service = |name: &str| {
        let tags =
            [("copilot-application", "shop"), ("copilot-environment", "test"), ("copilot-service", name)];
        cloud.create_stack(
            &format!("shop-test-{name}"),
            r#"{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}"#,
            &tags,
        );
    };
    let mut found = Vec::new();
    let mut show = |arguments: &[&str]| found.push(cloud.show(&cloud.run(&[&["env"], arguments].concat())));
    show(&["ls"]);
    show(&["ls", "--json"]);
    show(&["ls", "--local"]);
    show(&["ls", "--local", "--json"]);
    show(&["show", "--json"]);
    service("web");
    service("nightly");
    show(&["show", "-n", "test"]);
    show(&["show", "-n", "test", "--json"]);
    show(&["show", "-n", "test", "--resources"]);
    show(&["show", "-n", "test", "--manifest"]);
    show(&["show", "-n", "prod"]);
    let shown = found.join("\n\n").replace(cloud.folder.path.as_str(), "[FOLDER]");
    insta::assert_snapshot!("environments_shown", shown);
}

#[test]
fn overrides_of_environments_get_a_frame() {
    let cloud = cloud();
    let written = || {
        let files = cloud.folder.content().into_iter();
        let text = files.filter_map(|(name, bytes)| {
            let name = name.strip_prefix("copilot/environments/overrides/")?.to_owned();
            Some(format!("== {name}\n{}", String::from_utf8(bytes).unwrap()))
        });
        text.collect::<String>()
    };
    let patches = cloud.run(&["env", "override", "--tool", "yamlpatch"]);
    assert_eq!(patches.code, 0, "{patches:?}");
    insta::assert_snapshot!("environment_patches", format!("{}{}", cloud.show(&patches), written()));
    let again = cloud.run(&["env", "override", "--tool", "cdk"]);
    assert!(again.code == 1 && again.stderr.contains("is not empty"), "{again:?}");
    fs_err::remove_dir_all(cloud.folder.path.join("copilot/environments/overrides")).unwrap();
    let cdk =
        ["env", "override", "-n", "test", "--tool", "cdk", "--resource", "VPC", "--resource", "Cluster"];
    let cdk = cloud.run(&cdk);
    assert_eq!(cdk.code, 0, "{cdk:?}");
    insta::assert_snapshot!("environment_cdk", written());
}
