//! What to do about what AWS refuses.

use copilot_deployer::Error;
use copilot_deployer::connection::console_url;
use copilot_deployer::pipeline::{Newest, Refusal};
use copilot_deployer::stack::Status;
use copilot_yaml::closest;

/// What to do next, if there is something to say beyond the message.
pub(crate) fn of_aws(error: &Error) -> Option<String> {
    Some(match error {
        Error::NoCredentials { .. } | Error::InvalidCredentials { .. } => {
            "run `aws sso login` or `aws configure`, or name a profile of ~/.aws/config with `--profile NAME` or AWS_PROFILE"
                .into()
        }
        Error::ExpiredCredentials { .. } => "log in again (`aws sso login`) and run the same command".into(),
        Error::NoProfile { known, .. } if known.is_empty() => "`aws configure --profile NAME` makes one".into(),
        Error::NoProfile { known, .. } => format!("the profiles there are: {}", known.join(", ")),
        Error::NoRegion => "pass `--region REGION`, set AWS_REGION, or add `region` to ~/.aws/config".into(),
        Error::AccessDenied { operation, .. } => {
            format!("ask whoever manages this account to allow the action `{operation}`, or use another `--profile`")
        }
        Error::Network { .. } => "check the network, the proxy, and whether there is such a region".into(),
        Error::Throttled { .. } => "wait a minute and run the same command: it continues where it stopped".into(),
        Error::AssumeRole { .. } => {
            "the credentials must belong to the application's account, and the environment must have been deployed".into()
        }
        Error::NoApplication { .. } => {
            "the application lives in the account and region where it was created: check `--profile` and `--region`".into()
        }
        Error::NotDeployed { workload, .. } => {
            format!("`copilot-pipeline svc show --name {workload}` shows where it is; a pipeline or AWS Copilot deploys it")
        }
        Error::NoConnection { .. } => "create it in the console of Developer Tools, or leave out `connection_name`".into(),
        Error::AmbiguousConnection { .. } => "write the ARN that is meant as `connection_name`".into(),
        Error::ConnectionPending { arn, .. } => {
            format!("complete it at {}, then run the same command", console_url(arn))
        }
        Error::StackBusy { .. } => "wait until it has finished, or pass `--wait`".into(),
        Error::Overtaken { status, .. } if status.is_in_progress() => {
            "nothing of this one was done; pass `--wait` to have it follow the other".into()
        }
        Error::Overtaken { .. } => {
            "nothing of this one was done; run the same command to replace what the other deployed".into()
        }
        Error::Replaced { .. } => "what is deployed now is the other's; `--diff` shows how it differs from this".into(),
        Error::StackStuck { status, .. } if status.is_not_undone() => {
            "choose `Continue update rollback` for it in CloudFormation's console, then run the same command".into()
        }
        Error::StackStuck { .. } => "pass `--yes` to delete it and create it anew; nothing runs in it".into(),
        Error::StackFailed { stack, status, .. } if status.is_half_updated() => format!(
            "what was changed so far stays. Fix the cause and run the same command, or undo it with \
             `aws cloudformation rollback-stack --stack-name {stack}`"
        ),
        Error::StackFailed { status, .. } => after_failure(status).into(),
        Error::StackSet { app, region, .. } => format!(
            "fix the cause, then run the same command: it offers to delete what is left. What can't be deleted that way is \
             the instance of StackSet {app}-infrastructure in {region}, in CloudFormation's console"
        ),
        Error::Refused(refusal) => return of_refusal(refusal),
        Error::TimedOut { .. } => "it is still running in AWS: `copilot-pipeline status` shows how it ended".into(),
        _ => return None,
    })
}

fn after_failure(status: &Status) -> &'static str {
    if *status == "DELETE_FAILED" {
        "fix the cause and run the same command: it deletes what is left"
    } else if status.is_not_undone() {
        "CloudFormation couldn't undo it: choose `Continue update rollback` for it in CloudFormation's console"
    } else if status.is_undone_update() {
        "the stack is as it was before. Fix the cause and run the same command"
    } else {
        "nothing of it runs. Fix the cause and run the same command: it offers to delete what is left"
    }
}

/// What there is in place of what was asked for, or what to do next.
fn of_refusal(refusal: &Refusal) -> Option<String> {
    Some(match refusal {
        Refusal::NothingRuns { newest, .. } => so_far(newest.as_ref()),
        Refusal::NoStage { name, known, .. } | Refusal::NoAction { name, known, .. } => {
            match closest(name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are: {}", known.join(", ")),
            }
        }
        Refusal::NoApproval { .. } => "`copilot-pipeline status` shows where the pipeline is".into(),
        Refusal::NotWaiting { waiting, .. } => format!("one waits in: {}", waiting.join(", ")),
        Refusal::NothingToRetry { newest, earlier, .. } if earlier.is_empty() => so_far(newest.as_ref()),
        Refusal::NothingToRetry { newest, earlier, .. } => format!(
            "{}; {} failed in an earlier one, and `--stage` runs that again",
            so_far(newest.as_ref()),
            earlier.join(", ")
        ),
        Refusal::Rejected { stage, .. } => format!(
            "`copilot-pipeline start` begins a new execution; `copilot-pipeline retry --stage {stage}` asks for the approval again"
        ),
        Refusal::NotFailed { failed, .. } if failed.is_empty() => "no stage has failed".into(),
        Refusal::NotFailed { failed, .. } => format!("what has failed is: {}", failed.join(", ")),
        Refusal::NotRun { .. } => "`copilot-pipeline status` shows what has".into(),
        Refusal::NothingFailed { newest, ran, .. } if ran.is_empty() => so_far(newest.as_ref()),
        Refusal::NothingFailed { newest, ran, .. } => format!(
            "{}; `--action` takes one that has run all the same: {}",
            so_far(newest.as_ref()),
            ran.join(", ")
        ),
        _ => return None,
    })
}

fn so_far(newest: Option<&Newest>) -> String {
    newest.map_or_else(
        || "it has never run: `copilot-pipeline start` begins an execution".to_owned(),
        Newest::sentence,
    )
}
