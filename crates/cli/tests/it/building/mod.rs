//! The build stage as CodeBuild runs it: the program as a process, against a local AWS.

mod bench;
mod environments;
mod faults;
mod program;
mod real;
mod uploads;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::support::{command, done};
use crate::{Done, Folder};

/// Runs `build` with a report, which is read.
fn build(folder: &Folder, arguments: &[&str], variables: &[(String, String)]) -> (Done, Json) {
    let mut all = vec!["build", "--report", "report.json"];
    all.extend(arguments);
    let done = done(command(&folder.path, &all, variables).spawn().unwrap());
    let report = fs_err::read(folder.path.join("report.json")).unwrap_or_default();
    (done, serde_json::from_slice(&report).unwrap_or_default())
}

/// The files of `infrastructure`.
fn infrastructure(folder: &Folder) -> BTreeMap<String, Vec<u8>> {
    let inside = |name: &String| name.starts_with("infrastructure/");
    folder.content().into_iter().filter(|(name, _)| inside(name)).collect()
}
