//! Runs a local AWS by hand: `local-aws [ADDRESS:PORT] [STATE_DIR]`.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use copilot_local_aws::{LocalAws, Options, Pace};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let addr: SocketAddr = args.next().unwrap_or_else(|| "127.0.0.1:4566".into()).parse()?;
    let options = Options {
        addr,
        state_dir: args.next().map(Into::into),
        pace: Pace::Every(Duration::from_millis(20)),
        ..Options::default()
    };
    let aws = LocalAws::start(options).await?;
    writeln!(std::io::stdout(), "{}", aws.endpoint())?;
    tokio::signal::ctrl_c().await?;
    aws.stop().await?;
    Ok(())
}
