//! `plan` over files: what is the same stays, and whatever changes is named with what it does.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use copilot_cfn::diff::{Side, Step};
use copilot_cfn::effect::{Class, Effect, effects};
use copilot_cfn::{Value, read};
use copilot_yaml::{Diagnostics, Source};

use crate::{Done, Folder, collect, copilot, root};

const EXAMPLES: [&str; 3] = ["storefront", "everything", "environments"];
/// The table that the program has, read by other means.
const TABLE: &str = include_str!("../../../cfn/src/classes/resources.txt");

/// A copy of an example, and in it, in `deployed`, all of its stacks as files.
fn packaged(example: &str) -> Folder {
    let folder = Folder::new();
    let from = root().join("examples").join(example);
    let mut files = BTreeMap::new();
    collect(&from, &from, &mut files);
    for (name, bytes) in files {
        folder.write(&name, bytes);
    }
    let package = |arguments: &[&str]| {
        let done = copilot(
            &folder.path,
            &[arguments, &["--facts", "facts.yml", "--output-dir", "deployed"]].concat(),
        );
        assert_eq!(done.code, 0, "{arguments:?}: {}", done.stderr);
    };
    let listed = |arguments: &[&str]| -> Vec<String> {
        let done = copilot(&folder.path, arguments);
        done.stdout.lines().map(str::to_owned).collect()
    };
    let environments = environments(&folder.path);
    for environment in &environments {
        package(&["env", "package", "--name", environment]);
    }
    for pipeline in listed(&["ls", "--local"]) {
        package(&["package", "--name", &pipeline]);
    }
    for kind in ["svc", "job"] {
        for name in listed(&[kind, "ls", "--local"]) {
            for environment in &environments {
                package(&[kind, "package", "--name", &name, "--env", environment]);
            }
        }
    }
    folder
}

fn environments(folder: &Utf8Path) -> Vec<String> {
    let entries = folder.join("copilot/environments").read_dir_utf8().unwrap();
    let paths = entries.map(|entry| entry.unwrap().into_path());
    let with_manifest = paths.filter(|path| path.join("manifest.yml").is_file());
    let mut names: Vec<String> = with_manifest.map(|path| path.file_name().unwrap().to_owned()).collect();
    names.sort();
    names
}

fn plan(folder: &Folder, more: &[&str]) -> Done {
    copilot(
        &folder.path,
        &[&["plan", "--all", "--facts", "facts.yml", "--against", "deployed"], more].concat(),
    )
}

fn edit(folder: &Folder, file: &str, from: &str, to: &str) {
    let text = fs_err::read_to_string(folder.path.join(file)).unwrap();
    assert!(text.contains(from), "{file} has {from:?}");
    folder.write(file, text.replacen(from, to, 1));
}

#[test]
fn an_example_beside_itself_stays_as_it_is() {
    for example in EXAMPLES {
        let folder = packaged(example);
        let done = plan(&folder, &[]);
        assert_eq!(done.code, 0, "{example}: {}{}", done.stdout, done.stderr);
        assert!(done.stdout.starts_with("Nothing changes in "), "{}", done.stdout);
        let json: serde_json::Value = serde_json::from_str(&plan(&folder, &["--json"]).stdout).unwrap();
        assert_eq!(json["changes"], false);
        assert!(json["stacks"].as_array().unwrap().len() >= 2, "{example}");
    }
}

/// The storefront after a day's work.
fn edited() -> Folder {
    let folder = packaged("storefront");
    edit(&folder, "copilot/api/manifest.yml", "cpu: 256", "cpu: 512");
    edit(&folder, "copilot/frontend/manifest.yml", "API_URL: http://api:8081", "API_URL: http://api:9090");
    edit(&folder, "copilot/frontend/manifest.yml", "port: 8080", "port: 9090");
    edit(&folder, "copilot/frontend/manifest.yml", "path: /health", "path: /ready");
    edit(&folder, "copilot/pipelines/storefront-main/manifest.yml", "    requires_approval: true\n", "");
    fs_err::remove_file(folder.path.join("deployed/cleanup-prod.stack.yml")).unwrap();
    folder
}

#[test]
fn a_plan_reads_well() {
    let folder = edited();
    let done = plan(&folder, &[]);
    assert_eq!(done.code, 2, "{}", done.stderr);
    insta::assert_snapshot!("tree", done.shown(&folder.path));
    insta::assert_snapshot!("markdown", plan(&folder, &["--format", "markdown"]).shown(&folder.path));
    let page = plan(&folder, &["--format", "html"]).stdout;
    insta::assert_snapshot!("html", page);
    let twice = plan(&folder, &["--format", "markdown"]).stdout;
    assert!(twice.starts_with("<!-- copilot-plan: storefront/storefront-main -->\n"));
    // Exit codes tell how bad it is.
    assert_eq!(plan(&folder, &["--fail-on", "removal"]).code, 0);
    assert_eq!(plan(&folder, &["--fail-on", "replacement"]).code, 2);
    // A part of it.
    let part = ["plan", "--environments", "--facts", "facts.yml", "--against", "deployed"];
    assert_eq!(copilot(&folder.path, &part).code, 0);
}

#[test]
fn what_can_not_be_read_is_an_error_and_no_change() {
    let folder = packaged("environments");
    folder.write("deployed/test.env.yml", "a: [");
    let done = plan(&folder, &[]);
    assert_eq!(done.code, 1, "{}{}", done.stdout, done.stderr);
    folder.write("deployed/test.env.yml", "Resources: {}\n");
    folder.write("deployed/test.env.params.json", "[]");
    assert_eq!(plan(&folder, &[]).code, 1);
    let done = copilot(&folder.path, &["plan", "--all", "--facts", "facts.yml", "--against", "nowhere"]);
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("nowhere"), "{}", done.stderr);
}

/// A scalar of a resource's properties.
struct Leaf {
    resource: String,
    path: Vec<String>,
}

fn leaves(template: &Value) -> Vec<Leaf> {
    fn walk(value: &Value, path: &mut Vec<String>, out: &mut Vec<Vec<String>>) {
        let below: Vec<(String, &Value)> = match value {
            Value::Map(map) => map.iter().map(|(key, value)| (key.to_owned(), value)).collect(),
            Value::List(items) => {
                items.iter().enumerate().map(|(place, item)| (place.to_string(), item)).collect()
            }
            _ => {
                out.push(path.clone());
                return;
            }
        };
        for (step, value) in below {
            path.push(step);
            walk(value, path, out);
            path.pop();
        }
    }
    let mut all = Vec::new();
    for (name, resource) in template.get("Resources").unwrap().as_map().unwrap() {
        let mut found = Vec::new();
        if let Some(properties) = resource.get("Properties") {
            walk(properties, &mut Vec::new(), &mut found);
        }
        all.extend(found.into_iter().map(|path| Leaf { resource: name.to_owned(), path }));
    }
    all
}

/// Numbers that look drawn, the same in every run.
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(most).unwrap()).unwrap()
    }
}

/// What may happen when a property changes, as the table says.
fn expected(kind: &str, property: &str) -> Vec<Class> {
    let line = TABLE.lines().find(|line| line.split(' ').next() == Some(kind));
    let Some(line) = line else {
        return if kind.starts_with("Custom::") {
            vec![Class::InPlace, Class::MayReplace]
        } else {
            vec![Class::Unknown]
        };
    };
    let paths: BTreeSet<&str> = line.split(' ').skip(1).collect();
    if paths.contains(property) {
        let is_revision = kind == "AWS::ECS::TaskDefinition" && property != "Family";
        return vec![if is_revision { Class::Revision } else { Class::Replacement }];
    }
    if paths.contains(format!("~{property}").as_str()) {
        return vec![Class::MayReplace];
    }
    let deeper = paths.iter().any(|path| path.trim_start_matches('~').starts_with(&format!("{property}/")));
    let mut classes = vec![Class::InPlace, Class::Interruption];
    if kind == "AWS::CodePipeline::Pipeline" && property != "Tags" {
        classes = vec![Class::Structure];
    }
    if deeper {
        classes.extend([Class::Replacement, Class::MayReplace]);
    }
    classes
}

/// Whether an effect is told at the leaf, or at what it is a part of.
fn tells(effect: &Effect, leaf: &Leaf) -> bool {
    let change = &effect.change;
    let path: Vec<&Step> = change.path.iter().skip(1).collect();
    change.section == "Resources"
        && change.name == leaf.resource
        && effect.cause.is_none()
        && path.len() <= leaf.path.len()
        && path.iter().zip(&leaf.path).all(|(step, key)| match step {
            Step::Key(step) => step == key,
            Step::Index(_) | Step::Item { .. } => true,
        })
}

#[test]
fn any_property_that_changes_is_named_with_its_class() {
    let mut drawn = Drawn(0x9e37_79b9_7f4a_7c15);
    let (mut tried, mut acting) = (0, 0);
    for example in EXAMPLES {
        let folder = packaged(example);
        for (path, template) in templates(&folder.path.join("deployed")) {
            let values = parameters(&path);
            let leaves = leaves(&template);
            for _ in 0..6 {
                let leaf = &leaves[drawn.below(leaves.len())];
                let place = format!("Resources/{}/Properties/{}", leaf.resource, leaf.path.join("/"));
                let mut other = template.clone();
                // A key with a slash is out of reach of a path.
                let Some(value) = other.at_mut(&place) else { continue };
                let text = value.scalar_text().unwrap_or_default().into_owned();
                *value = Value::from(format!("{text}-changed"));
                let found = between(&template, &other, &values);
                let kind =
                    template.at(&format!("Resources/{}/Type", leaf.resource)).unwrap().as_str().unwrap();
                let told: Vec<&Effect> = found.iter().filter(|effect| tells(effect, leaf)).collect();
                if leaf.path.last().is_some_and(|key| key == "UpdateID") {
                    continue;
                }
                assert!(!told.is_empty(), "{path}: {place} is not named in {found:#?}");
                tried += 1;
                let mut classes = expected(kind, &leaf.path[0]);
                // What is in a branch that is not taken, or in a resource that is not there, does nothing.
                classes.push(Class::Text);
                assert!(
                    told.iter().all(|effect| classes.contains(&effect.class)),
                    "{path}: {place} of {kind} is {:?}, not {classes:?}",
                    told[0].class
                );
                acting += usize::from(told.iter().any(|effect| effect.class != Class::Text));
            }
        }
    }
    assert!(tried > 150 && acting * 2 > tried, "{tried} were tried, {acting} do something");
}

fn between(old: &Value, new: &Value, parameters: &BTreeMap<String, String>) -> Vec<Effect> {
    let tags = BTreeMap::new();
    let side = |template| Side { template, parameters, tags: &tags };
    effects(side(old), side(new))
}

fn templates(folder: &Utf8Path) -> Vec<(Utf8PathBuf, Value)> {
    let mut found = Vec::new();
    for entry in folder.read_dir_utf8().unwrap() {
        let path = entry.unwrap().into_path();
        if path.extension() == Some("yml") && !path.as_str().contains(".addons.") {
            let source = Source::new(path.as_str(), fs_err::read_to_string(&path).unwrap());
            let template = read::read(&source, &mut Diagnostics::default()).unwrap().value;
            found.push((path, template));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

fn parameters(template: &Utf8Path) -> BTreeMap<String, String> {
    let name =
        template.as_str().replace(".stack.yml", ".params.json").replace(".env.yml", ".env.params.json");
    let text = fs_err::read_to_string(name).unwrap_or_else(|_| "{}".to_owned());
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let values = json["Parameters"].as_object().into_iter().flatten();
    values.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}
