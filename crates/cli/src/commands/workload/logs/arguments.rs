//! What can be typed after `logs`.

use clap::Args;
use copilot_deployer::Time;
use copilot_deployer::workload::Range;
use copilot_engine::workload::logs::range;
use copilot_manifest::workload::value::Duration;

use super::super::which::Which;

/// Which lines, and how to print them.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// Go on printing lines as they come. Ctrl-C ends it.
    #[arg(long, conflicts_with = "end_time")]
    pub(super) follow: bool,
    /// Only lines since so long ago, such as `90s`, `1h30m`.
    #[arg(long, value_name = "SPAN", value_parser = span, allow_hyphen_values = true, conflicts_with = "start_time")]
    since: Option<Duration>,
    /// Only lines from a time on, such as `2026-01-31T17:00:00Z` or with an offset such as `+02:00`.
    #[arg(long, value_name = "TIME", value_parser = time)]
    start_time: Option<Time>,
    /// Only lines before a time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    end_time: Option<Time>,
    /// At most as many of the newest lines, up to 10000 [default: 10, unless a time or `--follow` is given].
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    limit: Option<u16>,
    /// Print a line of JSON for each.
    #[arg(long)]
    pub(super) json: bool,
}

impl Reading {
    pub(super) fn range(&self, now: Time) -> Range {
        let since = self.since.map(|span| span.as_nanos() / 1_000_000);
        range(now, since, self.start_time, self.end_time)
    }

    pub(super) fn lines(&self) -> Option<usize> {
        self.limit.map(usize::from)
    }

    /// Whether nothing says from when to when.
    pub(super) fn is_open(&self, range: Range) -> bool {
        !self.follow && range == Range::default()
    }

    /// What may be why there is nothing.
    pub(super) fn narrowed(&self) -> &'static str {
        let narrowed = self.since.is_some() || self.start_time.is_some() || self.end_time.is_some();
        if narrowed { " within these times" } else { "" }
    }
}

/// Lines that are printed if nothing says how many.
pub(super) const fn default_lines() -> usize {
    10
}

#[derive(Debug, Args)]
pub(crate) struct ServiceLogs {
    #[command(flatten)]
    pub(super) which: Which,
    #[command(flatten)]
    pub(super) reading: Reading,
    /// Only the main container of these tasks, or the one of `--container`. The first letters of an ID are enough.
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub(super) tasks: Vec<String>,
    /// Only this container.
    #[arg(long, value_name = "NAME")]
    pub(super) container: Option<String>,
    /// Only the task that stopped last, such as one that crashed.
    #[arg(short, long, conflicts_with_all = ["tasks", "follow"])]
    pub(super) previous: bool,
    /// Another log group. `system` is what App Runner does, for a service that runs there.
    #[arg(long, value_name = "NAME")]
    pub(super) log_group: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct JobLogs {
    #[command(flatten)]
    pub(super) which: Which,
    #[command(flatten)]
    pub(super) reading: Reading,
    /// Only these tasks. The first letters of an ID are enough.
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub(super) tasks: Vec<String>,
    /// The newest runs [default: 1, unless a time, `--tasks` or `--follow` is given].
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..), conflicts_with = "follow")]
    pub(super) last: Option<u16>,
    /// Also what the state machine logs, which starts the tasks.
    #[arg(long, conflicts_with = "tasks")]
    pub(super) include_state_machine: bool,
}

fn span(text: &str) -> Result<Duration, String> {
    let span = Duration::parse(text).filter(|span| span.as_nanos() > 0);
    span.ok_or_else(|| "it has to be a span of time above 0, such as `90s` or `1h30m`".to_owned())
}

fn time(text: &str) -> Result<Time, String> {
    Time::parse(text).ok_or_else(|| {
        "it has to be a time as RFC 3339 writes it, such as `2026-01-31T17:00:00Z` or `2026-01-31T18:00:00+01:00`"
            .to_owned()
    })
}
