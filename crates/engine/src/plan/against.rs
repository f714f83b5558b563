//! Stacks as they are deployed, from files.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use copilot_artifact::sha256_hex;
use copilot_deployer::stack::{Found, Snapshot};
use copilot_workspace::FileProblem;
use serde::Deserialize;

use super::Subject;
use super::nested::LOGICAL_ID;
use crate::build::Pair;
use crate::error::Error;
use crate::files::read_named;

/// A stack as it is deployed.
#[derive(Debug, Clone)]
pub struct Current {
    /// Name of the stack, where it is there.
    pub(super) stack: Option<String>,
    /// What the template is called.
    pub(super) name: String,
    pub(super) text: String,
    /// Values of parameters, where they are known.
    pub(super) parameters: Option<BTreeMap<String, String>>,
    /// Tags, where they are known.
    pub(super) tags: Option<BTreeMap<String, String>>,
    /// Stacks that are nested in it, by their names in the template.
    pub(super) nested: BTreeMap<String, Self>,
}

impl Current {
    /// Of a stack at AWS.
    pub fn of(found: Found) -> Self {
        let Found { name, snapshot: Snapshot { template, parameters, tags }, nested } = found;
        Self {
            name: format!("template of stack {name}"),
            stack: Some(name),
            text: template,
            parameters: Some(parameters),
            tags: Some(tags),
            nested: nested.into_iter().map(|(id, nested)| (id, Self::of(nested))).collect(),
        }
    }

    /// Whether its template has a nested stack.
    pub(super) fn has_nested(&self) -> bool {
        self.text.contains("AWS::CloudFormation::Stack")
    }

    /// Of all that was compared.
    pub(super) fn hash(&self) -> String {
        hash(&self.text, self.parameters.as_ref(), self.tags.as_ref())
    }
}

/// The SHA-256 of a stack: of its template, its parameters and its tags.
pub(super) fn hash(
    text: &str,
    parameters: Option<&BTreeMap<String, String>>,
    tags: Option<&BTreeMap<String, String>>,
) -> String {
    let none = BTreeMap::new();
    let mut all = text.as_bytes().to_vec();
    for values in [parameters, tags] {
        all.push(0);
        for (name, value) in values.unwrap_or(&none) {
            // A length tells where a text ends.
            all.extend(format!("{}:{name}{}:{value}", name.len(), value.len()).into_bytes());
        }
    }
    sha256_hex(&all)
}

/// A folder with templates and parameters as `package` and `build` write them.
#[derive(Debug, Clone)]
pub struct Folder {
    /// As it was named.
    path: Utf8PathBuf,
    /// The folder that this starts from.
    from: Utf8PathBuf,
}

/// A file of parameters.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Values {
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    tags: Option<BTreeMap<String, String>>,
}

impl Folder {
    /// A folder that a user has named, relative to another one.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn open(path: &Utf8Path, from: &Utf8Path) -> Result<Self, Error> {
        let full = from.join(path);
        match std::fs::metadata(&full) {
            Ok(found) if found.is_dir() => Ok(Self { path: path.to_owned(), from: from.to_owned() }),
            Ok(_) => Err(unreadable(path, std::io::Error::from(std::io::ErrorKind::NotADirectory).into())),
            Err(problem) => Err(unreadable(path, problem.into())),
        }
    }

    /// The stack that the files of a subject describe; `None` where there is no template of it.
    ///
    /// # Errors
    /// When a file is there, but can't be read.
    pub fn current(&self, subject: &Subject) -> Result<Option<Current>, Error> {
        let (template, values, addons) = match subject {
            Subject::Pipeline { name } => (format!("{name}.stack.yml"), None, None),
            Subject::Environment { name } => {
                let values = format!("{name}.env.params.json");
                (format!("{name}.env.yml"), Some(values), Some("env.addons.yml".to_owned()))
            }
            Subject::Workload { workload, environment } => {
                let pair = Pair { workload: workload.clone(), environment: environment.clone() };
                let addons = format!("{workload}.addons.stack.yml");
                (pair.template_file(), Some(pair.parameters_file()), Some(addons))
            }
            Subject::Addons { .. } => return Ok(None),
        };
        let Some(text) = self.text(&template)? else { return Ok(None) };
        let nested = addons.map(|file| self.nested(&file)).transpose()?.flatten();
        let values = values.map(|file| self.values(&file)).transpose()?.flatten();
        let (parameters, tags) = values.map_or((None, None), |values| (Some(values.parameters), values.tags));
        Ok(Some(Current {
            stack: None,
            name: self.path.join(template).into_string(),
            text,
            parameters,
            tags,
            nested: nested.into_iter().collect(),
        }))
    }

    /// The template of addons in a file, under its name in the outer template.
    fn nested(&self, file: &str) -> Result<Option<(String, Current)>, Error> {
        let Some(text) = self.text(file)? else { return Ok(None) };
        let name = self.path.join(file).into_string();
        let nested =
            Current { stack: None, name, text, parameters: None, tags: None, nested: BTreeMap::new() };
        Ok(Some((LOGICAL_ID.to_owned(), nested)))
    }

    fn values(&self, file: &str) -> Result<Option<Values>, Error> {
        let Some(text) = self.text(file)? else { return Ok(None) };
        let values = serde_json::from_str(&text).map_err(|problem| Error::NotParameters {
            path: self.path.join(file),
            problem: problem.to_string(),
        })?;
        Ok(Some(values))
    }

    fn text(&self, file: &str) -> Result<Option<String>, Error> {
        let path = self.path.join(file);
        match read_named(&path, &self.from) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(Error::NotUtf8(format!("`{path}` is not UTF-8"))),
            },
            Err(problem) if problem.is_absent() => Ok(None),
            Err(problem) => Err(unreadable(&path, problem)),
        }
    }
}

fn unreadable(path: &Utf8Path, problem: FileProblem) -> Error {
    Error::Unreadable { path: path.to_owned(), problem }
}
