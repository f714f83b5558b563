//! Pipelines that Copilot has rendered, through the whole command line.

use camino::{Utf8Path, Utf8PathBuf};
use copilot_cfn::compare::{Attention, same};
use copilot_cfn::read::read;
use copilot_yaml::{Diagnostics, Source};

use crate::copilot;
use crate::reference::folder;

pub(crate) fn cases(folder: &Utf8Path, found: &mut Vec<Utf8PathBuf>) {
    for entry in folder.read_dir_utf8().unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        if entry.path().join("case.json").is_file() {
            found.push(entry.path().to_owned());
        } else {
            cases(entry.path(), found);
        }
    }
}

fn template(text: String) -> copilot_cfn::Value {
    let mut diagnostics = Diagnostics::default();
    let document = read(&Source::new("template", text), &mut diagnostics).unwrap();
    assert!(!diagnostics.has_errors());
    document.value
}

#[test]
fn every_pipeline_is_rendered_or_refused_as_expected() {
    let Some(suite) = folder("conformance").map(|path| Utf8PathBuf::from_path_buf(path).unwrap()) else {
        return;
    };
    let mut found = Vec::new();
    cases(&suite, &mut found);
    let (mut equal, mut refused, mut wrong) = (0, 0, Vec::new());
    for folder in found {
        let case: serde_json::Value =
            serde_json::from_str(&fs_err::read_to_string(folder.join("case.json")).unwrap()).unwrap();
        if case["kind"] != "pipeline" {
            continue;
        }
        let name = case["name"].as_str().unwrap();
        let done = copilot(&folder, &["package", "-n", name, "--facts", "facts.yml"]);
        if folder.join("expected/error.txt").is_file() {
            match done.code {
                0 => wrong.push(format!("{folder}: accepted")),
                _ => refused += 1,
            }
            continue;
        }
        let expected = fs_err::read_to_string(folder.join(format!("expected/{name}.stack.json"))).unwrap();
        if done.code == 0 && same(&template(expected), &template(done.stdout), Attention::Behaviour) {
            equal += 1;
        } else {
            wrong.push(format!("{folder}: {}", done.stderr));
        }
    }
    println!("{equal} pipelines equal, {refused} refused as expected");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(equal > 0);
}
