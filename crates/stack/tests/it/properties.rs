//! Whatever a manifest says, it is refused or becomes a template that reads back the same.

use std::cell::Cell;

use copilot_cfn::compare::{Attention, same};
use copilot_cfn::diff::TemplateDiff;
use copilot_cfn::write::to_yaml;
use copilot_cfn::{Section, read};
use copilot_manifest::interpolate::Variables;
use copilot_manifest::sample;
use copilot_manifest::workload::{WorkloadManifest, WorkloadType};
use copilot_stack::Facts;
use copilot_stack::workload::{Rendered, Request, render};
use copilot_yaml::{Diagnostics, Source};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::keys::NoCode;

/// An application with a domain, and environments with and without certificates of their own.
const FACTS: &str = "
application: {name: shop, account_id: '111122223333', domain: example.com, permissions_boundary: bound}
regions: {us-west-2: {artifact_bucket: bucket, artifact_key_arn: 'arn:aws:kms:us-west-2:111122223333:key/1'}}
environments:
  test: {account_id: '111122223333', region: us-west-2, version: v1.33.0}
  prod:
    account_id: '111122223333'
    region: us-west-2
    version: v1.33.0
    manifest:
      name: prod
      type: Environment
      http: {public: {certificates: ['arn:aws:acm:us-west-2:1:certificate/1']}, private: {certificates: ['arn:aws:acm:us-west-2:1:certificate/2']}}
    subnets: [{id: subnet-1, tags: {a: b}}]
load_balancers:
  a: {arn: arn, name: a, dns_name: d, hosted_zone_id: z, security_groups: [sg-1], listeners: [{arn: l, port: 443, protocol: HTTPS}]}
images: {web: {repository: r, tag: t}}
";

fn rendered(
    manifest: &WorkloadManifest,
    source: &Source,
    environment: &str,
    facts: &Facts,
) -> Option<Rendered> {
    let variables = Variables { application: "shop".to_owned(), ..Variables::default() };
    let loaded = manifest.load(environment, &variables).ok()?;
    let request = Request {
        workload: &loaded.workload,
        source,
        environment,
        facts,
        addons: None,
        function_keys: &NoCode,
    };
    render(request).ok()
}

/// Every parameter that has no default is given, and nothing is given that the template does not take.
fn check_parameters(stack: &Rendered, text: &str) {
    let declared = stack.template.section(Section::Parameters);
    for (name, parameter) in declared {
        let has_value = parameter.get("Default").is_some() || stack.parameters.parameters.contains_key(name);
        assert!(has_value, "nobody gives `{name}`:\n{text}");
    }
    for name in stack.parameters.parameters.keys() {
        assert!(declared.contains_key(name), "the template takes no `{name}`:\n{text}");
    }
    serde_json::from_str::<serde_json::Value>(&stack.parameters.to_json()).unwrap();
}

#[test]
fn drawn_manifests_become_templates_that_read_back_the_same() {
    let facts = Facts::read(&Source::new("facts.yml", FACTS), &mut Diagnostics::default()).unwrap();
    let stacks = Cell::new(0);
    let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
    let bytes = proptest::collection::vec(any::<u8>(), 0..300);
    TestRunner::new(config)
        .run(&bytes, |bytes| {
            for kind in WorkloadType::ALL {
                let text = sample::workload(kind, &bytes);
                let source = Source::new("manifest.yml", text.as_str());
                let Ok(manifest) = WorkloadManifest::parse(source.clone()) else { continue };
                for environment in ["test", "prod"] {
                    let Some(stack) = rendered(&manifest, &source, environment, &facts) else { continue };
                    stacks.set(stacks.get() + 1);
                    check_parameters(&stack, &text);
                    let template = stack.template.into_value();
                    let written = to_yaml(&template);
                    let mut problems = Diagnostics::default();
                    let again = read::read(&Source::new("template.yml", written.as_str()), &mut problems);
                    prop_assert!(problems.is_empty(), "{problems:?}\n{written}");
                    let again = again.map(|document| document.value).unwrap_or_default();
                    let equal = same(&template, &again, Attention::Everything);
                    prop_assert!(equal, "{text}\n{}", TemplateDiff::between(&template, &again));
                }
            }
            Ok(())
        })
        .unwrap();
    println!("{} stacks rendered", stacks.get());
    assert!(stacks.get() > 100, "only {} stacks were rendered: the property says little", stacks.get());
}
