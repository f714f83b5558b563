//! The crate against a local AWS.
//!
//! `row_N…` stands for row N of the list of Copilot's defects that `docs/rows.md` keeps with the tests that cover them.

#![expect(clippy::unwrap_used, reason = "a failed test panics")]

mod facts;
mod runs;
mod session;
mod stacks;
mod workloads;

use std::time::Duration;

use copilot_deployer::stack::Patience;
use copilot_deployer::{Endpoint, Session, SessionOptions};
use copilot_local_aws::{Application, Clock, Handshake, LocalAws, Options, Pace};

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "us-west-2";
/// No time is lost between two questions; each moves the local AWS on by a step.
pub(crate) const PATIENCE: Patience =
    Patience { interval: Duration::from_millis(1), limit: Duration::from_mins(1) };

/// A local AWS with an application, and a session with it.
pub(crate) async fn start(application: &Application) -> (LocalAws, Session) {
    // The SDK compares when roles run out with the time of the machine.
    let clock = Clock::system();
    let handshake = Handshake::AfterTicks(3);
    let options = Options { pace: Pace::PerRequest, clock, handshake, ..Options::default() };
    let aws = LocalAws::start(options).await.unwrap();
    aws.create_application(application).unwrap();
    let session = session(&aws, REGION).await;
    (aws, session)
}

pub(crate) async fn session(aws: &LocalAws, region: &str) -> Session {
    let keys = Some(("test".to_owned(), "test".to_owned()));
    let endpoint = Some(Endpoint { url: aws.endpoint().to_owned(), keys });
    Session::load(SessionOptions { region: Some(region.to_owned()), endpoint, ..SessionOptions::default() })
        .await
        .unwrap()
}

pub(crate) fn shop() -> Application {
    Application::new("shop", ACCOUNT, REGION)
        .environment("test", REGION)
        .environment("prod", "eu-west-1")
        .workload("api", "Backend Service")
}

/// How often each operation was called.
pub(crate) fn calls(aws: &LocalAws) -> String {
    let calls = aws.calls().by_operation();
    calls.iter().map(|(operation, count)| format!("{count:4} {operation}")).collect::<Vec<_>>().join("\n")
}
