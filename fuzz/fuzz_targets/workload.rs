//! A workload's manifest, as text or drawn from the form of its type: loading it for two environments ends in a workload or in
//! problems that point into the text.
#![no_main]

use copilot_manifest::interpolate::Variables;
use copilot_manifest::sample;
use copilot_manifest::workload::{WorkloadManifest, WorkloadType};
use copilot_yaml::{Diagnostics, Source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let text = match (first, std::str::from_utf8(rest)) {
        // Texts start with a letter, so that a manifest is a seed as it is.
        (b'a'..=b'z', Ok(_)) => String::from_utf8_lossy(bytes).into_owned(),
        _ => sample::workload(WorkloadType::ALL[usize::from(*first) % WorkloadType::ALL.len()], rest),
    };
    let source = Source::new("manifest.yml", text);
    let variables = Variables {
        application: "app".to_owned(),
        shell: [("A", "1"), ("LIST", "[\"a\"]")].map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
    };
    match WorkloadManifest::parse(source.clone()) {
        Err(problems) => check(&source, &problems),
        Ok(manifest) => {
            for environment in ["test", "prod"] {
                match manifest.load(environment, &variables) {
                    Ok(loaded) => check(&source, &loaded.warnings),
                    Err(problems) => {
                        assert!(problems.has_errors());
                        check(&source, &problems);
                    }
                }
            }
        }
    }
});

fn check(source: &Source, problems: &Diagnostics) {
    for problem in problems {
        assert!(problem.labels.iter().all(|label| label.span.end <= source.text().len()), "{problem:?}");
        assert!(!problem.message.contains('\n'), "{problem:?}");
    }
}
