//! What to do about an error: only the command line knows its flags and commands.

mod aws;

use copilot_engine::environment::Blocker as EnvironmentBlocker;
use copilot_engine::pipeline::{Blocker, Unregistered};
use copilot_engine::plan::Moved;
use copilot_engine::program::ProgramError;
use copilot_engine::{CdkError, Error};
use copilot_workspace::{Error as WorkspaceError, FileProblem};
use copilot_yaml::closest;

pub(crate) use aws::of_aws;

/// What to do about a file or folder that leads out of the workspace.
pub(crate) const LINKS: &str =
    "nothing of a workspace may lead out of it; links that stay inside are followed";

/// How a user finds CloudFront's prefix list.
const PREFIX_LIST: &str = "ask AWS for its id with `aws ec2 describe-managed-prefix-lists --filters \
                           Name=prefix-list-name,Values=com.amazonaws.global.cloudfront.origin-facing`";

/// What to do about an error of the engine.
pub(crate) fn of(error: &Error) -> Option<String> {
    Some(match error {
        Error::Workspace(error) => return of_workspace(error),
        Error::Stack(error) => return of_stack(error),
        Error::Aws(error) => return of_aws(error),
        Error::Artifact(error) => return error.help(),
        Error::Cdk(error) => return of_cdk(error),
        Error::Program(ProgramError::WrongSum { .. }) => {
            "download it again; if it still differs, don't use it".to_owned()
        }
        Error::Write(error) if matches!(error.problem, FileProblem::Outside { .. }) => LINKS.to_owned(),
        Error::OtherApplication { wanted, .. } => {
            format!("leave out `--app`, or go to the workspace of `{wanted}`")
        }
        Error::Unknown { thing: thing @ "environment", name, known } if !is_near(name, known) => {
            format!("{}; {}", unknown(thing, name, known), environment_manifest(name))
        }
        Error::Unknown { thing, name, known } => unknown(thing, name, known),
        Error::UnknownEnvironment { known, .. } => format!("there are: {}", known.join(", ")),
        Error::UnknownStage { stages, .. } => format!("its stages are: {}", stages.join(", ")),
        Error::NothingSelected { without_manifest: Some(name), .. } => environment_manifest(name),
        Error::NothingSelected { .. } => {
            "`copilot-pipeline show --local` shows what its stages deploy".to_owned()
        }
        Error::SameStack { .. } => "rename one of them".to_owned(),
        Error::NoArtifactBucket { .. } => {
            "its StackSet has no instance there: deploy the environment first".to_owned()
        }
        Error::NotRegistered(workload) => register(workload),
        Error::AddonFile { .. } => {
            "write a path relative to the root of the workspace, or one in S3".to_owned()
        }
        Error::TooManyFiles { .. } => "leave out files with `exclude`, or make several sites".to_owned(),
        Error::OtherRegion { .. } => {
            "a pipeline follows CodeCommit only in its own region, which is that of the application"
                .to_owned()
        }
        Error::Moved(Moved::NoPipeline) => {
            "`plan --out FILE` without `--workloads` and `--environments`, or with `--all`, has it".to_owned()
        }
        Error::Moved(_) => "make a new one with `plan --out FILE`".to_owned(),
        Error::MissingFact { .. } => "`copilot-pipeline facts` writes it".to_owned(),
        Error::UnknownPrefixList => format!(
            "{PREFIX_LIST}, and pass a facts file that has it as `cloudfront_prefix_list_id` of the environment"
        ),
        Error::Blocked(blocker) => of_blocker(blocker),
        Error::EnvironmentBlocked(blockers) => return blockers.first().map(of_environment_blocker),
        _ => return None,
    })
}

/// How to make the application know a workload.
pub(crate) fn register(workload: &Unregistered) -> String {
    let (noun, name) = (if workload.is_job { "job" } else { "svc" }, &workload.name);
    format!("AWS Copilot's `copilot {noun} init --name {name}` registers it")
}

/// Where to get a manifest that an environment was deployed with and the workspace lacks.
pub(crate) fn environment_manifest(name: &str) -> String {
    format!(
        "`copilot-pipeline env show --name {name} --manifest` prints the manifest of an environment that is deployed: save it as \
         `copilot/environments/{name}/manifest.yml`"
    )
}

fn is_near(name: &str, known: &[String]) -> bool {
    closest(name, known.iter().map(String::as_str)).is_some()
}

/// What there is in place of a name that nothing has.
pub(crate) fn unknown(thing: &str, name: &str, known: &[String]) -> String {
    if let Some(near) = closest(name, known.iter().map(String::as_str)) {
        return format!("did you mean `{near}`?");
    }
    if known.is_empty() {
        return format!("there is no {thing} at all");
    }
    format!("there are: {}", known.join(", "))
}

fn of_workspace(error: &WorkspaceError) -> Option<String> {
    Some(match error {
        WorkspaceError::NotFound { file: Some(file), .. } => {
            format!("`{file}` is a file, but it has to be a folder")
        }
        WorkspaceError::NotFound { file: None, .. } => {
            "run this inside a project that has a `copilot` folder".to_owned()
        }
        WorkspaceError::NoSummary { path } => format!(
            "write `application: NAME` into `{path}`, with the name of your application, and commit it"
        ),
        WorkspaceError::EmptyOverrides { .. } => "put one of the two there, or delete the folder".to_owned(),
        WorkspaceError::GitMissing(_) => "install git, or pass `--url` and `--git-branch`".to_owned(),
        WorkspaceError::NotARepository { .. } => {
            "a pipeline follows a git repository: run `git init` and add a remote, or pass `--url` and \
             `--git-branch`"
                .to_owned()
        }
        WorkspaceError::Repository { .. } => {
            "write it as https://github.com/OWNER/REPOSITORY, https://bitbucket.org/OWNER/REPOSITORY or \
             codecommit::REGION://REPOSITORY"
                .to_owned()
        }
        WorkspaceError::File { problem: FileProblem::Outside { .. }, .. } => LINKS.to_owned(),
        _ => return None,
    })
}

fn of_stack(error: &copilot_stack::Error) -> Option<String> {
    use copilot_stack::Error;
    let hint = match error {
        Error::MissingFact { key } if key.ends_with(".cloudfront_prefix_list_id") => PREFIX_LIST,
        Error::UnknownEnvironment { .. } => {
            "a pipeline deploys to environments that exist: deploy it first, or remove its stage"
        }
        Error::MissingFact { .. } | Error::MalformedFact { .. } => {
            "correct the facts file, or gather it again"
        }
        Error::UnknownConnection { .. } => {
            "correct `connection_name`, or remove it to have a connection made"
        }
        Error::NewerEnvironment { .. } => {
            "use the program that deployed it, or pass `--allow-downgrade` to replace it all the same"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

fn of_cdk(error: &CdkError) -> Option<String> {
    let hint = match error {
        CdkError::NotAllowed { .. } => {
            "pass `--allow-cdk`, or set `COPILOT_PIPELINE_ALLOW_CDK=true`, where the code of this repository is trusted"
        }
        CdkError::NoPackageManager { .. } => {
            "install Node.js with npm, or write the overrides as `cfn.patches.yml`"
        }
        CdkError::NoCdk { .. } => "name `aws-cdk` among the dependencies in its `package.json`",
        CdkError::Failed { .. } => "its own message stands above",
        CdkError::NoTemplate { .. } => "cdk prints one only where the application has exactly one stack",
        _ => return None,
    };
    Some(hint.to_owned())
}

/// What takes away what keeps a pipeline from being deployed.
fn of_blocker(blocker: &Blocker) -> String {
    match blocker {
        Blocker::NothingToDeploy { left_out: Some(workload), .. } => register(workload),
        Blocker::NothingToDeploy { .. } => "add a service or a job to the workspace".to_owned(),
        Blocker::Busy { .. } => "wait until it has finished, or pass `--wait`".to_owned(),
        Blocker::Newer { .. } => "use the newer version, or pass `--allow-downgrade`".to_owned(),
        _ => String::new(),
    }
}

/// What takes away what keeps an environment from being deployed.
fn of_environment_blocker(blocker: &EnvironmentBlocker) -> String {
    let hint = match blocker {
        EnvironmentBlocker::NotThere { .. } => {
            "an environment gets its stack, with the roles that deploy it, from `copilot env init`"
        }
        EnvironmentBlocker::Busy { .. } => "wait until it has finished, or pass `--wait`",
        EnvironmentBlocker::NotUndone { .. } => {
            "choose `Continue update rollback` for it in CloudFormation's console, then run the same command"
        }
        EnvironmentBlocker::Broken { .. } => {
            "delete the stack in CloudFormation's console, and make the environment with `copilot env init`"
        }
        EnvironmentBlocker::Newer { .. } => {
            "use the program that deployed it, or pass `--allow-downgrade` to replace it all the same"
        }
        _ => "",
    };
    hint.to_owned()
}
