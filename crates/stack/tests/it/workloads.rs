//! Every conformance case of a workload: the template and parameters are those that are deployed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use copilot_cfn::compare::{Attention, same};
use copilot_cfn::diff::TemplateDiff;
use copilot_cfn::{Value, read, write};
use copilot_manifest::interpolate::Variables;
use copilot_manifest::workload::WorkloadManifest;
use copilot_stack::Facts;
use copilot_stack::addons::{Addons, Files, Owner, merge};
use copilot_stack::workload::{FunctionKeys, Rendered, Request, render};
use copilot_yaml::{Diagnostics, Source};

use crate::conformance::folders_with;
use crate::reference::folder;

#[derive(Debug)]
struct NoCode;

impl FunctionKeys for NoCode {
    fn key(&self, function: &str) -> String {
        format!("manual/scripts/custom-resources/{}/0.zip", function.to_lowercase())
    }
}

struct Case {
    folder: PathBuf,
    name: String,
    env: String,
    variables: BTreeMap<String, String>,
}

impl Case {
    fn read(folder: PathBuf) -> Option<Self> {
        let text = std::fs::read_to_string(folder.join("case.json")).unwrap();
        let case: serde_json::Value = serde_json::from_str(&text).unwrap();
        let shell = case["variables"].as_object().into_iter().flatten();
        (case["kind"] == "workload").then(|| Self {
            name: case["name"].as_str().unwrap().to_owned(),
            env: case["env"].as_str().unwrap().to_owned(),
            variables: shell.map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned())).collect(),
            folder,
        })
    }

    fn manifest(&self) -> Source {
        read_source(&self.folder.join(format!("copilot/{}/manifest.yml", self.name)))
    }

    /// The case's addons, merged.
    fn addons(&self) -> Result<Option<Addons>, String> {
        let Ok(entries) = std::fs::read_dir(self.folder.join(format!("copilot/{}/addons", self.name))) else {
            return Ok(None);
        };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let sources = paths.iter().map(|path| read_source(path));
        let is_parameters = |source: &Source| source.name().contains("/addons.parameters.y");
        let (parameters, templates): (Vec<Source>, Vec<Source>) = sources.partition(is_parameters);
        let files = Files { templates: &templates, parameters: &parameters };
        merge(files, Owner::Workload).map(|merged| Some(merged.addons)).map_err(|problems| all(&problems))
    }

    fn render(&self) -> Result<Rendered, String> {
        let facts = {
            let mut problems = Diagnostics::default();
            let facts = Facts::read(&read_source(&self.folder.join("facts.yml")), &mut problems);
            facts.ok_or_else(|| all(&problems))?
        };
        let source = self.manifest();
        let variables =
            Variables { application: facts.application.name.clone(), shell: self.variables.clone() };
        let manifest = WorkloadManifest::parse(source.clone()).map_err(|problems| all(&problems))?;
        let loaded = manifest.load(&self.env, &variables).map_err(|problems| all(&problems))?;
        let addons = self.addons()?;
        let request = Request {
            workload: &loaded.workload,
            source: &source,
            environment: &self.env,
            facts: &facts,
            addons: addons.as_ref(),
            function_keys: &NoCode,
        };
        render(request).map_err(|error| match &error {
            copilot_stack::workload::Error::Manifest { problems, .. } => all(problems),
            error => format!("{error:?}"),
        })
    }

    /// What is wrong; `None` when the case is as it has to be.
    fn verdict(&self) -> Option<String> {
        let expected = self.folder.join("expected");
        if let Ok(message) = std::fs::read_to_string(expected.join("error.txt")) {
            return match self.render() {
                Ok(_) => Some(format!("not refused: {}", message.trim())),
                Err(_) => None,
            };
        }
        let rendered = match self.render() {
            Ok(rendered) => rendered,
            Err(problem) => return Some(format!("refused: {problem}")),
        };
        let file = |kind: &str| expected.join(format!("{}-{}.{kind}.json", self.name, self.env));
        let template = rendered.template.into_value();
        let parameters = rendered.parameters.to_json();
        if let Some(target) = std::env::var_os("COPILOT_RENDER_TO") {
            let target = Path::new(&target).join(self.folder.file_name().unwrap());
            std::fs::create_dir_all(&target).unwrap();
            let stem = format!("{}-{}", self.name, self.env);
            std::fs::write(target.join(format!("{stem}.stack.yml")), write::to_yaml(&template)).unwrap();
            std::fs::write(target.join(format!("{stem}.params.json")), &parameters).unwrap();
        }
        let mut wrong = String::new();
        let pairs =
            [("stack", template), ("params", read_value(&Source::new("params.json", parameters.as_str())))];
        for (kind, found) in pairs {
            let wanted = read_value(&read_source(&file(kind)));
            if !same(&wanted, &found, Attention::Behaviour) {
                let _ = writeln!(wrong, "{kind}:\n{}", TemplateDiff::between(&wanted, &found));
            }
        }
        (!wrong.is_empty()).then_some(wrong)
    }
}

fn read_source(path: &Path) -> Source {
    Source::from_bytes(path.to_str().unwrap(), std::fs::read(path).unwrap()).unwrap()
}

fn read_value(source: &Source) -> Value {
    read::read(source, &mut Diagnostics::default()).unwrap().value
}

fn all(problems: &Diagnostics) -> String {
    let lines: Vec<String> = problems.iter().map(|problem| format!("{}: {problem}", problem.path)).collect();
    lines.join("\n")
}

#[test]
fn every_workload_is_rendered_as_deployed() {
    let Some(folder) = folder("conformance") else { return };
    let filter = std::env::var_os("COPILOT_CASE").unwrap_or_default();
    let filter = filter.to_str().unwrap();
    let cases = folders_with(&folder, "case.json").into_iter().filter_map(Case::read);
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut report = String::new();
    for case in cases.filter(|case| case.folder.to_str().unwrap().contains(filter)) {
        let manifest = case.manifest();
        let kind = manifest.text().lines().find_map(|line| line.strip_prefix("type:")).unwrap_or("no type");
        let kind = kind.split('#').next().unwrap().trim().trim_matches(['"', '\'']);
        let refused = case.folder.join("expected/error.txt").is_file();
        let kind = format!("{kind}{}", if refused { ", refused" } else { "" });
        let count = counts.entry(kind).or_default();
        count.1 += 1;
        match case.verdict() {
            None => count.0 += 1,
            Some(wrong) => {
                let _ = writeln!(report, "== {}\n{wrong}", case.folder.display());
            }
        }
    }
    let lines: Vec<String> =
        counts.iter().map(|(kind, (right, all))| format!("{right:4} of {all:4}  {kind}")).collect();
    let summary = lines.join("\n");
    println!("{summary}");
    assert!(!counts.is_empty(), "no case in {}", folder.display());
    assert!(counts.values().all(|(right, all)| right == all), "{report}\n{summary}");
}
