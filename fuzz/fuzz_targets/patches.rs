//! A template and a patches file, separated by a line of percent signs: whatever they hold, applying one to the other ends
//! in an error or in a template that reads back as it was written.
#![no_main]

use copilot_cfn::compare::{Attention, same};
use copilot_cfn::patch::Patches;
use copilot_cfn::read::read;
use copilot_cfn::write::{to_json, to_yaml};
use copilot_yaml::{Diagnostics, Source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some((template, patches)) = text.split_once("%%%\n") else { return };
    let mut diagnostics = Diagnostics::default();
    let template = read(&Source::new("template.yml", template), &mut diagnostics);
    let patches = Patches::read(&Source::new("cfn.patches.yml", patches), &mut diagnostics);
    let (Some(template), Some(patches)) = (template, patches) else { return };
    let Ok(patched) = patches.apply(template.value) else { return };
    let _ = to_json(&patched);
    let written = to_yaml(&patched);
    let mut diagnostics = Diagnostics::default();
    match read(&Source::new("patched.yml", written.as_str()), &mut diagnostics) {
        Some(again) => assert!(same(&patched, &again.value, Attention::Everything), "{patched:?}\n{written}"),
        // Patches may nest deeper, and repeat more, than the reader takes.
        None => assert!(
            diagnostics.iter().all(|d| ["copilot::yaml::too_deep", "copilot::yaml::too_large"].contains(&d.code.id)),
            "{written}\n{diagnostics:?}"
        ),
    }
});
