//! Whatever changes in a template is named, with the class that the registry's table gives it; what stays is not.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use copilot_cfn::diff::{Side, Step};
use copilot_cfn::effect::{Class, Effect, effects};
use copilot_cfn::{Value, read};
use copilot_yaml::{Diagnostics, Source};
use serde_json::json;

use crate::conformance::cases;
use crate::planning::{EXAMPLES, packaged};
use crate::reference::folder;
use crate::{Folder, collect, copilot, with};

/// The table that the program has, read by other means.
const TABLE: &str = include_str!("../../../cfn/src/classes/resources.txt");

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
    let mut tries = Tries { drawn: Drawn(0x9e37_79b9_7f4a_7c15), tried: 0, acting: 0 };
    for example in EXAMPLES {
        let folder = packaged(example);
        for (path, template) in templates(&folder.path.join("deployed")) {
            tries.mutate(&path, &template, 6);
        }
    }
    let Tries { tried, acting, .. } = tries;
    assert!(tried > 150 && acting * 2 > tried, "{tried} were tried, {acting} do something");
}

/// What Copilot renders of each conformance case.
#[test]
fn so_is_any_of_a_template_of_a_conformance_case() {
    let Some(suite) = folder("conformance").map(|path| Utf8PathBuf::from_path_buf(path).unwrap()) else {
        return;
    };
    let (mut found, mut tries) =
        (Vec::new(), Tries { drawn: Drawn(0x2545_f491_4f6c_dd1d), tried: 0, acting: 0 });
    cases(&suite, &mut found);
    for case in &found {
        for (path, template) in templates(&case.join("expected")) {
            assert_eq!(between(&template, &template, &parameters(&path)), [], "{path}");
            tries.mutate(&path, &template, 4);
        }
    }
    let Tries { tried, acting, .. } = tries;
    println!("{tried} properties were changed, {acting} of them do something");
    assert!(tried > 500 && acting * 2 > tried, "{tried} were tried, {acting} do something");
}

/// Each case, rendered twice: what is deployed would stay as it is.
#[test]
fn a_conformance_case_beside_itself_stays_as_it_is() {
    let Some(suite) = folder("conformance").map(|path| Utf8PathBuf::from_path_buf(path).unwrap()) else {
        return;
    };
    let mut found = Vec::new();
    cases(&suite, &mut found);
    let mut same = 0;
    for case in &found {
        let json: serde_json::Value =
            serde_json::from_str(&fs_err::read_to_string(case.join("case.json")).unwrap()).unwrap();
        let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
        let variables = json["variables"].as_object().into_iter().flatten();
        let variables: BTreeMap<String, String> = variables
            .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect();
        let (mut name, environment) = (text("name"), text("env"));
        let copy = Folder::new();
        let mut files = BTreeMap::new();
        collect(case, case, &mut files);
        for (name, bytes) in files {
            copy.write(&name, bytes);
        }
        let run = |arguments: &[&str]| {
            with(&copy.path, &[arguments, &["--facts", "facts.yml"]].concat(), variables.clone(), None)
        };
        if text("kind") == "pipeline" {
            // A pipeline may be asked for by its folder, but has the name of its manifest.
            let listed = copilot(&copy.path, &["ls", "--local"]).stdout;
            let known: Vec<&str> = listed.lines().collect();
            match known.first() {
                Some(first) if !known.contains(&name.as_str()) => (*first).clone_into(&mut name),
                _ => {}
            }
        }
        let out = ["--name", name.as_str(), "--output-dir", "deployed"];
        let own = ["--env", environment.as_str()];
        let (package, scope): (Vec<Vec<&str>>, Vec<&str>) = match text("kind").as_str() {
            "pipeline" => (vec![vec!["package"]], vec!["--name", &name]),
            "environment" => (vec![vec!["env", "package"]], vec!["--environments"]),
            _ => {
                let of = |kind| [&[kind, "package"], &own[..]].concat();
                (vec![of("svc"), of("job")], vec!["--workloads"])
            }
        };
        // What is refused, as in the suite, has no stack.
        if !package.iter().any(|verb| run(&[&verb[..], &out[..]].concat()).code == 0) {
            continue;
        }
        let done = run(&[&["plan", "--json", "--against", "deployed"], &scope[..]].concat());
        let Ok(plan) = serde_json::from_str::<serde_json::Value>(&done.stdout) else {
            // Another stack of the same workspace can't be rendered.
            continue;
        };
        let own = |stack: &&serde_json::Value| {
            let subject = &stack["subject"];
            [&subject["name"], &subject["workload"]].iter().any(|own| **own == *name)
                && (subject["environment"].is_null() || subject["environment"] == *environment)
        };
        let stacks: Vec<_> = plan["stacks"].as_array().unwrap().iter().filter(own).collect();
        assert!(!stacks.is_empty(), "{case}: {plan}");
        for stack in stacks {
            assert_eq!((&stack["differences"], &stack["creates"]), (&json!([]), &json!(false)), "{case}");
        }
        same += 1;
    }
    println!("{same} of {} cases stay as they are", found.len());
    assert!(same > 200, "{same}");
}

/// Changes of single properties.
struct Tries {
    drawn: Drawn,
    tried: usize,
    acting: usize,
}

impl Tries {
    /// Changes some properties of a template, one at a time.
    fn mutate(&mut self, path: &Utf8Path, template: &Value, times: usize) {
        let (values, leaves) = (parameters(path), leaves(template));
        for _ in 0..times.min(leaves.len()) {
            let leaf = &leaves[self.drawn.below(leaves.len())];
            let place = format!("Resources/{}/Properties/{}", leaf.resource, leaf.path.join("/"));
            let mut other = template.clone();
            // A key with a slash is out of reach of a path.
            let Some(value) = other.at_mut(&place) else { continue };
            let text = value.scalar_text().unwrap_or_default().into_owned();
            *value = Value::from(format!("{text}-changed"));
            let found = between(template, &other, &values);
            let kind = template.at(&format!("Resources/{}/Type", leaf.resource)).unwrap().as_str().unwrap();
            let told: Vec<&Effect> = found.iter().filter(|effect| tells(effect, leaf)).collect();
            if leaf.path.last().is_some_and(|key| key == "UpdateID") {
                continue;
            }
            assert!(!told.is_empty(), "{path}: {place} is not named in {found:#?}");
            self.tried += 1;
            let mut classes = expected(kind, &leaf.path[0]);
            // What is in a branch that is not taken, or in a resource that is not there, does nothing.
            classes.push(Class::Text);
            assert!(
                told.iter().all(|effect| classes.contains(&effect.class)),
                "{path}: {place} of {kind} is {:?}, not {classes:?}",
                told[0].class
            );
            self.acting += usize::from(told.iter().any(|effect| effect.class != Class::Text));
        }
    }
}

fn between(old: &Value, new: &Value, parameters: &BTreeMap<String, String>) -> Vec<Effect> {
    let tags = BTreeMap::new();
    let side = |template| Side { template, parameters, tags: &tags };
    effects(side(old), side(new))
}

fn templates(folder: &Utf8Path) -> Vec<(Utf8PathBuf, Value)> {
    let mut found = Vec::new();
    for entry in folder.read_dir_utf8().into_iter().flatten() {
        let path = entry.unwrap().into_path();
        let name = path.file_name().unwrap_or_default();
        let is_template = [".stack.yml", ".env.yml", ".stack.json"].iter().any(|end| name.ends_with(end));
        if is_template && !name.contains(".addons.") {
            let source = Source::new(path.as_str(), fs_err::read_to_string(&path).unwrap());
            let template = read::read(&source, &mut Diagnostics::default()).unwrap().value;
            found.push((path, template));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

fn parameters(template: &Utf8Path) -> BTreeMap<String, String> {
    let (name, _) = template.as_str().rsplit_once('.').unwrap_or_default();
    let name = format!("{}.params.json", name.strip_suffix(".stack").unwrap_or(name));
    let text = fs_err::read_to_string(name).unwrap_or_else(|_| "{}".to_owned());
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let values = json["Parameters"].as_object().into_iter().flatten();
    values.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}
