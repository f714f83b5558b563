//! Static sites.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use futures::future::try_join;
use serde::Serialize;

use super::routes::Route;
use super::{Header, List, Resources, or};
use crate::error::Error;
use crate::stack;
use crate::workload::find::Deployed;
use crate::workload::status::objects;

/// A static site. Its JSON is what Copilot prints.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SiteDescription {
    /// Its name.
    pub service: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its application.
    pub application: String,
    /// How it is reached.
    pub routes: List<Route>,
    /// Its files, by environment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<Tree>,
    /// Resources of its stacks, if they were asked for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub resources: Resources,
}

/// The files of a site in an environment. The keys of its JSON begin with capitals, as in Copilot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tree {
    /// The environment.
    pub environment: String,
    /// The files as a drawn tree.
    pub tree: String,
}

pub(super) async fn one(found: &Deployed) -> Result<(Route, Option<Tree>), Error> {
    let stacks = found.stacks();
    let (own, objects) = try_join(stack::describe(&stacks, &found.stack), objects(found)).await?;
    let outputs = own.map(|own| own.outputs).unwrap_or_default();
    let names = ["CloudFrontDistributionDomainName", "CloudFrontDistributionAlternativeDomainName"];
    let names = names.iter().filter_map(|output| outputs.get(*output)).filter(|name| !name.is_empty());
    let urls: Vec<String> = names.map(|name| format!("https://{name}/")).collect();
    let environment = found.environment.name.clone();
    let mut root = Folder::default();
    for (key, _) in &objects {
        root.insert(key);
    }
    let tree = (!objects.is_empty()).then(|| Tree { environment: environment.clone(), tree: root.drawn() });
    Ok((Route { environment, url: or(&urls) }, tree))
}

pub(super) fn together(
    header: Header,
    each: Vec<(Route, Option<Tree>)>,
    resources: Resources,
) -> SiteDescription {
    let (routes, trees): (Vec<Route>, Vec<Option<Tree>>) = each.into_iter().unzip();
    SiteDescription {
        service: header.service,
        kind: header.kind,
        application: header.app,
        routes: List(routes),
        objects: trees.into_iter().flatten().collect(),
        resources,
    }
}

/// A folder of files: its own come before those of its folders.
#[derive(Debug, Default)]
struct Folder {
    files: Vec<String>,
    folders: BTreeMap<String, Self>,
}

impl Folder {
    fn insert(&mut self, key: &str) {
        match key.split_once('/') {
            Some((folder, rest)) if !rest.is_empty() => {
                self.folders.entry(folder.to_owned()).or_default().insert(rest);
            }
            _ => self.files.push(key.to_owned()),
        }
    }

    fn drawn(&self) -> String {
        let mut text = String::from(".\n");
        self.draw("", &mut text);
        text
    }

    fn draw(&self, indent: &str, text: &mut String) {
        let count = self.files.len() + self.folders.len();
        let edge =
            |index: usize| if index + 1 == count { ("└── ", "    ") } else { ("├── ", "│   ") };
        for (index, file) in self.files.iter().enumerate() {
            let _ = writeln!(text, "{indent}{}{file}", edge(index).0);
        }
        for (index, (name, folder)) in self.folders.iter().enumerate() {
            let (own, below) = edge(self.files.len() + index);
            let _ = writeln!(text, "{indent}{own}{name}");
            folder.draw(&format!("{indent}{below}"), text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Folder;

    #[test]
    fn files_are_drawn_below_their_folders() {
        let mut root = Folder::default();
        for key in ["css/a.css", "css/deep/b.css", "index.html", "robots.txt", "z/c"] {
            root.insert(key);
        }
        insta::assert_snapshot!(root.drawn(), @"
        .
        ├── index.html
        ├── robots.txt
        ├── css
        │   ├── a.css
        │   └── deep
        │       └── b.css
        └── z
            └── c
        ");
    }
}
