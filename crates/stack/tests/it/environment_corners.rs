//! Rules of environments that stand on their own, without conformance cases.

use std::fmt::Write as _;

use copilot_cfn::compare::{Attention, same};
use copilot_cfn::{Value, cfn};
use copilot_manifest::environment::EnvironmentManifest;
use copilot_manifest::interpolate::Variables;
use copilot_stack::addons::{Addons, Files, Owner, merge};
use copilot_stack::environment::{
    Rendered, Request, allowing_uploads, check_version, deployed_prefix_list, may_upload, render,
};
use copilot_stack::{Error, Facts};
use copilot_yaml::{Diagnostics, Source};

const FACTS: &str = "
application: {name: shop, account_id: '111122223333', domain: example.com, permissions_boundary: limits, tags: {team: a}}
regions: {eu-west-1: {artifact_bucket: bucket, artifact_key_arn: key}}
environments: {test: {account_id: '111122223333', region: eu-west-1}}
addons_url: https://bucket/addons.yml
";

fn facts(environment: &str) -> Facts {
    let whole = format!("test: {{account_id: '111122223333', region: eu-west-1, {environment}}}");
    let text = FACTS.replace("test: {account_id: '111122223333', region: eu-west-1}", &whole);
    Facts::read(&Source::new("facts.yml", text), &mut Diagnostics::default()).unwrap()
}

fn attempt(body: &str, facts: &Facts, addons: Option<&Addons>) -> Result<Rendered, Error> {
    let source = Source::new("manifest.yml", format!("name: test\ntype: Environment\n{body}"));
    let variables = Variables { application: "shop".to_owned(), ..Variables::default() };
    let loaded = EnvironmentManifest::load(&source, "test", &variables).unwrap();
    let keys = |function: &str| format!("{function}.zip");
    render(Request {
        environment: &loaded,
        name: "test",
        facts,
        addons,
        function_keys: &keys,
        force_deploy_id: None,
    })
}

fn rendered(body: &str) -> Rendered {
    attempt(body, &facts(""), None).unwrap()
}

fn properties(rendered: &Rendered, logical_id: &str) -> Value {
    rendered.template.resources.get(logical_id).unwrap()["Properties"].clone()
}

/// Logical IDs with type and condition, and exports: what must never change.
fn inventory(rendered: &Rendered) -> String {
    let mut out = String::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for (id, resource) in &rendered.template.resources {
        let condition = text(&resource["Condition"]);
        writeln!(out, "{id} {} {condition}", text(&resource["Type"])).unwrap();
    }
    for (name, output) in &rendered.template.outputs {
        let export = text(&output["Export"]["Name"]["Fn::Sub"]);
        writeln!(out, "{name} = {export} {}", text(&output["Condition"])).unwrap();
    }
    out.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn names_of_an_environment_with_everything_never_change() {
    let body = "
network: {vpc: {flow_logs: true}}
cdn: {static_assets: {location: l, alias: a, path: p}}
http: {public: {access_logs: true}, private: {ingress: {vpc: true}}}
";
    insta::assert_snapshot!(inventory(&rendered(body)));
}

#[test]
fn names_of_an_environment_with_imports_never_change() {
    let body = "
network:
  vpc:
    id: vpc-1
    subnets: {public: [{id: s-1}, {id: s-2}], private: [{id: s-3}, {id: s-4}, {id: s-5}]}
http:
  public: {certificates: ['arn:aws:acm:eu-west-1:1:certificate/1', 'arn:aws:acm:eu-west-1:1:certificate/2']}
  private: {certificates: ['arn:aws:acm:eu-west-1:1:certificate/3', 'arn:aws:acm:eu-west-1:1:certificate/4']}
";
    insta::assert_snapshot!(inventory(&rendered(body)));
}

#[test]
fn a_text_between_commas_became_several_items() {
    let body = "
network: {vpc: {id: vpc-1, subnets: {public: [{id: 's-1, s-2'}, {id: s-3}], private: [{id: s-4}, {id: '*s'}]}}}
";
    let rendered = rendered(body);
    assert_eq!(properties(&rendered, "PublicLoadBalancer")["Subnets"], cfn!(["s-1", "s-2", "s-3"]));
    assert_eq!(properties(&rendered, "InternalLoadBalancer")["Subnets"], cfn!(["s-4", "*s"]));
}

#[test]
fn what_workloads_have_asked_for_is_kept() {
    let deployed = "version: v1.20.0, parameters: {ALBWorkloads: 'web,api', Aliases: '{}', Gone: x}";
    let parameters = attempt("", &facts(deployed), None).unwrap().parameters.parameters;
    assert_eq!(parameters["ALBWorkloads"], "web,api");
    assert_eq!(parameters["Aliases"], "{}");
    assert_eq!(parameters["NATWorkloads"], "");
    // The parameter is younger than the stack.
    assert_eq!(parameters["ServiceDiscoveryEndpoint"], "shop.local");
    assert!(!parameters.contains_key("Gone"));
    let bootstrap = "version: bootstrap, parameters: {ALBWorkloads: web}";
    let parameters = attempt("", &facts(bootstrap), None).unwrap().parameters.parameters;
    assert_eq!(parameters["ALBWorkloads"], "");
    assert_eq!(parameters["ServiceDiscoveryEndpoint"], "test.shop.local");
}

#[test]
fn addons_get_what_their_parameters_name() {
    let template = Source::new(
        "a.yml",
        "Parameters: {App: {Type: String}, Env: {Type: String}, Group: {Type: String}}\n",
    );
    let given = Source::new("addons.parameters.yml", "Parameters: {Group: !Ref EnvironmentSecurityGroup}\n");
    let files = Files { templates: &[template], parameters: &[given] };
    let addons = merge(files, Owner::Environment).unwrap().addons;
    let rendered = attempt("", &facts(""), Some(&addons)).unwrap();
    let wanted = cfn!({
        "Parameters": {
            "App": { "Ref": "AppName" },
            "Env": { "Ref": "EnvironmentName" },
            "Group": { "Ref": "EnvironmentSecurityGroup" },
        },
        "TemplateURL": "https://bucket/addons.yml",
    });
    assert_eq!(properties(&rendered, "AddonsStack"), wanted);
    let mut nowhere = facts("");
    nowhere.addons_url = None;
    let error = attempt("", &nowhere, Some(&addons)).unwrap_err();
    assert_eq!(error, Error::MissingFact { key: "addons_url".to_owned() });
}

#[test]
fn facts_that_are_missing_are_named() {
    let restricted = "cdn: true\nhttp: {public: {ingress: {cdn: true}}}\n";
    let missing = |key: &str| Error::MissingFact { key: key.to_owned() };
    let error = attempt(restricted, &facts(""), None).unwrap_err();
    assert_eq!(error, missing("environments.test.cloudfront_prefix_list_id"));
    let known = attempt(restricted, &facts("cloudfront_prefix_list_id: pl-1"), None).unwrap();
    assert_eq!(deployed_prefix_list(&known.template.into_value()), Some("pl-1"));
    assert_eq!(deployed_prefix_list(&rendered("").template.into_value()), None);
    let mut nowhere = facts("");
    nowhere.regions.clear();
    assert_eq!(attempt("", &nowhere, None).unwrap_err(), missing("regions.eu-west-1.artifact_key_arn"));
    nowhere.environments.clear();
    assert!(matches!(attempt("", &nowhere, None), Err(Error::UnknownEnvironment { .. })));
}

/// Stacks from before v1.9.0 have a manager role that can't upload what their next version needs.
#[test]
fn the_manager_role_of_an_old_stack_is_allowed_to_upload() {
    for (version, may) in [
        (None, false),
        (Some("v1.8.0"), false),
        (Some("none"), false),
        (Some("v1.9.0"), true),
        (Some("bootstrap"), true),
    ] {
        assert_eq!(may_upload(version), may, "{version:?}");
    }
    let new = rendered("").template.into_value();
    assert_eq!(allowing_uploads(&new, "bucket", "key", "eu-west-1"), None);
    let path = "Resources/EnvironmentManagerRole/Properties/Policies/0/PolicyDocument/Statement";
    let mut old = new.clone();
    old.at_mut(path).unwrap().as_list_mut().unwrap().retain(|statement| {
        let sid = statement["Sid"].as_str().unwrap_or_default();
        !matches!(sid, "PutObjectsToArtifactBucket" | "EncryptObjectsInArtifactBucket")
    });
    let allowed = allowing_uploads(&old, "bucket", "key", "eu-west-1").unwrap();
    assert!(same(&allowed, &new, Attention::Everything));
    let china = allowing_uploads(&old, "bucket", "key", "cn-north-1").unwrap();
    let last = china.at(path).unwrap().as_list().unwrap().iter().rev().nth(1).unwrap();
    assert_eq!(last["Resource"], cfn!(["arn:aws-cn:s3:::bucket", "arn:aws-cn:s3:::bucket/*"]));
    assert_eq!(allowing_uploads(&cfn!({ "Resources": {} }), "bucket", "key", "eu-west-1"), None);
}

/// Regions that were opened later have no account of load balancers, and no table of accounts is looked up there.
#[test]
fn load_balancers_of_newer_regions_log_as_a_service() {
    let principal = |region: &str| {
        let text = FACTS.replace("eu-west-1", region);
        let facts = Facts::read(&Source::new("facts.yml", text), &mut Diagnostics::default()).unwrap();
        let rendered = attempt("http: {public: {access_logs: true}}\n", &facts, None).unwrap();
        let policy = properties(&rendered, "ELBAccessLogsBucketPolicy")["PolicyDocument"].clone();
        (policy["Statement"][0]["Principal"].clone(), rendered.template.mappings.len())
    };
    let (account, tables) = principal("eu-west-1");
    assert!(account.get("AWS").is_some() && tables == 1);
    let service = cfn!({ "Service": "logdelivery.elasticloadbalancing.amazonaws.com" });
    assert_eq!(principal("eu-central-2"), (service, 0));
}

#[test]
fn a_later_version_is_not_replaced() {
    let check =
        |version: &str| check_version("test", &facts(&format!("version: {version}")).environments["test"]);
    for fine in ["v1.34.1", "v1.9.0", "bootstrap", "'1.34.0'"] {
        assert_eq!(check(fine), Ok(()), "{fine}");
    }
    let error = check("v1.35.0").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the environment `test` was deployed with version v1.35.0, which is newer than v1.34.1"
    );
}

#[test]
fn cloudfront_is_not_put_before_services_that_it_would_break() {
    let problem = |body: &str, deployed: &str| match attempt(body, &facts(deployed), None) {
        Err(Error::Environment { problems, .. }) => {
            let lines: Vec<String> =
                problems.iter().map(|problem| format!("{}: {problem}", problem.path)).collect();
            lines.join("\n")
        }
        Err(error) => error.to_string(),
        Ok(_) => "fine".to_owned(),
    };
    let deployed = |aliases: &str| {
        format!("version: v1.33.0, parameters: {{ALBWorkloads: 'web,api', Aliases: '{aliases}'}}")
    };
    let both = r#"{"web": ["w.example.com"], "api": ["a.example.com"]}"#;
    let terminating = "cdn: {terminate_tls: true}\nhttp: {public: {ingress: {cdn: true}}}\n";
    let redirecting =
        format!("{}, redirecting_services: [web], cloudfront_prefix_list_id: pl-1", deployed(both));
    let cases = [
        ("cdn: true\n", deployed(both)),
        ("cdn: true\n", deployed(r#"{"web": ["w.example.com"]}"#)),
        ("cdn: true\n", deployed("")),
        ("cdn: true\n", deployed("[1")),
        ("cdn: true\n", "version: v1.33.0, parameters: {ALBWorkloads: web}".to_owned()),
        (terminating, redirecting.clone()),
        // CloudFront is not the only way there, so Copilot only says so.
        ("cdn: {terminate_tls: true}\n", redirecting),
    ];
    let found: Vec<String> = cases
        .iter()
        .map(|(body, deployed)| format!("# {}\n# {deployed}\n{}\n", body.trim(), problem(body, deployed)))
        .collect();
    insta::assert_snapshot!(found.join("\n"));
}
