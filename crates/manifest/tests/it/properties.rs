//! Whatever a manifest says, loading it ends in a workload or in problems that have a place.

use std::cell::Cell;

use copilot_manifest::decode::Describe;
use copilot_manifest::environment::EnvironmentManifest;
use copilot_manifest::interpolate::Variables;
use copilot_manifest::sample;
use copilot_manifest::workload::{WorkloadManifest, WorkloadType};
use copilot_yaml::{Diagnostics, Source};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Spans point into the text, messages are no sentences, and there is help.
fn check(source: &Source, problems: &Diagnostics) {
    for problem in problems {
        let label = problem.labels.first();
        assert!(label.is_some_and(|label| label.span.end <= source.text().len()), "{problem:?}");
        assert!(!problem.message.ends_with('.') && !problem.message.contains('\n'), "{problem:?}");
    }
}

#[test]
fn workloads_are_loaded_or_refused() {
    let accepted = Cell::new(0);
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let bytes = proptest::collection::vec(any::<u8>(), 0..400);
    TestRunner::new(config)
        .run(&bytes, |bytes| {
            for kind in WorkloadType::ALL {
                let source = Source::new("m.yml", sample::workload(kind, &bytes));
                match WorkloadManifest::parse(source.clone()).and_then(|manifest| {
                    manifest.load("prod", &Variables::default())?;
                    manifest.load("test", &Variables::default())
                }) {
                    Ok(loaded) => {
                        accepted.set(accepted.get() + 1);
                        check(&source, &loaded.warnings);
                    }
                    Err(problems) => {
                        prop_assert!(problems.has_errors());
                        check(&source, &problems);
                    }
                }
            }
            Ok(())
        })
        .unwrap();
    eprintln!("workloads drawn: {}, accepted: {}", 400 * WorkloadType::ALL.len(), accepted.get());
    assert!(accepted.get() > 100, "only {} of 2400 were accepted: the property says little", accepted.get());
}

#[test]
fn environments_are_loaded_or_refused() {
    let config = Config { cases: 500, failure_persistence: None, ..Config::default() };
    let bytes = proptest::collection::vec(any::<u8>(), 0..300);
    TestRunner::new(config)
        .run(&bytes, |bytes| {
            let source = Source::new("m.yml", sample::value(&EnvironmentManifest::shape(), &bytes));
            match EnvironmentManifest::load(&source, "test", &Variables::default()) {
                Ok(loaded) => check(&source, &loaded.warnings),
                Err(problems) => check(&source, &problems),
            }
            Ok(())
        })
        .unwrap();
}
