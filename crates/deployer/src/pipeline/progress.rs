//! How far an execution has come, judged from a pipeline's state alone.

use super::RunStatus;
use super::status::{Action, Stage, Status};

/// How far the execution that is looked at has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// None has ever run.
    NeverRan,
    /// It goes on by itself.
    Moves,
    /// One of its approvals waits for an answer.
    Approval {
        /// The stage.
        stage: &'a str,
    },
    /// The way into the next stage is closed.
    Closed {
        /// That stage.
        stage: &'a str,
    },
    /// An earlier execution waits for an approval in the next stage.
    Behind {
        /// That stage.
        stage: &'a str,
        /// The execution that is in there.
        execution: &'a str,
    },
    /// It is over.
    Ended(End),
}

/// How an execution ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// Everything was done.
    Succeeded,
    /// An action failed, or an approval was rejected.
    Failed,
    /// Somebody stopped it.
    Stopped,
    /// A newer execution took its place while it waited for a stage.
    Superseded,
    /// The pipeline was changed while it ran, or it was cancelled otherwise.
    Cancelled,
}

impl Status {
    /// How far the execution has come.
    pub fn progress(&self) -> Progress<'_> {
        let Some(execution) = &self.execution else { return Progress::NeverRan };
        match execution.status {
            RunStatus::Succeeded => return Progress::Ended(End::Succeeded),
            RunStatus::Failed => return Progress::Ended(End::Failed),
            RunStatus::Stopped => return Progress::Ended(End::Stopped),
            RunStatus::Superseded => return Progress::Ended(End::Superseded),
            RunStatus::Cancelled => return Progress::Ended(End::Cancelled),
            _ => {}
        }
        let own = |stage: &&Stage| stage.execution_id.as_deref() == Some(&execution.id);
        if let Some(stage) = self.stage_states.iter().filter(own).find(|stage| stage.is_occupied()) {
            return if stage.moves() {
                Progress::Moves
            } else {
                Progress::Approval { stage: &stage.stage_name }
            };
        }
        let Some(next) = self.next(&execution.id) else { return Progress::Moves };
        let stage = &next.stage_name;
        match next.execution_id.as_deref().filter(|_| next.is_occupied() && !next.moves()) {
            Some(execution) => Progress::Behind { stage, execution },
            None if next.transition == "DISABLED" => Progress::Closed { stage },
            None => Progress::Moves,
        }
    }

    /// The stage that an execution waits to enter, or enters next: the one behind the last one that it has passed.
    fn next(&self, execution: &str) -> Option<&Stage> {
        let waits = |stage: &&Stage| stage.inbound_execution_id.as_deref() == Some(execution);
        let passed = |stage: &Stage| stage.execution_id.as_deref() == Some(execution);
        self.stage_states
            .iter()
            .find(waits)
            .or_else(|| self.stage_states.get(self.stage_states.iter().rposition(passed)? + 1))
    }

    /// Whether what a stage shows is of the execution that is looked at.
    pub fn is_own(&self, stage: &Stage) -> bool {
        let own = self.execution.as_ref().map(|execution| execution.id.as_str());
        own.is_some() && stage.execution_id.as_deref() == own
    }

    /// Whether what a stage shows is of an execution that still counts: the one that is looked at, or another that is in there
    /// now. Everything else is what an earlier one left.
    pub fn is_current(&self, stage: &Stage) -> bool {
        self.is_own(stage) || stage.is_occupied()
    }

    /// What has run in executions that still count, stage by stage.
    pub fn current_actions(&self) -> impl Iterator<Item = (&Stage, &Action)> {
        let stages = self.stage_states.iter().filter(|stage| self.is_current(stage));
        stages.flat_map(|stage| stage.current_actions().map(move |action| (stage, action)))
    }

    /// The stage in which the execution that is looked at ended before its time and can be resumed.
    pub fn retryable(&self) -> Option<&Stage> {
        let Progress::Ended(End::Failed | End::Stopped | End::Cancelled) = self.progress() else {
            return None;
        };
        self.stage_states.iter().filter(|stage| self.is_own(stage)).find(|stage| stage.has_failed())
    }

    /// The stage that a user means: by its name, or by that of the environment that it deploys to.
    pub fn stage_named(&self, typed: &str) -> Option<&Stage> {
        let named = |name: &str| self.stage_states.iter().find(|stage| stage.stage_name == name);
        named(typed).or_else(|| named(&format!("DeployTo-{typed}")))
    }

    /// Names of all stages in their order.
    pub fn stage_names(&self) -> Vec<String> {
        self.stage_states.iter().map(|stage| stage.stage_name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::Execution;
    use super::{Action, End, Progress, Stage, Status};

    /// Stages as `NAME EXECUTION STATUS`, followed by `?` where an approval waits, `!` where the way in is closed and `<ID` for
    /// who waits there.
    fn status(execution: &str, stages: &[&str]) -> Status {
        let stage = |text: &&str| {
            let words: Vec<&str> = text.split(' ').collect();
            let approval =
                Action { status: "InProgress".into(), token: Some("t".into()), ..Action::default() };
            Stage {
                stage_name: words[0].into(),
                execution_id: Some(words[1].to_owned()).filter(|id| id != "-"),
                status: words[2].trim_matches('-').into(),
                transition: if words.contains(&"!") { "DISABLED" } else { "ENABLED" }.into(),
                actions: words.contains(&"?").then_some(approval).into_iter().collect(),
                inbound_execution_id: words.iter().find_map(|word| word.strip_prefix('<')).map(str::to_owned),
            }
        };
        let (id, status) = execution.split_once(' ').unwrap();
        let execution = Execution { id: id.into(), status: status.into(), ..Execution::default() };
        Status {
            name: "main".into(),
            pipeline_name: "p".into(),
            execution: Some(execution),
            stage_states: stages.iter().map(stage).collect(),
            updated_at: None,
        }
    }

    #[test]
    fn an_execution_is_judged_by_its_own_stages() {
        let cases: [(&str, &[&str], Progress<'_>); 12] = [
            ("2 InProgress", &["S 2 InProgress", "P 1 Failed"], Progress::Moves),
            ("2 InProgress", &["S 2 Succeeded", "P 2 InProgress ?"], Progress::Approval { stage: "P" }),
            ("2 InProgress", &["S 2 Succeeded", "P 1 Failed"], Progress::Moves),
            ("2 InProgress", &["S 2 Succeeded", "P - -"], Progress::Moves),
            (
                "2 InProgress",
                &["S 2 Succeeded", "P 1 InProgress ? <2"],
                Progress::Behind { stage: "P", execution: "1" },
            ),
            (
                "2 InProgress",
                &["S 2 Succeeded", "P 1 InProgress ?"],
                Progress::Behind { stage: "P", execution: "1" },
            ),
            ("2 InProgress", &["S 2 Succeeded", "P 1 InProgress <2"], Progress::Moves),
            ("2 InProgress", &["S 2 Succeeded", "P 1 Succeeded ! <2"], Progress::Closed { stage: "P" }),
            ("2 InProgress", &["S 2 InProgress", "P 1 Succeeded !"], Progress::Moves),
            ("2 Stopping", &["S 2 Stopping"], Progress::Moves),
            ("2 InProgress", &["S 1 Succeeded"], Progress::Moves),
            ("2 Superseded", &["S 3 InProgress", "P 1 InProgress ?"], Progress::Ended(End::Superseded)),
        ];
        for (execution, stages, expected) in cases {
            assert_eq!(status(execution, stages).progress(), expected, "{execution}: {stages:?}");
        }
        assert_eq!(Status { execution: None, ..status("1 Failed", &[]) }.progress(), Progress::NeverRan);
    }

    #[test]
    fn only_what_failed_in_this_execution_can_be_retried() {
        let name = |status: &Status| status.retryable().map(|stage| stage.stage_name.clone());
        assert_eq!(name(&status("2 Failed", &["S 2 Succeeded", "P 2 Failed"])).as_deref(), Some("P"));
        assert_eq!(name(&status("2 Stopped", &["S 2 Stopped", "P 1 Failed"])).as_deref(), Some("S"));
        assert_eq!(name(&status("2 Failed", &["S 2 Failed", "P 1 Failed"])).as_deref(), Some("S"));
        assert_eq!(name(&status("2 Succeeded", &["S 2 Succeeded", "P 1 Failed"])), None);
        assert_eq!(name(&status("2 InProgress", &["S 2 InProgress", "P 1 Failed"])), None);
        assert_eq!(name(&status("2 InProgress", &["S 2 Failed"])), None, "something of it still runs");
    }

    #[test]
    fn a_stage_is_named_as_it_is_or_for_its_environment() {
        let status = status("1 Succeeded", &["Source 1 Succeeded", "DeployTo-test 1 Succeeded"]);
        let found = |typed: &str| status.stage_named(typed).map(|stage| stage.stage_name.as_str());
        assert_eq!(found("test"), Some("DeployTo-test"));
        assert_eq!(found("DeployTo-test"), Some("DeployTo-test"));
        assert_eq!((found("Source"), found("prod")), (Some("Source"), None));
    }
}
