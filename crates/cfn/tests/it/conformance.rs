//! Every template that the conformance data expects survives being read, written and compared.

use std::path::{Path, PathBuf};

use copilot_cfn::compare::{Attention, same};
use copilot_cfn::diff::TemplateDiff;
use copilot_cfn::limits::check;
use copilot_cfn::read::read;
use copilot_cfn::write::{to_json, to_yaml};
use copilot_cfn::{Template, Value};
use copilot_yaml::{Diagnostics, Source};

use crate::reference::folder;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.components().any(|part| part.as_os_str() == "expected")
            && path.extension().is_some_and(|extension| extension == "json")
        {
            found.push(path);
        }
    }
}

fn parse(text: String) -> Value {
    let mut diagnostics = Diagnostics::default();
    let document = read(&Source::new("template", text), &mut diagnostics).expect("a document");
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    document.value
}

#[test]
fn expected_templates_survive() {
    let Some(folder) = folder("conformance") else { return };
    let mut found = Vec::new();
    files(&folder, &mut found);
    for path in &found {
        let value = parse(std::fs::read_to_string(path).expect("text"));
        let yaml = to_yaml(&value);
        assert_eq!(parse(yaml.clone()), value, "{}", path.display());
        assert_eq!(parse(to_json(&value)), value, "{}", path.display());
        assert!(same(&value, &parse(yaml.clone()), Attention::Everything));
        assert!(TemplateDiff::between(&value, &value).is_empty());
        if value.get("Resources").is_some() {
            let sections = Template::from_value(value.clone()).expect("sections").into_value();
            assert_eq!(sections, value, "{}", path.display());
            assert!(check(&value, &yaml).is_ok(), "{}", path.display());
        }
    }
    assert!(!found.is_empty(), "no expected template in {}", folder.display());
    println!("{} expected files survive", found.len());
}
