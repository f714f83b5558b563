//! `facts`: what AWS knows of an application, for commands that are to ask nothing.

use camino::Utf8PathBuf;
use clap::Args;
use copilot_deployer::facts::{Wanted, gather};
use copilot_engine::files::{Existing, write_all};

use crate::aws::{Access, Aws};
use crate::failure::Failure;
use crate::io::Io;
use crate::phrases::count;
use crate::remote::application_name;

#[derive(Debug, Args)]
pub(crate) struct Facts {
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Write to FILE instead of standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<Utf8PathBuf>,
}

pub(crate) fn run(arguments: &Facts, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let aws = Aws::open(access, io)?;
    let app = application_name(arguments.app.as_deref(), &aws, io)?;
    let facts = aws.wait(gather(aws.session(), &app, &Wanted::everything()))?.facts;
    let text = facts.to_yaml();
    match &arguments.output {
        None => io.out_bytes(text.as_bytes())?,
        Some(path) => {
            write_all(&[(io.folder().join(path), text.into_bytes())], Existing::Replace, io.folder())?;
            let (environments, regions) = (facts.environments.len(), facts.regions.len());
            io.done(&format!(
                "wrote `{path}`: {} in {} of `{app}`",
                count(environments, "environment"),
                count(regions, "region")
            ));
        }
    }
    aws.close()
}
