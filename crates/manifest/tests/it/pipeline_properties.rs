//! Nothing that a file may hold makes the reader of pipelines panic, and what it accepts keeps its promises.

use std::collections::HashSet;

use copilot_manifest::pipeline::{Surroundings, names, read};
use copilot_yaml::{Diagnostics, Source};
use proptest::prelude::*;

/// YAML of the words that a pipeline's manifest is made of, in places where they may or may not belong.
fn yaml() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "name",
        "version",
        "source",
        "provider",
        "properties",
        "repository",
        "branch",
        "build",
        "image",
        "stages",
        "deployments",
        "pre_deployments",
        "post_deployments",
        "depends_on",
        "buildspec",
        "test_commands",
        "requires_approval",
        "additional_policy",
        "PolicyDocument",
        "stack_name",
        "a",
        "b",
        "a-b",
        "GitHub",
        "Bitbucket",
        "GitHubV1",
        "CodeCommit",
        "o/r",
        "https://github.com/o/r",
        "1",
        "true",
        "null",
        "''",
        "\"é\\n\"",
        "!Sub x",
        "*a",
    ];
    let leaf = prop::sample::select(WORDS).prop_map(str::to_owned);
    let key = prop::sample::select(&WORDS[..20]);
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|entries| {
                let entries: Vec<_> =
                    entries.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
                format!("{{{}}}", entries.join(", "))
            }),
        ]
    })
}

/// Deployments that may depend on each other, as `{d0: {depends_on: [d3]}, …}`.
fn deployments() -> impl Strategy<Value = Vec<Vec<usize>>> {
    (1_usize..12).prop_flat_map(|count| prop::collection::vec(prop::collection::vec(0..count, 0..4), count))
}

fn accept(text: &str) -> Option<copilot_manifest::pipeline::Pipeline> {
    let around = Surroundings { application: "shop".to_owned(), ..Surroundings::default() };
    let mut diagnostics = Diagnostics::default();
    let pipeline = read(&Source::new("m.yml", text), &around, &mut diagnostics);
    assert_eq!(pipeline.is_none(), diagnostics.has_errors(), "{text}\n{diagnostics:#?}");
    for found in &diagnostics {
        let inside = |end: usize| end <= text.len() && text.is_char_boundary(end);
        assert!(
            found.labels.iter().all(|label| inside(label.span.start) && inside(label.span.end)),
            "{text}\n{found:?}"
        );
    }
    pipeline
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}|[ -~\n]{0,200}") {
        accept(&text);
    }

    #[test]
    fn any_yaml_is_read_or_refused(value in yaml()) {
        accept(&value);
    }

    #[test]
    fn any_parts_are_read_or_refused(name in yaml(), source in yaml(), build in yaml(), stages in prop::collection::vec(yaml(), 0..3)) {
        accept(&format!("name: {name}\nversion: 1\nsource: {source}\nbuild: {build}\nstages: [{}]\n", stages.join(", ")));
    }

    #[test]
    fn what_is_waited_for_runs_first(graph in deployments(), approval: bool) {
        let entries: Vec<String> = graph.iter().enumerate().map(|(at, waits_for)| {
            let names: Vec<String> = waits_for.iter().map(|to| format!("d{to}")).collect();
            format!("d{at}: {{depends_on: [{}]}}", names.join(", "))
        }).collect();
        let text = format!(
            "name: a\nversion: 1\nsource: {{provider: GitHub, properties: {{repository: o/r}}}}\n\
             stages: [{{name: test, requires_approval: {approval}, deployments: {{{}}}}}]\n",
            entries.join(", ")
        );
        let circle = (0..graph.len()).any(|start| {
            let (mut seen, mut open) = (HashSet::new(), graph[start].clone());
            while let Some(at) = open.pop() {
                if seen.insert(at) {
                    open.extend(&graph[at]);
                }
            }
            seen.contains(&start)
        });
        let pipeline = accept(&text);
        prop_assert_eq!(pipeline.is_none(), circle);
        for stage in pipeline.iter().flat_map(|pipeline| &pipeline.stages) {
            let order = |name: &str| stage.deployments.iter().find(|item| item.name == name).unwrap().run_order;
            for item in &stage.deployments {
                let latest = item.depends_on.iter().map(|name| order(name)).max();
                prop_assert_eq!(item.run_order, latest.unwrap_or(u32::from(approval)) + 1);
            }
            let mut names = HashSet::new();
            prop_assert!(stage.actions().into_iter().all(|action| names.insert(action.name)));
            prop_assert_eq!(names::stage(&stage.environment), "DeployTo-test");
        }
    }
}

#[test]
fn a_hostile_manifest_of_a_megabyte_is_refused_soon() {
    let chain: Vec<String> = (0..30_000).map(|n| format!("d{n}: {{depends_on: [d{}]}}", n + 1)).collect();
    let stages = "- {name: test, test_commands: [a]}\n".repeat(20_000);
    let unknown = format!("- name: test\n  deployments: {{a: {{depends_on: [{}]}}}}\n", "x,".repeat(200_000));
    for stages in [format!("- name: test\n  deployments: {{{}}}\n", chain.join(", ")), stages, unknown] {
        let text = format!(
            "name: a\nversion: 1\nsource: {{provider: GitHub, properties: {{repository: o/r}}}}\nstages:\n{stages}"
        );
        assert!(text.len() < 1 << 20);
        let start = std::time::Instant::now();
        assert_eq!(accept(&text), None);
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }
}
