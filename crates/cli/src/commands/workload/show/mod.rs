//! `svc show`: what a service is made of.

#[cfg(test)]
mod tests;
mod view;

use clap::Args;
use copilot_deployer::application::{Workload, environments, workloads};
use copilot_deployer::workload::{self, show};

use super::which::unknown;
use crate::aws::{Access, Aws};
use crate::choose;
use crate::failure::Failure;
use crate::io::Io;
use crate::remote::application_name;

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Name of the service [default: the only one].
    #[arg(short, long, value_parser = crate::names::typed)]
    name: Option<String>,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Print only the manifest that it was deployed with in an environment.
    #[arg(long, value_name = "ENVIRONMENT", conflicts_with_all = ["json", "resources"])]
    manifest: Option<String>,
    /// Also list the resources of its stacks.
    #[arg(long)]
    resources: bool,
}

pub(super) fn run(arguments: &Show, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let aws = Aws::open(access, io)?;
    let app = application_name(arguments.app.as_deref(), &aws, io)?;
    let service = service(arguments, &app, &aws, io)?;
    if let Some(environment) = &arguments.manifest {
        manifest(&service, environment, &app, &aws, io)?;
        return aws.close();
    }
    let description = aws.wait(async {
        let environments = environments(aws.session(), &app).await?;
        show::show(aws.session(), &app, &service, &environments, arguments.resources).await
    })?;
    if arguments.json {
        io.json(&description)?;
    } else {
        io.out(view::page(&description, io.width()))?;
    }
    aws.close()
}

/// The service that is named, the only one, or the one that is chosen.
fn service(arguments: &Show, app: &str, aws: &Aws, io: &mut Io<'_>) -> Result<Workload, Failure> {
    let mut services = aws.wait(workloads(aws.session(), app))?;
    services.retain(|workload| !workload.is_job());
    let names: Vec<String> = services.iter().map(|service| service.name.clone()).collect();
    let place = match &arguments.name {
        Some(name) => match names.iter().position(|known| known == name) {
            Some(place) => place,
            None => return Err(unknown("service", name, app, &names)),
        },
        None => choose::one_of(&names, "service", "--name", io)?,
    };
    Ok(services.swap_remove(place))
}

fn manifest(
    service: &Workload,
    environment: &str,
    app: &str,
    aws: &Aws,
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    let found = aws.wait(workload::find(aws.session(), app, environment, &service.name))?;
    match aws.wait(show::manifest(&found))? {
        Some(manifest) => io.out(&manifest),
        None => Err(Failure::with_hint(
            format!("the stack {} has no manifest in it: it is from before 2021", found.stack),
            "deploy it again, and it has",
        )),
    }
}
