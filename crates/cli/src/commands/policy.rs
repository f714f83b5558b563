//! `policy`: which permissions a command needs.

use clap::Args;
use copilot_deployer::permissions::{Credentials, Place, Verb};

use crate::aws::Access;
use crate::failure::Failure;
use crate::io::Io;
use crate::project;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The command, such as `status` or `svc deploy`.
    #[arg(required = true, value_name = "COMMAND", num_args = 1..=2)]
    command: Vec<String>,
    /// Print what the command needs of an environment's manager role, which every environment has.
    #[arg(long)]
    manager: bool,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Account of the application [default: any].
    #[arg(long, value_name = "ID")]
    account: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let name = arguments.command.join(" ");
    let name = name.strip_prefix("pipeline ").unwrap_or(&name);
    let verb = Verb::named(name).ok_or_else(|| unknown(name))?;
    let application = match &arguments.app {
        Some(app) => app.clone(),
        // Without a workspace the policy is for any application.
        None => match project::if_any(io)? {
            Some(found) => found.application()?.to_owned(),
            None => "*".to_owned(),
        },
    };
    let place = Place::of(
        access.region.as_deref().unwrap_or("*"),
        arguments.account.as_deref().unwrap_or("*"),
        application,
    );
    let credentials = if arguments.manager { Credentials::Manager } else { Credentials::Caller };
    if verb.calls(credentials).is_empty() {
        io.note(format!("`{name}` makes no call with a manager role"));
        return Ok(());
    }
    if !arguments.manager && !verb.calls(Credentials::Manager).is_empty() {
        io.note(format!(
            "`{name}` also assumes the manager roles of environments, which allow what it does with them; pass `--manager` to see it"
        ));
    }
    let policy = serde_json::to_string_pretty(&verb.policy(credentials, &place));
    let mut policy = policy.map_err(|error| Failure::Output(error.into()))?;
    policy.push('\n');
    io.out_bytes(policy.as_bytes())
}

fn unknown(name: &str) -> Failure {
    let known: Vec<&str> = Verb::all().iter().map(|verb| verb.name).collect();
    Failure::with_hint(format!("no command `{name}` calls AWS"), format!("these do: {}", known.join(", ")))
}
