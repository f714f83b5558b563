//! The task that a service had before.

use copilot_deployer::Error;
use copilot_deployer::workload::{Deployed, Of, Range, Task, tasks};

use super::read::newest_streams;
use super::{Source, TASKS};

/// ID of the service's task that ended last. ECS forgets tasks within the hour; of those the newest stream is taken that is of no
/// task that runs. `None` if no task has ended that wrote anything.
///
/// # Errors
/// [`Error::NotThere`] for what is no service on ECS, or when AWS refuses.
pub async fn previous(
    deployed: &Deployed,
    source: &impl Source,
    container: &str,
    now: i64,
) -> Result<Option<String>, Error> {
    let service = deployed.service()?;
    let cluster = deployed.cluster().await?;
    let of = Of::Service(&service.name);
    let stopped = tasks(deployed.config(), &cluster, of, true).await?;
    if let Some(last) = last(stopped) {
        return Ok(Some(last.id));
    }
    let running = tasks(deployed.config(), &cluster, of, false).await?;
    let running: Vec<&str> = running.iter().map(|task| task.id.as_str()).collect();
    let prefix = format!("{TASKS}{container}/");
    let streams = newest_streams(source, &prefix, running.len() + 1, Range::default(), now).await?;
    Ok(not_running(&streams, &running))
}

fn last(stopped: Vec<Task>) -> Option<Task> {
    stopped.into_iter().max_by_key(|task| task.stopping_at.or(task.stopped_at))
}

/// The task of the first stream that is of none of those.
fn not_running(streams: &[String], running: &[&str]) -> Option<String> {
    let ids = streams.iter().filter_map(|stream| stream.rsplit('/').next());
    ids.into_iter().find(|id| !running.contains(id)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::not_running;

    #[test]
    fn a_task_that_ecs_forgot_is_found_by_what_it_wrote() {
        let streams = ["copilot/web/c", "copilot/web/b", "copilot/web/a"].map(str::to_owned);
        assert_eq!(not_running(&streams, &["c", "a"]).as_deref(), Some("b"));
        assert_eq!(not_running(&streams[..1], &["c"]), None);
    }
}
