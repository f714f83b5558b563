//! An environment with a domain on the local AWS, with the functions of its custom resources and without.

use copilot_functions::Stack;
use copilot_local_aws::{Application, LocalAws, Options, Pace};
use copilot_manifest::environment::EnvironmentManifest;
use copilot_manifest::interpolate::Variables;
use copilot_stack::environment::{Request, render};
use copilot_stack::{Facts, facts};
use copilot_yaml::Source;

use crate::support::left_out;

const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-west-1";

fn function(name: &str) -> Option<&'static copilot_functions::Resource> {
    Stack::Environment.functions().iter().find(|resource| resource.logical_id == name)
}

/// What is known of an application with a domain, whose code lies in `bucket`.
fn known(bucket: &str) -> Facts {
    let environment = facts::Environment {
        account_id: ACCOUNT.into(),
        region: REGION.into(),
        ..facts::Environment::default()
    };
    let region = facts::Region { artifact_bucket: Some(bucket.into()), artifact_key_arn: Some("key".into()) };
    Facts {
        application: facts::Application {
            name: "shop".into(),
            account_id: ACCOUNT.into(),
            domain: Some("example.com".into()),
            ..facts::Application::default()
        },
        regions: [(REGION.to_owned(), region)].into_iter().collect(),
        environments: [("test".to_owned(), environment)].into_iter().collect(),
        ..Facts::default()
    }
}

/// Deploys the environment `test` of `shop` below `example.com`, with workloads that ask for a load balancer and a name.
fn deployed(node: Option<&str>) -> LocalAws {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = Options { pace: Pace::Manual, node: node.map(Into::into), ..Options::default() };
    let aws = runtime.block_on(LocalAws::start(options)).unwrap();
    let mut application = Application::new("shop", ACCOUNT, REGION).environment("test", REGION);
    application.domain = Some("example.com".into());
    aws.begin_application(&application).unwrap();
    let bucket = aws.with_state(|state| state.buckets()[0].to_owned());
    for resource in Stack::Environment.functions() {
        assert!(aws.put_object(&bucket, &resource.key(), &resource.function.zip()));
    }
    let variables = Variables { application: "shop".into(), ..Variables::default() };
    let source = Source::new("manifest.yml", "name: test\ntype: Environment\n");
    let loaded = EnvironmentManifest::load(&source, "test", &variables).unwrap();
    let known = known(&bucket);
    let rendered = render(Request {
        environment: &loaded,
        name: "test",
        facts: &known,
        addons: None,
        function_keys: &|name: &str| function(name).map(copilot_functions::Resource::key).unwrap_or_default(),
        force_deploy_id: None,
    })
    .unwrap();
    let environment = &mut application.environments[0];
    environment.template = Some(copilot_cfn::write::to_yaml(&rendered.template.into_value()));
    environment.parameters = rendered.parameters.parameters;
    let aliases = r#"{"web":["www.test.shop.example.com","shop.example.com"]}"#;
    for (name, value) in [("ALBWorkloads", "web"), ("Aliases", aliases)] {
        environment.parameters.insert(name.into(), value.into());
    }
    aws.create_environment(&application, &application.environments[0]).unwrap();
    drop(runtime);
    aws
}

fn has(aws: &LocalAws, zone: &str, record: &str, kind: &str) -> bool {
    aws.with_state(|state| state.records(zone).contains(&(record, kind)))
}

#[test]
fn functions_delegate_prove_and_point() {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut programs = std::env::split_paths(&folders).map(|folder| folder.join("node"));
    let Some(node) = programs.find(|program| program.is_file()) else {
        return left_out("functions of an environment with a domain in Node.js");
    };
    let aws = deployed(node.to_str());
    assert!(has(&aws, "shop.example.com", "test.shop.example.com.", "NS"), "the subdomain is delegated");
    let own = "test.shop.example.com";
    let proofs = aws.with_state(|state| {
        let records = state.records(own);
        records.iter().filter(|(name, kind)| name.starts_with('_') && *kind == "CNAME").count()
    });
    // The names of the zone and the wildcard have one in common.
    assert_eq!(proofs, 2, "the certificate is proven");
    assert!(has(&aws, own, "www.test.shop.example.com.", "A"), "the name leads to the load balancer");
    assert!(has(&aws, "shop.example.com", "shop.example.com.", "A"), "also that in the application's zone");
}

#[test]
fn without_node_the_subdomain_is_delegated_all_the_same() {
    let aws = deployed(None);
    assert!(has(&aws, "shop.example.com", "test.shop.example.com.", "NS"));
}
