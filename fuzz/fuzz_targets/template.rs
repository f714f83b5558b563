//! Whatever is read as a template is written so that it reads back the same, and differs from itself in nothing.
#![no_main]

use copilot_cfn::diff::TemplateDiff;
use copilot_cfn::read::read;
use copilot_cfn::write::to_yaml;
use copilot_cfn::{Template, Value};
use copilot_yaml::{Diagnostics, Source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut diagnostics = Diagnostics::default();
    let Some(document) = read(&Source::new("template.yml", text), &mut diagnostics) else { return };
    let value = document.value;
    let written = to_yaml(&value);
    let mut diagnostics = Diagnostics::default();
    let again = read(&Source::new("written.yml", written.as_str()), &mut diagnostics);
    let deep = diagnostics.iter().any(|d| ["copilot::yaml::too_deep", "copilot::yaml::too_large"].contains(&d.code.id));
    assert!(deep || again.is_some_and(|again| again.value == value), "{value:?}\n{written}");
    assert!(TemplateDiff::between(&value, &value).is_empty());
    let _ = TemplateDiff::between(&Value::Null, &value).to_string();
    let _ = Template::from_value(value);
});
