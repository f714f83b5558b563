//! Checks a workspace, prints what deploying its pipeline would do, and deploys it: `deploy FOLDER PIPELINE`.
//!
//! It deploys to a local AWS. For AWS itself leave that out, and take `SessionOptions::default()`.

#![expect(clippy::disallowed_methods, clippy::print_stderr, clippy::print_stdout, reason = "it is a program")]

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, SystemTime};

use copilot_deployer::{Endpoint, Session, SessionOptions};
use copilot_engine::pipeline::{Outcome, Plan, Settings, Wishes, apply, find, observe};
use copilot_engine::{Answers, Cloud, Project, Quiet, Scope, validate};
use copilot_local_aws::{Application, Handshake, LocalAws, Options};

const REGION: &str = "eu-west-1";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(name)) = (arguments.next(), arguments.next()) else {
        return Err("usage: deploy FOLDER PIPELINE".into());
    };
    let host = Quiet::new(SystemTime::now, "example");
    let project = Project::open(folder.as_str().into(), BTreeMap::new())?;
    let report = validate(&project, &Scope::default(), &host)?;
    report.findings.iter().for_each(|problem| eprintln!("{problem}"));

    // The application as it would be there already.
    let handshake = Handshake::AfterTicks(3);
    let local = LocalAws::start(Options { handshake, ..Options::default() }).await?;
    let mut application = Application::new(project.application()?, "111122223333", REGION);
    for file in project.workspace().environments()? {
        application = application.environment(&file.folder, REGION);
    }
    for header in project.workspace().workloads()?.iter().filter_map(|file| file.header.as_ref().ok()) {
        application = application.workload(&header.name, header.kind.as_str());
    }
    local.create_application(&application)?;
    let keys = Some(("local".to_owned(), "local".to_owned()));
    let endpoint = Some(Endpoint { url: local.endpoint().to_owned(), keys });
    let options = SessionOptions { region: Some(REGION.to_owned()), endpoint, ..SessionOptions::default() };
    let interval = Some(Duration::from_millis(50));
    let cloud = Cloud::new(Session::load(options).await?).with_interval(interval).simulated(true);

    let observed = observe(&project, &find(&project, &name)?, &cloud, &host).await?;
    let plan = Plan::new(observed, Wishes::default(), &project, None)?;
    println!("{}", serde_json::to_string_pretty(&plan)?);
    match apply(plan, Answers::YES, &Settings::default(), &project, &cloud, &host).await {
        Outcome::Applied(applied) => println!("deployed stack {}", applied.stack),
        outcome => return Err(format!("{outcome:?}").into()),
    }
    Ok(())
}
