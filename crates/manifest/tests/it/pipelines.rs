//! Manifests of pipelines: what they become, and what is said of broken ones.

use copilot_manifest::pipeline::{Connection, Pipeline, Repository, Surroundings, read};
use copilot_yaml::{Diagnostics, Source};

fn around() -> Surroundings {
    Surroundings {
        application: "shop".to_owned(),
        folder: "copilot/pipelines/release".to_owned(),
        workloads: Some(vec!["api".to_owned(), "web".to_owned()]),
        environments: Some(["test", "te-st", "prod"].map(str::to_owned).to_vec()),
        ..Surroundings::default()
    }
}

/// The pipeline and all problems, one paragraph each.
fn run(text: &str) -> (Option<Pipeline>, String) {
    let mut diagnostics = Diagnostics::default();
    let pipeline = read(&Source::new("m.yml", text), &around(), &mut diagnostics);
    let problems = diagnostics.iter().map(|found| {
        let severity = if found.is_error() { "error" } else { "warning" };
        let places: Vec<String> = (found.labels.iter())
            .map(|label| {
                let marked = text.get(label.span.start..label.span.end).unwrap_or_default();
                let marked = marked.lines().next().unwrap_or_default();
                format!("\n  {marked:?} {}", label.text)
            })
            .collect();
        let help = found.help.as_deref().unwrap_or_default();
        format!(
            "{severity} {} at `{}`\n  {found}{}\n  help: {help}\n",
            found.code.id,
            found.path,
            places.concat()
        )
    });
    (pipeline, problems.collect())
}

/// A manifest with these stages.
fn with_stages(stages: &str) -> String {
    format!(
        "name: release\nversion: 1\nsource: {{provider: GitHub, properties: {{repository: acme/shop}}}}\nstages:\n{stages}"
    )
}

fn stages(text: &str) -> Pipeline {
    let (pipeline, problems) = run(&with_stages(text));
    pipeline.unwrap_or_else(|| panic!("{problems}"))
}

/// `name order` of each action, in order of emission.
fn orders(pipeline: &Pipeline, stage: usize) -> Vec<String> {
    let actions = pipeline.stages[stage].actions();
    actions.iter().map(|action| format!("{} {}", action.name, action.run_order)).collect()
}

#[test]
fn run_orders_follow_the_dependencies() {
    let pipeline = stages(
        "- name: test
  requires_approval: yes
  pre_deployments:
    m2: {buildspec: b, depends_on: [m1, m1]}
    m1: {buildspec: b}
  deployments:
    web: {depends_on: [api]}
    api:
  post_deployments:
    p1: {buildspec: b}
    p2: {buildspec: b, depends_on: [p1]}
- name: prod
  deployments:
    frontend: {depends_on: [orders, payments], template_path: t}
    orders: {depends_on: [warehouse], template_path: t}
    payments: {template_path: t}
    warehouse: {template_path: t}
  test_commands: [a: b, '']
"
        .replace("[a: b, '']", "[make check]")
        .as_str(),
    );
    assert_eq!(
        orders(&pipeline, 0),
        [
            "ApprovePromotionTo-test 1",
            "m1 2",
            "m2 3",
            "p1 6",
            "p2 7",
            "CreateOrUpdate-api-test 4",
            "CreateOrUpdate-web-test 5",
        ]
    );
    assert_eq!(
        orders(&pipeline, 1),
        [
            "CreateOrUpdate-frontend-prod 3",
            "CreateOrUpdate-orders-prod 2",
            "CreateOrUpdate-payments-prod 1",
            "CreateOrUpdate-warehouse-prod 1",
            "TestCommands 4",
        ]
    );
}

#[test]
fn row_2_a_dependency_twice_counts_once() {
    let orders = |web: &str| {
        orders(
            &stages(&format!(
                "- name: test\n  deployments: {{web: {{depends_on: {web}}}, api: , jobs: {{depends_on: [api]}}}}\n"
            )),
            0,
        )
    };
    assert_eq!(orders("[jobs, api, jobs, api]"), orders("[api, jobs]"));
    let expected = ["CreateOrUpdate-api-test 1", "CreateOrUpdate-jobs-test 2", "CreateOrUpdate-web-test 3"];
    assert_eq!(orders("[api, api, jobs, jobs]"), expected);
}

#[test]
fn what_is_not_said_has_defaults() {
    let pipeline = stages("- name: test\n");
    insta::assert_debug_snapshot!(pipeline);
    let names: Vec<String> = pipeline.stage_views("shop").into_iter().map(|stage| stage.name).collect();
    assert_eq!(names, ["Source", "Build", "DeployTo-test"]);
}

#[test]
fn deployments_are_listed_by_the_names_of_their_actions() {
    let pipeline = stages("- name: t\n  deployments: {a: {template_path: t}, a-b: {template_path: t}, a2: {template_path: t}}\n".replace("name: t\n", "name: test\n").as_str());
    let names: Vec<&str> = pipeline.stages[0].deployments.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["a-b", "a", "a2"]);
}

#[test]
fn each_provider_has_its_form() {
    let token =
        "{provider: GitHub, properties: {repository: 'https://github.com/o/r.git', access_token_secret: s}}";
    let cases = [
        (
            "{provider: GitHub, properties: {repository: o/r, connection_name: c, connection_arn: arn}}",
            "Named(\"c\")",
        ),
        ("{provider: GitHub, properties: {repository: o/r, connection_arn: arn}}", "Arn(\"arn\")"),
        (
            "{provider: Bitbucket, properties: {repository: 'https://bitbucket.org/organization/r'}}",
            "Created(\"copilot-organ-r\")",
        ),
        (token, "Token { owner: \"o\", name: \"r.git\", secret: \"s\" }"),
        (
            "{provider: CodeCommit, properties: {repository: 'https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/r/browse', output_artifact_format: ''}}",
            "CodeCommit { region: \"eu-west-1\", name: \"r\", format: None }",
        ),
        (
            "{provider: CodeCommit, properties: {repository: 'https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/r/browse?region=eu-west-1'}}",
            "CodeCommit { region: \"eu-west-1\", name: \"r\", format: None }",
        ),
    ];
    for (source, expected) in cases {
        let (pipeline, problems) =
            run(&format!("name: a\nversion: 1.0\nsource: {source}\nstages: [{{name: test}}]\n"));
        assert!(!problems.contains("version"), "1.0 is a whole number: {problems}");
        let repository = pipeline.unwrap_or_else(|| panic!("{problems}")).source.repository;
        let found = match &repository {
            Repository::Connected { connection, .. } => format!("{connection:?}"),
            other => format!("{other:?}"),
        };
        assert_eq!(found, expected);
        assert!(
            !matches!(repository, Repository::Connected { connection: Connection::Created(name), .. } if name.len() > 32)
        );
    }
}

macro_rules! refused {
    ($($name:ident: $text:expr;)*) => {$(
        #[test]
        fn $name() {
            let (pipeline, problems) = run(&$text);
            assert_eq!(pipeline, None);
            insta::assert_snapshot!(problems);
        }
    )*};
}

refused! {
    an_empty_file: "";
    a_list: "- a\n";
    nothing_but_a_name: "name: release\n";
    wrong_types: "name: [a]\nversion: '1'\nsource: GitHub\nbuild: []\nstages: {name: test}\n";
    a_key_twice: with_stages("- name: test\n- name: prod\n  name: prod\n");
    values_of_stages: with_stages(
        "- name: test\n  requires_approval: 'true'\n  test_commands: make\n  deployments: [api]\n  pre_deployments: {a: {buildspec: b, depends_on: c}}\n"
    );
    another_version: with_stages("- name: test\n").replace("version: 1", "version: 2");
    the_mistyped_gate: with_stages("- name: prod\n  require_approval: true\n- name: test\n  approval: true\n  requires_approvals: true\n  tags: {}\n");
    names_that_no_stack_can_have: with_stages("- {name: test, deployments: {a_b: {template_path: t}, c: {stack_name: 1-c, template_path: t}}}\n").replace("name: release", "name: my pipeline");
    stages_without_names_and_twice: with_stages("- name:\n- name: ''\n- {}\n- name: test\n- name: test\n- \n- name: prot\n");
    no_stage: with_stages("  []\n");
    tests_and_actions: with_stages("- name: test\n  test_commands: ['', a, ~]\n  post_deployments: {}\n");
    actions_without_buildspec: with_stages("- name: test\n  pre_deployments: {a: , b: {}, c: {buildspec: ''}}\n  post_deployments: {d: }\n");
    dependencies: with_stages(
        "- name: test
  deployments: {api: {depends_on: [web]}, web: {depends_on: [apii]}, x: {depends_on: [x]}}
  pre_deployments: {a: {buildspec: b, depends_on: [c]}, c: {buildspec: b, depends_on: [a]}}
  post_deployments: {d: {buildspec: b, depends_on: [a]}}
"
    );
    names_of_actions: with_stages(
        "- name: test
  pre_deployments: {migrate: {buildspec: b}, 'a b': {buildspec: b}, TestCommands: {buildspec: b}, a-b: {buildspec: b}, ab: {buildspec: b}}
- name: te-st
  post_deployments: {migrate: {buildspec: b}}
  pre_deployments: {migrate: {buildspec: b}}
  test_commands: [a]
"
    );
    gates_that_would_be_lost: with_stages("- {name: test, test_comands: [a], pre_deploymets: {}}\n- {name: te-st, post_deploy: {}, test_commands: [a], test_command: [b]}\n- {name: prod, approval: true, tests: [a], deployment: {}}\n");
    stages_of_names_and_actions_of_lists: with_stages("- test\n- {name: prod, deployments: [api, web], pre_deployments: [{name: a, buildspec: b}], post_deployments: {a: b.yml}, test_commands: make}\n- {name: te-st, deployments: {api: [x]}, post_deployments: {a: [b]}}\n");
    a_host_that_no_pipeline_follows: "name: a\nversion: 1\nsource: {provider: GitLab, properties: {repository: 'https://gitlab.com/o/r'}}\nstages: [{name: test}]\n";
    an_address_that_no_pipeline_follows: "name: a\nversion: 1\nsource: {provider: GitHub, properties: {repository: 'https://gitlab.com/o/r'}}\nstages: [{name: test}]\n";
    names_that_are_too_long: format!("name: {}\nversion: 1\nsource: {{provider: GitHub, properties: {{repository: o/r}}}}\nstages: [{{name: {}}}, {{name: te_st}}]\n", "n".repeat(101), "e".repeat(82));
    no_properties: "name: a\nversion: 1\nsource: {}\nstages: [{name: test}]\n";
    properties_without_value: "name: a\nversion: 1\nsource: {provider: github, properties: {repository: , branch: 1.10, access_token_secret: 7}}\nstages: [{name: test}]\n";
    a_policy_that_is_none: format!("{}build: {{additional_policy: {{PolicyDocument: allow}}}}\n", with_stages("- name: test\n"));
    formats_and_useless_properties: "name: a\nversion: 1\nsource: {provider: GitHubV1, properties: {repository: o/r, connection_name: c, output_artifact_format: ZIP}}\nstages: [{name: test}]\n";
}

#[test]
fn quotas_are_known() {
    let deployments =
        (0..60).map(|n| format!("d{n}: {{depends_on: [nowhere]}}")).collect::<Vec<_>>().join(", ");
    let stages: Vec<String> = (0..50).map(|n| format!("- {{name: e{n}, test_commands: [a]}}\n")).collect();
    let text = with_stages(&format!("- {{name: test, deployments: {{{deployments}}}}}\n{}", stages.concat()));
    let mut diagnostics = Diagnostics::default();
    assert_eq!(read(&Source::new("m.yml", text), &Surroundings::default(), &mut diagnostics), None);
    let problems: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "m.yml:5:3: a stage has at most 50 actions, `test` has 60",
            "m.yml:53:3: a pipeline has at most 50 stages; with source and build, this one has 53",
        ]
    );
}

#[test]
fn addresses_that_do_not_fit_are_explained() {
    let addresses = [
        ("GitHub", "git@github.com:o/r.git"),
        ("GitHubV1", "https://github.com/o/r/tree/main"),
        ("GitHub", "https://github.com/o/r/"),
        ("GitHub", "https://gitlab.com/o/r"),
        ("GitHub", "repository"),
        ("GitHub", "https://bitbucket.org/o/r"),
        ("Bitbucket", "o/r"),
        ("Bitbucket", "git@bitbucket.org:o/r.git"),
        ("CodeCommit", "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/r"),
        ("CodeCommit", "codecommit::eu-west-1://profile@r"),
        ("CodeCommit", "r"),
        (
            "CodeCommit",
            "https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/r/browser",
        ),
        ("CodeCommit", "https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/r"),
    ];
    let mut told = String::new();
    for (provider, address) in addresses {
        let (pipeline, problems) = run(&format!(
            "name: a\nversion: 1\nsource: {{provider: {provider}, properties: {{repository: '{address}'}}}}\nstages: [{{name: test}}]\n"
        ));
        assert_eq!(pipeline, None);
        told += &problems;
    }
    insta::assert_snapshot!(told);
}

#[test]
fn warnings_leave_the_pipeline_usable() {
    let (pipeline, problems) = run("name: a
version: 1
source:
  provider: CodeCommit
  properties:
    repository: https://eu-west-1.console.amazonaws-us-gov.com/codesuite/codecommit/repositories/r/browse
    connection_name: c
    access_token_secret: s
    branches: x
build: {image: '', buildspec: '', aditional_policy: {}}
stages:
  - name: test
    deployments: {apii: , other: }
  - name: prod
    test_commands: []
    post_deployments: {smoke: {buildspec: b, image: i}}
");
    assert!(pipeline.is_some());
    insta::assert_snapshot!(problems);
}

#[test]
fn a_stage_that_deploys_nothing_is_left_out() {
    let around = Surroundings { workloads: Some(Vec::new()), ..around() };
    let mut diagnostics = Diagnostics::default();
    let text = with_stages("- {name: test, requires_approval: true}\n");
    let pipeline = read(&Source::new("m.yml", text), &around, &mut diagnostics).unwrap();
    assert_eq!(pipeline.stage_views("shop").len(), 2);
    let codes: Vec<&str> = diagnostics.iter().map(|found| found.code.id).collect();
    assert_eq!(codes, ["copilot::pipeline::empty_stage"]);
}
