//! `env show`: what is deployed of an environment.

use std::fmt::Write as _;

use clap::Args;
use copilot_deployer::application::environments;
use copilot_deployer::environment::{self, Description};

use crate::aws::{Access, Aws};
use crate::choose;
use crate::failure::Failure;
use crate::io::Io;
use crate::remote::application_name;

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Name of the environment [default: the only one].
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Print only the manifest that it was deployed with.
    #[arg(long, conflicts_with_all = ["json", "resources"])]
    manifest: bool,
    /// Also list the resources of its stack.
    #[arg(long)]
    resources: bool,
}

pub(super) fn run(arguments: &Show, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let aws = Aws::open(access, io)?;
    let app = application_name(arguments.app.as_deref(), &aws, io)?;
    let name = if let Some(name) = &arguments.name {
        name.clone()
    } else {
        let known = aws.wait(environments(aws.session(), &app))?.into_iter();
        let known: Vec<String> = known.map(|environment| environment.name).collect();
        let place = choose::one_of(&known, "environment", "--name", io)?;
        known[place].clone()
    };
    if arguments.manifest {
        let manifest = aws.wait(environment::manifest(aws.session(), &app, &name))?;
        io.out(&manifest)?;
        return aws.close();
    }
    let found = aws.wait(environment::describe(aws.session(), &app, &name, arguments.resources))?;
    if arguments.json {
        io.json(&found)?;
    } else {
        io.out(view(&app, &found))?;
    }
    aws.close()
}

fn view(app: &str, found: &Description) -> String {
    let record = &found.environment;
    let mut text = format!("{} of the application {app}\n", record.name);
    let list =
        |subnets: &Option<Vec<String>>| subnets.iter().flatten().cloned().collect::<Vec<_>>().join(", ");
    let about = [
        ("Account", record.account_id.clone()),
        ("Region", record.region.clone()),
        ("Stack", format!("{} ({})", found.stack, found.status)),
        ("VPC", found.network.id.clone()),
        ("Public subnets", list(&found.network.public_subnets)),
        ("Private subnets", list(&found.network.private_subnets)),
    ];
    let about = about.into_iter().filter(|(_, value)| !value.is_empty());
    section(&mut text, None, &about.map(|(name, value)| (name.to_owned(), value)).collect::<Vec<_>>());
    let workloads = found.services.iter().flatten().chain(found.jobs.iter().flatten());
    let workloads: Vec<_> = workloads.map(|it| (it.name.clone(), it.kind.clone())).collect();
    section(&mut text, Some("Services and jobs"), &workloads);
    section(&mut text, Some("Tags"), &found.tags.clone().into_iter().collect::<Vec<_>>());
    let resources = found.resources.iter().flatten();
    let resources: Vec<_> = resources
        .map(|it| (it.logical_id.clone(), format!("{}  {}", it.kind, it.physical_id).trim_end().to_owned()))
        .collect();
    section(&mut text, Some("Resources"), &resources);
    text
}

/// Pairs in two columns, under a title. Nothing of it where there are none.
fn section(text: &mut String, title: Option<&str>, rows: &[(String, String)]) {
    if rows.is_empty() {
        return;
    }
    text.push('\n');
    if let Some(title) = title {
        let _ = writeln!(text, "{title}");
    }
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    for (name, value) in rows {
        let _ = writeln!(text, "  {name:width$}  {value}");
    }
}
