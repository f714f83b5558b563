//! Every conformance case of an environment: the template, the parameters and the addons are those that are deployed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use copilot_cfn::compare::{Attention, same};
use copilot_cfn::diff::TemplateDiff;
use copilot_cfn::patch::Patches;
use copilot_cfn::{Template, Value, read, write};
use copilot_manifest::environment::EnvironmentManifest;
use copilot_manifest::interpolate::Variables;
use copilot_stack::addons::{Addons, Files, Owner, merge};
use copilot_stack::environment::{Request, check_version, render};
use copilot_stack::{Error, Facts};
use copilot_yaml::{Diagnostics, Source};
use sha2::{Digest, Sha256};

use crate::conformance::folders_with;
use crate::reference::folder;

struct Case {
    folder: PathBuf,
    name: String,
    variables: BTreeMap<String, String>,
}

/// What is written for an environment.
struct Written {
    template: Value,
    parameters: String,
    addons: Option<Value>,
}

impl Case {
    fn read(folder: PathBuf) -> Option<Self> {
        let text = std::fs::read_to_string(folder.join("case.json")).unwrap();
        let case: serde_json::Value = serde_json::from_str(&text).unwrap();
        let shell = case["variables"].as_object().into_iter().flatten();
        (case["kind"] == "environment").then(|| Self {
            name: case["name"].as_str().unwrap().to_owned(),
            variables: shell.map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned())).collect(),
            folder,
        })
    }

    fn environments(&self) -> PathBuf {
        self.folder.join("copilot/environments")
    }

    fn addons(&self) -> Result<Option<Addons>, String> {
        let Ok(entries) = std::fs::read_dir(self.environments().join("addons")) else { return Ok(None) };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let sources = paths.iter().filter(|path| path.is_file()).map(|path| read_source(path));
        let is_parameters = |source: &Source| source.name().contains("/addons.parameters.y");
        let (parameters, templates): (Vec<Source>, Vec<Source>) = sources.partition(is_parameters);
        if templates.is_empty() {
            return Ok(None);
        }
        let files = Files { templates: &templates, parameters: &parameters };
        merge(files, Owner::Environment).map(|merged| Some(merged.addons)).map_err(|problems| all(&problems))
    }

    fn render(&self) -> Result<Written, String> {
        let mut problems = Diagnostics::default();
        let facts = Facts::read(&read_source(&self.folder.join("facts.yml")), &mut problems);
        let mut facts = facts.ok_or_else(|| all(&problems))?;
        let source = read_source(&self.environments().join(format!("{}/manifest.yml", self.name)));
        let variables =
            Variables { application: facts.application.name.clone(), shell: self.variables.clone() };
        let loaded =
            EnvironmentManifest::load(&source, &self.name, &variables).map_err(|problems| all(&problems))?;
        let addons = self.addons()?;
        if let Some(addons) = addons.as_ref().filter(|_| facts.addons_url.is_none()) {
            facts.addons_url = Some(address(&addons.template, &facts, &self.name));
        }
        let message = |error: Error| match error {
            Error::Environment { problems, .. } => all(&problems),
            error => error.to_string(),
        };
        check_version(&self.name, &facts.environments[&self.name]).map_err(message)?;
        let keys = |function: &str| format!("manual/scripts/custom-resources/{function}/0.zip");
        let rendered = render(Request {
            environment: &loaded,
            name: &self.name,
            facts: &facts,
            addons: addons.as_ref(),
            function_keys: &keys,
            force_deploy_id: None,
        });
        let rendered = rendered.map_err(message)?;
        Ok(Written {
            template: self.patched(rendered.template.into_value())?,
            parameters: rendered.parameters.to_json(),
            addons: addons.map(|addons| addons.template.into_value()),
        })
    }

    fn patched(&self, template: Value) -> Result<Value, String> {
        let path = self.environments().join("overrides/cfn.patches.yml");
        if !path.is_file() {
            return Ok(template);
        }
        let patches = Patches::read(&read_source(&path), &mut Diagnostics::default()).unwrap();
        patches.apply(template).map_err(|problem| problem.to_string())
    }

    /// What is wrong; `None` when the case is as it has to be.
    fn verdict(&self) -> Option<String> {
        let expected = self.folder.join("expected");
        let rendered = self.render();
        if let Ok(message) = std::fs::read_to_string(expected.join("error.txt")) {
            return rendered.is_ok().then(|| format!("not refused: {}", message.trim()));
        }
        let rendered = match rendered {
            Ok(rendered) => rendered,
            // The one restriction that Copilot checks and then forgets; see docs/differences.md.
            Err(problem) if problem.contains("restrict_to.source_ips") => return None,
            Err(problem) => return Some(format!("refused: {problem}")),
        };
        if let Some(target) = std::env::var_os("COPILOT_RENDER_TO") {
            let target = Path::new(&target).join(self.folder.file_name().unwrap());
            std::fs::create_dir_all(&target).unwrap();
            let file = |kind: &str| target.join(format!("{}.{kind}", self.name));
            std::fs::write(file("env.yml"), write::to_yaml(&rendered.template)).unwrap();
            std::fs::write(file("env.params.json"), &rendered.parameters).unwrap();
        }
        let mut wrong = String::new();
        let parameters = read_value(&Source::new("params.json", rendered.parameters.as_str()));
        let mut compare = |file: String, found: &Value| {
            let wanted = read_value(&read_source(&expected.join(&file)));
            if !same(&wanted, found, Attention::Behaviour) {
                let _ = writeln!(wrong, "{file}:\n{}", TemplateDiff::between(&wanted, found));
            }
        };
        compare(format!("{}.stack.json", self.name), &rendered.template);
        compare(format!("{}.params.json", self.name), &parameters);
        match (expected.join("env.addons.json").is_file(), &rendered.addons) {
            (true, Some(addons)) => compare("env.addons.json".to_owned(), addons),
            (true, None) => wrong.push_str("no addons"),
            // Older cases only have the address.
            (false, _) => {}
        }
        (!wrong.is_empty()).then_some(wrong)
    }
}

/// Where the template of addons would lie in the bucket.
fn address(template: &Template, facts: &Facts, environment: &str) -> String {
    let region = &facts.environments[environment].region;
    let bucket = facts.regions[region].artifact_bucket.as_deref().unwrap();
    let text = write::to_yaml(&template.clone().into_value());
    let hash = Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    });
    format!("https://{bucket}.s3.{region}.amazonaws.com/manual/addons/environments/{hash}.yml")
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
fn every_environment_is_rendered_as_deployed() {
    let Some(folder) = folder("conformance") else { return };
    let filter = std::env::var_os("COPILOT_CASE").unwrap_or_default();
    let filter = filter.to_str().unwrap();
    let cases: Vec<Case> = folders_with(&folder, "case.json").into_iter().filter_map(Case::read).collect();
    // Name and type are looked at where the manifests of a workspace are listed.
    let is_ours = |case: &&Case| {
        let message = std::fs::read_to_string(case.folder.join("expected/error.txt")).unwrap_or_default();
        !message.starts_with("read manifest for environment")
    };
    let mut report = String::new();
    let (mut right, mut count) = (0, 0);
    for case in cases.iter().filter(is_ours).filter(|case| case.folder.to_str().unwrap().contains(filter)) {
        count += 1;
        match case.verdict() {
            None => right += 1,
            Some(wrong) => {
                let _ = writeln!(report, "== {}\n{wrong}", case.folder.display());
            }
        }
    }
    println!("{right} of {count} environments");
    assert!(count > 0, "no case in {}", folder.display());
    assert!(report.is_empty(), "{report}\n{right} of {count}");
}
