//! `validate`: every file of the workspace, all problems at once.

mod branch;
pub(crate) mod buildspecs;
mod check;
mod environments;
pub(crate) mod files;
mod report;

use clap::Args;
use copilot_manifest::interpolate::Variables;
use copilot_workspace::{Error, Header, ManifestFile, Workspace};
use copilot_yaml::Diagnostics;

use crate::addons;
use crate::failure::Failure;
use crate::io::Io;
use crate::pipeline;

#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// Only the manifest of this name; may be given several times.
    #[arg(short, long)]
    name: Vec<String>,
    /// Warnings are errors.
    #[arg(long)]
    strict: bool,
    /// Prints the problems as JSON on standard output.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Validate, io: &mut Io<'_>) -> Result<(), Failure> {
    let workspace = Workspace::find(io.folder())?;
    let mut files = workspace.pipelines()?;
    files.extend(workspace.environments()?);
    files.extend(workspace.workloads()?);
    let around = surroundings(&workspace, &files, io);
    let mut diagnostics = Diagnostics::default();
    if arguments.name.is_empty() {
        diagnostics.extend(whole(&workspace)?);
    } else {
        files = named(files, &arguments.name)?;
    }
    for file in &files {
        io.interrupt().check()?;
        diagnostics.extend(check::check(file, &workspace, &around));
        if file.header.as_ref().is_ok_and(is_workload) {
            diagnostics.extend(addons::problems(&workspace, Some(&file.folder))?);
        }
    }
    // Git may have been ended in the last one.
    io.interrupt().check()?;
    diagnostics.sort();
    if arguments.strict {
        diagnostics.deny_warnings();
    }
    report::print(&diagnostics, files.len(), arguments.json, io)
}

fn surroundings(workspace: &Workspace, files: &[ManifestFile], io: &Io<'_>) -> check::Surroundings {
    let application = workspace.summary().map(|summary| summary.application).unwrap_or_default();
    let environments =
        files.iter().filter(|file| file.header.as_ref().is_ok_and(|header| header.kind == "Environment"));
    check::Surroundings {
        environments: environments.map(|file| file.folder.clone()).collect(),
        workloads: pipeline::workloads(files).ok(),
        variables: Variables { application, shell: io.variables().clone() },
        interrupt: io.interrupt().clone(),
    }
}

fn is_workload(header: &Header) -> bool {
    !matches!(header.kind.as_str(), "" | "Environment")
}

/// What is wrong with no single manifest.
fn whole(workspace: &Workspace) -> Result<Diagnostics, Failure> {
    let mut found = workspace.strays()?;
    found.extend(addons::problems(workspace, None)?);
    match workspace.summary() {
        Ok(_) => {}
        Err(Error::Summary(diagnostics)) => found.extend(diagnostics),
        Err(Error::NoSummary { .. }) => found.push(workspace.no_application()),
        Err(error) => return Err(error.into()),
    }
    Ok(found)
}

fn named(mut files: Vec<ManifestFile>, names: &[String]) -> Result<Vec<ManifestFile>, Failure> {
    for name in names {
        if !files.iter().any(|file| file.name() == name) {
            let known = files.iter().map(ManifestFile::name);
            return Err(super::unknown("manifest", name, known));
        }
    }
    files.retain(|file| names.iter().any(|name| file.name() == name));
    Ok(files)
}
