//! `doctor`: what will break, and what was lost in silence.

mod report;
mod sarif;

use clap::{Args, ValueEnum};
use copilot_deployer::iam::{Simulated, simulate};
use copilot_deployer::inventory::{Inventory, inventory};
use copilot_deployer::permissions::{Place, Verb, wanted};
use copilot_engine::doctor::{Date, Report, Subject, examine};
use copilot_yaml::Severity;

use crate::aws::{Access, Aws};
use crate::failure::Failure;
use crate::host::engage;
use crate::io::Io;
use crate::project;
use crate::remote::application_name;
use crate::view::View;

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Output format.
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
    /// Print findings as JSON.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Exit with 1 if there is a finding of this severity or worse.
    #[arg(long, value_enum, default_value_t = FailOn::Error, value_name = "SEVERITY")]
    fail_on: FailOn,
    /// Report only what bites before DATE, such as `2027-03-03`.
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    /// Ask AWS for the application's stacks and examine them, too.
    #[arg(long)]
    deployed: bool,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed, requires = "deployed")]
    app: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One line of JSON
    Json,
    /// SARIF 2.1.0, which code hosts show beside the lines
    Sarif,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// What is broken or lost already
    Error,
    /// Any finding
    Warning,
    /// Nothing
    Never,
}

impl FailOn {
    fn is_met(self, report: &Report) -> bool {
        let worst = report.findings.iter().map(|finding| finding.severity).min();
        match self {
            Self::Error => worst == Some(Severity::Error),
            Self::Warning => worst.is_some(),
            Self::Never => false,
        }
    }
}

/// What is deployed, and what the caller may not do about it.
fn ask(arguments: &Doctor, access: &Access, io: &mut Io<'_>) -> Result<(Inventory, Simulated), Failure> {
    let aws = Aws::open(access, io)?;
    let app = application_name(arguments.app.as_deref(), &aws, io)?;
    let found = aws.wait(inventory(aws.session(), &app))?;
    let account = found.application.account_id.clone();
    let place = Place::of(aws.session().region(), account, app);
    let verbs: Vec<&Verb> = Verb::all().iter().collect();
    let caller = aws.wait(simulate(aws.session(), &wanted(&verbs, &place)))?;
    aws.close()?;
    if let Simulated::Unknown(why) = &caller {
        io.note(format!("which permissions you lack can't be told: {why}"));
    }
    Ok((found, caller))
}

pub(crate) fn run(arguments: &Doctor, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    // Without a workspace there is still what is deployed.
    let project = match arguments.app {
        Some(_) => project::if_any(io)?,
        None => Some(project::around(io)?),
    };
    let deployed = arguments.deployed.then(|| ask(arguments, access, io)).transpose()?;
    let (deployed, caller) = deployed.as_ref().map(|(found, caller)| (found, caller)).unzip();
    let subject = Subject { project: project.as_ref(), deployed, caller };
    let report = engage(View::default(), io, |host| examine(&subject, arguments.until, host))?;
    let format = if arguments.json { Format::Json } else { arguments.format };
    match format {
        Format::Json => report::json(&report, io)?,
        Format::Sarif => io.json(&sarif::log(&report))?,
        Format::Text => report::text(&report, io)?,
    }
    if arguments.fail_on.is_met(&report) { Err(Failure::Said) } else { Ok(()) }
}
