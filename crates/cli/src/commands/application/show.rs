//! `app show`: what an application consists of.

use std::fmt::Write as _;

use anstyle::Style;
use clap::Args;
use copilot_deployer::application::Workload;
use copilot_deployer::overview::{Overview, overview};

use crate::aws::{Access, Aws};
use crate::failure::Failure;
use crate::io::Io;
use crate::remote::application_name;
use crate::table::{Cell, Table};
use crate::text::Text;

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    name: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Show, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let aws = Aws::open(access, io)?;
    let app = application_name(arguments.name.as_deref(), &aws, io)?;
    let found = aws.wait(overview(aws.session(), &app))?;
    for (environment, error) in &found.unreachable {
        io.warning(&format!("what is deployed in `{environment}` can't be told: {error}"));
    }
    if arguments.json {
        io.json(&found)?;
    } else {
        io.out(view(&found, io.width()))?;
    }
    aws.close()
}

fn view(found: &Overview, width: usize) -> Text {
    let mut text = Text::new();
    text.paint(Style::new().bold(), &found.name);
    let _ = writeln!(text, ", version {}", found.version);
    let more = [("Domain", &found.uri), ("Permissions boundary", &found.permissions_boundary)];
    let more: Vec<_> = more.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    if !more.is_empty() {
        text.push("\n");
    }
    for (name, value) in more {
        let _ = writeln!(text, "  {name:<20}  {value}");
    }
    let mut environments = Table::new(&["Name", "Account", "Region"]);
    for it in &found.environments {
        environments.row([&it.name, &it.account_id, &it.region].map(Cell::from));
    }
    section(&mut text, "Environments", &environments, found.environments.is_empty(), width);
    let mut workloads = Table::new(&["Name", "Type", "Deployed in"]);
    let all: Vec<&Workload> = found.services.iter().chain(&found.jobs).collect();
    for it in &all {
        let places = found.deployed.get(&it.name).map(|places| places.join(", "));
        let places = places.unwrap_or_else(|| "-".to_owned());
        workloads.row([(&it.name).into(), (&it.kind).into(), places.into()]);
    }
    section(&mut text, "Services and jobs", &workloads, all.is_empty(), width);
    let mut pipelines = Table::new(&["Name", "Region"]);
    for it in &found.pipelines {
        pipelines.row([&it.name, &it.region].map(Cell::from));
    }
    section(&mut text, "Pipelines", &pipelines, found.pipelines.is_empty(), width);
    text
}

fn section(text: &mut Text, title: &str, table: &Table, empty: bool, width: usize) {
    text.push("\n");
    text.paint(Style::new().bold(), title);
    text.push("\n");
    if empty {
        text.push("  none\n");
    } else {
        text.push(table.draw(2, width));
    }
}
